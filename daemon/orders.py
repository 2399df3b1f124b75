"""An operator's order: asked of the ledger, done by whoever holds the lease, answered.

A command never writes beside the decider. It appends a request, waits a little for the answer, and
says so honestly when none came: the request stays and is done as soon as a daemon runs.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from daemon.clock import Clock
from models.journal import Actor, Channel
from models.ledger import Ledger
from models.requests import RequestState

_LOOK_EVERY_S = 0.1


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

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in (RequestState.ASKED, RequestState.CLAIMED)


def place_order(ledger: Ledger, order: Order, *, clock: Clock, patience_s: float) -> Outcome:
    """Ask, and wait for the answer for a while.

    Args:
        ledger: Where requests are kept.
        order: What is asked for, in the name of the user of this machine.
        clock: Waits, and stamps the request.
        patience_s: How long to wait for a daemon; not at all where none holds the lease.
    """
    actor = Actor(operator_name(), None, Channel.CLI)
    request = ledger.requests.ask(order.kind, order.arguments, actor=actor, at=clock.now())
    give_up_at = clock.monotonic() + patience_s
    while True:
        found = ledger.requests.get(request)
        state = RequestState.ASKED if found is None else found.state
        there = is_daemon_there(ledger, clock.now())
        outcome = Outcome(request, state, (found and found.answer) or {}, there)
        if not outcome.is_open or not there or clock.monotonic() >= give_up_at:
            return outcome
        clock.sleep(_LOOK_EVERY_S)


def is_daemon_there(ledger: Ledger, at: datetime) -> bool:
    """Whether somebody holds the lease, as far as this machine's clock can tell."""
    lease = ledger.leases.current()
    return lease is not None and lease.expires_at > at


def operator_name() -> str:
    """The user of this machine, as the journal names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "operator"
