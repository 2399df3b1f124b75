"""A person with records in two CRMs that bring one another no owners: who takes one, has both."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from models.journal import Actor, Channel
from tests.fakes.crm_writes import US as OURS
from tests.fakes.duo import Duo

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}
REPS = ("ada", "bob", "cleo")


@pytest.fixture
def duo(tmp_path: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another, on either database."""
    url = ledger_url.replace("postgresql://", "postgresql+psycopg://")
    made = Duo(tmp_path, url)
    made.round()
    yield made
    made.app.close()


def given(duo: Duo) -> tuple[str, str, str]:
    """A person in both, decided and written: lead, contact and rep."""
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(5)
    rep = (duo.owner(lead) or "").removeprefix("u-")
    assert duo.there.owners[contact] == f"h-{rep}"
    return lead, contact, rep


def owners(duo: Duo, lead: str, contact: str) -> tuple[str | None, str | None]:
    return duo.owner(lead), duo.there.owners[contact]


def loads(duo: Duo) -> dict[str, int]:
    return {rep: duo.load(rep) for rep in REPS if duo.load(rep)}


def writes(duo: Duo, record: str) -> int:
    changes = (*duo.crm.history, *duo.there.history)
    return sum(1 for each in changes if each.record == record and each.by == OURS)


def test_the_contact_follows_whoever_takes_the_lead(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "u-cleo")

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert (writes(duo, lead), writes(duo, contact)) == (1, 2)
    assert loads(duo) == {"cleo": 1}
    assert duo.is_in_step()


def test_the_lead_follows_whoever_takes_the_contact(duo: Duo):
    lead, contact, _ = given(duo)
    duo.there.human_sets_owner(contact, "h-cleo")

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert duo.methods(lead) == ["round_robin", "manual"]
    assert (writes(duo, lead), writes(duo, contact)) == (2, 1)
    assert loads(duo) == {"cleo": 1}
    assert duo.is_in_step()


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
    assert duo.is_in_step()


def test_two_humans_who_take_one_record_each_are_both_left_alone(duo: Duo):
    lead, contact, _ = given(duo)
    duo.crm.human_sets_owner(lead, "u-cleo")
    duo.there.human_sets_owner(contact, "h-bob")

    duo.round(6)

    assert owners(duo, lead, contact) == ("u-cleo", "h-bob")
    assert (writes(duo, lead), writes(duo, contact)) == (1, 1)
    assert duo.is_in_step()


def test_an_operators_order_stands_against_what_was_taken_before_it(duo: Duo):
    lead, contact, _ = given(duo)
    duo.there.human_sets_owner(contact, "h-cleo")
    duo.round(5)
    mona, order = Actor("mona", "revops", Channel.API), {"lead": lead, "to": "bob"}
    duo.app.ledger.requests.ask("reassign", order, actor=mona, at=duo.clock.now())

    duo.round(5)
    duo.crm.edit(lead, Country="DE")
    duo.round(5)

    assert owners(duo, lead, contact) == ("u-bob", "h-bob")
    assert loads(duo) == {"bob": 1}
    assert duo.is_in_step()


def test_whoever_gives_a_contact_to_the_very_rep_we_meant_has_it_and_keeps_it(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.there.before_write(lambda _: None)
    duo.round(every_s=1.1)
    rep = next(value for where, value, _ in duo.effects(lead) if where == "hs") or ""
    duo.there.human_sets_owner(contact, rep)
    duo.crm.before_write(lambda effect: duo.crm.human_sets_owner(effect.record, "q-triage"))

    duo.round(6)

    assert duo.there.owners[contact] == rep
    assert writes(duo, contact) == 0
    assert duo.owner(lead) in ("q-triage", "u-" + rep.removeprefix("h-"))
    assert duo.is_in_step()


def test_a_contact_that_a_human_has_takes_over_the_lead_it_turns_out_to_belong_to(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    contact = duo.add_contact(email=KIM, owner="h-cleo", **US)

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert writes(duo, contact) == 0
    assert loads(duo) == {"cleo": 1}
    assert duo.is_in_step()


def test_of_two_leads_that_turn_out_to_be_one_persons_the_human_has_both(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="kim@private.test", owner="h-cleo", **US)
    duo.round(5)
    before = duo.owner(lead)
    duo.link(contact, lead)

    duo.round(5)

    assert before in ("u-ada", "u-bob")
    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}
    assert duo.is_in_step()


def test_of_two_leads_that_we_gave_the_contact_goes_where_the_lead_is(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="kim@private.test", **US)
    duo.round(5)
    before = owners(duo, lead, contact)
    duo.link(contact, lead)

    duo.round(5)

    rep = (before[0] or "").removeprefix("u-")
    assert before[1] not in (None, f"h-{rep}")
    assert owners(duo, lead, contact) == (*before[:1], f"h-{rep}")
    assert loads(duo) == {rep: 1}
    assert duo.is_in_step()


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
    assert duo.is_in_step()


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
    assert duo.is_in_step()


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
    assert duo.is_in_step()
