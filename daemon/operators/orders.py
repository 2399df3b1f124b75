"""An operator's order: asked of the ledger, done by whoever holds the lease, answered.

A command never writes beside the decider. It appends a request and waits a little for the answer.
Where no daemon runs, a substitute takes the lease and does it; where that cannot be either, the
request stays and is done as soon as a daemon runs. The outcome says honestly which it was.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from daemon.base.clock import Clock
from models.governance.requests import RequestState
from models.journal.entries import Actor, Channel
from models.ledger import Ledger

_LOOK_EVERY_S = 0.1
_OWED = ("pending", "sent")


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order."""

    request: str
    state: RequestState  #: `asked` or `claimed`: nobody has answered yet
    said: Mapping[str, Any] = field(default_factory=dict)
    is_anybody_there: bool = True  #: False: no daemon holds the lease
    write: str | None = None  #: how the assignment stands that it led to, if it led to one
    problem: str | None = None  #: why a substitute could not do it all

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in (RequestState.ASKED, RequestState.CLAIMED)

    @property
    def is_owed(self) -> bool:
        """Whether it was done, and its write is still to leave or to be confirmed."""
        return self.write in _OWED


@dataclass(frozen=True, slots=True)
class StoodIn:
    """How a substitute fared."""

    held: bool  #: False: somebody else has the lease, or the file
    problem: str | None = None  #: why something is left for the daemon


class Substitute(Protocol):
    """Does what is asked for where no daemon runs; `daemon.offline.one_shot` has the real one."""

    def __call__(self, request: str, give_up_at: float) -> StoodIn:
        """Take the lease, do what is asked for, and give it back."""
        ...


def place_order(
    ledger: Ledger,
    order: Order,
    *,
    clock: Clock,
    patience_s: float,
    substitute: Substitute | None = None,
) -> Outcome:
    """Ask, and wait for the answer for a while.

    Args:
        ledger: Where requests are kept.
        order: What is asked for, in the name of the user of this machine.
        clock: Waits, and stamps the request.
        patience_s: How long to wait for a daemon, and for the write that an order leads to.
        substitute: Acts where no daemon holds the lease; None: the request only waits.
    """
    actor = Actor(operator_name(), None, Channel.CLI)
    request = ledger.requests.ask(order.kind, order.arguments, actor=actor, at=clock.now())
    give_up_at = clock.monotonic() + patience_s
    while True:
        outcome = outcome_of(ledger, request, clock.now())
        if not (outcome.is_open or outcome.is_owed):
            return outcome
        is_over = clock.monotonic() >= give_up_at
        if not outcome.is_anybody_there or is_over:  # whoever has the lease may have died
            stood = StoodIn(held=True) if substitute is None else substitute(request, give_up_at)
            if stood.held:
                outcome = outcome_of(ledger, request, clock.now())
                return replace(outcome, problem=stood.problem)
        if is_over:
            return outcome
        clock.sleep(_LOOK_EVERY_S)


def outcome_of(ledger: Ledger, request: str, at: datetime) -> Outcome:
    """What has come of a request so far."""
    found = ledger.requests.get(request)
    state = RequestState.ASKED if found is None else found.state
    said = (found and found.answer) or {}
    there = is_daemon_there(ledger, at)
    return Outcome(request, state, said, there, write=_write(ledger, said))


def is_daemon_there(ledger: Ledger, at: datetime) -> bool:
    """Whether somebody holds the lease."""
    return ledger.leases.holder(at=at) is not None


def operator_name() -> str:
    """The user of this machine, as the journal names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "operator"


def _write(ledger: Ledger, said: Mapping[str, Any]) -> str | None:
    """The state of the assignment that an answer names."""
    lead, decision = said.get("lead"), said.get("decision")
    story = None if lead is None or decision is None else ledger.reading.story(str(lead))
    rows = () if story is None else story.assignments
    return next((str(row["state"]) for row in rows if row["decision_id"] == decision), None)
