"""Files as CSV, turned into the nodes that they have in YAML, so that both are read alike.

One entry a row, a header row first. Lists are separated by `;`; what YAML nests has a column for
each part: `cap_hour`, `hours_mon-fri`, `crm_salesforce`, `attribute_market`. An empty cell is left
out. The column of a mistake is the number of the cell.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Place,
    ScalarNode,
    did_you_mean,
    shown,
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table may have; `id` is always one."""

    what: str  #: what the table is, as messages call it
    texts: tuple[str, ...]
    lists: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()  #: numbers and booleans
    nested: Mapping[str, str] = field(default_factory=dict)  #: prefix -> key that it stands for

    def prefix_of(self, column: str) -> str | None:
        """The prefix of a column that is a part of something nested."""
        return next((each for each in self.nested if column.startswith(each)), None)


PEOPLE = Columns(
    "the roster",
    texts=("id", "name", "email", "timezone", "holidays", "manager", "backup"),
    lists=("teams", "skills"),
    typed=("weight", "capacity", "open_leads", "active", "paused"),
    nested={"cap_": "caps", "hours_": "hours", "crm_": "crm", "attribute_": "attributes"},
)
_NUMBERS = "cap_"  #: the nested columns that hold numbers
_BYTE_ORDER_MARK = "\ufeff"


def read_table(
    text: str, *, file: str, columns: Columns, mistakes: Mistakes
) -> tuple[Node, ...] | None:
    """The rows as nodes; None, with mistakes, where the table is broken."""
    rows = _rows(text, file=file, mistakes=mistakes)
    if rows is None:
        return None
    if not rows:
        place = Place(file, 1, 1)
        mistakes.add(place, f"{columns.what} is empty. Begin with a header row: id,name")
        return None
    (header_place, header), *entries = rows
    if not _is_good_header(header, header_place, columns, mistakes):
        return None
    nodes = (
        _entry(_Cells(place, header, cells), columns)
        for place, cells in entries
        if _fits(cells, header, place, mistakes)
    )
    return tuple(nodes)


_Row = tuple[Place, list[str]]


def _rows(text: str, *, file: str, mistakes: Mistakes) -> list[_Row] | None:
    lines = text.removeprefix(_BYTE_ORDER_MARK).splitlines(keepends=True)
    reader = csv.reader(lines, strict=True)
    rows: list[_Row] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((Place(file, line, 1), [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        place = Place(file, max(reader.line_num, 1), 1)
        mistakes.add(place, f"This row is no CSV: {error}. Check its quotes.")
        return None
    return rows


def _is_good_header(header: list[str], place: Place, columns: Columns, mistakes: Mistakes) -> bool:
    before = len(mistakes)
    plain = (*columns.texts, *columns.lists, *columns.typed)
    known = (*plain, *(f"{prefix}..." for prefix in columns.nested))
    for number, column in enumerate(header, start=1):
        cell = place._replace(column=number)
        if column in header[: number - 1]:
            mistakes.add(cell, f"Column {shown(column)} appears twice. Keep one of them.")
        elif column not in plain and columns.prefix_of(column) in (None, column):
            hint = _advice(column, known)
            mistakes.add(cell, f"{shown(column)} is not a column of {columns.what}.{hint}")
    if "id" not in header and len(mistakes) == before:
        mistakes.add(place, f'{columns.what} has no column "id", which is required. Add it.')
    return len(mistakes) == before


def _advice(column: str, known: tuple[str, ...]) -> str:
    if ";" in column or "\t" in column:
        return " Separate columns by commas; `;` separates the parts of a list."
    return did_you_mean(column, known) or f" Its columns are: {', '.join(known)}."


def _fits(cells: list[str], header: list[str], place: Place, mistakes: Mistakes) -> bool:
    while len(cells) > len(header) and not cells[-1]:
        cells.pop()
    if len(cells) == len(header):
        return True
    said = f"This row has {len(cells)} cells, and the header has {len(header)}."
    mistakes.add(place, f"{said} Put quotes around a cell that holds a comma.")
    return False


class _Cells(NamedTuple):
    place: Place
    header: list[str]
    cells: list[str]


def _entry(row: _Cells, columns: Columns) -> MapNode:
    entries: dict[str, Node] = {}
    nested: dict[str, list[tuple[ScalarNode, Node]]] = {}
    for number, (column, cell) in enumerate(zip(row.header, row.cells, strict=True), start=1):
        if not cell:
            continue
        place = row.place._replace(column=number)
        prefix = columns.prefix_of(column)
        if prefix is None:
            entries[column] = _node(column, cell, place, columns)
        else:
            key = _text(column.removeprefix(prefix), place)
            value = ScalarNode(place, cell, plain=prefix == _NUMBERS)
            nested.setdefault(columns.nested[prefix], []).append((key, value))
    for key_text, parts in nested.items():
        entries[key_text] = MapNode(parts[0][0].place, tuple(parts))
    return MapNode(row.place, _entries(entries.items()))


def _entries(found: Iterable[tuple[str, Node]]) -> tuple[tuple[ScalarNode, Node], ...]:
    return tuple((_text(key, node.place), node) for key, node in found)


def _node(column: str, cell: str, place: Place, columns: Columns) -> Node:
    if column in columns.lists:
        parts = (part.strip() for part in cell.split(";"))
        return ListNode(place, tuple(_text(part, place) for part in parts if part))
    return ScalarNode(place, cell, plain=column in columns.typed)


def _text(text: str, place: Place) -> ScalarNode:
    return ScalarNode(place, text, plain=False)
