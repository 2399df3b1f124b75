"""One line per event, JSON for machines and colours for people, without personal data.

Events are past-tense names with fields. structlog and the standard library both end in one handler
at the root, so that libraries pass the same redaction as we do. Of libraries, warnings and worse
are kept; what they say at INFO and DEBUG (queries, bodies, headers) is never written.

    log = structlog.get_logger(__name__)
    log.info("lead_routed", lead=lead.id, rule=decision.rule)
"""

import copy
import logging
import sys
from collections.abc import Iterable
from functools import partial
from typing import TextIO

import orjson
import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

from daemon.base.clock import Clock
from daemon.base.redaction import OURS, Redaction, foreign_message, is_ours
from daemon.settings.parts import Log, LogFormat

_OWN_KEYS = ("event", "level", "logger")


def configure_logs(
    log: Log, *, clock: Clock, stream: TextIO, secrets: Iterable[SecretStr] = ()
) -> None:
    """Send every log line of this process through redaction to one stream.

    Args:
        log: Format and level. `auto` means colours on a terminal, JSON elsewhere.
        clock: Stamps the lines.
        stream: Where the lines go; standard error for commands, whose output is their result.
        secrets: Values that must never appear.
    """
    handler = _Handler(stream)
    handler.setFormatter(_formatter(log, clock, stream, Redaction(secrets)))
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for package in OURS:
        logging.getLogger(package).setLevel(log.level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """Loses a line rather than print one that could not be redacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a line was lost, and where it came from; nothing of what it said."""
        try:
            self.stream.write(f'{{"event":"log_line_lost","logger":{record.name!r}}}\n')
        except (OSError, ValueError):
            self.setLevel(logging.CRITICAL + 1)  # the reader went away; nobody is listening


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Replaces what libraries say by what may be kept of it, before anything else sees it."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line."""
        if not is_ours(record.name):
            record = copy.copy(record)
            record.msg, record.args = foreign_message(record), None
        return super().format(record)


def _is_wanted(record: logging.LogRecord) -> bool:
    return is_ours(record.name) or record.levelno >= logging.WARNING


def _formatter(log: Log, clock: Clock, stream: TextIO, redaction: Redaction) -> logging.Formatter:
    people = log.format is LogFormat.CONSOLE or (log.format is LogFormat.AUTO and stream.isatty())
    return _Formatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            _drop_meta,
            partial(_redact, redaction),
            *(_for_people(clock, stream) if people else _for_machines(clock)),
        ],
    )


def _drop_meta(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    record = event.pop("_record")
    event.pop("_from_structlog", None)
    event.pop("stack_info", None)
    event.setdefault("exc_info", record.exc_info)
    # the standard library would print these below the line, whole
    record.exc_info = record.exc_text = record.stack_info = None
    return event


def _redact(redaction: Redaction, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
    error = _exception(event.pop("exc_info", None))
    kept = {key: redaction.text(str(event[key])) for key in _OWN_KEYS if key in event}
    fields = redaction.fields({k: v for k, v in event.items() if k not in _OWN_KEYS})
    if error is not None:
        fields["error"] = redaction.exception(error)
    return {**kept, **fields}


def _exception(exc_info: object) -> BaseException | None:
    if exc_info is True:
        return sys.exception()
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        exc_info = exc_info[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _for_machines(clock: Clock) -> list[Processor]:
    def line(_: WrappedLogger, __: str, event: EventDict) -> str:
        at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return orjson.dumps({"logged_at": at, **event}, default=str).decode()

    return [line]


def _for_people(clock: Clock, stream: TextIO) -> list[Processor]:
    def stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"timestamp": clock.now().strftime("%H:%M:%S"), **event}

    renderer = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        pad_event_to=24,
        exception_formatter=structlog.dev.plain_traceback,
        sort_keys=False,
    )
    return [stamped, renderer]
