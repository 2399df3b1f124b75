"""Transactions 3 and 4: an effect is claimed before it leaves, then settled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.journal.entries import Act
from models.leads.known import NOTHING, Depth, Lane
from models.leads.settlement import Retries
from models.store.errors import Fenced
from routing.facts import (
    Applied,
    Bookmark,
    Cause,
    EffectKind,
    EffectResult,
    Page,
    QueueSeen,
    Stream,
)
from tests.fakes.lead_path import LEAD, arriving, begin, user_of


def decided(path, count=1):
    path.take_in(arriving(count, path.at))
    return path.decide()


def story(path, lead):
    return path.ledger.reading.story(lead)


def state_of(path, lead):
    told = story(path, lead)
    return told.effects[-1]["state"], told.assignments[-1]["state"]


def test_an_effect_is_sent_only_once_its_attempt_is_recorded(path):
    [lead] = decided(path)
    [claimed] = path.push()

    assert claimed.effect.record == "00Q000000000000AAA"
    assert claimed.effect.value == user_of(path.reps, path.decided[0].decision.owner)
    assert story(path, lead).effects[0]["attempt_token"] == claimed.effect.token
    assert state_of(path, lead) == ("sent", "sent")


def test_what_was_claimed_is_not_claimed_again_under_the_same_lease(path):
    decided(path, 3)

    assert (len(path.push(2)), len(path.push()), path.push()) == (2, 1, ())


def test_what_a_dead_process_sent_is_claimed_again_by_its_successor(path):
    [lead] = decided(path)
    [before] = path.push()
    held = path.ledger.leases.current()
    path.ledger.leases.release(held, at=path.at)
    successor = begin(path.ledger, path.clock, holder="next")
    [after] = successor.push()

    assert (after.effect.id, after.attempts) == (before.effect.id, 2)
    assert after.effect.token != before.effect.token
    with pytest.raises(Fenced):
        path.settle([before])
    assert state_of(path, lead) == ("sent", "sent")


def test_what_nobody_answered_is_claimed_again_after_minutes(path):
    decided(path)
    path.push()
    path.clock.advance(301)

    assert [each.attempts for each in path.push()] == [2]


def test_a_late_answer_to_an_earlier_attempt_changes_nothing(path):
    decided(path)
    [first] = path.push()
    path.clock.advance(301)
    [second] = path.push()

    assert path.settle([first], Applied.CONFLICT) == ()
    assert [each.state for each in path.settle([second])] == ["confirmed"]
    assert path.settle([second]) == ()


@pytest.mark.parametrize(
    ("applied", "by_us", "again", "ours"),
    [
        pytest.param(Applied.CONFIRMED, False, False, True, id="written"),
        pytest.param(Applied.ALREADY, True, True, True, id="written before, unanswered"),
        pytest.param(Applied.ALREADY, True, False, False, id="so it seems, but never sent before"),
        pytest.param(Applied.ALREADY, False, True, False, id="by somebody who was faster"),
    ],
)
def test_a_confirmed_write_is_owned_from_then_on_by_whoever_wrote_it(
    path, applied, by_us, again, ours
):
    [lead] = decided(path)
    rep = path.decided[0].decision.owner
    path.clock.advance(3)
    if again:
        path.settle(path.push(), Applied.LATER)
        path.clock.advance(3)
    [finished] = path.settle(path.push(), applied, by_us=by_us)
    told = story(path, lead)

    assert (finished.state, finished.rep, finished.holder) == ("confirmed", rep, rep)
    assert (told.lead.owner_rep, told.lead.holder, told.lead.believed) == (rep, rep, rep)
    assert [(o["rep_id"], o["ours"]) for o in told.ownership] == [(rep, ours)]
    assert told.records[0].owner == user_of(path.reps, rep)
    assert told.milestones[0]["written_at"] == path.at
    assert [e["kind"] for e in told.journal] == ["decision", "assignment", "ownership"]


def test_a_conflict_gives_back_turn_cap_and_load_and_remembers_whom_it_found(path):
    [lead] = decided(path)
    ours = path.decided[0].decision.owner
    other = next(rep for rep in path.reps if rep != ours)
    [finished] = path.settle(path.push(), Applied.CONFLICT, owner=user_of(path.reps, other))
    told = story(path, lead)
    state = path.ledger.state(at=path.at)

    assert (finished.found_rep, finished.gave_back) == (other, True)
    assert finished.charge == path.decided[0].decision.charge
    assert (told.lead.holder, [o["ours"] for o in told.ownership]) == (other, [False])
    assert [t["why"] for t in told.turns] == ["rotation", "gave_back"]
    assert {turn.claim for turn in state.turns["us"].values()} == {0}
    assert (state.marks, state.load) == ({}, {other: 1})
    assert [e["kind"] for e in told.journal] == ["decision", "conflict", "turn", "ownership"]


def test_a_conflict_with_a_queue_names_the_queue(path):
    [lead] = decided(path)
    queue = QueueSeen("00G000000000001AAA", "triage", "Triage", ("sf.lead",))
    path.take_in(Page((queue,), Bookmark(Stream.PEOPLE), more=False))
    [finished] = path.settle(path.push(), Applied.CONFLICT, owner=queue.id)

    assert (finished.found_rep, finished.holder) == (None, "queue:triage")
    assert story(path, lead).lead.owner_rep is None


@pytest.mark.parametrize(
    ("applied", "state"),
    [
        (Applied.REFUSED_REP, "refused_by_crm"),
        (Applied.REFUSED_RECORD, "dead"),
        (Applied.GONE, "dead"),
    ],
)
def test_what_the_crm_refused_is_given_back(path, applied, state):
    [lead] = decided(path)
    [finished] = path.settle(path.push(), applied, code="INACTIVE_OWNER")

    assert state_of(path, lead) == (state, state)
    assert (finished.gave_back, story(path, lead).assignments[0]["code"]) == (
        True,
        "INACTIVE_OWNER",
    )
    assert path.ledger.state(at=path.at).load == {}


def test_after_a_refusal_the_lead_is_decided_again(path):
    [lead] = decided(path)
    path.settle(path.push(), Applied.REFUSED_REP)
    path.again(lead, Cause.REFUSED)
    path.settle(path.push())

    assert [a["state"] for a in story(path, lead).assignments] == ["refused_by_crm", "confirmed"]
    assert path.ledger.state(at=path.at) == path.state


def test_later_waits_as_long_as_the_crm_asks_and_longer_each_time(path):
    [lead] = decided(path)
    results = [
        (c, EffectResult(c.effect.id, Applied.LATER, path.at, after_s=9)) for c in path.push()
    ]
    path.ledger.outbox.finish(results, at=path.at, token=path.token)
    early = path.push()
    path.clock.advance(9)
    path.settle(path.push(), Applied.LATER, detail="UNABLE_TO_LOCK_ROW")
    path.clock.advance(3.9)
    still_early = path.push()
    path.clock.advance(0.1)

    assert (early, still_early) == ((), ())
    assert [each.attempts for each in path.push()] == [3]
    assert story(path, lead).effects[0]["last_error"] == "UNABLE_TO_LOCK_ROW"


def test_an_effect_that_never_gets_through_dies_and_is_given_back(path):
    [lead] = decided(path)
    results = [(c, EffectResult(c.effect.id, Applied.LATER, path.at)) for c in path.push()]
    [finished] = path.ledger.outbox.finish(
        results, at=path.at, token=path.token, retries=Retries(attempts=1)
    )

    assert (finished.state, finished.gave_back) == ("dead", True)
    assert state_of(path, lead) == ("dead", "dead")


def test_patience_doubles_up_to_a_limit():
    retries = Retries(first=timedelta(seconds=2), longest=timedelta(minutes=1))

    assert [retries.delay(n, 0).total_seconds() for n in (1, 2, 3, 9, 99)] == [2, 4, 8, 60, 60]


def test_nothing_leaves_while_the_connection_is_paused(path):
    decided(path)
    act = Act(path.at, path.token)
    path.ledger.connections.pause(["sf"], paused=True, act=act)
    paused = path.push()
    path.ledger.connections.pause(["sf"], paused=False, act=act)

    assert (paused, len(path.push())) == ((), 1)


def with_two_effects(path):
    """A lead whose second decision owes an owner, in two seconds, and a task after it."""
    [lead] = path.all_the_way(1)
    owner = replace(path.decided[0].effects[0], not_before=path.at + timedelta(seconds=2))
    task = replace(owner, kind=EffectKind.TASK, after=0, not_before=None)
    path.clock.advance(1)
    new = path.again(lead, Cause.STAGE)
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch, batch.lead(lead) as w:
        w.superseded(new.id)
    occasion = replace(new.occasion, id="o-two", cause=Cause.OPERATOR)
    two = replace(new, id="d-two", occasion=occasion, effects=(owner, task), sequence=9)
    two = replace(two, decision=replace(new.decision, occasion="o-two", charge=None))
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch, batch.lead(lead) as w:
        w.open(occasion)
        w.decided(two)
    return lead


def test_an_effect_waits_for_its_quarantine_and_for_what_it_depends_on(path):
    with_two_effects(path)
    early = path.push()
    path.clock.advance(1)
    first = path.push()
    none = path.push()
    path.settle(first)

    assert (early, none) == ((), ())
    assert [each.effect.kind for each in first] == [EffectKind.OWNER]
    assert [each.effect.kind for each in path.push()] == [EffectKind.TASK]


def test_what_depends_on_a_conflict_is_withdrawn(path):
    lead = with_two_effects(path)
    path.clock.advance(1)
    path.settle(path.push(), Applied.CONFLICT)

    assert [e["state"] for e in story(path, lead).effects[-2:]] == ["conflict", "superseded"]
    assert path.push() == ()


def test_depth_counts_what_is_owed_and_since_when_it_is_due(path):
    decided(path, 2)
    since = path.at
    path.clock.advance(5)
    path.settle(path.push(1))
    depths = path.ledger.outbox.depths("sf", at=path.at)

    assert depths == {Lane.INTERACTIVE: Depth(1, since), Lane.BULK: NOTHING}


def test_a_served_turn_is_given_back_exactly(path):
    decided(path, 2)
    path.settle(path.push(), Applied.CONFLICT)
    claims = [turn.claim for turn in path.ledger.state(at=path.at).turns["us"].values()]

    assert claims == [0, 0, 0]
    assert LEAD % 3 == 0
