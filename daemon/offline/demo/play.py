"""Plays the demo: watches both CRMs and the ledger until every lead has come to its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.simulator.strengths import Strengths
from daemon.base.clock import Clock
from daemon.offline.demo.files import DESK, ROUTE, desk_of
from daemon.offline.demo.stage import DemoFailed, Stage
from daemon.offline.demo.story import Storyteller
from daemon.offline.demo.summary import Account, is_settled, summarise, verdict
from daemon.offline.demo.uplift import uplift_of
from daemon.offline.demo.witness import Witness
from models.ledger import Ledger
from models.rankers.training_rows import Wanted, decided_rows
from models.reports.reconciliation import Roll
from models.store.errors import LedgerError

_LOOK_S = 0.5
_AWAY_AFTER_S = 8.0
_AWAY_FOR_S = 10.0
_PATIENCE_S = 90.0  #: after the last lead arrived
_QUIET_S = 6.0  #: nobody waits longer for their record in the other CRM, nor does a search lag
_SYNC_TAKES_S = 20.0  #: at most, until both CRMs agree on everybody's owner

OpenLedger = Callable[[], Ledger]


@dataclass(slots=True)
class Play:
    """One run of the demo on a stage that stands."""

    stage: Stage
    story: Storyteller
    clock: Clock
    open_ledger: OpenLedger  #: for reading; fails until the daemon has made it
    started_at: datetime
    journals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  #: by CRM
    pairs: dict[str, dict[str, str]] = field(default_factory=dict)  #: kind -> lead -> contact
    _ledger: Ledger | None = None
    _desk_left: bool = False
    _settled_at: float | None = None

    def until_settled(self) -> None:
        """Go on until all leads have arrived and come to their ends.

        Raises:
            DemoFailed: A process ended by itself, or leads were not settled in time.
        """
        plan = self.stage.plan
        longest_s = plan.leads / plan.rate + _PATIENCE_S
        while True:
            self._look()
            if self._has_settled():
                return
            if self._passed_s() > longest_s:
                raise DemoFailed(self._what_is_left())
            self.clock.sleep(_LOOK_S)

    def until_interrupted(self) -> None:
        """Go on until Ctrl-C."""
        while True:
            self._look()
            self.clock.sleep(_LOOK_S)

    def told(self) -> Account:
        """What the ledger says as it stands."""
        if self._ledger is None:
            return Account()
        roll = Roll(self._ledger.store)
        return Account(roll.rows(self.started_at), roll.records(self.started_at))

    def witness(self) -> Witness:
        """What the CRMs' own journals say so far."""
        people = [person for crm in self.stage.companies for person in self._people(crm)]
        entries = (entry for journal in self.journals.values() for entry in journal)
        return Witness(
            sorted(entries, key=lambda entry: str(entry["at"])),
            self.stage.clients,
            [str(person["crm_id"]) for person in people if not person["left"]],
            {str(person["crm_id"]): str(person["id"]) for person in people},
            {kind: tuple(known.items()) for kind, known in self.pairs.items()},
        )

    def summary(self) -> dict[str, Any]:
        """The summary of everything so far.

        Raises:
            DemoFailed: The daemon never made a ledger.
        """
        self._look()
        if self._ledger is None:
            raise DemoFailed("The daemon made no ledger.")
        state = self._ledger.state(at=self.clock.now())
        return summarise(self.witness(), self.told(), state, ledger=str(self.stage.ledger))

    def uplift(self) -> dict[str, Any]:
        """What the model won, by the truth of the simulated company."""
        if self._ledger is None:
            return {}
        people = self.stage.plan.people
        slugs = {rep.id: rep.roster_id for rep in self._ledger.roster.reps()}
        rows = decided_rows(self._ledger.store, Wanted(ROUTE, since=self.started_at))
        return uplift_of(rows, Strengths(self.stage.plan.seed, people), slugs)

    def close(self) -> None:
        """Give the ledger back."""
        if self._ledger is not None:
            self._ledger.close()

    def _look(self) -> None:
        self.stage.check()
        for name, remote in self.stage.remotes.items():
            journal = self.journals.setdefault(name, [])
            new = remote.truth(len(journal))
            journal += new
            self.story.happenings(new, ours=self.stage.clients)
        self._learn_pairs()
        self._send_the_desk_away()
        if self._ledger is None:
            self._ledger = self._try_to_open()
        self.story.rows(self.told().rows)

    def _people(self, crm: str) -> list[dict[str, Any]]:
        people: list[dict[str, Any]] = self.stage.companies[crm]["people"]
        return people

    def _learn_pairs(self) -> None:
        """Who is in both: a lead stands for its person even after it was converted."""
        for kind, pairs in self.stage.remotes["salesforce"].pairs().items():
            self.pairs.setdefault(kind, {}).update((lead, contact) for lead, contact in pairs)

    def _has_settled(self) -> bool:
        """Whether everybody has come to their end, and the CRMs' own sync had its time."""
        witness = self.witness()
        persons = witness.persons()
        if len(persons) < self.stage.plan.leads or not is_settled(persons, self.told()):
            self._settled_at = None
            return False
        if self._settled_at is None:
            self._settled_at = self._passed_s()
        waited_s = self._passed_s() - self._settled_at
        if waited_s < _QUIET_S:
            return False
        agrees = not witness.with_two_owners() and verdict(witness, self.told()).holds
        return agrees or waited_s > _SYNC_TAKES_S

    def _try_to_open(self) -> Ledger | None:
        if not self.stage.ledger.exists():
            return None
        try:
            return self.open_ledger()
        except LedgerError:
            return None  # the daemon is still making it; asked again at the next look

    def _send_the_desk_away(self) -> None:
        """Both reps of one small pool are away for a while: its leads fall back, then return."""
        if self._desk_left or self._passed_s() < _AWAY_AFTER_S:
            return
        self._desk_left = True
        now = self.clock.now()
        until = now + timedelta(seconds=_AWAY_FOR_S)
        users = {str(each["id"]): each["crm_id"] for each in self._people("salesforce")}
        for rep in desk_of(self.stage.plan.people):
            act = {"act": "out_of_office", "id": users[rep], "until": until.isoformat()}
            self.stage.remotes["salesforce"].act(act)
            said = f"{rep} of the {DESK} is away for {_AWAY_FOR_S:.0f} s"
            self.story.note(now, said)

    def _passed_s(self) -> float:
        return (self.clock.now() - self.started_at).total_seconds()

    def _what_is_left(self) -> str:
        persons, told = self.witness().persons(), self.told()
        unsettled = [ids for ids in persons if not is_settled([ids], told)]
        some = ", ".join(" and ".join(ids) for ids in unsettled[:5])
        return f"{len(unsettled)} of {len(persons)} leads were not settled in time: {some}"
