"""The three ways in which a CRM can fail us, because the daemon has three answers.

`TryLater`: wait, nothing is lost. `NeedsOperator`: a person must grant, renew or fix something;
the connection stops, its bookmarks stay where they are. `BadRecord`: one record is at fault, the
others go on. The port promises these and nothing else; any other exception is our own mistake.

Messages go to logs and to the console: they are cut to one line and a bounded length, and what
looks like a token, an e-mail address or a query is taken out. Codes and ids stay.
"""

import re
from typing import Final

_LONGEST: Final = 600
_SECRETS: Final = (
    (re.compile(r"00D\w{12,15}![\w.]+"), "[token]"),
    (re.compile(r"(?i)bearer\s+[\w.!~+/=-]+"), "Bearer [token]"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"\bpat-[\w-]{8,}"), "[token]"),
    (
        re.compile(r"(?i)\b(client_secret|assertion|password|access_token|refresh_token)=[^&\s]+"),
        r"\1=[secret]",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?is)\bselect\s.+?\sfrom\s.*"), "[query]"),
)


def scrubbed(text: str) -> str:
    r"""The text on one line, without tokens, addresses and queries, cut to a bounded length.

    Examples:
        >>> scrubbed("Bearer 00D5g00000abcde!AQ0.x_y refused\nfor kim@acme.com")
        'Bearer [token] refused for [e-mail]'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST]).split())
    for pattern, instead in _SECRETS:
        line = pattern.sub(instead, line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


class ConnectorError(Exception):
    """What the port promises to raise, if it raises; see the three families."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(scrubbed(message))
        self.code = code  #: the CRM's own error code, where it gave one


class TryLater(ConnectorError):
    """The CRM is busy or away; the same request may succeed after `after_s` seconds."""

    def __init__(self, crm: str, cause: str, after_s: float, *, code: str | None = None) -> None:
        super().__init__(f"{crm} asks to wait {after_s:.0f} s: {cause}", code=code)
        self.after_s = after_s


class NeedsOperator(ConnectorError):
    """A person must act before this connection can go on: the message says what to do."""

    def __init__(self, crm: str, problem: str, advice: str, *, code: str | None = None) -> None:
        super().__init__(f"{crm}: {problem} {advice}", code=code)
        self.crm = crm
        self.problem = problem
        self.advice = scrubbed(advice)

    def again(self) -> "NeedsOperator":
        """The same, to be raised once more for another caller."""
        return NeedsOperator(self.crm, self.problem, self.advice, code=self.code)


class BadRecord(ConnectorError):
    """One record cannot be read or written as it is; the others are not affected."""

    def __init__(self, crm: str, record: str, problem: str, *, code: str | None = None) -> None:
        super().__init__(f"{crm}, record {record}: {problem}", code=code)
        self.record = record
