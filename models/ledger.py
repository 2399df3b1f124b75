"""The ledger, open: one value with everything that reads or writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.decisions.decider import Decider
from models.decisions.state import load_state
from models.delivery.outbox import Outbox
from models.governance.connections import Connections
from models.governance.requests import Requests
from models.governance.rulebooks import Governance
from models.intake.milestones import FollowUps
from models.intake.pages import Intake
from models.intake.unread_partners import Unread
from models.leads.addresses import Addresses
from models.leads.pairs import Pairs
from models.rankers.versions import Rankers
from models.reports.lookups import Reading
from models.reports.tallies import Reports
from models.staff.absences import AbsenceBook
from models.staff.roster import Roster
from models.store.ids import Chance, InternalIds
from models.store.jobs import Jobs
from models.store.lease import Leases
from models.store.transactions import Store
from routing.state import State


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger. Each part is a small class; none knows another."""

    store: Store
    ids: InternalIds
    intake: Intake  #: pages and bookmarks (transaction 1)
    decider: Decider  #: what is to be decided, and what was (transaction 2)
    outbox: Outbox  #: effects claimed and settled (transactions 3 and 4)
    leases: Leases
    requests: Requests
    roster: Roster
    absences: AbsenceBook
    connections: Connections  #: connections, users, queues, accounts
    governance: Governance  #: rulebooks, kept contents
    rankers: Rankers  #: model versions, and which is in force
    follow_ups: FollowUps  #: touches and outcomes
    jobs: Jobs
    reading: Reading
    reports: Reports
    addresses: Addresses
    pairs: Pairs  #: one person in two CRMs
    unread: Unread

    def state(self, *, at: datetime, shadow: bool = False) -> State:
        """What routing remembered, as of the last commit."""
        return load_state(self.store, at=at, shadow=shadow)

    def close(self) -> None:
        """Give everything back."""
        self.store.close()


def open_ledger(
    url: str,
    *,
    ids: Chance,
    now: Callable[[], datetime],
    sole: bool = False,
    migrate_schema: bool = True,
) -> Ledger:
    """Open a ledger, made and migrated if need be.

    Args:
        url: `sqlite:///path/to/ledger.db` or `postgresql://user@host/database`.
        ids: Where chance comes from.
        now: The clock; internal ids begin with the instant they were made.
        sole: For the daemon: take the lock on a SQLite file, so that there is one.
        migrate_schema: False refuses a ledger that is not up to date instead.

    Raises:
        LedgerError: See `models.store.errors`; each says what to do.
    """
    store = Store(url, sole=sole, migrate_schema=migrate_schema)
    made = InternalIds(ids, now)
    return Ledger(
        store=store,
        ids=made,
        intake=Intake(store, made),
        decider=Decider(store, made),
        outbox=Outbox(store, made),
        leases=Leases(store),
        requests=Requests(store, made),
        roster=Roster(store, made),
        absences=AbsenceBook(store),
        connections=Connections(store),
        governance=Governance(store),
        rankers=Rankers(store),
        follow_ups=FollowUps(store),
        jobs=Jobs(store),
        reading=Reading(store),
        reports=Reports(store),
        addresses=Addresses(store, made),
        pairs=Pairs(store),
        unread=Unread(store),
    )
