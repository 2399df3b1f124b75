"""What reaches the log, and what never does."""

import io
import json
import logging

import pytest
import structlog
from pydantic import SecretStr

from connectors.errors import TryLater
from daemon.base.logs import configure_logs
from daemon.settings import Log, LogFormat, LogLevel
from tests.fakes.clock import SettableClock

#: What a lead, a token and a header look like; none of it may appear in any line.
CANARIES = (
    "kim.novak@acme.test",
    "Novak",
    "hunter2hunter2",
    "00D000000000001!AQ0.secret",
    "eyJhbGciOi.eyJzdWIi.c2ln",
)
MAIL, NAME, SECRET, SESSION, JWT = CANARIES
LIBRARIES = ("simple_salesforce.api", "urllib3.connectionpool", "requests", "sqlalchemy.engine")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written_by(act, *, log: Log | None = None, stream: io.StringIO | None = None) -> str:
    logging.getLogger().handlers[:] = []  # pytest's own print what they are given, whole
    stream = stream or io.StringIO()
    log = log or Log(format=LogFormat.JSON)
    configure_logs(log, clock=SettableClock(), stream=stream, secrets=[SecretStr(SECRET)])
    act()
    return stream.getvalue()


def ours(**fields):
    return lambda: structlog.get_logger("daemon.loops.decide").info("lead_routed", **fields)


def throw(error: Exception) -> None:
    raise error


def raised(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        throw(error)
    return caught.value


def test_an_event_is_one_json_line_with_its_fields():
    line = written_by(ours(lead="lead-1", waited_s=1.5, pool=None))

    assert line.count("\n") == 1
    assert json.loads(line) == {
        "logged_at": "2026-03-02T12:00:00.000Z",
        "event": "lead_routed",
        "level": "info",
        "logger": "daemon.loops.decide",
        "lead": "lead-1",
        "waited_s": 1.5,
        "pool": None,
    }


def test_the_standard_librarys_extra_fields_are_kept():
    act = lambda: logging.getLogger("models.ledger").info("rows_kept", extra={"rows": 3})  # noqa: E731

    assert json.loads(written_by(act))["rows"] == 3


def test_a_terminal_gets_a_line_for_people():
    line = written_by(ours(lead="lead-1"), log=Log(), stream=Terminal())

    assert "lead_routed" in line
    assert not line.startswith("{")


def test_the_level_of_our_own_events_is_the_settings():
    quiet = Log(format=LogFormat.JSON, level=LogLevel.WARNING)

    assert written_by(ours(lead="lead-1"), log=quiet) == ""


def test_personal_fields_are_blanked_whatever_their_spelling():
    line = written_by(ours(FirstName=NAME, e_mail=MAIL, nested=[{"Access-Token": SESSION}]))

    assert line.count("[redacted]") == 3


def test_a_fencing_token_is_a_number_and_stays():
    line = json.loads(written_by(ours(token=7, access_token=7)))

    assert (line["token"], line["access_token"]) == (7, "[redacted]")


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_what_libraries_say_in_passing_is_never_written(library: str, level: int):
    def act() -> None:
        logger = logging.getLogger(library)
        logger.setLevel(logging.DEBUG)
        logger.log(level, "SELECT Id FROM Lead WHERE LastName = %s", NAME)

    assert written_by(act) == ""


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_librarys_warning_keeps_its_template_and_numbers_only(library: str):
    def act() -> None:
        logging.getLogger(library).warning("retry %d of %s for %r", 2, MAIL, NAME)

    event = json.loads(written_by(act))["event"]

    assert event.startswith("retry 2 of … for '…' (test_logs.act:")


def test_a_librarys_ready_made_text_is_reduced_to_where_it_came_from():
    def act() -> None:
        logging.getLogger("urllib3").error("lost " + NAME)  # noqa: G003

    assert json.loads(written_by(act))["event"].startswith("test_logs.")


def test_an_exception_that_is_not_ours_keeps_its_type_and_place_only():
    error = raised(KeyError(NAME))
    act = lambda: structlog.get_logger("daemon.x").error("lead_failed", exc_info=error)  # noqa: E731

    first = json.loads(written_by(act))["error"][0]

    assert first["type"] == "builtins.KeyError"
    assert "message" not in first
    assert first["at"][-1].endswith("in throw")


def test_an_exception_of_ours_keeps_its_message():
    error = raised(TryLater("Salesforce", "busy", 5.0))
    act = lambda: structlog.get_logger("daemon.x").error("poll_failed", exc_info=error)  # noqa: E731

    assert json.loads(written_by(act))["error"][0]["message"].startswith("Salesforce asks to wait")


def test_the_exception_being_handled_is_found():
    def act() -> None:
        try:
            throw(KeyError(NAME))
        except KeyError:
            structlog.get_logger("daemon.x").exception("lead_failed")

    assert json.loads(written_by(act))["error"][0]["type"] == "builtins.KeyError"


def every_way_to_leak() -> None:
    log = structlog.get_logger("daemon.x")
    chained = raised(ValueError(f"{NAME} {MAIL} {SESSION}"))
    log.info("lead_routed", detail=f"{MAIL} {SESSION} {JWT} {SECRET}", url=f"https://u:{SECRET}@h/")
    log.info("lead_routed", cause=chained, key=SecretStr(SECRET), raw=MAIL.encode(), parts={MAIL})
    log.error("lead_failed", exc_info=chained, headers={"Authorization": f"Bearer {JWT}"})
    log.info(MAIL, **{MAIL: 1, "name": NAME, "company": NAME})
    for library in LIBRARIES:
        logger = logging.getLogger(library)
        logger.warning("headers %s", {"Authorization": f"Bearer {SESSION}"})
        logger.warning("by address %s", {MAIL: 1})
        logger.warning("%(email)s %(n)d", {"email": MAIL, "n": 1})
        logger.error("".join(CANARIES), exc_info=chained, stack_info=True)
        logger.error("wrong %d", NAME)


@pytest.mark.parametrize("format_", [LogFormat.JSON, LogFormat.CONSOLE])
@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_is_ever_written(format_: LogFormat, canary: str, capfd):
    log = Log(format=format_, level=LogLevel.DEBUG)

    written = written_by(every_way_to_leak, log=log)

    assert len(written.splitlines()) == 4 + 5 * len(LIBRARIES)
    assert canary not in written
    assert canary not in "".join(capfd.readouterr())


def test_hostile_text_cannot_forge_a_line_or_drive_the_terminal():
    hostile = 'x\n{"event":"lead_routed"}\x1b[2J\u202e'

    line = written_by(ours(reason=hostile), log=Log(format=LogFormat.CONSOLE))

    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "\u202e" not in line
