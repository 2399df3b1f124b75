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
    from daemon.orders import Order, Outcome
    from daemon.settings import Settings
    from models.ledger import Ledger

_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@contextmanager
def opened_ledger(settings: "Settings") -> Iterator["Ledger"]:
    """The ledger as it is: neither made nor migrated; closed at the end.

    Raises:
        LedgerError: It is missing, older or newer than this code, or cannot be reached.
    """
    from daemon.clock import RandomIds, SystemClock
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


def ask_daemon(settings_file: Path, order: "Order", *, patience_s: float) -> "Outcome":
    """Place an order in the ledger of these settings, and wait for what comes of it."""
    from daemon.clock import SystemClock
    from daemon.orders import place_order
    from daemon.settings import load_settings

    settings = load_settings(settings_file, with_secrets=False)
    with opened_ledger(settings) as ledger:
        return place_order(ledger, order, clock=SystemClock(), patience_s=patience_s)


def told(outcome: "Outcome", printer: "Printer", *, done: str) -> ExitCode:
    """Say what came of an order; the exit code.

    Args:
        outcome: What came of it.
        printer: Where to say it.
        done: The sentence for people if it was done.
    """
    from models.requests import RequestState

    if printer.as_json:
        state = "open" if outcome.is_open else outcome.state.value
        printer.value({"request": outcome.request, "state": state, **outcome.said})
    if outcome.state is RequestState.DONE:
        printer.say(done)
        return ExitCode.DONE
    if outcome.state is RequestState.REFUSED:
        raise WrongUse(str(outcome.said.get("why", "The daemon refused.")))
    why = "has not answered yet" if outcome.is_anybody_there else "is not running"
    printer.say(f"The daemon {why}. Request {outcome.request} stays and is done as soon as it can.")
    return ExitCode.UNAVAILABLE


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
