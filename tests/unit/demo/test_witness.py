"""What the CRMs' journals say of people who are in one of them or in both."""

from collections.abc import Iterable, Mapping
from typing import Any

from daemon.offline.demo.summary import Account, is_settled
from daemon.offline.demo.witness import Witness
from models.reports.reconciliation import RecordRow

SLUGS = {"005A": "ada", "41A": "ada", "005B": "bob", "41B": "bob"}


def entry(second: int, what: str, id: str, after: Any, client: str = "world") -> dict[str, Any]:
    return {
        "at": f"2026-01-05T09:00:{second:02}+00:00",
        "what": what,
        "sobject": "Lead" if id.startswith("00Q") else "contacts",
        "id": id,
        "before": None,
        "after": after,
        "client": client,
        "rule": False,
    }


def witness(entries: Iterable[Mapping[str, Any]], *, synced: Iterable[tuple[str, str]] = ()):
    pairs = {"synced": list(synced), "unsynced": []}
    return Witness(list(entries), ("us",), list(SLUGS), SLUGS, pairs)


def test_two_records_of_a_pair_are_one_person_in_the_order_of_the_first():
    seen = witness(
        [entry(1, "created", "71", None), entry(2, "created", "00Q1", "q"),
         entry(3, "created", "00Q2", "q", "sync")],
        synced=[("00Q2", "71")],
    )  # fmt: skip

    assert seen.persons() == [("71", "00Q2"), ("00Q1",)]


def test_a_persons_wait_ends_with_the_first_owner_we_write_on_either_record():
    seen = witness(
        [entry(1, "created", "71", None), entry(3, "created", "00Q2", "q", "sync"),
         entry(9, "owner_changed", "71", "41A", "sync"),
         entry(7, "owner_changed", "00Q2", "005A", "us")],
        synced=[("00Q2", "71")],
    )  # fmt: skip

    assert seen.waits_s({"71", "00Q2"}) == [6.0]


def test_a_pair_that_is_with_two_people_is_named():
    seen = witness(
        [entry(1, "created", "71", "41B"), entry(2, "created", "00Q2", "005A")],
        synced=[("00Q2", "71")],
    )

    assert seen.with_two_owners() == ["00Q2 is with ada and 71, the same person, with bob"]


def test_a_pair_of_which_a_queue_holds_one_record_has_one_owner():
    seen = witness(
        [entry(1, "created", "71", "41B"), entry(2, "created", "00Q2", "00Gqueue")],
        synced=[("00Q2", "71")],
    )

    assert seen.with_two_owners() == []


def test_nobody_is_settled_while_a_write_to_one_of_their_records_is_under_way():
    told = Account(records=[RecordRow("hubspot", "71", "l1", "d1", "sent", None, "41A")])

    assert not is_settled([], told)
