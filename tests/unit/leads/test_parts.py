"""The small parts of the loops, each alone."""

from datetime import timedelta

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.port import Budget
from daemon.base.events import Notes
from daemon.world.connections.health import ConnectionHealth, Works
from daemon.world.connections.owners import DEPARTED, HUMAN, Holders, QueuePlace
from daemon.world.connections.poll_schedule import PollSchedule, stretch
from routing.facts import Stream
from tests.fakes.clock import NOON
from tests.fakes.office import Told

HOLDERS = Holders(
    reps={"u-ada": "rada"},
    queues={"q-1": "triage"},
    placeholders={"u-sync": "marketing-sync"},
    departed=frozenset({"u-gone"}),
    places={
        ("triage", "sf.lead"): QueuePlace("q-1"),
        ("nowhere", "sf.lead"): QueuePlace(unowned=True),
    },
    users={"rada": "u-ada"},
)


@pytest.mark.parametrize(
    ("owner", "holder"),
    [
        pytest.param(None, None, id="nobody"),
        pytest.param("", None, id="an empty owner"),
        pytest.param("u-ada", "rada", id="a rep"),
        pytest.param("q-1", "queue:triage", id="a queue, as rulebooks call it"),
        pytest.param("u-sync", "marketing-sync", id="a placeholder"),
        pytest.param("u-gone", DEPARTED.id, id="who left and was never on the roster"),
        pytest.param("u-else", HUMAN, id="any other colleague"),
    ],
)
def test_an_owner_id_stands_for_a_holder(owner, holder):
    assert HOLDERS.holder(owner) == holder


@pytest.mark.parametrize(
    ("owner", "queue", "place"),
    [
        pytest.param("rada", None, QueuePlace("u-ada"), id="a rep's user"),
        pytest.param(None, "triage", QueuePlace("q-1"), id="the queue it is mapped to"),
        pytest.param(None, "nowhere", QueuePlace(unowned=True), id="left as it is"),
        pytest.param(None, None, QueuePlace(unowned=True), id="nobody shall own it"),
    ],
)
def test_a_decision_means_a_place_in_the_crm(owner, queue, place):
    assert HOLDERS.place_of("sf.lead", owner=owner, queue=queue) == place


@pytest.mark.parametrize(("owner", "queue"), [("rbob", None), (None, "unheard-of")])
def test_a_place_that_does_not_exist_is_a_problem_with_a_sentence(owner, queue):
    assert HOLDERS.place_of("sf.lead", owner=owner, queue=queue).problem


def test_a_queue_that_holds_leads_holds_no_contacts():
    assert HOLDERS.place_of("sf.contact", owner=None, queue="triage").problem


def test_waiting_doubles_up_to_a_minute():
    standing = ConnectionHealth()
    for _ in range(9):
        standing.failed(TryLater("fake", "busy", 0.1), NOON)

    assert not standing.may_run(NOON + timedelta(seconds=59))
    assert standing.may_run(NOON + timedelta(seconds=60))


def test_the_same_trouble_again_is_no_news():
    standing = ConnectionHealth()
    trouble = NeedsOperator("fake", "refused.", "Renew it.")

    assert [standing.failed(trouble, NOON), standing.failed(trouble, NOON)] == [True, False]
    assert standing.works is Works.STOPPED
    assert standing.recovered()


@pytest.mark.parametrize(
    ("left", "by"),
    [
        pytest.param(None, 1.0, id="the CRM has not said"),
        pytest.param(150, 1.0, id="plenty"),
        pytest.param(100, 1.0, id="exactly half"),
        pytest.param(10, 10.0, id="a twentieth"),
        pytest.param(0, 60.0, id="nothing"),
    ],
)
def test_beats_slow_down_as_the_quota_runs_out(left, by):
    budget = Budget(used=0, limit=1000, own=0, share=0.2, left=left)

    assert stretch(budget) == by


def test_people_are_asked_for_before_leads():
    poll_schedule = PollSchedule({Stream.LEADS: 1, Stream.ABSENCES: 1, Stream.PEOPLE: 1})

    assert poll_schedule.due(NOON) == (Stream.PEOPLE, Stream.ABSENCES, Stream.LEADS)


def test_a_stream_with_more_to_read_is_due_at_once():
    poll_schedule = PollSchedule({Stream.LEADS: 60})
    poll_schedule.asked(Stream.LEADS, NOON, more=True)

    assert poll_schedule.due(NOON) == (Stream.LEADS,)


def test_what_was_rolled_back_is_not_told():
    told = Told()
    notes = Notes(told)
    notes.event("kept")
    mark = notes.mark()
    notes.alert("rolled_back")
    notes.back_to(mark)

    notes.publish()

    assert (told.events, told.alerts) == ([("kept", {})], [])


def test_what_is_counted_is_told_once_with_its_count_and_forgotten_with_its_lead():
    told = Told()
    notes = Notes(told)
    notes.count("unseen_value", fact="industry")
    notes.count("unseen_value", fact="industry")
    mark = notes.mark()
    notes.count("unseen_value", fact="products")
    notes.back_to(mark)

    notes.publish()
    notes.publish()

    assert told.events == [("unseen_value", {"fact": "industry", "count": 2})]
