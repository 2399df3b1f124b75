"""Which CRM user a rep is: always the join of now, by explicit id or else by e-mail."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from models.journal.entries import Act
from tests.fakes.office import PEOPLE, Office


def rewrite_roster(office: Office, *people: Mapping[str, Any]) -> None:
    """Somebody edits the roster and starts the daemon anew."""
    (office.folder / "roster.yaml").write_text(
        yaml.safe_dump({"people": [dict(each) for each in people]})
    )
    office.restart()
    office.round()


def person(name: str, **changes: Any) -> dict[str, Any]:
    """Somebody of the office's roster, with something else about them."""
    return {**next(dict(each) for each in PEOPLE if each["id"] == name), **changes}


def test_a_rep_under_another_roster_id_keeps_their_user(office):
    rewrite_roster(office, person("ada", id="ada.b"))
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(3)

    assert office.owner(record) == "u-ada"


def test_leads_follow_their_owner_to_another_roster_id(office):
    office.crm.add_lead(stage="new", owner="u-ada", Country="US")
    office.round(3)

    rewrite_roster(office, person("ada", id="ada.b"))

    assert office.load("ada.b") == 1
    assert office.is_in_step()


def test_an_id_in_the_roster_replaces_a_join_by_address(office):
    office.crm.add_user("u-new", email="ada.new@acme.test")
    office.round(2)
    rewrite_roster(office, person("ada", crm={"sf": "u-new"}))
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(3)

    assert office.owner(record) == "u-new"


def test_two_reps_may_exchange_their_users(office):
    ada, bob = person("ada", crm={"sf": "u-bob"}), person("bob", crm={"sf": "u-ada"})
    rewrite_roster(office, ada, bob)
    reps = {rep.roster_id: rep for rep in office.app.ledger.roster.reps()}

    assert reps["ada"].identities == {"sf": "u-bob"}
    assert reps["bob"].identities == {"sf": "u-ada"}


def test_a_user_of_somebody_who_left_the_roster_is_free(office):
    rewrite_roster(office, person("bob"))
    rewrite_roster(office, person("bob"), person("cleo", email="ada@acme.test", teams=["us"]))
    records = [office.crm.add_lead(stage="new", Country="US") for _ in range(2)]

    office.round(3)

    assert {office.owner(each) for each in records} == {"u-ada", "u-bob"}


def test_nothing_is_written_to_a_user_whom_the_roster_does_not_name_any_more(office):
    office.app.ledger.connections.pause(["sf"], paused=True, act=_act(office))
    office.restart()
    record = office.crm.add_lead(stage="new", Country="DE")
    office.round(2)
    office.crm.add_user("u-new", email="new@acme.test")
    office.round(2)

    rewrite_roster(office, person("cleo", crm={"sf": "u-new"}))
    office.app.ledger.connections.pause(["sf"], paused=False, act=_act(office))
    office.restart()
    office.round(4)

    assert "u-cleo" not in {change.after for change in office.crm.history}
    assert office.owner(record) in ("u-new", "q-triage")
    assert office.is_in_step()


def test_who_was_which_user_since_when_stays_known(office):
    office.crm.add_user("u-new", email="ada.new@acme.test")
    office.round(2)
    before = _journal(office)
    rewrite_roster(office, *PEOPLE[1:], person("ada", crm={"sf": "u-new"}))
    query = (
        "SELECT a.value, a.source, a.forgotten_at IS NULL FROM rep_attributes a"
        " JOIN reps r ON r.id = a.rep_id"
        " WHERE r.roster_id = 'ada' AND a.name = 'identity.sf' ORDER BY a.seq"
    )
    with office.app.ledger.store.read() as database:
        found = database.exec_driver_sql(query).all()
    history = [(json.loads(user), how, bool(is_known)) for user, how, is_known in found]

    assert history == [("u-ada", "joined by email", False), ("u-new", "joined by roster", True)]
    assert _journal(office) > before


@pytest.mark.parametrize("times", [1, 3])
def test_the_same_join_again_writes_nothing(office, times):
    before = _journal(office)

    for _ in range(times):
        office.restart()
        office.round()

    assert _journal(office) == before


def _journal(office: Office) -> int:
    query = "SELECT count(*) FROM journal WHERE kind = 'roster'"
    with office.app.ledger.store.read() as database:
        return int(database.exec_driver_sql(query).scalar() or 0)


def _act(office: Office) -> Act:
    return Act(office.clock.now(), office.app.lease.token or 0)
