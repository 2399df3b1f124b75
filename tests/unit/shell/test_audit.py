"""Exports that can be checked by whoever gets them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.operators.audit import ExportCutShort, Part, Query, View, export_csv, export_jsonl
from models.reports.journal_export import DecisionLine, Export, JournalLine, Population

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUERY = Query(NOW - timedelta(days=1), NOW)
JOURNAL = Query(QUERY.since, QUERY.until, (Part.JOURNAL,))
FORMULA = "=HYPERLINK(0)"


def entry(seq: int, actor: str = "mona") -> JournalLine:
    body = f'{{"n":{seq}}}'.encode()
    digest = hashlib.sha256(body).hexdigest()
    return JournalLine(seq, "decision", NOW, actor, None, "cli", "lead-1", body, digest)


def decision(id_: str) -> DecisionLine:
    return DecisionLine(
        id=id_,
        lead="lead-1",
        route="inbound",
        mode="live",
        cause="first_sight",
        method="round_robin",
        rule=FORMULA,
        pool="us",
        owner="ada",
        queue=None,
        decided_at=NOW,
        sha256="00",
        record=b"{}",
    )


@dataclass
class Period:
    """What a ledger would show of a period."""

    entries: list[JournalLine] = field(default_factory=lambda: [entry(1), entry(2)])
    decisions_made: list[DecisionLine] = field(default_factory=lambda: [decision("d1")])
    holds: int = 2

    def journal_population(self) -> Population:
        seqs = [str(each.seq) for each in self.entries]
        return Population(self.holds, *((seqs[0], seqs[-1]) if seqs else (None, None)))

    def journal(self) -> Iterator[JournalLine]:
        yield from self.entries

    def decisions_population(self) -> Population:
        return Population(1, "d1", "d1")

    def decisions(self) -> Iterator[DecisionLine]:
        yield from self.decisions_made


def as_the_ledger_has_it(export: Export) -> View:
    """Says to the type checker that the ledger's export can be exported."""
    return export


def lines_of(period: Period, query: Query = QUERY) -> list[str]:
    out = io.StringIO()
    export_jsonl(period, query, out, at=NOW)
    return out.getvalue().splitlines(keepends=True)


def test_an_export_begins_with_what_was_asked_and_how_much_there_is():
    header = json.loads(lines_of(Period())[0])["header"]

    assert header["query"] == {
        "since": "2026-03-01T12:00:00Z",
        "until": "2026-03-02T12:00:00Z",
        "parts": ["journal", "decisions"],
    }
    assert header["query_sha256"] == QUERY.sha256
    assert header["holds"]["journal"] == {"count": 2, "first": "1", "last": "2"}


def test_an_export_ends_with_a_receipt_over_every_byte_before_it():
    *before, last = lines_of(Period())

    receipt = json.loads(last)["receipt"]
    assert receipt["sha256"] == hashlib.sha256("".join(before).encode()).hexdigest()
    assert receipt["written"]["decisions"] == {"count": 1, "first": "d1", "last": "d1"}


def test_a_record_goes_out_as_the_text_that_was_hashed():
    line = json.loads(lines_of(Period())[1])["journal"]

    assert hashlib.sha256(line["body"].encode()).hexdigest() == line["sha256"]


def test_an_empty_period_says_so():
    lines = lines_of(Period(entries=[], holds=0), JOURNAL)

    assert len(lines) == 2
    holds = json.loads(lines[0])["header"]["holds"]
    assert holds == {"journal": {"count": 0, "first": None, "last": None}}


def test_an_export_that_lacks_a_line_is_refused():
    with pytest.raises(ExportCutShort, match=r"has 3 rows, .* but 2 came"):
        lines_of(Period(holds=3))


def test_the_same_question_has_the_same_hash_in_every_zone():
    tokyo = timezone(timedelta(hours=9))

    cross_check = Query(QUERY.since.astimezone(tokyo), QUERY.until.astimezone(tokyo))

    assert cross_check.sha256 == QUERY.sha256
    assert JOURNAL.sha256 != QUERY.sha256


def test_a_table_holds_no_formula_and_comes_with_a_receipt():
    out = io.StringIO(newline="")
    query = Query(QUERY.since, QUERY.until, (Part.DECISIONS,))

    receipt = export_csv(Period(), query, out, at=NOW)

    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["rule"] == f"'{FORMULA}"
    assert (row["owner"], row["queue"]) == ("ada", "")
    assert row["decided_at"] == "2026-03-02T12:00:00Z"
    assert receipt.sha256 == hashlib.sha256(out.getvalue().encode()).hexdigest()


def test_a_table_that_lacks_a_row_is_refused():
    with pytest.raises(ExportCutShort):
        export_csv(Period(holds=3), JOURNAL, io.StringIO(), at=NOW)
