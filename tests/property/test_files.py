"""Whatever stands in a file: the readers answer with values or with placed mistakes, and end."""

from datetime import UTC, datetime, timedelta

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.roster import Person, Roster, Step, read_roster
from routing.scenario import LeadArrives, read_accounts, read_lead, read_scenario

BOOK = {
    "rulebook": "b",
    "fields": {"country": {"type": "text"}},
    "pools": {"p": {"team": "us"}},
    "rules": [{"name": "r", "pool": "p"}],
    "fallback": {"queue": "t"},
}
WORDS = """
id name teams weight caps hours timezone mon-fri 09:00-17:30 value from at lead every times people
rulebook events away back person owner to expect ada L1 us 2026-01-05T09:00:00Z 1d {n} null NO 017
17:30 queue: \u202e
"""
words = st.sampled_from(WORDS.split())
scalars = st.none() | st.booleans() | st.integers(-5, 2_000_000) | words | st.text(max_size=5)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=25,
)


def is_told(mistakes, value) -> bool:
    """Either a value, or at least one mistake that has a place and a message."""
    placed = all(each.line >= 1 and each.column >= 1 and each.message for each in mistakes)
    return placed and (value is None) == bool(mistakes)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_any_tree_is_a_roster_or_mistakes(tree):
    read = read_roster(yaml.safe_dump({"people": tree}), name="r.yaml")

    assert is_told(read.mistakes, read.roster)


@settings(max_examples=150, deadline=None)
@given(trees, trees, trees)
def test_any_trees_are_a_scenario_or_mistakes(people, events, expect):
    story = {"rulebook": BOOK, "people": people, "events": events, "expect": expect}
    read = read_scenario(yaml.safe_dump(story), name="s.yaml", read_file=str)

    assert is_told(read.mistakes, read.scenario)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | trees.map(yaml.safe_dump), st.sampled_from(["f.yaml", "f.csv"]))
def test_any_text_is_read_or_told(text, name):
    lead = read_lead(text, name=name, book=None)
    accounts = read_accounts(text, name=name, book=None)
    roster = read_roster(text, name=name)

    assert is_told(lead.mistakes, lead.lead)
    assert is_told(accounts.mistakes, accounts.accounts)
    assert is_told(roster.mistakes, roster.roster)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, 1, 2, 3])), min_size=1, max_size=8)
)
def test_events_are_sorted_by_time_then_file_order_then_number(shapes):
    start = datetime(2026, 1, 5, tzinfo=UTC)
    events = []
    for order, (hour, times) in enumerate(shapes):
        repeated = {} if times is None else {"every": "1h", "times": times}
        at = (start + timedelta(hours=hour)).isoformat()
        events.append({"at": at, **repeated, "lead": {"id": f"{order}-{{n}}"}})
    read = read_scenario(
        yaml.safe_dump({"rulebook": BOOK, "events": events}), name="s.yaml", read_file=str
    )
    expected = sorted(
        (start + timedelta(hours=hour + n - 1), order, n)
        for order, (hour, times) in enumerate(shapes)
        for n in range(1, (times or 1) + 1)
    )

    assert read.scenario is not None
    arrived = [each for each in read.scenario.events() if isinstance(each, LeadArrives)]
    assert [(each.at, each.lead) for each in arrived] == [
        (at, f"{order}-{'{n}' if shapes[order][1] is None else n}") for at, order, n in expected
    ]


instants = st.integers(0, 40).map(lambda day: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(day))
steps = st.dictionaries(st.none() | instants, st.integers(0, 100), max_size=4).map(
    lambda values: tuple(
        Step(at, value)
        for at, value in sorted(
            values.items(), key=lambda each: each[0] or datetime.min.replace(tzinfo=UTC)
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(steps, steps, instants)
def test_a_dated_value_is_the_last_that_has_begun_whatever_else_is_dated(weight, capacity, at):
    said = {"weight": weight, "capacity": capacity}
    now = Roster([Person("ada", said)]).at(at).people["ada"]
    begun = [s.value for s in weight if s.starts_at is None or s.starts_at <= at]

    assert now.weight == (begun[-1] if begun else 1)
