"""Plays the demo: watches the CRM and the ledger until every lead has come to its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from daemon.clock import Clock
from daemon.demo.stage import DESK, DemoFailed, Stage, desk_reps
from daemon.demo.story import Storyteller
from daemon.demo.summary import Witness, is_settled, last_rows, summarise
from models.errors import LedgerError
from models.ledger import Ledger
from models.roll import Roll, RollRow

_LOOK_S = 0.5
_AWAY_AFTER_S = 8.0
_AWAY_FOR_S = 10.0
_PATIENCE_S = 90.0  #: after the last lead arrived

OpenLedger = Callable[[], Ledger]


@dataclass(slots=True)
class Play:
    """One run of the demo on a stage that stands."""

    stage: Stage
    story: Storyteller
    clock: Clock
    open_ledger: OpenLedger  #: for reading; fails until the daemon has made it
    started_at: datetime
    journal: list[dict[str, Any]] = field(default_factory=list)
    _ledger: Ledger | None = None
    _desk_left: bool = False

    def until_settled(self) -> None:
        """Go on until all leads have arrived and come to their ends.

        Raises:
            DemoFailed: A process ended by itself, or leads were not settled in time.
        """
        plan = self.stage.plan
        longest_s = plan.leads / plan.rate + _PATIENCE_S
        while True:
            self._look()
            arrived = self.witness().arrived()
            if len(arrived) >= plan.leads and is_settled(arrived, last_rows(self.rows())):
                return
            if self._passed_s() > longest_s:
                raise DemoFailed(self._what_is_left(arrived))
            self.clock.sleep(_LOOK_S)

    def until_interrupted(self) -> None:
        """Go on until Ctrl-C."""
        while True:
            self._look()
            self.clock.sleep(_LOOK_S)

    def rows(self) -> tuple[RollRow, ...]:
        """The roll as it stands."""
        if self._ledger is None:
            return ()
        return Roll(self._ledger.store).rows(self.started_at)

    def witness(self) -> Witness:
        """What the CRM's own journal says so far."""
        people = [
            str(person["crm_id"]) for person in self.stage.company["people"] if not person["left"]
        ]
        return Witness(self.journal, self.stage.client_id, people)

    def summary(self) -> dict[str, Any]:
        """The summary of everything so far.

        Raises:
            DemoFailed: The daemon never made a ledger.
        """
        self._look()
        if self._ledger is None:
            raise DemoFailed("The daemon made no ledger.")
        state = self._ledger.state(at=self.clock.now())
        return summarise(self.witness(), self.rows(), state, ledger=str(self.stage.ledger))

    def close(self) -> None:
        """Give the ledger back."""
        if self._ledger is not None:
            self._ledger.close()

    def _look(self) -> None:
        self.stage.check()
        new = self.stage.remote.truth(len(self.journal))
        self.journal += new
        self.story.happenings(new, ours=self.stage.client_id)
        self._send_the_desk_away()
        if self._ledger is None:
            self._ledger = self._try_to_open()
        self.story.rows(self.rows())

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
        for rep in desk_reps(self.stage.company):
            act = {"act": "out_of_office", "id": rep, "until": until.isoformat()}
            self.stage.remote.act(act)
            said = f"{self.story.name(rep)} of the {DESK} is away for {_AWAY_FOR_S:.0f} s"
            self.story.note(now, said)

    def _passed_s(self) -> float:
        return (self.clock.now() - self.started_at).total_seconds()

    def _what_is_left(self, arrived: list[str]) -> str:
        last = last_rows(self.rows())
        unsettled = [lead for lead in arrived if not is_settled([lead], last)]
        some = ", ".join(unsettled[:5])
        return f"{len(unsettled)} of {len(arrived)} leads were not settled in time: {some}"
