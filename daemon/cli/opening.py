"""What commands open: the settings, and the ledger that they name."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli.frame import ExitCode, WrongUse

if TYPE_CHECKING:
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order, Outcome
    from daemon.settings import Settings
    from models.ledger import Ledger

#: What a write that is settled means for who asked for it.
_WRITES = {
    "confirmed": (ExitCode.DONE, "It is written."),
    "conflict": (
        ExitCode.FOUND,
        "Somebody changed the owner in the CRM first, so it was not written; theirs stays.",
    ),
    "refused_by_crm": (ExitCode.FOUND, "The CRM refused the rep. `explain` says what followed."),
    "dead": (ExitCode.FOUND, "The CRM refused the record, so it was not written. See `explain`."),
}

_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@contextmanager
def opened_ledger(settings: "Settings") -> Iterator["Ledger"]:
    """The ledger as it is: neither made nor migrated; closed at the end.

    Raises:
        LedgerError: It is missing, older or newer than this code, or cannot be reached.
    """
    from daemon.base.clock import RandomIds, SystemClock
    from models.ledger import open_ledger

    ledger = open_ledger(
        settings.ledger.address().get_secret_value(),
        ids=RandomIds(),
        now=SystemClock().now,
        migrate_schema=False,
    )
    try:
        yield ledger
    finally:
        ledger.close()


def found_lead(ledger: "Ledger", text: str) -> str:
    """The internal id of the one lead that a text names: an id in the CRM or here, or a link.

    Raises:
        WrongUse: There is none, or more than one.
    """
    from daemon.operators.explaining import wanted_id

    found = ledger.reading.find(wanted_id(text))
    if len(found) > 1:
        raise WrongUse(f"{text} is more than one lead: {', '.join(found)}. Name one of them.")
    if not found:
        raise WrongUse(
            f"{text} is not in the ledger. Give the lead's id in the CRM, a link to it, or its id "
            "here; a lead that was never seen has no story."
        )
    return found[0]


def ask_daemon(
    settings_file: Path, order: "Order", *, patience_s: float, writes: bool = False
) -> "Outcome":
    """Place an order in the ledger of these settings, and wait for what comes of it.

    Where no daemon runs, this process takes the lease for a moment and does it itself.

    Args:
        settings_file: The installation's settings.
        order: What is asked for.
        patience_s: How long to wait.
        writes: Whether it may lead to a write into a CRM.
    """
    from daemon.base.clock import SystemClock
    from daemon.main import Parts
    from daemon.offline.one_shot import ForTheDaemon
    from daemon.operators.orders import place_order
    from daemon.settings import load_settings

    settings = load_settings(settings_file, with_secrets=False)
    clock = SystemClock()
    substitute = ForTheDaemon(settings, Parts(clock=clock), writes=writes)
    with opened_ledger(settings) as ledger:
        return place_order(ledger, order, clock=clock, patience_s=patience_s, substitute=substitute)


def told(outcome: "Outcome", printer: "Printer", *, done: str) -> ExitCode:
    """Say what came of an order; the exit code.

    Args:
        outcome: What came of it.
        printer: Where to say it.
        done: The sentence for people if it was done.
    """
    from models.governance.requests import RequestState

    if printer.as_json:
        state = "open" if outcome.is_open else outcome.state.value
        more = {} if outcome.write is None else {"write": outcome.write}
        more |= {} if outcome.problem is None else {"problem": outcome.problem}
        printer.value({"request": outcome.request, "state": state, **outcome.said, **more})
    if outcome.state is RequestState.REFUSED:
        raise WrongUse(str(outcome.said.get("why", "The daemon refused.")))
    if outcome.state is RequestState.DONE:
        printer.say(done)
        return _written(outcome, printer)
    if outcome.problem is not None:
        printer.say(outcome.problem)
    printer.say(f"{_why_open(outcome)} Request {outcome.request} stays and is done then.")
    return ExitCode.UNAVAILABLE


def _why_open(outcome: "Outcome") -> str:
    if outcome.is_anybody_there:
        return "The daemon has not answered yet; it will as soon as it can."
    if outcome.problem is None:
        return "A write of this lead is under way; the daemon must hear of it first."
    return "No daemon runs, and this command could not do it either. Start: signalbox run."


def _written(outcome: "Outcome", printer: "Printer") -> ExitCode:
    """What became of the write that an order led to."""
    code, said = _WRITES.get(outcome.write or "", (ExitCode.DONE, ""))
    if outcome.is_owed:
        code, said = ExitCode.UNAVAILABLE, "It is still to be written."
        if outcome.problem is not None:
            said = f"It is still to be written: {outcome.problem}"
        elif not outcome.is_anybody_there:
            said = "It is still to be written: that is done when the daemon runs."
    if said:
        printer.say(said)
    return code


def read_instant(text: str | None, option: str, *, now: datetime) -> datetime | None:
    """An instant from an option: a time with its zone, a day in UTC, or how long ago (`24h`).

    Raises:
        WrongUse: It is none of these.

    Examples:
        >>> noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
        >>> read_instant("24h", "--since", now=noon).isoformat()
        '2026-01-04T12:00:00+00:00'
    """
    if text is None:
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        advice = "Write 2026-01-05T09:00:00Z, 2026-01-05 or, for how long ago, 24h or 7d."
        raise WrongUse(f'{option} "{text}" is no time. {advice}') from error
    if found.tzinfo is None and len(text) > len("2026-01-05"):
        raise WrongUse(f'{option} "{text}" has no time zone. Write {text}Z for UTC.')
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def counted(n: int, what: str, several: str | None = None) -> str:
    """`1 lead`, `2 leads`."""
    return f"{n:,} {what if n == 1 else several or what + 's'}"


def joined(words: Sequence[str]) -> str:
    """Words for a sentence: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
