"""The summary's own judgement, on a ledger of one record."""

from datetime import UTC, datetime
from typing import Any

import pytest

from daemon.offline.demo.summary import Account, verdict
from daemon.offline.demo.witness import Witness
from models.reports.reconciliation import RecordRow, RollRow

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def entry(what: str, before: Any, after: Any, client: str) -> dict[str, Any]:
    kept = {"sobject": "contacts", "id": "7", "rule": False, "at": NINE.isoformat()}
    return {"what": what, "before": before, "after": after, "client": client, **kept}


def decided(
    decision: str, *, queue: str | None = None, owner: str | None, cause: str = "first_sight"
) -> RollRow:
    return RollRow(
        lead="l1",
        record="7",
        object="hs.contact",
        decision=decision,
        sequence=int(decision[1:]),
        cause=cause,
        method="fallback" if queue else "round_robin",
        rule=None,
        pool=None,
        owner=owner,
        queue=queue,
        state="confirmed",
        expected=None,
        value=None,
        created_at=NINE,
        visible_at=NINE,
        decided_at=NINE,
        written_at=NINE,
    )


@pytest.mark.parametrize(
    ("queue", "overwritten"),
    [
        pytest.param("triage", 0, id="who stands for a queue may lose what the queue was given"),
        pytest.param(None, 1, id="whom a lead was given to may not"),
    ],
)
def test_a_recall_takes_a_lead_from_nobody_but_who_stands_for_a_queue(queue, overwritten):
    journal = [
        entry("created", None, None, "world"),
        entry("owner_changed", None, "mona", "us"),
        entry("owner_changed", "mona", "ada", "us"),
    ]
    witness = Witness(journal, ours=["us"], people=["mona", "ada"], slugs={}, pairs={})
    first = decided("d1", queue=queue, owner=None if queue else "r-mona")
    told = Account(
        (first, decided("d2", queue=None, owner="r-ada")),
        (
            RecordRow("hs", "7", "l1", "d1", "confirmed", None, "mona"),
            RecordRow("hs", "7", "l1", "d2", "confirmed", "mona", "ada"),
        ),
    )

    assert verdict(witness, told).overwritten == overwritten


@pytest.mark.parametrize(
    ("cause", "by", "overwritten"),
    [
        pytest.param("held_elsewhere", "us", 0, id="what we gave follows who has the person"),
        pytest.param("held_elsewhere", "mona", 1, id="what a human took does not"),
        pytest.param("first_sight", "us", 1, id="nor does it without a reason"),
    ],
)
def test_who_has_a_person_may_have_the_other_record_if_we_gave_it(cause, by, overwritten):
    journal = [
        entry("created", None, None, "world"),
        entry("owner_changed", None, "mona", by),
        entry("owner_changed", "mona", "ada", "us"),
    ]
    witness = Witness(journal, ours=["us"], people=["mona", "ada"], slugs={}, pairs={})
    first = RecordRow(
        "hs", "7", "l1", "d1", "confirmed" if by == "us" else "conflict", None, "mona"
    )
    told = Account(
        (decided("d1", owner="r-mona"), decided("d2", owner="r-ada", cause=cause)),
        (first, RecordRow("hs", "7", "l1", "d2", "confirmed", "mona", "ada")),
    )

    assert verdict(witness, told).overwritten == overwritten
