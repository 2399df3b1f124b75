"""Leads that wait, fall back and are recalled; reps who go and come; what operators ask for."""

from datetime import timedelta

import pytest

from daemon.leads import recalling
from models.journal.entries import Actor, Channel
from tests.fakes.office import BOOK, PEOPLE, Office

OPERATOR = Actor("mona", None, Channel.CLI)


def ask(office: Office, kind: str, **arguments: object) -> dict[str, object]:
    """Ask for something and let the daemon come round; the answer."""
    ledger = office.app.ledger
    request = ledger.requests.ask(kind, arguments, actor=OPERATOR, at=office.clock.now())
    office.round(2)
    found = ledger.requests.get(request)
    return {} if found is None else {"state": found.state.value, **(found.answer or {})}


def away(office: Office, *people: str) -> None:
    for person in people:
        ask(office, "away", rep=person)


def test_a_lead_falls_back_when_everybody_is_away_and_is_recalled(office):
    away(office, "ada", "bob")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    fell_back = office.owner(record)
    ask(office, "back", rep="bob")

    office.round(2)

    assert (fell_back, office.owner(record)) == ("q-triage", "u-bob")
    assert office.methods(record) == ["fallback", "round_robin"]
    assert office.is_in_step()


def test_a_recall_that_finds_nobody_is_no_decision(office):
    away(office, "ada", "bob")
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(6)

    assert office.methods(record) == ["fallback"]


def test_a_lead_that_a_human_took_from_the_fallback_is_not_recalled(office):
    away(office, "ada", "bob")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.crm.human_sets_owner(record, "u-cleo")
    office.round(2)
    ask(office, "back", rep="bob")

    office.round(2)

    assert office.owner(record) == "u-cleo"
    assert office.is_in_step()


def test_an_absence_in_the_crm_keeps_leads_away_until_it_ends(office):
    now = office.clock.now()
    for person in ("ada", "bob"):
        until = now + timedelta(minutes=10)
        office.crm.add_absence(f"a-{person}", f"u-{person}", now - timedelta(hours=1), until)
    office.round(every_s=301)  # absences are asked for every five minutes
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    before = office.owner(record)

    office.round(3, every_s=301)

    assert before == "q-triage"
    assert office.owner(record) in ("u-ada", "u-bob")


def test_leads_of_a_rep_who_left_are_routed_again(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    owner = office.owner(record)
    office.crm.deactivate(str(owner))

    office.round(3, every_s=61)

    assert office.owner(record) == ({"u-ada", "u-bob"} - {owner}).pop()
    assert office.is_in_step()


@pytest.fixture
def waiting(tmp_path):
    book = {**BOOK, "entry": {"wait_for": {"fields": ["country"], "at_most": "90s"}}}
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", book=book)
    office.round()
    yield office
    office.app.close()


def test_a_lead_waits_for_a_fact_and_is_decided_when_it_comes(waiting):
    record = waiting.crm.add_lead(stage="new")
    waiting.round(4)
    before = waiting.methods(record)
    waiting.crm.edit(record, Country="DE")

    waiting.round(3)

    assert before == ["waiting"]
    assert waiting.methods(record) == ["waiting", "round_robin"]
    assert waiting.owner(record) == "u-cleo"
    assert waiting.is_in_step()


def test_a_lead_that_has_waited_long_enough_is_decided_without(waiting):
    record = waiting.crm.add_lead(stage="new")

    waiting.round(4, every_s=31)

    assert waiting.methods(record) == ["waiting", "fallback"]


def test_a_lead_that_has_waited_does_not_wait_again_when_it_changes(waiting):
    record = waiting.crm.add_lead(stage="new")
    waiting.round(6, every_s=31)
    waiting.crm.edit(record, Note="called twice")

    waiting.round(4, every_s=31)

    assert waiting.methods(record) == ["waiting", "fallback"]
    assert waiting.owner(record) == "q-triage"
    assert waiting.is_in_step()


def test_a_restart_forgets_nothing(office):
    away(office, "ada", "bob")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.restart()
    ask(office, "back", rep="bob")

    office.round(3)

    assert office.owner(record) == "u-bob"
    assert office.is_in_step()


def test_an_operator_moves_a_lead(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)

    answer = ask(office, "reassign", lead=record, to="cleo")
    office.round(2)

    assert answer["state"] == "done"
    assert office.owner(record) == "u-cleo"
    assert (office.load("cleo"), office.load("ada") + office.load("bob")) == (1, 0)
    assert office.is_in_step()


def test_an_operator_moves_a_lead_whose_write_has_not_left(office):
    ask(office, "pause")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    ask(office, "reassign", lead=record, to="cleo")
    ask(office, "resume")

    office.round(3)

    assert office.owner(record) == "u-cleo"
    assert office.crm.writes == 1
    assert office.is_in_step()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param({"lead": "00Q-nowhere", "to": "ada"}, "is not known", id="no such lead"),
        pytest.param({"lead": "RECORD", "to": "zoe"}, "not on the roster", id="no such rep"),
        pytest.param({"lead": "RECORD", "to": "OWNER"}, "already", id="theirs already"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(office, asked, why):
    record = office.crm.add_lead(stage="new", Country="DE")
    office.round(3)
    asked = {k: {"RECORD": record, "OWNER": "cleo"}.get(v, v) for k, v in asked.items()}

    answer = ask(office, "reassign", **asked)

    assert answer["state"] == "refused"
    assert why in str(answer["why"])


def test_while_paused_leads_are_decided_and_not_written(office):
    ask(office, "pause")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(4)

    assert office.owner(record) is None
    assert office.methods(record) == ["round_robin"]


def test_shadow_decides_and_writes_nothing(tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", connection={"mode": "shadow"})
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(5)

    assert (office.owner(record), office.crm.writes) == (None, 0)
    assert office.methods(record) == ["round_robin"]
    assert office.is_in_step()
    office.app.close()


def test_off_polls_nothing(tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", connection={"mode": "off"})
    office.crm.add_lead(stage="new", Country="US")

    office.round(3)

    assert office.crm.calls["changes"] == 0
    office.app.close()


def test_a_rep_works_on_a_company_that_has_an_open_lead_of_theirs(tmp_path):
    rules = [{"name": "same", "to": {"owner_of": "open_lead_same_domain"}}, *BOOK["rules"]]
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", book={**BOOK, "rules": rules})
    office.round()
    first = office.crm.add_lead(stage="new", Country="DE", email="kim@big.example")
    office.round(3)

    second = office.crm.add_lead(stage="new", Country="US", email="lee@eu.big.example")
    office.round(3)

    assert (office.owner(first), office.owner(second)) == ("u-cleo", "u-cleo")
    office.app.close()


def test_an_account_owner_gets_the_lead_of_their_account(tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", people=PEOPLE)
    office.crm.add_account("001A", "Acme Inc", domain="acme.example", owner="u-cleo")
    office.round()

    record = office.crm.add_lead(stage="new", Country="US", email="kim@eu.acme.example")
    office.round(3)

    assert office.owner(record) == "u-cleo"
    assert office.methods(record) == ["account_owner"]
    office.app.close()


def test_leads_that_nobody_can_take_keep_nobody_else_from_being_recalled(office, monkeypatch):
    monkeypatch.setattr(recalling, "_LOOKED_AT", 2)
    away(office, "ada", "bob", "cleo")
    for _ in range(3):
        office.crm.add_lead(stage="new", Country="US")
    office.round(4)
    free = office.crm.add_lead(stage="new", Country="DE")
    office.round(4)
    ask(office, "back", rep="cleo")

    office.round(6)

    assert office.owner(free) == "u-cleo"


def test_more_leads_than_are_asked_in_a_round_are_asked_in_the_next(office, monkeypatch):
    monkeypatch.setattr(recalling, "_LOOKED_AT", 2)
    monkeypatch.setattr(recalling, "BATCH", 1)
    away(office, "ada", "bob")
    records = [office.crm.add_lead(stage="new", Country="US") for _ in range(5)]
    office.round(4)
    ask(office, "back", rep="bob")

    office.round(8)

    assert [office.owner(record) for record in records] == ["u-bob"] * 5
