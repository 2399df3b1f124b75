"""A roster as CSV, turned into the nodes that a roster in YAML has, so that both are read alike.

One person a row, a header row first. Lists are separated by `;`; what YAML nests has a column for
each part: `cap_hour`, `hours_mon-fri`, `crm_salesforce`, `attribute_market`. An empty cell is left
out. The column of a mistake is the number of the cell.
"""

import csv
from collections.abc import Iterable, Mapping
from types import MappingProxyType

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

_LISTS = ("teams", "skills")
_NESTED: Mapping[str, str] = MappingProxyType(
    {"cap_": "caps", "hours_": "hours", "crm_": "crm", "attribute_": "attributes"}
)
_TYPED = ("weight", "capacity", "open_leads", "active", "paused")
_TEXTS = ("id", "name", "email", "timezone", "holidays", "manager", "backup")
_BYTE_ORDER_MARK = "\ufeff"


def read_table(text: str, *, file: str, mistakes: Mistakes) -> tuple[Node, ...] | None:
    """The rows as nodes of people; None, with mistakes, where the table is broken."""
    rows = _rows(text, file=file, mistakes=mistakes)
    if rows is None:
        return None
    if not rows:
        place = Place(file, 1, 1)
        mistakes.add(place, "The roster is empty. Begin with a header row: id,name,email,teams")
        return None
    (header_place, header), *people = rows
    columns = _columns(header, header_place, mistakes)
    if columns is None:
        return None
    nodes = (_person(cells, place, columns, mistakes) for place, cells in people)
    return tuple(node for node in nodes if node is not None)


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


def _columns(header: list[str], place: Place, mistakes: Mistakes) -> list[str] | None:
    before = len(mistakes)
    known = [*_TEXTS, *_LISTS, *_TYPED, *(f"{prefix}..." for prefix in _NESTED)]
    seen: set[str] = set()
    for number, column in enumerate(header, start=1):
        cell = place._replace(column=number)
        if column in seen:
            mistakes.add(cell, f"Column {shown(column)} appears twice. Keep one of them.")
        elif column not in known and not _is_nested(column):
            mistakes.add(
                cell, f"{shown(column)} is not a column of a roster.{_advice(column, known)}"
            )
        seen.add(column)
    if "id" not in seen and len(mistakes) == before:
        mistakes.add(place, 'The roster has no column "id", which is required. Add it.')
    return header if len(mistakes) == before else None


def _advice(column: str, known: list[str]) -> str:
    if ";" in column or "\t" in column:
        return " Separate columns by commas; `;` separates the parts of a list."
    return did_you_mean(column, known) or f" Its columns are: {', '.join(known)}."


def _is_nested(column: str) -> bool:
    return any(column.startswith(prefix) and column != prefix for prefix in _NESTED)


def _person(
    cells: list[str], place: Place, columns: list[str], mistakes: Mistakes
) -> MapNode | None:
    while len(cells) > len(columns) and not cells[-1]:
        cells = cells[:-1]
    if len(cells) != len(columns):
        said = f"This row has {len(cells)} cells, and the header has {len(columns)}."
        mistakes.add(place, f"{said} Put quotes around a cell that holds a comma.")
        return None
    entries: dict[str, Node] = {}
    nested: dict[str, list[tuple[ScalarNode, Node]]] = {}
    for number, (column, cell) in enumerate(zip(columns, cells, strict=True), start=1):
        if not cell:
            continue
        at = place._replace(column=number)
        prefix = next((each for each in _NESTED if column.startswith(each)), None)
        if prefix is None:
            entries[column] = _node(column, cell, at)
        else:
            key = _text(column.removeprefix(prefix), at)
            value = ScalarNode(at, cell, plain=prefix == "cap_")
            nested.setdefault(_NESTED[prefix], []).append((key, value))
    for key_text, parts in nested.items():
        entries[key_text] = MapNode(parts[0][0].place, tuple(parts))
    return MapNode(place, _entries(entries.items()))


def _entries(found: Iterable[tuple[str, Node]]) -> tuple[tuple[ScalarNode, Node], ...]:
    return tuple((_text(key, node.place), node) for key, node in found)


def _node(column: str, cell: str, place: Place) -> Node:
    if column in _LISTS:
        parts = (part.strip() for part in cell.split(";"))
        return ListNode(place, tuple(_text(part, place) for part in parts if part))
    return ScalarNode(place, cell, plain=column in _TYPED)


def _text(text: str, place: Place) -> ScalarNode:
    return ScalarNode(place, text, plain=False)
