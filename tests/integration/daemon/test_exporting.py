"""An export of what really happened: its bytes, its cells, and its own entry in the journal."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.operators.audit import Part, Query, act_of, export_csv, export_jsonl
from daemon.operators.orders import Order, Outcome, place_order
from models.journal.entries import Actor, Channel
from models.reports.journal_export import export
from tests.fakes.office import Office

HOSTILE = ("=HYPERLINK(0)", "+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1", "\r=1+1")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture
def office(tmp_path: Path, ledger_url: str) -> Iterator[Office]:
    """Leads whose every text is a formula were routed, and an operator with such a name paused."""
    made = Office(tmp_path, ledger_url)
    made.round()
    for text in HOSTILE:
        made.crm.add_lead(stage="new", Country="US", Note=text, company=text)
        made.crm.add_lead(stage="new", Country=text, Note=text, company=text)
        actor = Actor(text, text, Channel.CLI)
        made.app.ledger.requests.ask("pause", {}, actor=actor, at=made.clock.now())
        made.app.ledger.requests.ask("resume", {}, actor=actor, at=made.clock.now())
    made.round(3)
    yield made
    made.app.close()


def all_of(office: Office, *parts: Part) -> Query:
    now = office.clock.now()
    return Query(now.replace(year=now.year - 1), now.replace(year=now.year + 1), parts)


def test_every_line_hashes_to_what_the_ledger_says(office):
    out, query = io.StringIO(), all_of(office, Part.JOURNAL, Part.DECISIONS)
    with export(office.app.ledger.store, query.since, query.until) as view:
        receipt = export_jsonl(view, query, out, at=office.clock.now())

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    rows = [(row.get("journal"), row.get("decisions")) for row in lines[1:-1]]
    bodies = [(e["body"], e["sha256"]) for e, _ in rows if e]
    bodies += [(d["record"], d["sha256"]) for _, d in rows if d]
    assert len(bodies) == sum(each.count for each in receipt.populations.values()) > 20
    assert all(hashlib.sha256(b.encode()).hexdigest() == sha256 for b, sha256 in bodies)


@pytest.mark.parametrize("part", list(Part))
def test_no_cell_of_a_table_is_a_formula(office, part):
    out, query = io.StringIO(newline=""), all_of(office, part)
    with export(office.app.ledger.store, query.since, query.until) as view:
        export_csv(view, query, out, at=office.clock.now())

    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert len(rows) > 10
    assert [cell for row in rows for cell in row if cell.lstrip(" ").startswith(FORMULA)] == []


def told_of(office: Office) -> Outcome:
    """Make an export and ask for its entry, as the command does."""
    query = all_of(office, Part.JOURNAL)
    with export(office.app.ledger.store, query.since, query.until) as view:
        receipt = export_jsonl(view, query, io.StringIO(), at=office.clock.now())
    order = Order("export", act_of(receipt, format_="jsonl"))
    return place_order(office.app.ledger, order, clock=office.clock, patience_s=0)


def test_an_export_is_an_entry_with_its_period_count_and_hash(office):
    outcome = told_of(office)
    office.round()

    done = office.app.ledger.requests.get(outcome.request)
    with office.app.ledger.store.read() as database:
        rows = database.exec_driver_sql("SELECT actor, channel, body FROM journal ORDER BY seq")
        actor, channel, body = list(rows)[-1]
    entry = json.loads(bytes(body))
    assert done is not None
    assert (entry["kind"], entry["actor"], entry["channel"]) == ("export", actor, channel)
    assert entry["export_sha256"] == done.answer["export_sha256"]
    assert entry["written"][0][0] == "journal"
    assert entry["written"][0][1] > 20
    assert entry["since"] < entry["until"]
