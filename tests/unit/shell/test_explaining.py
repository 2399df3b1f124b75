"""A lead's story, told from its records."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.offline.simulation.preview import Files, decide_once, read_setting
from daemon.operators.explaining import lines_of, wanted_id, why_not_rep
from models.leads.known import KnownLead
from models.reports.lookups import Story
from routing.engine import Made
from tests.fakes.clock import NOON

BOOK = """
rulebook: inbound
fields: {country: {type: choice, values: [US, DE]}}
pools: {us: {team: us}}
rules: [{name: us, when: {country: {is: US}}, pool: us}]
fallback: {queue: triage}
"""
STAFF = """
people:
- {id: ada, teams: [us], capacity: 3, open_leads: 3}
- {id: bob, teams: [us]}
- {id: cleo, teams: [us]}
- {id: dora, teams: [dach]}
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Lead L1 from the US, which bob or cleo can take: ada is full, dora is in no such team."""
    texts = {"book": BOOK, "staff": STAFF, "lead": "{id: L1, country: US, stage: new}"}
    paths = {name: tmp_path / f"{name}.yaml" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name])
    files = Files(paths["book"], paths["staff"], paths["lead"], None)
    answer = decide_once(read_setting(files), NOON)
    assert isinstance(answer, Made)
    return answer


LEAD = KnownLead(
    id="L1",
    person="p1",
    connection="acme",
    record="r1",
    owner_rep=None,
    holder=None,
    stage="new",
    open=True,
    passed_over=None,
    created_at=NOON,
    first_seen_at=NOON,
)
LISTS = [
    "records",
    "occasions",
    "decisions",
    "turns",
    "assignments",
    "effects",
    "ownership",
    "milestones",
    "outcomes",
    "touches",
    "personal",
    "journal",
]


def story_of(made: Made, **more: Any) -> Story:
    parts: dict[str, Any] = {
        **dict.fromkeys(LISTS, ()),
        "wait": None,
        "recall": None,
        "decisions": (decided(made),),
        "turns": (turned(made),),
    }
    return Story(lead=LEAD, **(parts | more))


def decided(made: Made) -> dict[str, Any]:
    decision = made.decision
    return {
        "id": "d1",
        "lead_id": decision.lead,
        "occasion_id": decision.occasion,
        "route": decision.route,
        "mode": "live",
        "cause": "first_sight",
        "decided_at": decision.at,
        "record": made.record(),
    }


def turned(made: Made) -> dict[str, Any]:
    charge = made.decision.charge
    assert charge is not None
    return {
        "decision_id": "d1",
        "why": "rotation",
        "pool": charge.pool,
        "chosen": charge.chosen,
        "amounts": [[units, [rep]] for rep, units in charge.amounts().items()],
        "cost": charge.cost,
        "claim_before": charge.claim_before,
        "claim_after": charge.claim_after,
        "served_only": charge.served_only,
    }


def text_of(story: Story) -> str:
    return "\n".join(lines_of(story, str))


def test_a_decision_is_told_with_who_was_passed_over_and_why(made: Made):
    told = text_of(story_of(made))

    assert f'goes to {made.decision.owner} by round robin (rule "us", pool "us").' in told
    assert "ada was passed over (capacity_full): 3 open leads of 3." in told
    assert 'Pool "us": 2 could have taken it' in told
    assert "because: first sight" in told


def test_what_became_of_the_write_is_told(made: Made):
    written = {
        "decision_id": "d1",
        "state": "confirmed",
        "created_at": NOON,
        "settled_at": NOON + timedelta(seconds=2.5),
        "code": None,
    }

    told = text_of(story_of(made, assignments=(written,)))

    assert "in the CRM: confirmed 2026-03-02T12:00:02.500000Z, 2.5 s after it" in told


def test_a_human_who_changed_the_owner_is_told(made: Made):
    seen = {
        "rep_id": None,
        "owner": "005X",
        "changed_by": "005Y",
        "observed_at": NOON,
        "ours": False,
    }

    told = text_of(story_of(made, ownership=(seen,)))

    assert "The owner was seen to be 005X, changed by 005Y, not by us." in told


def test_why_a_dropped_rep_did_not_get_it_and_what_would_have_helped(made: Made):
    why = why_not_rep(story_of(made), "ada", str)

    assert (why.code, why.layer) == ("capacity_full", "load")
    assert "3 open leads of 3" in why.said
    assert why.would_help == "closing open leads until fewer than the capacity are left"


def test_why_an_eligible_rep_did_not_get_it(made: Made):
    other = next(rep for rep in ("bob", "cleo") if rep != made.decision.owner)

    why = why_not_rep(story_of(made), other, str)

    assert why.said.startswith(f"{other} could have taken it; {made.decision.owner} was chosen.")


def test_why_the_chosen_rep_got_it(made: Made):
    owner = made.decision.owner or ""

    assert why_not_rep(story_of(made), owner, str).chosen


def test_why_somebody_of_another_pool_did_not_get_it(made: Made):
    why = why_not_rep(story_of(made), "dora", str)

    assert (why.chosen, why.code) == (False, "not_in_pool")
    assert 'dora was not in pool "us"' in why.said


def test_a_lead_without_a_decision_has_nothing_to_explain(made: Made):
    assert "Nothing has been decided" in why_not_rep(story_of(made, decisions=()), "ada", str).said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("00Q5g00000AbCdEEAV", "00Q5g00000AbCdEEAV"),
        (" l06d5x ", "l06d5x"),
        ("https://a.lightning.force.com/lightning/r/Lead/00Q5g00000AbCdE/view", "00Q5g00000AbCdE"),
        ("https://acme.my.salesforce.com/00Q5g00000AbCdEEAV?x=1", "00Q5g00000AbCdEEAV"),
        ("https://app-eu1.hubspot.com/contacts/139/record/0-136/77?x=1", "77"),
        ("https://app.hubspot.com/contacts/139/contact/4711/", "4711"),
        ("https://example.test/nothing/here", "https://example.test/nothing/here"),
    ],
)
def test_a_link_to_a_record_is_as_good_as_its_id(text: str, found: str):
    assert wanted_id(text) == found
