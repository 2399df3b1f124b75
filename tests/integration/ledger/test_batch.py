"""Transaction 2: what was decided, with everything that must hold with it."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from models.journal.entries import Actor
from models.leads.known import Mode
from models.leads.lead_writer import LeadWriter
from models.leads.turns import Credit, amounts_of
from models.store.errors import BatchCutShort, Fenced
from routing.decision import Method, Wait, WaitFor
from routing.facts import Applied, Cause, Occasion
from routing.state import Credited, apply
from tests.fakes.lead_path import LEAD, arriving, begin, open_test_ledger


def sums_of_entries(path) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    with path.ledger.store.read() as database:
        rows = database.exec_driver_sql("SELECT seq FROM turns").all()
    for lead in {each.decision.lead for each in path.decided}:
        for row in path.ledger.reading.story(lead).turns:
            sums.update({(row["pool"], rep): n for rep, n in amounts_of(row["amounts"]).items()})
    assert len(rows) > 0
    return {key: units for key, units in sums.items() if units}


def claims_of(path, *, shadow: bool = False) -> dict[tuple[str, str], int]:
    turns = path.ledger.state(at=path.at, shadow=shadow).turns
    return {(p, rep): t.claim for p, own in turns.items() for rep, t in own.items() if t.claim}


def test_the_stored_state_is_the_state_that_was_applied(path):
    path.all_the_way(7)

    assert path.ledger.state(at=path.at) == path.state


def test_the_stored_state_follows_conflicts_refusals_and_pending_writes(path):
    path.take_in(arriving(8, path.at))
    path.decide()
    claimed = path.push()
    path.settle(claimed[:2], Applied.CONFLICT)
    path.settle(claimed[2:3], Applied.REFUSED_REP)
    path.settle(claimed[3:4], Applied.GONE)
    path.settle(claimed[4:5], Applied.LATER)
    path.settle(claimed[5:6])

    assert path.ledger.state(at=path.at) == path.state


def test_a_claim_is_the_sum_of_its_entries(path):
    path.all_the_way(5)
    path.take_in(arriving(2, path.at, first=5))
    path.decide()
    path.settle(path.push(), Applied.CONFLICT)

    assert claims_of(path) == sums_of_entries(path)
    assert sum(claims_of(path).values()) == 0


def test_marks_older_than_the_longest_window_are_not_loaded(path):
    path.all_the_way(3)
    path.clock.advance(timedelta(hours=168).total_seconds())

    assert path.ledger.state(at=path.at).marks == {}


def test_a_lead_that_fails_leaves_nothing_and_the_others_are_stored(path):
    path.take_in(arriving(3, path.at))
    first, bad, last = path.ledger.decider.pending()
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch:
        path.decide_one(batch, first)
        with pytest.raises(ZeroDivisionError):
            _in_lead(batch, lambda writer: (writer.looked_at(bad.seq, None), 1 / 0))
        path.decide_one(batch, last)

    assert [each.seq for each in path.ledger.decider.pending()] == [bad.seq]


def test_rows_the_database_refuses_cut_the_batch_at_their_lead(path):
    path.take_in(arriving(3, path.at))
    first, bad, last = path.ledger.decider.pending()
    orphan = Occasion("o-bad", "l-nobody", "inbound", Cause.FIRST_SIGHT, 1, path.at)

    with pytest.raises(BatchCutShort) as caught:
        _in_batch(
            path,
            lambda batch: path.decide_one(batch, first),
            lambda batch: _in_lead(batch, lambda writer: writer.looked_at(bad.seq, None)),
            lambda batch: _in_lead(batch, lambda writer: writer.open(orphan)),
            lambda batch: path.decide_one(batch, last),
        )

    assert (caught.value.lead, len(caught.value.undone)) == ("l-bad", 1)
    assert [each.seq for each in path.ledger.decider.pending()] == [last.seq]


def test_values_no_database_holds_are_a_leads_fault_not_the_batchs(path):
    path.take_in(arriving(2, path.at))
    first, bad = path.ledger.decider.pending()

    with pytest.raises(BatchCutShort, match="l-bad"):
        _in_batch(
            path,
            lambda batch: path.decide_one(batch, first),
            lambda batch: _in_lead(batch, lambda writer: writer.looked_at(2**70, None)),
        )

    assert [each.seq for each in path.ledger.decider.pending()] == [bad.seq]


def test_a_batch_that_is_broken_off_stores_nothing(path):
    path.take_in(arriving(2, path.at))
    first, _ = path.ledger.decider.pending()

    with pytest.raises(ZeroDivisionError):
        _in_batch(path, lambda batch: path.decide_one(batch, first), lambda _: 1 / 0)

    assert len(path.ledger.decider.pending()) == 2


def test_a_stale_token_stores_nothing(path):
    path.take_in(arriving(1, path.at))
    path.token += 1

    with pytest.raises(Fenced):
        path.decide()


def test_an_occasion_is_decided_once(path):
    [lead] = path.all_the_way(1)
    again = replace(path.decided[0], id="d-again", effects=())

    with pytest.raises(BatchCutShort, match=lead):
        _write(path, lead, lambda writer: writer.decided(again))

    assert len(path.ledger.reading.story(lead).decisions) == 1


def test_a_lead_has_one_open_assignment_on_a_route(path):
    path.take_in(arriving(1, path.at))
    [lead] = path.decide()

    with pytest.raises(BatchCutShort, match=lead):
        path.again(lead)
    path.state = path.ledger.state(at=path.at)
    path.again(lead, Cause.HANDED_OVER, route="to_ae")


def test_a_new_decision_may_take_the_place_of_one_whose_write_is_open(path):
    path.take_in(arriving(1, path.at))
    [lead] = path.decide()
    first = path.decided[0]
    _write(path, lead, lambda writer: writer.superseded(first.id))
    path.again(lead, Cause.OPERATOR)

    story = path.ledger.reading.story(lead)

    assert [each["state"] for each in story.assignments] == ["dead", "pending"]
    assert [each["state"] for each in story.effects] == ["superseded", "pending"]


def test_a_lead_that_waits_is_on_the_list_until_it_is_decided(path):
    path.all_the_way(1)
    [lead] = {each.decision.lead for each in path.decided}
    until = path.at + timedelta(minutes=1)
    occasion = Occasion("o-wait", lead, "inbound", Cause.STAGE, 1, path.at)
    waiting = _waiting(path, occasion, Wait(WaitFor.FIELDS, until, ("country",)))
    _write(path, lead, lambda writer: (writer.open(occasion), writer.decided(waiting)))
    listed = path.ledger.state(at=path.at).waits
    final = replace(path.decided[0], id="d-final", occasion=occasion, sequence=3, effects=())
    _write(path, lead, lambda writer: writer.decided(final))

    assert listed[lead].wait == Wait(WaitFor.FIELDS, until, ("country",))
    assert path.ledger.state(at=path.at).waits == {}
    assert [each["method"] for each in path.ledger.reading.story(lead).decisions] == [
        "round_robin",
        "waiting",
        "round_robin",
    ]


def test_a_lead_that_fell_back_is_on_the_recall_list_until_it_is_forgotten(path):
    path.all_the_way(1)
    [lead] = {each.decision.lead for each in path.decided}
    occasion = Occasion("o-fell", lead, "inbound", Cause.STAGE, 1, path.at)
    fell = _waiting(path, occasion, None)
    decision = replace(
        fell.decision, method=Method.FALLBACK, queue="triage", recall=True, wait=None
    )
    fell = replace(fell, decision=decision, value=7)
    _write(path, lead, lambda writer: (writer.open(occasion), writer.decided(fell)))
    listed = path.ledger.state(at=path.at).recall
    _write(path, lead, LeadWriter.forget)

    assert (listed[lead].queue, listed[lead].value) == ("triage", 7)
    assert path.ledger.state(at=path.at).recall == {}


def test_shadow_keeps_a_book_of_its_own_and_owes_nothing(path):
    path.all_the_way(2)
    live = path.ledger.state(at=path.at)
    path.mode, path.state = Mode.SHADOW, path.ledger.state(at=path.at, shadow=True)
    path.take_in(arriving(2, path.at, first=10))
    path.decide()

    shadow = path.ledger.state(at=path.at, shadow=True)

    assert path.ledger.state(at=path.at) == live
    assert (shadow.sequence, path.push()) == (2, ())
    assert claims_of(path, shadow=True) == {
        key: path.state.turn(*key).claim for key in claims_of(path, shadow=True)
    }


def test_an_operator_moves_a_claim_with_a_reason(path):
    path.all_the_way(1)
    credit = Credit("us", path.reps[0], LEAD, "MOPS-7", Actor("mona"))
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch:
        batch.credited(credit)

    wanted = apply(path.state, Credited("us", path.reps[0], LEAD))

    assert path.ledger.state(at=path.at) == wanted


def test_an_earlier_holders_decisions_are_the_next_ones_beginning(ledger_url, clock):
    first = open_test_ledger(ledger_url, clock)
    path = begin(first, clock)
    path.all_the_way(4)
    held = first.leases.current()
    assert held is not None
    first.leases.release(held, at=clock.now())
    first.close()
    second = open_test_ledger(ledger_url, clock)

    assert begin(second, clock, holder="next").state == path.state
    second.close()


def _in_batch(path, *acts) -> None:
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch:
        for act in acts:
            act(batch)


def _in_lead(batch, act, lead="l-bad") -> None:
    with batch.lead(lead) as writer:
        act(writer)


def _write(path, lead, act) -> None:
    _in_batch(path, lambda batch: _in_lead(batch, act, lead))


def _waiting(path, occasion, wait):
    first = path.decided[0]
    decision = replace(
        first.decision,
        occasion=occasion.id,
        method=Method.WAITING,
        owner=None,
        charge=None,
        wait=wait,
    )
    return replace(
        first, id=f"d-{occasion.id}", occasion=occasion, decision=decision, sequence=2, effects=()
    )
