"""SOQL text cut into tokens, each with its place, so that errors can point at it."""

import re
from dataclasses import dataclass
from typing import Final

from connectors.simulator.salesforce.refusals import Refused

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
    | (?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)
    | (?P<op><>|!=|<=|>=|=|<|>|\(|\)|,|:)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "N": "\n", "r": "\r", "R": "\r", "t": "\t", "T": "\t"}
_ESCAPED_MORE: Final = {"b": "\b", "B": "\b", "f": "\f", "F": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query: its kind, its text and where it starts."""

    kind: str  #: string, datetime, date, number, name, op or end
    text: str
    at: int

    @property
    def word(self) -> str:
        """The text in upper case, as keywords are compared."""
        return self.text.upper()


def tokens(text: str) -> list[Token]:
    """Cut a query into tokens; the last one is of kind `end`.

    Raises:
        Refused: MALFORMED_QUERY, a string is not closed or a character means nothing.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            piece = match.group()
            found.append(Token(kind, re.sub(r"\s", "", piece) if kind == "name" else piece, at))
        at = match.end()
    found.append(Token("end", "<EOF>", len(text)))
    return found


def unquoted(literal: str) -> str:
    r"""The value of a string literal.

    Examples:
        >>> unquoted(r"'O\'Neill'")
        "O'Neill"
    """

    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        return _ESCAPED.get(code) or _ESCAPED_MORE.get(code) or code

    return _ESCAPE.sub(replace, literal[1:-1])


def pointed(text: str, at: int, message: str) -> str:
    """A message with the service's picture of the place: the line, a caret, row and column."""
    row = text.count("\n", 0, at) + 1
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end]
    column = at - start
    window = max(0, column - 30)
    shown = line[window : column + 30]
    caret = " " * (column - window) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n{message}"


def malformed(text: str, token: Token) -> Refused:
    """400: the query has something where it may not stand."""
    return Refused("MALFORMED_QUERY", pointed(text, token.at, f"unexpected token: '{token.text}'"))


def _unreadable(text: str, at: int) -> Refused:
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1)
    if text[at] == "'":
        message = f"line {row}:{len(text)} mismatched character '<EOF>' expecting '''"
    else:
        message = f"line {row}:{column} no viable alternative at character '{text[at]}'"
    return Refused("MALFORMED_QUERY", message)
