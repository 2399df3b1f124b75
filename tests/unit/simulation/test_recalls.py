"""Notes that save asking: which leads are worth it, and when a note is wrong to keep."""

from datetime import UTC, datetime

import pytest

from daemon.world.recall_notes import Recalls
from routing.candidates import Answers
from routing.decision import Decision, Method
from routing.engine import Made, guide_to
from routing.facts import Cause, Lead, Occasion
from routing.question import Question
from routing.record import Inputs
from routing.rulebook.book import read_book
from routing.state import Recallable

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOOK = """
rulebook: b
pools: {us: {people: [ada]}, de: {people: [bob]}}
rules: [{name: us, pool: us}, {name: next, pool: us, off_hours: next}]
fallback: {queue: q}
"""
DATED = BOOK.replace("{name: us, pool: us}", "{name: us, pool: us, from: 2027-01-01}")


def guide(text=BOOK):
    book = read_book(text, name="b.yaml").book
    assert book is not None
    return guide_to(book)


GUIDE = guide()
ONE_POOL = Answers(pools=(("us", ()),))


def fell_back(*, rule="us", answers=ONE_POOL, recall=True):
    occasion = Occasion("o1", "L1", "b", Cause.FIRST_SIGHT, 1, AT)
    decision = Decision("L1", "o1", "b", AT, Method.FALLBACK, queue="q", rule=rule, recall=recall)
    return Made(decision, Inputs(Question(occasion, Lead("L1"), None, AT), answers, "hash"))


def asked(recalls, *, by=GUIDE, shut=True):
    places = {"L1": Recallable("L1", "o1", "q", -1, AT, 1)}
    return [place.lead for place in recalls.worth_asking(places, by, lambda pool: shut)]


def noted(by=GUIDE, **said):
    recalls = Recalls()
    recalls.note(fell_back(**said), by)
    return recalls


def test_a_lead_that_depends_on_one_shut_pool_is_not_asked_about():
    assert asked(noted()) == []
    assert asked(noted(), shut=False) == ["L1"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"answers": Answers(reps=(("ada", None),), pools=ONE_POOL.pools)}, id="owner"),
        pytest.param({"answers": Answers(owners=(("o", None),), pools=ONE_POOL.pools)}, id="mate"),
        pytest.param({"answers": Answers(names=(("a", None),), pools=ONE_POOL.pools)}, id="person"),
        pytest.param({"answers": Answers(pools=(("de", ()), ("us", ())))}, id="two pools"),
        pytest.param({"answers": Answers()}, id="nobody was asked"),
        pytest.param({"rule": "next"}, id="a rule that goes on off hours"),
        pytest.param({"rule": None}, id="no rule"),
    ],
)
def test_a_lead_that_depends_on_more_is_asked_about_each_time(said):
    assert asked(noted(**said)) == ["L1"]


def test_where_rules_come_and_go_every_lead_is_asked_about():
    dated = guide(DATED)

    assert asked(noted(by=dated), by=dated) == ["L1"]


def test_another_rulebook_forgets_all_notes():
    assert asked(noted(), by=guide()) == ["L1"]


def test_a_later_decision_replaces_the_note():
    recalls = noted()
    recalls.note(fell_back(recall=False), GUIDE)

    assert asked(recalls) == ["L1"]
