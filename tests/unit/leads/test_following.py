"""A person with records in two CRMs that bring one another no owners: who takes one, has both."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routing.facts import Applied
from tests.fakes.duo import Duo
from tests.unit.leads.two_crms import (
    KIM,
    US,
    apart,
    given,
    loads,
    look_now,
    order,
    owners,
    writes,
)


@pytest.fixture
def duo(tmp_path: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another, on either database."""
    yield from apart(tmp_path, ledger_url)


def test_the_contact_follows_whoever_takes_the_lead(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "u-cleo")

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert (writes(duo, lead), writes(duo, contact)) == (1, 2)
    assert loads(duo) == {"cleo": 1}


def test_the_lead_follows_whoever_takes_the_contact(duo: Duo):
    lead, contact, _ = given(duo)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert (writes(duo, lead), writes(duo, contact)) == (2, 1)
    assert loads(duo) == {"cleo": 1}


def test_a_record_that_follows_follows_again_and_one_that_a_human_took_does_not(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "u-cleo")
    duo.round(5)
    duo.crm.human_sets_owner(lead, "u-ada")
    duo.round(5)
    again = owners(duo, lead, contact)
    duo.there.human_sets_owner(contact, "h-bob")

    duo.round(5)

    assert again == ("u-ada", "h-ada")
    assert owners(duo, lead, contact) == ("u-ada", "h-bob")
    assert writes(duo, lead) == 1


def test_two_humans_who_take_one_record_each_are_both_left_alone(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "u-cleo")
    duo.there.human_sets_owner(contact, "h-bob")

    duo.round(6)

    assert owners(duo, lead, contact) == ("u-cleo", "h-bob")
    assert (writes(duo, lead), writes(duo, contact)) == (1, 1)


def test_an_operators_order_stands_against_what_was_taken_before_it(duo: Duo):
    lead, contact, _ = given(duo)
    duo.there.human_sets_owner(contact, "h-cleo")
    duo.round(5)
    order(duo, "reassign", lead=lead, to="bob")

    duo.round(5)
    duo.crm.edit(lead, Country="DE")
    duo.round(5)

    assert owners(duo, lead, contact) == ("u-bob", "h-bob")
    assert loads(duo) == {"bob": 1}


def test_whoever_gives_a_contact_to_the_very_rep_we_meant_has_it_and_keeps_it(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(every_s=1.1)
    rep = next(value for where, value, _ in duo.effects(lead) if where == "hs") or ""
    duo.there.human_sets_owner(contact, rep)
    duo.crm.before_write(lambda effect: duo.crm.human_sets_owner(effect.record, "q-triage"))

    duo.round(6)

    assert duo.there.owners[contact] == rep
    assert writes(duo, contact) == 0
    assert duo.owner(lead) in ("q-triage", "u-" + rep.removeprefix("h-"))


def test_a_lead_that_waits_in_a_queue_goes_to_whoever_takes_the_contact(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, stage="new", Country="FR")
    contact = duo.add_contact(email=KIM, stage="new", Country="FR")
    duo.round(5)
    queued = duo.owner(lead)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(5)

    assert queued == "q-triage"
    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}


def test_somebody_without_a_user_in_the_other_crm_keeps_one_record_and_it_is_said(duo: Duo):
    lead, contact, rep = given(duo)
    duo.crm.deactivate("u-cleo")
    duo.round(9, every_s=7)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(5)
    duo.there.edit(contact, Country="DE")
    duo.round(5)

    assert owners(duo, lead, contact) == (f"u-{rep}", "h-cleo")
    (told,) = duo.told.named("pair_differs")
    assert told["state"] == "cannot_follow"


@pytest.mark.parametrize("there", [False, True], ids=["the lead", "the contact"])
def test_who_takes_a_record_while_a_write_is_under_way_is_followed_when_it_is_settled(
    duo: Duo, there: bool
):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "q-triage")
    crm, record, who = (duo.there, contact, "h-cleo") if there else (duo.crm, lead, "u-cleo")
    duo.crm.before_write(lambda _: crm.human_sets_owner(record, who))

    duo.round(8)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}


def test_who_takes_the_lead_while_the_contact_is_written_has_both_though_the_process_ends(
    duo: Duo, monkeypatch: pytest.MonkeyPatch
):
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    contact = duo.add_contact(email=KIM, **US)
    real = duo.other.apply

    def ends(effects: Any) -> Any:
        real(effects)
        duo.crm.human_sets_owner(lead, "u-cleo")
        duo.clock.advance(2)
        look_now(duo)
        raise SystemExit

    monkeypatch.setattr(duo.other, "apply", ends)
    with pytest.raises(SystemExit):
        duo.round(4)
    monkeypatch.setattr(duo.other, "apply", real)
    duo.clock.advance(20)
    duo.restart()

    duo.round(8, every_s=7)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")


@pytest.mark.parametrize("is_late", [False, True], ids=["in that moment", "before"])
def test_who_has_the_contact_by_a_human_keeps_it_though_we_meant_the_same(duo: Duo, is_late: bool):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(every_s=1.1)
    rep = next(value for _, value, _ in duo.effects(lead) if value)[2:]
    duo.there.human_sets_owner(contact, f"h-{rep}")
    if is_late:
        duo.round(every_s=0.3)
        duo.crm.human_sets_owner(lead, "u-cleo")
    else:
        duo.crm.before_write(lambda e: duo.crm.human_sets_owner(e.record, "u-cleo"))

    duo.round(7)

    assert owners(duo, lead, contact) == ("u-cleo", f"h-{rep}")
    assert writes(duo, contact) == 0


def test_a_contact_that_a_human_gives_back_to_whom_we_are_about_to_follow_stays_theirs(duo: Duo):
    lead, contact, _ = given(duo)
    order(duo, "pause", connections=["sf"])
    for who in ("h-cleo", "h-bob", "h-cleo"):
        duo.there.human_sets_owner(contact, who)
        duo.round(3)
    order(duo, "resume", connections=["sf"])
    duo.round(6)
    duo.crm.human_sets_owner(lead, "u-ada")

    duo.round(6)

    assert owners(duo, lead, contact) == ("u-ada", "h-cleo")
    assert writes(duo, contact) == 1


def test_what_was_to_follow_is_not_written_once_somebody_else_has_the_lead(duo: Duo):
    duo.crm.add_user("u-zoe", email="zoe@acme.test")
    lead, contact, rep = given(duo)
    order(duo, "pause", connections=["hs"])
    for who in ("u-cleo", "u-zoe"):
        duo.crm.human_sets_owner(lead, who)
        duo.round(4)
    order(duo, "resume", connections=["hs"])

    duo.round(6)

    assert owners(duo, lead, contact) == ("u-zoe", f"h-{rep}")
    assert writes(duo, contact) == 1


def test_a_taker_who_is_not_on_the_roster_is_told_of(duo: Duo):
    duo.there.add_user("h-zoe", email="zoe@acme.test")
    lead, contact, rep = given(duo)
    duo.there.human_sets_owner(contact, "h-zoe")

    duo.round(6)

    assert owners(duo, lead, contact) == (f"u-{rep}", "h-zoe")
    (told,) = duo.told.named("pair_differs")
    assert "not on the roster" in str(told["problem"])


def test_a_write_that_landed_unanswered_is_ours_and_follows(
    duo: Duo, monkeypatch: pytest.MonkeyPatch
):
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    contact = duo.add_contact(email=KIM, **US)
    real, done = duo.other.apply, list[Any]()

    def unanswered(effects: Any) -> Any:
        results = real(effects)
        if done:
            return results
        done.append(results)
        duo.crm.human_sets_owner(lead, "u-cleo")
        return [replace(each, applied=Applied.LATER, after_s=2.0) for each in results]

    monkeypatch.setattr(duo.other, "apply", unanswered)

    duo.round(10)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")


def test_a_contact_that_is_taken_while_the_lead_is_put_into_a_queue_has_the_lead(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, stage="new", Country="FR")
    contact = duo.add_contact(email=KIM, stage="new", Country="FR")

    def taken(_: Any) -> None:
        duo.there.human_sets_owner(contact, "h-cleo")
        duo.clock.advance(2)
        look_now(duo)

    duo.crm.before_write(taken)

    duo.round(8)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}


def test_a_rep_whom_the_crm_refuses_is_not_offered_again_at_every_look(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.refuse("u-cleo", Applied.REFUSED_REP, "INACTIVE")
    duo.there.human_sets_owner(contact, "h-cleo")
    duo.round(8)
    for country in ("DE", "US", "DE", "US"):
        duo.there.edit(contact, Country=country)
        duo.round(5)

    assert duo.there.owners[contact] == "h-cleo"
    assert duo.methods(lead).count("manual") <= 3
