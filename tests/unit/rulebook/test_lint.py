"""What a right book may still do that nobody meant."""

from datetime import UTC, datetime

import pytest

from routing.rulebook.lint import Finding, LintCode, Severity, lint
from tests.unit.rulebook.books import book, book_of

AT = datetime(2027, 3, 1, tzinfo=UTC)
LAST = "  - {name: rest, pool: us}\n"


def found(rules=LAST, **parts):
    """(code, line) of every finding but the one about unused fields."""
    findings = lint(book(rules=rules, **parts), at=AT)
    return [(each.code, each.line) for each in findings if each.code is not LintCode.UNUSED_FIELD]


def test_a_plain_book_has_no_findings():
    assert found() == []


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        pytest.param(
            "  - {name: a, to: {queue: q}}\n" + LAST, LintCode.NEVER_REACHED, id="catches all"
        ),
        pytest.param(
            "  - {name: a, pool: us, when: {vip: {is: true}}}\n"
            "  - {name: b, to: {queue: q}, when: {vip: {is: true}}}\n" + LAST,
            LintCode.SAME_CONDITION,
            id="twice the same condition",
        ),
        pytest.param(
            "  - {name: a, pool: us, when: {not: {country: {is: US}}}}\n" + LAST,
            LintCode.NOT_MATCHES_MISSING,
            id="not matches the missing",
        ),
        pytest.param(
            "  - {name: a, pool: us, sla: {respond_within: 15m}, when: {vip: {is: true}}}\n" + LAST,
            LintCode.SLA_NOT_ENFORCED,
            id="sla",
        ),
        pytest.param(
            "  - {name: a, pool: us, review_by: 2027-03-01, when: {vip: {is: true}}}\n" + LAST,
            LintCode.REVIEW_OVERDUE,
            id="review due today",
        ),
        pytest.param(
            "  - {name: a, pool: us, until: 2027-03-01}\n" + LAST,
            LintCode.RULE_ENDED,
            id="ended this instant",
        ),
        pytest.param(
            "  - {name: a, pool: us, skills: {from: [score]}, when: {vip: {is: true}}}\n" + LAST,
            LintCode.ODD_SKILL_FIELD,
            id="skills from a number",
        ),
        pytest.param(
            "  - {name: a, pool: us, off_hours: hold, when: {vip: {is: true}}}\n" + LAST,
            LintCode.OFF_HOURS_HOLD,
            id="waits for hours",
        ),
        pytest.param(
            "  - {name: a, to: hold, when: {vip: {is: true}}}\n" + LAST, LintCode.HOLD, id="holds"
        ),
        pytest.param(
            "  - {name: a, to: {queue: q}, choose: model, when: {vip: {is: true}}}\n" + LAST,
            LintCode.POOL_ONLY,
            id="ranks a queue",
        ),
        pytest.param(
            "  - {name: a, pool: us, fallback: {person: bob}, when: {vip: {is: true}}}\n" + LAST,
            LintCode.FALLBACK_WITHOUT_QUEUE,
            id="falls back to a person alone",
        ),
    ],
)
def test_a_rule_is_found_to(rules, code):
    assert code in [each for each, _ in found(rules)]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param("  - {name: a, to: {person: bob}}\n" + LAST, id="a person may be away"),
        pytest.param("  - {name: a, pool: us, off_hours: next}\n" + LAST, id="goes on off hours"),
        pytest.param("  - {name: a, pool: us, from: 2027-04-01}\n" + LAST, id="not yet in force"),
        pytest.param(
            "  - {name: a, pool: us, when: {not: {country: {is_null: true}}}}\n" + LAST,
            id="not asks for what is there",
        ),
        pytest.param(
            "  - {name: a, to: {person: bob}, counts_as_turn: true}\n" + LAST, id="counts a turn"
        ),
    ],
)
def test_a_rule_is_not_complained_about_when(rules):
    assert found(rules) == []


def test_a_promise_that_is_not_kept_yet_is_said_so():
    rules = "  - {name: a, pool: us, when: {vip: {is: true}}}\n" + LAST

    assert found(rules, more="exclusive: [[a, rest]]\n") == [(LintCode.EXCLUSIVE_NOT_PROVED, 0)]


def test_a_turn_that_nobody_can_be_charged_for_is_found():
    rules = "  - {name: a, to: {person: bob}, counts_as_turn: true}\n"

    assert (LintCode.COUNTS_AS_TURN_IDLE, 16) in found(rules)


def test_pools_that_nobody_uses_or_that_can_pick_nobody_are_found():
    text = (
        "{rulebook: b, pools: {a: {people: [x], weights: {x: 0}}, b: {team: t, caps: {day: 0}}},"
        " rules: [{name: r, pool: a}], fallback: {queue: q}}"
    )

    assert [each.code for each in lint(book_of(text), at=AT)] == [
        LintCode.UNUSED_POOL,
        LintCode.ALL_WEIGHTS_ZERO,
        LintCode.CAP_ZERO,
    ]


def test_a_finding_says_what_happens_and_what_to_do():
    rules = "  - {name: a, to: {queue: q}}\n  - {name: b, pool: us}\n"

    findings = lint(book(rules=rules, fields="  vip: {type: boolean}\n"), at=AT)

    assert findings == [
        Finding(
            Severity.NOTE,
            LintCode.UNUSED_FIELD,
            0,
            'No rule uses the field "vip". It is kept with every lead for the model and for later'
            " rules.",
        ),
        Finding(
            Severity.ERROR,
            LintCode.NEVER_REACHED,
            7,
            'rule "a" has no condition and takes every lead, so these are never reached: "b". Move'
            " it to the end.",
        ),
    ]
