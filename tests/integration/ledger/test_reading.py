"""What people ask of the ledger."""

import hashlib
import json
from datetime import timedelta

import pytest

from models.journal.personal import commitment_of
from models.leads.known import Mode
from models.reports.journal_export import export
from routing.facts import Applied
from tests.fakes.lead_path import arriving

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("text", ["00Q000000000000AAA", "00Q000000000000", " 00Q000000000000AAA "])
def test_a_lead_is_found_by_its_crm_id_long_or_short(path, text):
    [lead] = path.all_the_way(1)

    assert path.ledger.reading.find(text) == (lead,)


def test_a_lead_is_found_by_every_internal_id_of_its_own(path):
    [lead] = path.all_the_way(1)
    story = path.ledger.reading.story(lead)
    ids = (lead, story.lead.person, story.records[0].id, story.decisions[0]["id"])

    assert {path.ledger.reading.find(each) for each in ids} == {(lead,)}
    assert path.ledger.reading.find("nobody") == ()
    assert path.ledger.reading.story("nobody") is None


def test_a_record_is_stored_in_the_very_bytes_that_were_hashed(path):
    [lead] = path.all_the_way(1)
    [stored] = path.ledger.reading.story(lead).decisions

    assert stored["record"] == path.decided[0].record
    assert stored["sha256"] == hashlib.sha256(path.decided[0].record).hexdigest()


def test_an_entry_holds_all_of_it_in_the_very_bytes_that_were_hashed(path):
    [lead] = path.all_the_way(1)
    entry = path.ledger.reading.story(lead).journal[0]
    body = json.loads(entry["body"])

    assert entry["sha256"] == hashlib.sha256(entry["body"]).hexdigest()
    assert (body["kind"], body["subject"], body["actor"]) == ("decision", lead, "signalbox")
    assert body["record_sha256"] == hashlib.sha256(path.decided[0].record).hexdigest()


def test_journal_and_records_name_nobody(path):
    [lead] = path.all_the_way(1)
    story = path.ledger.reading.story(lead)
    told = b"".join([d["record"] for d in story.decisions] + [e["body"] for e in story.journal])

    assert not [word for word in (b"Kim", b"00Q", b"005") if word in told]


def test_a_record_commits_to_personal_facts_that_can_be_deleted(path):
    [lead] = path.all_the_way(1)
    [kept] = path.ledger.reading.story(lead).personal
    record = json.loads(path.decided[0].record)

    assert record["commitment"] == commitment_of(kept["body"], kept["salt"])
    assert json.loads(kept["body"])["name"] == "Kim 0"


def test_the_standing_counts_what_is_done_and_what_is_not(path):
    path.take_in(arriving(5, path.at))
    path.decide(4)
    claimed = path.push(3)
    path.settle(claimed[:1])
    path.settle(claimed[1:2], Applied.CONFLICT)
    path.settle(claimed[2:3], Applied.REFUSED_RECORD)
    standing = path.ledger.reading.standing()

    assert standing.assignments == {"confirmed": 1, "conflict": 1, "dead": 1, "pending": 1}
    assert standing.effects == {"conflict": 1, "dead": 1, "pending": 1}
    assert (standing.inbox, standing.oldest_inbox_at) == (1, path.at)
    assert standing.oldest_pending_at == path.at


def test_open_leads_of_a_rep_are_those_observed_in_their_hands(path):
    path.all_the_way(4)
    held = {rep: path.ledger.reading.open_leads_of(rep) for rep in path.reps}

    assert sorted(len(leads) for leads in held.values()) == [1, 1, 2]


def test_shadow_decisions_stand_beside_what_the_crm_did(path):
    path.mode, path.state = Mode.SHADOW, path.ledger.state(at=path.at, shadow=True)
    path.take_in(arriving(2, path.at))
    path.decide()
    compared = path.ledger.reports.compared(path.at, path.at + HOUR)

    assert [each.chosen for each in compared] == [d.decision.owner for d in path.decided]
    assert [(each.observed, each.agrees) for each in compared] == [(None, False)] * 2
    assert all(each.record.startswith("00Q") for each in compared)


def test_a_tally_counts_final_decisions_alike(path):
    path.all_the_way(6)
    tally = path.ledger.reports.tally(path.at, path.at + HOUR)

    assert {(each.method, each.pool, each.count) for each in tally} == {("round_robin", "us", 2)}
    assert {each.owner for each in tally} == set(path.reps)
    assert len(list(path.ledger.reports.steps(path.at, path.at + HOUR))) == 6


def test_an_export_is_complete_in_order_and_says_how_many(path):
    path.all_the_way(3)
    with export(path.ledger.store, path.at, path.at + HOUR) as view:
        entries, records = list(view.journal()), list(view.decisions())
        of_journal, of_decisions = view.journal_population(), view.decisions_population()

    assert of_journal.count == len(entries)
    assert (of_journal.first, of_journal.last) == (str(entries[0].seq), str(entries[-1].seq))
    assert [each.id for each in records] == [each.id for each in path.decided]
    assert (of_decisions.count, of_decisions.first) == (3, records[0].id)
    assert of_decisions.last == records[-1].id
    assert all(e.sha256 == hashlib.sha256(e.body).hexdigest() for e in entries)


def test_an_export_of_an_empty_period_says_so(path):
    with export(path.ledger.store, path.at - HOUR, path.at - HOUR / 2) as view:
        assert (view.journal_population().count, view.decisions_population().count) == (0, 0)
        assert view.decisions_population().first is None


def test_what_is_written_meanwhile_is_not_in_the_export(path):
    path.all_the_way(1)
    with export(path.ledger.store, path.at, path.at + HOUR) as view:
        before = view.decisions_population().count
        path.all_the_way(1, first=5)

        assert (before, len(list(view.decisions()))) == (1, 1)


def test_a_lead_whose_owner_is_nobody_in_its_crm_is_a_stray(path):
    [lead] = path.all_the_way(1)
    own = path.ledger.reading.story(lead).records[0].owner
    with path.ledger.store.write(path.token) as database:
        database.exec_driver_sql("UPDATE leads SET owner_rep = NULL, holder = '005X'")
        database.exec_driver_sql("UPDATE registers SET owner = '005X'")

    strays = path.ledger.reading.strays("sf")

    assert own != "005X"
    assert strays == path.ledger.reading.strays("sf", lead=lead) == {"005X": (lead,)}
    assert path.ledger.reading.strays("sf", lead="another") == {}
