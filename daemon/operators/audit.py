"""An export of the journal and the decisions that says itself whether anything is missing.

JSON lines begin with what was asked and how much there is, and end with what was written; in a CSV,
which has no room for that, the same receipt stands beside it. Records go out as the exact text that
was stored and hashed, so that anybody can hash it again. Cells of a CSV are never formulas.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TextIO

import orjson

from daemon.base.safe_text import csv_safe
from models.reports.journal_export import DecisionLine, JournalLine, Population
from routing.canonical import stamp

FORMAT = 1


class Part(StrEnum):
    """What can be exported."""

    JOURNAL = "journal"
    DECISIONS = "decisions"


class View(Protocol):
    """One consistent view of a period; `models.reports.journal_export.Export` is one."""

    def journal_population(self) -> Population:
        """How many entries there are, the first and the last."""
        ...

    def journal(self) -> Iterator[JournalLine]:
        """The entries in order."""
        ...

    def decisions_population(self) -> Population:
        """How many decisions there are, the first and the last."""
        ...

    def decisions(self) -> Iterator[DecisionLine]:
        """The decisions in order."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """What is exported: parts of [since, until)."""

    since: datetime
    until: datetime
    parts: tuple[Part, ...] = (Part.JOURNAL, Part.DECISIONS)

    def as_object(self) -> dict[str, object]:
        """The query as it stands in the export."""
        return {
            "since": stamp(self.since),
            "until": stamp(self.until),
            "parts": [str(part) for part in self.parts],
        }

    @property
    def sha256(self) -> str:
        """Hash of the query: two exports of the same thing carry the same one."""
        text = orjson.dumps(self.as_object(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written: enough to tell that it is all, and that it is unchanged."""

    query: Query
    populations: Mapping[Part, Population]
    exported_at: datetime
    sha256: str  #: of every byte before the receipt

    def as_object(self) -> dict[str, object]:
        """The receipt as JSON says it."""
        return {
            "signalbox_export": FORMAT,
            "query": self.query.as_object(),
            "query_sha256": self.query.sha256,
            "exported_at": stamp(self.exported_at),
            "written": {str(part): asdict(p) for part, p in self.populations.items()},
            "sha256": self.sha256,
        }


def act_of(receipt: Receipt, *, format_: str) -> dict[str, object]:
    """An export as the journal keeps it: of what, how much, and the hash of what went out."""
    counted = [[str(part), found.count] for part, found in receipt.populations.items()]
    return {
        "since": stamp(receipt.query.since),
        "until": stamp(receipt.query.until),
        "format": format_,
        "written": sorted(counted),
        "query_sha256": receipt.query.sha256,
        "export_sha256": receipt.sha256,
    }


class ExportCutShort(Exception):
    """Fewer or other lines came than the period holds; the export must not be used."""


def export_jsonl(view: View, query: Query, out: TextIO, *, at: datetime) -> Receipt:
    """Write a header, a line per row, and the receipt as the last line.

    Raises:
        ExportCutShort: What was written is not what the period holds.
    """
    writer = _Hashing(out)
    populations = {part: _population(view, part) for part in query.parts}
    writer.write(_json({"header": _header(query, populations, at)}))
    for part in query.parts:
        counted = _Counted(part)
        for line in counted.through(_lines(view, part)):
            writer.write(_json({str(part): _as_object(line)}))
        counted.check(populations[part])
    receipt = Receipt(query, populations, at, writer.sha256)
    out.write(_json({"receipt": receipt.as_object()}))
    return receipt


def export_csv(view: View, query: Query, out: TextIO, *, at: datetime) -> Receipt:
    """Write one part as a table; the receipt is the caller's to keep beside it.

    Args:
        view: The period.
        query: With exactly one part: a table has one kind of row.
        out: Where the table goes; open it with `newline=""`.
        at: Now.

    Raises:
        ExportCutShort: What was written is not what the period holds.
    """
    (part,) = query.parts
    writer = _Hashing(out)
    table = csv.writer(writer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    kind = JournalLine if part is Part.JOURNAL else DecisionLine
    table.writerow([field.name for field in fields(kind)])
    population = _population(view, part)
    counted = _Counted(part)
    for line in counted.through(_lines(view, part)):
        table.writerow([csv_safe(value) for value in _as_object(line).values()])
    counted.check(population)
    return Receipt(query, {part: population}, at, writer.sha256)


class _Hashing:
    """Writes text and hashes it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, text: str) -> int:
        self._hash.update(text.encode("utf-8"))
        return self._out.write(text)


class _Counted:
    """Counts lines as they pass, and compares them with what there should be."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._count = 0
        self._first: str | None = None
        self._last: str | None = None

    def through(
        self, lines: Iterable[JournalLine | DecisionLine]
    ) -> Iterator[JournalLine | DecisionLine]:
        for line in lines:
            self._count += 1
            self._last = str(line.seq) if isinstance(line, JournalLine) else line.id
            self._first = self._first or self._last
            yield line

    def check(self, population: Population) -> None:
        found = Population(self._count, self._first, self._last)
        if found != population:
            raise ExportCutShort(
                f"The {self._part} of the period has {population.count} rows, from "
                f"{population.first} to {population.last}, but {found.count} came, from "
                f"{found.first} to {found.last}. Do not use this export; make it again."
            )


def _population(view: View, part: Part) -> Population:
    if part is Part.JOURNAL:
        return view.journal_population()
    return view.decisions_population()


def _lines(view: View, part: Part) -> Iterator[JournalLine | DecisionLine]:
    return view.journal() if part is Part.JOURNAL else view.decisions()


def _header(
    query: Query, populations: Mapping[Part, Population], at: datetime
) -> dict[str, object]:
    return {
        "signalbox_export": FORMAT,
        "query": query.as_object(),
        "query_sha256": query.sha256,
        "exported_at": stamp(at),
        "holds": {str(part): asdict(population) for part, population in populations.items()},
    }


def _as_object(line: JournalLine | DecisionLine) -> dict[str, object]:
    return {key: _plain(value) for key, value in asdict(line).items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _json(value: Mapping[str, object]) -> str:
    return orjson.dumps(value).decode() + "\n"
