"""Output that people and machines can both live with.

JSON goes out one object a line. Tables fit the terminal, or are never cut where there is none.
Text that came from a CRM is made visible first (`daemon.base.safe_text`), and is never markup: a
lead's name cannot colour the terminal, move its cursor, or pass for a column.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, TextIO

from daemon.base.safe_text import csv_safe, visible

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Printer", "as_cell", "csv_safe", "json_line", "visible"]

_WIDE = 4_000  #: columns where nobody looks at a terminal: nothing is wrapped or cut


class Printer:
    """Writes a command's results: JSON lines if the caller asked for them, else for people.

    Args:
        as_json: Whether `--json` was given.
        out: Where results go; standard output where it is left out.
    """

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self.as_json = as_json
        self._out = out
        self._console: Console | None = None

    @property
    def out(self) -> TextIO:
        """Where results go."""
        return self._out or sys.stdout

    def value(self, value: Mapping[str, object]) -> None:
        """One object as one JSON line."""
        self.out.write(json_line(value))

    def say(self, text: str = "") -> None:
        """One line for people; nothing where machines listen.

        On a terminal that is narrower, what follows stands further in than the beginning.
        """
        if not self.as_json:
            for line in self._wrapped(visible(text, at_most=None)):
                self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def heading(self, text: str) -> None:
        """A line that stands out, for people only."""
        if not self.as_json:
            self.console.print(visible(text), markup=False, highlight=False, style="bold")

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
    ) -> None:
        """Rows under columns for people; as JSON, one object a row with the columns as keys."""
        if self.as_json:
            for row in rows:
                self.value(dict(zip(columns, row, strict=True)))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(title=visible(title) or None, title_justify="left", box=None, pad_edge=False)
        for place, column in enumerate(columns):  # the first names the row, to be copied whole
            is_name = place == 0
            table.add_column(Text(column), header_style="bold", overflow="fold", no_wrap=is_name)
        for row in rows:
            table.add_row(*(Text(as_cell(value)) for value in row))
        self.console.print(table)

    def _wrapped(self, text: str) -> list[str]:
        if not self.out.isatty() or len(text) <= self.console.width:
            return [text]
        margin = text[: len(text) - len(text.lstrip())]
        return wrap(
            text.lstrip(),
            self.console.width,
            initial_indent=margin,
            subsequent_indent=f"{margin}    ",
            break_on_hyphens=False,
        )

    @property
    def console(self) -> "Console":
        """Rich's console, made when first needed; for progress and stories."""
        if self._console is None:
            from rich.console import Console

            terminal = self.out.isatty()
            self._console = Console(
                file=self.out,
                emoji=False,
                highlight=False,
                markup=False,
                soft_wrap=not terminal,
                width=None if terminal else _WIDE,
            )
        return self._console


def as_cell(value: object) -> str:
    """A value as it stands in a table."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(as_cell(part) for part in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return visible(str(value))


def json_line(value: Mapping[str, object]) -> str:
    """One object as one line of JSON, keys in the order given."""
    import orjson

    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z).decode() + "\n"
    except TypeError:  # a lone surrogate, which only escapes can say
        import json

        return json.dumps(value, default=_plain, separators=(",", ":")) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
