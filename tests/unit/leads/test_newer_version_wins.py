"""Who owns a record is said by its newest version, whatever arrives or is settled first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.office import Office
from tests.unit.leads.two_crms import US, look_now


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    """A live connection, three reps, on either database; memory and ledger agree in the end."""
    url = ledger_url.replace("postgresql://", "postgresql+psycopg://")
    made = Office(tmp_path, url)
    made.round()
    yield made
    agrees = made.is_in_step()
    made.app.close()
    assert agrees


def between(office: Office, patch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something after the next write has landed and before its answer is settled."""
    real, done = office.connector.apply, list[Any]()

    def applied(effects: Any) -> Any:
        results = real(effects)
        if not done:
            done.append(results)
            act()
        return results

    patch.setattr(office.connector, "apply", applied)


def held(office: Office, record: str) -> tuple[str | None, str | None]:
    """Who owns it: in the CRM, and as the ledger has it."""
    story = office.app.ledger.reading.story(office.lead(record))
    return office.owner(record), None if story is None else story.records[0].owner


def loads(office: Office) -> dict[str, int]:
    return {rep: office.load(rep) for rep in ("ada", "bob", "cleo") if office.load(rep)}


def test_a_human_who_takes_the_lead_before_our_write_is_settled_has_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    record = office.crm.add_lead(**US)

    def taken() -> None:
        office.clock.advance(2)
        office.crm.human_sets_owner(record, "u-cleo")
        office.clock.advance(2)
        look_now(office)

    between(office, monkeypatch, taken)

    office.round(4)

    assert held(office, record) == ("u-cleo", "u-cleo")
    assert loads(office) == {"cleo": 1}
    assert office.states(record) == ["confirmed"]
    assert office.methods(record) == ["round_robin"]


def test_a_lead_that_a_human_puts_back_before_our_write_is_settled_is_routed_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    record = office.crm.add_lead(**US)

    def put_back() -> None:
        office.clock.advance(2)
        office.crm.human_sets_owner(record, "q-triage")
        office.clock.advance(2)
        look_now(office)

    between(office, monkeypatch, put_back)

    office.round(6)

    owner = office.owner(record)
    assert office.methods(record) == ["round_robin", "round_robin"]
    assert held(office, record) == (owner, owner)
    assert loads(office) == {str(owner).removeprefix("u-"): 1}


def test_the_sweep_finds_nothing_to_say_about_a_lead_that_changed_hands_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    record = office.crm.add_lead(**US)

    def taken() -> None:
        office.clock.advance(2)
        office.crm.human_sets_owner(record, "u-cleo")
        office.clock.advance(2)
        look_now(office)

    between(office, monkeypatch, taken)
    office.round(4)

    (connection,) = office.app.world.working()
    differ = office.app.loops.reconcile.sweep(connection, office.clock.now())

    assert differ == 0


def test_a_version_read_before_our_write_and_looked_at_after_its_answer_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    record = office.crm.add_lead(**US)
    office.round(every_s=1.1)
    office.clock.advance(3)
    office.crm.edit(record, Note="call back")
    (connection,) = office.app.world.working()
    token = office.app.lease.token
    assert token is not None
    office.app.loops.intake.tick(connection, office.clock.now(), token)
    office.clock.advance(3)

    office.app.push(office.clock.now())
    office.app.decide(office.clock.now(), token)
    office.round(3)

    owner = office.owner(record)
    assert owner in ("u-ada", "u-bob")
    assert held(office, record) == (owner, owner)
    assert office.methods(record) == ["round_robin"]
    assert office.states(record) == ["confirmed"]
    assert office.told.named("lead_conflict") == []
