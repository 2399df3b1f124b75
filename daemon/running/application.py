"""The application: every loop over one world, one ledger and the connectors, without threads.

`tick(now)` runs one round of everything in a fixed order, which is how a simulated world drives
it; `daemon.running.threads` calls the same rounds from threads. Nothing is done before `take_over`,
which reads from the ledger what the last process knew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.base.clock import Clock
from daemon.base.events import Tell
from daemon.base.file_reading import UnreadableFile
from daemon.crm.older_leads import OlderLeads
from daemon.crm.reading import ReadLoop, index_accounts
from daemon.crm.sweeping import ReconcileLoop
from daemon.crm.unknown_owners import UnknownOwners
from daemon.crm.unread_partners import UnreadPartners
from daemon.crm.writing import WriteLoop
from daemon.leads.arrivals import ArrivalLoop
from daemon.leads.recalling import RecallLoop
from daemon.operators.requests import RequestLoop
from daemon.ranker.aliases import AliasRuns
from daemon.ranker.drift import DriftWatch
from daemon.ranker.runs import TrainingRuns
from daemon.ranker.serving import Ranking
from daemon.running.lease import LeaseKeeper
from daemon.world.changed_files import Files
from daemon.world.companies import Companies
from daemon.world.connections.connection import Connection
from daemon.world.connections.lead_facts import reading_of
from daemon.world.in_force import InForce, WrongFiles, publish
from daemon.world.staff.roster_join import JoinNote
from daemon.world.team import Team
from daemon.world.world import World
from models.governance.connections import DeclaredConnection
from models.journal.entries import Act
from models.leads.last_versions import last_seen
from models.ledger import Ledger
from models.store.errors import LedgerError
from routing.facts import Page, Stream

_FOLLOW_UPS = 500


@dataclass(frozen=True, slots=True)
class Loops:
    """The rounds that make up the daemon."""

    intake: ReadLoop
    arrivals: ArrivalLoop
    recall: RecallLoop
    push: WriteLoop
    requests: RequestLoop
    reconcile: ReconcileLoop
    unknown_owners: UnknownOwners
    older: OlderLeads
    unread: UnreadPartners
    ranking: Ranking
    training: TrainingRuns
    aliases: AliasRuns
    drift: DriftWatch


@dataclass(slots=True)
class Application:
    """Everything that runs, and the order in which it is taken over and given back."""

    clock: Clock
    ledger: Ledger
    world: World
    in_force: InForce
    team: Team
    loops: Loops
    lease: LeaseKeeper
    tell: Tell
    reconcile_every: timedelta
    ready_for: int | None = None  #: the token under which the world was read from the ledger
    freed: bool = False  #: somebody may have come free since the last recall
    is_closed: bool = False
    files: Files | None = None  #: looked at while we run; None: what was handed in stays
    indexes_at_once: bool = True  #: False: accounts are read when somebody asks for them
    _indexed: dict[str, datetime] = field(default_factory=dict)  #: by connection, up to when
    _noted: dict[str, frozenset[JoinNote]] = field(default_factory=dict)  #: said, by connection
    _is_warned: bool = False

    def take_over(self, now: datetime, token: int) -> None:
        """Read from the ledger what the last process knew, under a new lease."""
        act = Act(now, token)
        if self.indexes_at_once:
            self.index_accounts()
        with self.world.lock:
            self._declare(act)
            self._read_files(asked=False)  # they may have changed while somebody else routed
            self.team.ids = self._published(self.in_force, act)
            self.team.refresh(act)
            self.world.reload(now)
            if self.world.pairing is not None:
                self.loops.arrivals.partners.secret = self.ledger.addresses.secret(act)
            self._remember_companies()
            self._find_orphans()
        self.loops.ranking.take_over(act)
        self._warn_of_files()
        for connection in self.world.connections.values():
            connection.sweep_at = connection.sweep_at or now
        self.ready_for = token
        self.tell.event("took_over", token=token, book=self.in_force.book.hash[:12])

    def look_on(self, now: datetime) -> None:
        """Know what the ledger knows, without the lease: nothing is written."""
        known = self.ledger.connections.all()
        self.index_accounts()
        with self.world.lock:
            self._recall_connections(known)
            self.team.ids = {rep.roster_id: rep.id for rep in self.ledger.roster.reps()}
            self.team.look(now)
            self.world.reload(now)
            self._remember_companies()
        self.loops.ranking.look()

    def hold_lease(self, now: datetime) -> int | None:
        """Take or renew the lease; the token under which the loops may run."""
        self.lease.tick()
        return self.follow_lease(now)

    def follow_lease(self, now: datetime) -> int | None:
        """Take over where the lease is new, stand by where it is lost; the token to run under."""
        token = self.lease.token
        if token is None and self.ready_for is not None:
            said = (
                "This process has not renewed its lease in time. It stands by and writes nothing."
            )
            self.tell.alert("lease_lost", token=self.ready_for, problem=said)
            self.ready_for = None
        if token is not None and token != self.ready_for:
            self.take_over(now, token)
        return token

    def tick(self, now: datetime) -> int:
        """One round of every loop; how much was done."""
        token = self.hold_lease(now)
        if token is None:
            return 0
        self.reload(now, token)
        done = self.loops.requests.tick(now, token)
        self.follow_model(now, token)
        for connection in self.world.working():
            done += self.loops.intake.tick(connection, now, token)
        done += self.decide(now, token)
        done += self.recall(now, token)
        done += self.push(now)
        self.follow_up(now, token)
        for connection in self.world.working():
            self.reconcile(connection, now, token)
        return done

    def push(self, now: datetime) -> int:
        """Send what is owed to every CRM, one after the other; how many writes were claimed."""
        return sum(
            self.loops.push.tick(connection, now, self.lease) for connection in self.world.working()
        )

    def reload(self, now: datetime, token: int, *, asked: bool = False) -> bool:
        """Take changed files into force; whether there was something new.

        With mistakes the book and the roster that are in force stay, with an alert.
        """
        before = self.in_force
        with self.world.lock:
            if not self._read_files(asked=asked):
                return False
            try:
                self.team.ids = self._published(self.in_force, Act(now, token))
            except BaseException:
                self._put_in_place(before)
                raise
            self._remember_companies()
            self.refresh_team(now, token)
        self.loops.ranking.take_over(Act(now, token))
        self.freed = True  # another book or team may find a home for what waits
        self._is_warned = False
        self._warn_of_files()
        book = self.in_force.book.hash[:12]
        self.tell.event("files_taken", book=book, people=len(self.in_force.roster.people))
        return True

    def _read_files(self, *, asked: bool) -> bool:
        """Put what the files say in place, if that is new and without a mistake."""
        if self.files is None or not (asked or self.files.have_changed()):
            return False
        try:
            found = self.files.read()
        except (WrongFiles, UnreadableFile) as error:
            advice = "What was in force stays in force. Correct the file; it is read again then."
            self.tell.alert("files_refused", problem=str(error), advice=advice)
            return False
        if (found.source, found.staff) == (self.in_force.source, self.in_force.staff):
            return False
        self._put_in_place(found)
        return True

    def _put_in_place(self, found: InForce) -> None:
        """Decide by this book and this roster from now on."""
        self.in_force, self.team.roster = found, found.roster
        self.world.live.guide = self.world.shadow.guide = found.guide
        self.world.companies = Companies(found.book)
        for connection in self.world.connections.values():
            connection.reading = reading_of(
                found.book, connection.config.mapped(), connection.reading.domains
            )

    def _published(self, found: InForce, act: Act) -> dict[str, str]:
        """Book and roster in force in the ledger, with their entries, or neither of them."""
        with self.ledger.store.together(act.token):
            return publish(found, self.ledger, act)

    def decide(self, now: datetime, token: int) -> int:
        """Drain the inbox; each batch is decided as of its own instant."""
        total = 0
        while looked := self.loops.arrivals.tick(now, token):
            total += looked
            now = self.clock.now()
        return total

    def recall(self, now: datetime, token: int) -> int:
        """Look again at what was put off, with the team as it is at this instant."""
        self.loops.unknown_owners.remember(now, token)
        self.loops.unknown_owners.tell()
        with self.world.lock:
            if self.team.is_outdated(now):
                self.refresh_team(now, token)
            self.freed = False
        return self.loops.recall.tick(now, token)

    def refresh_team(self, now: datetime, token: int) -> None:
        """Roster, users and absences anew; leads of reps who left are looked at."""
        changed = self.team.refresh(Act(now, token))
        for rep in changed.left:
            self.loops.recall.lost_their_rep(self.ledger.reading.open_leads_of(rep))

    def learned(self, connection: Connection, stream: Stream, page: Page) -> None:
        """A page was stored: what is kept in memory follows."""
        if stream is Stream.ACCOUNTS:
            with self.world.lock:
                index_accounts(connection, stream, page)
        if stream in (Stream.PEOPLE, Stream.ABSENCES):
            token = self.lease.token
            if token is not None:
                with self.world.lock:
                    self.refresh_team(self.clock.now(), token)
            self.freed = True
        if stream is Stream.PEOPLE and not page.more:
            self._say_who_is_nobody(connection)
            if stream not in connection.read_once:
                connection.read_once.add(stream)
                self._say_where_nothing_goes(connection)

    def follow_model(self, now: datetime, token: int) -> None:
        """What ranks is what the ledger has in force; training and drift are looked after."""
        self.loops.ranking.tick(now, token)
        self.loops.training.tick(now, token)
        self.loops.aliases.tick(token)
        self.loops.drift.tick(now, token)

    def follow_up(self, now: datetime, token: int) -> None:
        """Touches and outcomes reach the milestones of their leads."""
        self.ledger.follow_ups.settle(limit=_FOLLOW_UPS, at=now, token=token)

    def reconcile(self, connection: Connection, now: datetime, token: int) -> None:
        """The daily count, and the sweep when it is due and reading has come to an end once."""
        self.loops.unread.tick(connection, now, token)
        self.loops.older.tick(connection, now, token)
        if Stream.LEADS not in connection.read_once:
            return
        self.loops.reconcile.tick(connection, now, token)
        if (
            connection.sweep_at is None
            or now < connection.sweep_at
            or self.ledger.intake.waiting(connection.name)
        ):
            return
        connection.sweep_at = now + self.reconcile_every
        self.loops.reconcile.sweep(connection, now)

    def probe_ledger(self) -> str | None:
        """Whether the ledger answers; what is wrong where it does not."""
        try:
            self.ledger.leases.current()
        except LedgerError as error:
            return str(error)
        return None

    def probe_lease(self) -> str | None:
        """Whether it is known who routes: we do, or another process that holds the lease."""
        if self.lease.token is not None and self.ready_for is None:
            return "has the lease and is reading what the last process knew"
        return None

    def close(self) -> None:
        """Give the lease back and close everything; once."""
        if self.is_closed:
            return
        self.is_closed = True
        self.loops.training.close()
        self.loops.aliases.close()
        self.lease.release()
        for connection in self.world.connections.values():
            connection.connector.close()
        self.ledger.close()

    def _declare(self, act: Act) -> None:
        known = self.ledger.connections.all()
        told = [
            DeclaredConnection(
                connection.name,
                connection.config.kind.value,
                connection.mode.value,
                connection.route_from,
            )
            for connection in self.world.connections.values()
        ]
        self.ledger.connections.declare(told, act=act)
        self._recall_connections(known)

    def _recall_connections(self, known: Mapping[str, DeclaredConnection]) -> None:
        """What was said of a connection before holds on: where routing begins, and a pause."""
        for connection in self.world.connections.values():
            before = known.get(connection.name)
            if before is not None:
                connection.route_from = before.route_from
                connection.paused = before.paused_at is not None

    def index_accounts(self) -> None:
        """Put accounts into the index: all of them at first, later those that changed since.

        Needs no lease, and is done before one is asked for: 100,000 accounts take seconds.
        """
        for connection in self.world.connections.values():
            for account in self.ledger.connections.accounts(
                connection.name, since=self._indexed.get(connection.name)
            ):
                with self.world.lock:
                    connection.index.put(account.seen)
                self._indexed[connection.name] = account.changed_at

    def _remember_companies(self) -> None:
        """Who works on which company, where the rulebook asks for it."""
        if not self.world.companies.is_asked:
            return
        for rep in sorted(self.world.live.staff.reps):
            for lead, last in last_seen(self.ledger.store, self.ledger.reading.open_leads_of(rep)):
                connection = self.world.connections.get(last.connection)
                if connection is not None:
                    domain = connection.reading.domains.address(last.seen.email).domain
                    self.world.companies.put(lead, domain=domain, rep=rep, at=last.seen.modified_at)

    def _warn_of_files(self) -> None:
        """What rulebook and roster may not mean; once, however often the lease comes and goes."""
        if self._is_warned:
            return
        self._is_warned = True
        for warning in self.in_force.warnings:
            self.tell.event("files_warned", warning=warning)

    def _say_who_is_nobody(self, connection: Connection) -> None:
        """People without a user, once people were read whole, and again when that changes."""
        before = self._noted.get(connection.name, frozenset())
        notes = self.team.notes.get(connection.name, ())
        self._noted[connection.name] = frozenset(notes)
        for note in notes:
            if note not in before:
                said = {"connection": connection.name, "rep": note.person, "code": note.code.value}
                self.tell.event("roster_noted", advice=note.said, **said)

    def _say_where_nothing_goes(self, connection: Connection) -> None:
        """Queues that nobody finds: leads go elsewhere until that is mended."""
        for (queue, object_), place in sorted(connection.holders.places.items()):
            if place.problem is not None:
                said = {"connection": connection.name, "queue": queue, "object": object_}
                self.tell.alert("queue_unknown", problem=place.problem, **said)

    def _find_orphans(self) -> None:
        """Leads of reps who left while nobody looked."""
        for rep, facts in sorted(self.world.live.staff.reps.items()):
            if not facts.active:
                leads = self.ledger.reading.open_leads_of(rep)
                self.loops.recall.lost_their_rep(leads, perhaps_asked=True)
