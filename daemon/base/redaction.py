"""What may not stand in a log line is taken out, whoever wrote the line.

Our own events carry ids and numbers; a field that names something personal or secret is blanked,
and so is text that looks like a token or an address. Other people's libraries are trusted less:
of their messages only the template and the numbers are kept, and of any exception that is not
ours only its type and where it was raised, because its message may quote a lead.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from pydantic import SecretStr

from connectors.errors import scrubbed

OURS = ("connectors", "daemon", "models", "routing", "training")
BLANK = "[redacted]"

_SHORTEST_SECRET = 6
_DEEPEST = 4
_MOST_PARTS = 50
_MOST_FRAMES = 12
_MOST_CAUSES = 4
#: Keys of fields whose values are personal or secret, without case and punctuation.
_BLANKED = frozenset(
    (
        "accesstoken",
        "address",
        "apikey",
        "assertion",
        "authorization",
        "birthdate",
        "body",
        "clientsecret",
        "company",
        "cookie",
        "cookies",
        "description",
        "email",
        "emailaddress",
        "firstname",
        "fullname",
        "headers",
        "lastname",
        "mail",
        "mobile",
        "mobilephone",
        "name",
        "parameters",
        "params",
        "passphrase",
        "password",
        "payload",
        "phone",
        "privatekey",
        "query",
        "refreshtoken",
        "secret",
        "sessionid",
        "setcookie",
        "soql",
        "street",
        "subject",
        "title",
        "token",
        "username",
        "website",
    )
)
_PUNCTUATION = re.compile(r"[^a-z]")
_MORE_SECRETS = (
    (re.compile(r"-----BEGIN.*?(?:-----END[^-]*-----|$)", re.DOTALL), "[key]"),
    (re.compile(r"\bpat-\w+-[0-9a-f-]{20,}"), "[token]"),
    (re.compile(r"(://)[^/@\s]+@"), r"\1[secret]@"),
)


class Redaction:
    """Takes out what may not be logged.

    Args:
        secrets: Values that must never appear, whatever they stand in.

    Examples:
        >>> Redaction().field("detail", "mail kim@acme.test with Bearer abc")
        'mail [e-mail] with Bearer [token]'
        >>> Redaction().field("Email", "kim")
        '[redacted]'
    """

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        values = {secret.get_secret_value() for secret in secrets}
        self._secrets = sorted((v for v in values if len(v) >= _SHORTEST_SECRET), key=len)[::-1]

    def fields(self, values: Mapping[str, object]) -> dict[str, Any]:
        """All fields of an event as they may be logged."""
        return {self.text(key): self.field(key, value) for key, value in values.items()}

    def field(self, key: str, value: object, *, depth: int = 0) -> Any:
        """A field's value as it may be logged."""
        if _PUNCTUATION.sub("", key.lower()) in _BLANKED and not _is_fencing(key, value):
            return BLANK
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping | Sequence) and not isinstance(value, bytes | bytearray):
            return self._parts(value, depth)
        return self._other(value)

    def text(self, text: str) -> str:
        """A text on one line without tokens, addresses and known secrets."""
        for secret in self._secrets:
            text = text.replace(secret, BLANK)
        for pattern, instead in _MORE_SECRETS:
            text = pattern.sub(instead, text)
        return scrubbed(text)

    def exception(self, error: BaseException) -> list[dict[str, Any]]:
        """An exception and its causes: type, where it was raised, and the message if it is ours."""
        causes: list[dict[str, Any]] = []
        current: BaseException | None = error
        while current is not None and len(causes) < _MOST_CAUSES:
            causes.append(self._cause(current))
            current = current.__cause__ or (
                None if current.__suppress_context__ else current.__context__
            )
        return causes

    def _cause(self, error: BaseException) -> dict[str, Any]:
        kind = type(error)
        cause: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
        if is_ours(kind.__module__):
            cause["message"] = self.text(str(error))
        cause["at"] = _frames(error.__traceback__)
        return cause

    def _parts(self, value: Mapping[Any, Any] | Sequence[Any], depth: int) -> Any:
        if depth >= _DEEPEST:
            return f"<{type(value).__name__}>"
        if isinstance(value, Mapping):
            pairs = list(value.items())[:_MOST_PARTS]
            return {
                self.text(str(key)): self.field(str(key), part, depth=depth + 1)
                for key, part in pairs
            }
        return [self.field("", part, depth=depth + 1) for part in value[:_MOST_PARTS]]

    def _other(self, value: object) -> str:
        if isinstance(value, Enum):
            return self.text(str(value.value))
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal | timedelta | Path):
            return self.text(str(value))
        if isinstance(value, BaseException):
            ours = is_ours(type(value).__module__)
            return self.text(str(value)) if ours else type(value).__name__
        return BLANK if isinstance(value, SecretStr) else f"<{type(value).__name__}>"


def is_ours(module: str) -> bool:
    """Whether a module or a logger's name is Signalbox's own."""
    return module.partition(".")[0] in OURS


def foreign_message(record: logging.LogRecord) -> str:
    """A library's message: its template, its numbers, and the types of everything else.

    A message without arguments may have been put together before it was logged, so that nobody
    can tell template from lead; only where it came from is kept.
    """
    where = f"{record.module}.{record.funcName}:{record.lineno}"
    if not record.args or not isinstance(record.msg, str):
        return where
    return f"{_filled(record.msg, record.args)} ({where})"


def _filled(template: str, arguments: Mapping[str, object] | tuple[object, ...]) -> str:
    try:
        if isinstance(arguments, Mapping):
            if "%(" not in template:
                return template % "…"
            return template % {key: _harmless(part) for key, part in arguments.items()}
        return template % tuple(_harmless(part) for part in arguments)
    except (TypeError, ValueError, KeyError):
        return template


def _is_fencing(key: str, value: object) -> bool:
    """A lease's token is a count, and worth reading; a CRM's is text."""
    return key == "token" and isinstance(value, int)


def _harmless(argument: object) -> object:
    if isinstance(argument, int | float):
        return argument
    return type(argument).__name__ if isinstance(argument, BaseException) else "…"


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = extract_tb(traceback)[-_MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    parts = Path(filename).parts
    starts = [n for n, part in enumerate(parts) if part == "site-packages"]
    if starts:
        return "/".join(parts[starts[-1] + 1 :])
    ours = [n for n, part in enumerate(parts[:-1]) if part in OURS]
    return "/".join(parts[ours[-1] :] if ours else parts[-2:])
