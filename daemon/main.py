"""The composition root: every real part is named here, once, and nothing is made at import.

    app = build(settings)            # opens ledger and connectors, reads rulebook and roster
    run(app, settings)               # daemon.running.threads: until SIGTERM

Tests hand in other ends and another clock through `Parts`.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from connectors.port import Connector
from daemon.base.clock import Clock, Ids, RandomIds, SystemClock, fraction
from daemon.base.event_log import Telling
from daemon.base.events import Tell
from daemon.base.metrics import Metrics
from daemon.crm.connectors import open_connector
from daemon.crm.cross_check import CrossCheck
from daemon.crm.older_leads import OlderLeads
from daemon.crm.reading import ReadLoop
from daemon.crm.sweeping import ReconcileLoop
from daemon.crm.unknown_owners import UnknownOwners
from daemon.crm.unread_partners import UnreadPartners
from daemon.crm.writing import WriteLoop
from daemon.leads.arrivals import ArrivalLoop
from daemon.leads.priorities import Lanes
from daemon.leads.recalling import RecallLoop
from daemon.leads.recorder import DecisionRecorder
from daemon.operators.model_requests import ModelRequests
from daemon.operators.requests import RequestLoop
from daemon.ranker.aliases import AliasRuns
from daemon.ranker.drift import DriftWatch
from daemon.ranker.runs import TrainingRuns
from daemon.ranker.serving import Ranking
from daemon.running.application import Application, Loops
from daemon.running.lease import LeaseKeeper, LeaseTerms
from daemon.settings import Mode, Settings
from daemon.world.changed_files import Files
from daemon.world.companies import Companies
from daemon.world.connections.connection import Connection
from daemon.world.connections.lead_facts import reading_of
from daemon.world.connections.pairing import pairing_of
from daemon.world.connections.poll_schedule import PollSchedule
from daemon.world.in_force import InForce
from daemon.world.matching import AccountIndex, Domains
from daemon.world.router import Router
from daemon.world.staff.candidates import Staff
from daemon.world.team import Team
from daemon.world.world import World
from models.leads.last_versions import StoredAccounts
from models.ledger import Ledger, open_ledger
from routing.facts import Stream


@dataclass(frozen=True, slots=True)
class Parts:
    """What a simulated world puts in place of the machine's own."""

    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=RandomIds)
    tell: Tell | None = None
    connect: Mapping[str, Connector] = field(default_factory=dict)  #: by connection


def build(
    settings: Settings,
    parts: Parts | None = None,
    *,
    shadow: bool = False,
    metrics: Metrics | None = None,
) -> Application:
    """Open the ledger and the ends, and put every part in its place. Nothing is polled yet.

    Args:
        settings: Checked settings.
        parts: Stand-ins for clock, ids, log and connectors.
        shadow: Decide, but write nothing: every live connection is in shadow.
        metrics: Where counts go; a registry of their own where left out.

    Raises:
        WrongFiles: Rulebook or roster have mistakes.
        LedgerError: The ledger cannot be used; the message says what to do.
    """
    parts = parts or Parts()
    files = Files(settings.rulebook, settings.roster, settings.mapped())
    in_force = files.read()
    ledger = open_ledger(
        settings.ledger.address().get_secret_value(),
        ids=parts.ids,
        now=parts.clock.now,
        sole=True,
    )
    try:
        tell = parts.tell or Telling(metrics or Metrics(parts.clock))
        parts = replace(parts, tell=tell)
        app = assemble(settings, parts, in_force, ledger, shadow=shadow)
        app.files = files
        return app
    except BaseException:
        ledger.close()
        raise


def assemble(
    settings: Settings, parts: Parts, in_force: InForce, ledger: Ledger, *, shadow: bool = False
) -> Application:
    """The same parts around a ledger that is open already, and a book that was read."""
    tell = parts.tell or Telling(Metrics(parts.clock))
    return _Assembly(settings, parts, in_force, ledger, shadow).application(tell)


@dataclass(frozen=True, slots=True)
class _Assembly:
    """Puts the parts together."""

    settings: Settings
    parts: Parts
    in_force: InForce
    ledger: Ledger
    shadow: bool

    def application(self, tell: Tell) -> Application:
        self._bury_the_dead()
        ledger, world = self.ledger, self._world()
        recorder = DecisionRecorder(world, StoredAccounts(ledger.store), ledger.ids)
        team = Team(ledger, world, self.in_force.roster, {})
        decider, ids, timing = ledger.decider, ledger.ids, self.settings.timing
        ranking = Ranking(ledger, world, self.settings.ranker, ids=self.parts.ids, tell=tell)
        runs = TrainingRuns(ledger, ranking, self.settings, clock=self.parts.clock, tell=tell)
        loops = Loops(
            intake=ReadLoop(
                world,
                ledger.intake,
                Lanes(timing.bulk_from),
                tell,
                inbox_most=timing.inbox_most,
            ),
            arrivals=ArrivalLoop(world, decider, recorder, ids, tell=tell),
            recall=RecallLoop(world, decider, recorder, ids, tell),
            push=WriteLoop(
                world,
                (ledger.outbox, decider, recorder, CrossCheck(world, ledger.pairs, tell)),
                ids,
                tell,
                self.parts.clock,
            ),
            requests=RequestLoop(world, ledger, recorder, team, tell=tell),
            reconcile=ReconcileLoop(ledger, tell),
            unknown_owners=UnknownOwners(world, ledger.reading, tell),
            older=OlderLeads(world, ledger.jobs, tell),
            unread=UnreadPartners(world, ledger.unread, tell),
            ranking=ranking,
            training=runs,
            aliases=AliasRuns(ledger, runs, clock=self.parts.clock, tell=tell),
            drift=DriftWatch(ledger, ranking, self.settings),
        )
        app = Application(
            clock=self.parts.clock,
            ledger=ledger,
            world=world,
            in_force=self.in_force,
            team=team,
            loops=loops,
            lease=self._lease(),
            tell=tell,
            reconcile_every=timedelta(seconds=timing.reconcile_s),
        )
        loops.intake.learned = app.learned
        loops.requests.before_routing = app.index_accounts
        loops.requests.beside = ModelRequests(ledger.rankers, ranking, runs).does
        return app

    def _bury_the_dead(self) -> None:
        """On SQLite the lock on the file is ours: whoever held the lease before is dead."""
        lease = self.ledger.leases.current()
        if self.ledger.store.is_sole and lease is not None:
            self.ledger.leases.release(lease, at=self.parts.clock.now())

    def _world(self) -> World:
        nobody = Staff({}, {}, {})
        guide, domains = self.in_force.guide, Domains()
        connections = {
            name: self._connected(name, domains) for name in sorted(self.settings.connections)
        }
        modes = {name: connection.mode for name, connection in connections.items()}
        return World(
            live=Router(guide, nobody),
            shadow=Router(guide, nobody),
            connections=connections,
            companies=Companies(guide.book),
            load=self.ledger.state,
            pairing=pairing_of(self.settings.paired(), modes),
        )

    def _connected(self, name: str, domains: Domains) -> Connection:
        config = self.settings.connections[name]
        mode = Mode.SHADOW if self.shadow and config.mode is Mode.LIVE else config.mode
        route_from = self.settings.routes_from(name)
        connector = self.parts.connect.get(name) or open_connector(
            name, config, route_from=route_from, clock=self.parts.clock
        )
        return Connection(
            name=name,
            config=config,
            connector=connector,
            mode=mode,
            route_from=route_from,
            reading=reading_of(self.in_force.book, config.mapped(), domains),
            index=AccountIndex(domains),
            poll_schedule=PollSchedule(_every_s(name, self.settings)),
        )

    def _lease(self) -> LeaseKeeper:
        timing = self.settings.timing
        terms = LeaseTerms(
            holder=f"{socket.gethostname()}:{os.getpid()}:{self.parts.ids.new('run')}",
            ttl=timing.lease_ttl,
            renew_every=timedelta(seconds=timing.lease_renew_s),
        )
        return LeaseKeeper(
            self.ledger.leases, terms, self.parts.clock, chance=lambda: fraction(self.parts.ids)
        )


def _every_s(name: str, settings: Settings) -> dict[Stream, float]:
    poll = settings.connections[name].poll
    return {
        Stream.PEOPLE: poll.people_s,
        Stream.ABSENCES: poll.absences_s,
        Stream.ACCOUNTS: poll.accounts_s,
        Stream.LEADS: settings.polls_leads_every_s(name),
        Stream.OUTCOMES: poll.outcomes_s,
        Stream.TOUCHES: poll.touches_s,
    }
