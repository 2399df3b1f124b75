"""What an operator asks for where no daemon runs: the command takes the lease and does it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.errors import TryLater
from daemon.main import Parts
from daemon.offline.one_shot import ForTheDaemon
from daemon.operators.orders import Order, Outcome, operator_name, place_order
from models.governance.connections import Connections
from models.governance.requests import RequestState
from models.ledger import Ledger, open_ledger
from tests.fakes.clock import CountingIds
from tests.fakes.office import Office

DONE, REFUSED, ASKED = RequestState.DONE, RequestState.REFUSED, RequestState.ASKED


class Chance(CountingIds):
    """Counts where the daemon does not, as chance in another process does."""

    def secret(self) -> bytes:
        return (1_000_000 + self._next("secret")).to_bytes(32, "big")


@dataclass
class Desk:
    """Where an operator sits: the same files and ledger as the office, another process."""

    office: Office
    ledger: Ledger
    ids: Chance

    def ask(self, kind: str, *, patience_s: float = 5.0, **arguments: object) -> Outcome:
        parts = Parts(self.office.clock, self.ids, connect={"sf": self.office.connector})
        return place_order(
            self.ledger,
            Order(kind, arguments),
            clock=self.office.clock,
            patience_s=patience_s,
            substitute=ForTheDaemon(self.office.settings(), parts, writes=True),
        )


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    """A live connection, three reps, and a daemon that runs."""
    made = Office(tmp_path, ledger_url)
    made.round()
    yield made
    made.app.close()


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    ids = Chance()
    ledger = open_ledger(office.url, ids=ids, now=office.clock.now, migrate_schema=False)
    yield Desk(office, ledger, ids)
    ledger.close()


def routed(office: Office) -> str:
    """A lead that got its owner; then the daemon stopped."""
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.app.close()
    return record


def entries(desk: Desk, kind: str) -> list[tuple[str, str]]:
    """Who made entries of a kind in the journal, and through which channel."""
    with desk.ledger.store.read() as database:
        query = "SELECT actor, channel FROM journal WHERE kind = :kind ORDER BY seq"
        return [tuple(row) for row in database.exec_driver_sql(query.replace(":kind", f"'{kind}'"))]


def test_pausing_needs_no_daemon_and_outlives_the_command(office, desk):
    office.app.close()

    outcome = desk.ask("pause")

    assert (outcome.state, outcome.said["connections"]) == (DONE, ["sf"])
    assert desk.ledger.connections.all()["sf"].paused_by == operator_name()
    assert entries(desk, "settings")[-1] == (operator_name(), "cli")
    assert desk.ledger.leases.holder(at=office.clock.now()) is None


def test_people_go_and_come_without_a_daemon(office, desk):
    office.app.close()

    states = [desk.ask(kind, rep="ada").state for kind in ("away", "back", "pause_person")]

    assert states == [DONE, DONE, DONE]


def test_a_lead_is_reassigned_and_written_under_guard_without_a_daemon(office, desk):
    record = routed(office)

    outcome = desk.ask("reassign", lead=record, to="cleo")

    assert (outcome.state, outcome.write) == (DONE, "confirmed")
    assert office.owner(record) == "u-cleo"
    assert entries(desk, "reassignment") == [(operator_name(), "cli")]


def test_the_daemon_that_starts_next_goes_on_from_there(office, desk):
    record = routed(office)
    desk.ask("reassign", lead=record, to="cleo")

    office.app = office.opened()
    office.round(3)

    assert (office.load("cleo"), office.load("ada") + office.load("bob")) == (1, 0)
    assert office.is_in_step()


def test_a_human_who_was_faster_keeps_the_lead(office, desk):
    record = routed(office)
    office.crm.human_sets_owner(record, "u-bob")

    outcome = desk.ask("reassign", lead=record, to="cleo")

    assert (outcome.state, outcome.write) == (DONE, "conflict")
    assert office.owner(record) == "u-bob"


def test_a_crm_that_is_away_leaves_the_write_to_the_daemon(office, desk):
    record = routed(office)
    office.crm.fail("apply", TryLater("sf", "is away", 60.0))
    outcome = desk.ask("reassign", lead=record, to="cleo")
    kept = office.owner(record)

    office.app = office.opened()
    office.round(3, every_s=61.0)

    assert (outcome.state, outcome.write) == (DONE, "pending")
    assert "is away" in str(outcome.problem)
    assert kept != "u-cleo"
    assert office.owner(record) == "u-cleo"


def test_nothing_else_that_is_owed_leaves_with_it(office, desk):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.crm.fail("apply", TryLater("sf", "is away", 1.0))
    other = office.crm.add_lead(stage="new", Country="DE")
    office.round(1)
    office.app.close()

    desk.ask("reassign", lead=record, to="cleo")

    assert (office.owner(record), office.owner(other)) == ("u-cleo", None)


def test_what_ran_in_shadow_is_not_made_live_by_a_command(office, desk):
    record = routed(office)
    office.app = office.opened(shadow=True)
    office.round()
    office.app.close()

    outcome = desk.ask("reassign", lead=record, to="cleo")

    assert outcome.state is REFUSED
    assert "sf is shadow" in outcome.said["why"]


def test_a_rulebook_that_somebody_is_editing_is_not_put_in_force(office, desk):
    office.app.close()
    (office.folder / "rulebook.yaml").write_text("rulebook: half")
    before = desk.ledger.governance.book_in_force()

    outcome = desk.ask("away", rep="ada")

    assert outcome.state is DONE
    assert desk.ledger.governance.book_in_force() == before


def test_a_roster_with_mistakes_leaves_the_order_for_later_and_says_why(office, desk):
    office.app.close()
    (office.folder / "roster.yaml").write_text("people: [{id: ada, wieght: 1}]")

    outcome = desk.ask("pause")

    assert (outcome.state, outcome.is_anybody_there) == (ASKED, False)
    assert 'Did you mean "weight"?' in str(outcome.problem)


def test_while_a_daemon_holds_the_lease_nobody_acts_beside_it(office, desk):
    outcome = desk.ask("pause", patience_s=1.0)
    office.round(1, every_s=0.1)

    assert (outcome.state, outcome.is_anybody_there) == (ASKED, True)
    assert desk.ledger.requests.get(outcome.request).state is DONE
    assert desk.ledger.connections.all()["sf"].paused_by == operator_name()


def test_only_an_order_that_routes_a_lead_reads_the_accounts(office, desk, monkeypatch):
    record = routed(office)
    read: list[str] = []
    accounts = Connections.accounts

    def noted(self, connection, *, since=None):
        read.append(connection)
        return accounts(self, connection, since=since)

    monkeypatch.setattr(Connections, "accounts", noted)
    paused = desk.ask("pause")
    before = list(read)
    moved = desk.ask("reassign", lead=record, to="cleo")

    assert (paused.state, moved.state) == (DONE, DONE)
    assert (before, read) == ([], ["sf"])
