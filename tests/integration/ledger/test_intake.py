"""Transaction 1: what a CRM reported, and where to read on, in one piece."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.journal.entries import Act
from models.store.errors import Fenced
from routing.facts import (
    AbsenceSeen,
    AccountSeen,
    Bookmark,
    OutcomeSeen,
    Page,
    QueueSeen,
    Stream,
    TouchSeen,
    UserSeen,
)
from tests.fakes.clock import NOON
from tests.fakes.lead_path import arriving

HOSTILE = "=cmd|' /C calc'!A0 \0 \ud800 \u202e " + "x" * 100_000


def page(stream: Stream, *seen: object) -> Page:
    return Page(seen, Bookmark(stream, {"n": 1}), more=False)  # type: ignore[arg-type]


def test_a_page_read_twice_is_stored_once(path):
    first = path.take_in(arriving(3, path.at))
    again = path.take_in(arriving(3, path.at))

    assert (first, again, len(path.ledger.decider.pending())) == (3, 0, 3)


def test_two_versions_within_one_second_are_two_arrivals(path):
    path.take_in(arriving(1, path.at))
    path.take_in(arriving(1, path.at, fields={"LastName": "Lee"}))

    names = [each.seen.fields["LastName"] for each in path.ledger.decider.pending()]

    assert names == ["Kim 0", "Lee"]


def test_arrivals_come_in_the_order_in_which_they_were_stored(path):
    path.take_in(arriving(3, path.at, first=10))
    path.take_in(arriving(3, path.at, first=0))

    ids = [each.seen.id[10:15] for each in path.ledger.decider.pending()]

    assert ids == ["00010", "00011", "00012", "00000", "00001", "00002"]


def test_an_arrival_comes_out_as_it_was_read(path):
    seen = arriving(1, path.at, fields={"Name": HOSTILE, "n": 1.5}, company=HOSTILE)
    path.take_in(seen)

    assert [each.seen for each in path.ledger.decider.pending()] == list(seen.seen)


def test_the_bookmark_moves_with_the_page_and_comes_back_as_it_was(path):
    bookmark = Bookmark(Stream.LEADS, {"at": "2026-03-02", "id": "00Q"}, NOON)
    path.take_in(replace(arriving(1, path.at), bookmark=bookmark))

    assert path.ledger.intake.bookmark("sf", Stream.LEADS) == bookmark


def test_a_page_under_a_stale_token_leaves_neither_rows_nor_bookmark(path):
    path.token -= 1
    with pytest.raises(Fenced, match="no longer ours"):
        path.take_in(arriving(1, path.at))

    assert path.ledger.decider.pending() == ()
    assert path.ledger.intake.bookmark("sf", Stream.LEADS) is None


def test_users_and_queues_are_kept_as_last_read(path):
    kim = UserSeen("005A", active=True, name=HOSTILE, email="kim@acme.test", modified_at=NOON)
    kim = replace(kim, hours={"mon": "09:00-17:00"}, unreadable=("absences",))
    queue = QueueSeen("00GA", "triage", "Triage", ("sf.lead",), ("005A",))
    path.take_in(page(Stream.PEOPLE, kim, queue))
    path.take_in(page(Stream.PEOPLE, replace(kim, active=False, name="Kim")))

    assert path.ledger.connections.users("sf") == (replace(kim, active=False, name="Kim"),)
    assert path.ledger.connections.queues("sf") == (queue,)


def test_accounts_keep_their_internal_id_from_version_to_version(path):
    acme = AccountSeen("001A", "Acme", "1", domains=("acme.io",), created_at=NOON, employees=9)
    path.take_in(page(Stream.ACCOUNTS, acme))
    before = list(path.ledger.connections.accounts("sf"))
    path.clock.advance(60)
    path.take_in(page(Stream.ACCOUNTS, replace(acme, version="2", owner="005A")))
    after = list(path.ledger.connections.accounts("sf"))

    assert [each.seen for each in before] == [acme]
    assert [each.id for each in after] == [each.id for each in before]
    assert [each.seen.owner for each in after] == ["005A"]
    since = path.at - timedelta(seconds=1)
    assert list(path.ledger.connections.accounts("sf", since=since)) == after


def test_touches_and_outcomes_reach_the_milestones_of_their_lead(path):
    [lead] = path.all_the_way(1)
    record = "00Q000000000000AAA"
    rep = path.ledger.reading.leads((lead,))[lead].owner_rep
    user = f"005{path.reps.index(rep):012d}AAA"
    path.clock.advance(60)
    read = TouchSeen("T1", "read", path.at, user, record, "1")
    call = TouchSeen("T2", "call", path.at + timedelta(seconds=5), user, record, "1")
    stranger = TouchSeen("T0", "call", path.at - timedelta(seconds=5), "005X", record, "1")
    path.take_in(page(Stream.TOUCHES, call, read, stranger))
    won = OutcomeSeen("006A", "won", path.at + timedelta(days=9), "1", record=record)
    path.take_in(page(Stream.OUTCOMES, won))

    settled = path.ledger.follow_ups.settle(limit=10, at=path.at, token=path.token)
    [steps] = path.ledger.reading.story(lead).milestones

    assert (settled.touches, settled.outcomes) == (3, 1)
    assert (steps["accepted_at"], steps["first_touch_at"]) == (read.at, call.at)
    assert (steps["outcome"], steps["outcome_at"]) == ("won", won.at)


def test_a_touch_of_a_lead_not_read_yet_waits_for_it_a_day_at_most(path):
    early = TouchSeen("T1", "call", path.at, "005X", "00Q000000000000AAA", "1")
    late = TouchSeen("T2", "call", path.at, "005X", "00QNOBODY", "1")
    path.take_in(page(Stream.TOUCHES, early, late))
    none = path.ledger.follow_ups.settle(limit=10, at=path.at, token=path.token)
    path.all_the_way(1)
    path.clock.advance(90_000)

    one = path.ledger.follow_ups.settle(limit=10, at=path.at, token=path.token)
    rest = path.ledger.follow_ups.settle(limit=10, at=path.at, token=path.token)

    assert (none.touches, one.touches, rest.touches) == (0, 1, 0)


def test_absences_of_a_crm_become_those_of_the_reps_they_are(path):
    away = AbsenceSeen("A1", "005000000000000AAA", path.at, None)
    path.take_in(page(Stream.ABSENCES, away, replace(away, id="A2", user="005X")))
    act = Act(path.at, path.token)
    path.ledger.absences.taken_from_crm("sf", act=act)
    path.take_in(page(Stream.ABSENCES, replace(away, ends_at=path.at + timedelta(days=1))))
    changed = path.ledger.absences.taken_from_crm("sf", act=act)
    again = path.ledger.absences.taken_from_crm("sf", act=act)

    [known] = path.ledger.absences.known()

    assert (changed, again) == (2, 0)
    assert (known.away.rep, known.away.ends_at) == (path.reps[0], path.at + timedelta(days=1))
