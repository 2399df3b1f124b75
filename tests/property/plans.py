"""Random scenarios, drawn from a seed: people, pools, hours, leads and what befalls them."""

import random  # noqa: TID251 - a plan is drawn from its seed
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from routing.canonical import canonical
from routing.scenario.read import Scenario, read_scenario

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
PEOPLE = tuple(f"r{n}" for n in range(6))
COUNTRIES = ("US", "DE", "FR", None)

Plan = dict[str, Any]


def dice(seed: int) -> random.Random:
    return random.Random(seed)


def person(name: str, die: random.Random) -> Plan:
    return {
        "id": name,
        "teams": sorted(die.sample(["us", "de", "fr"], die.randint(1, 3))),
        "weight": die.choice([1, 1, 2, 5, 0]),
        "skills": die.choice([[], ["api"], ["api", "german"]]),
        "capacity": die.choice([None, None, 1, 3]),
        "caps": die.choice([{}, {"hour": 1}, {"hour": 3, "day": 4}, {"week": 6}]),
        "open_leads": die.choice([0, 0, 1]),
        "backup": die.choice([None, *(other for other in PEOPLE if other != name)]),
        "active": die.random() < 0.9,
        "paused": die.random() < 0.1,
        **die.choice(
            [
                {},
                {"timezone": "UTC", "hours": {"mon-fri": "08:00-17:00"}},
                {"timezone": "Asia/Tokyo", "hours": {"mon-fri": "09:00-17:30"}, "holidays": "JP"},
            ]
        ),
    }


def book(die: random.Random) -> Plan:
    de, fr = die.choices(["assign", "next", "hold"], k=2)
    skills: Plan = {"from": ["products"]}
    if die.random() < 0.5:
        skills["relax_after"] = "20m"
    return {
        "rulebook": "laws",
        "fields": {
            "country": {"type": "choice", "values": ["US", "DE", "FR"]},
            "products": {"type": "set", "values": ["api", "german"]},
            "score": {"type": "integer"},
        },
        "value": die.choice(["score", None]),
        "entry": {"wait_for": {"fields": ["country"], "at_most": "10m"}},
        "account_owner": {"counts_as_turn": die.random() < 0.5},
        "pools": {
            "us": {"team": "us", "caps": die.choice([{}, {"day": 2}, {"hour": 1}])},
            "de": {"team": "de", "weights": {"r1": 3, "r2": 0}},
            "fr": {"people": ["r0", "r3", "r5"]},
        },
        "rules": [
            {"name": "us", "when": {"country": {"is": "US"}}, "pool": "us", "skills": skills},
            {"name": "de", "when": {"country": {"is": "DE"}}, "pool": "de", "off_hours": de},
            {
                "name": "fr",
                "when": {"country": {"in": ["FR", "DE"]}},
                "pool": "fr",
                "choose": die.choice(["least_loaded", "round_robin"]),
                "off_hours": fr,
                "fallback": die.choice([{"queue": "fr-overflow"}, {"person": "r4"}]),
            },
        ],
        "fallback": {"queue": "triage"},
    }


def event(n: int, die: random.Random) -> Plan:
    someone, lead = die.choice(PEOPLE), f"L{die.randrange(max(n, 1))}"
    new: Plan = {
        "id": f"L{n}",
        "products": die.choice([[], [], ["api"], ["german"]]),
        "score": die.choice([None, die.randrange(-5, 100)]),
        "email": die.choice([None, "kim@acme.com", "kim@gmail.com"]),
        "owner": die.choice([None, None, None, "queue:web", someone, "human"]),
        "country": die.choice(COUNTRIES),
    }
    kinds: Sequence[tuple[int, Plan]] = (
        (12, {"lead": new}),
        (2, {"close": lead}),
        (1, {"owner": {"lead": lead, "to": die.choice([None, "queue:web", "human", someone])}}),
        (1, {"lead": {"id": lead, "country": die.choice(COUNTRIES)}}),
        (1, {"away": someone}),
        (1, {"back": someone}),
        (1, {"leave": someone}),
        (1, {"person": {"id": someone, "active": True, "weight": die.choice([1, 2])}}),
        (1, {"person": {"id": someone, "capacity": die.choice([2, 9])}}),
    )
    weights = [weight for weight, _ in kinds]
    return die.choices([kind for _, kind in kinds], weights)[0]


def plan(seed: int, events: int = 40) -> Plan:
    die = dice(seed)
    at, happened = START, []
    for n in range(events):
        at += timedelta(minutes=die.choice([0, 1, 7, 45, 240]))
        what = {"lead": {"id": "L0"}} if n == 0 else event(n, die)
        until = {"until": at + timedelta(minutes=die.randint(1, 900))}
        more = until if "away" in what and die.random() < 0.5 else {}
        happened.append({"at": at, **what, **more})
    return {
        "rulebook": book(die),
        "people": [person(name, die) for name in PEOPLE],
        "accounts": [{"id": "acme", "domain": "acme.com", "owner": "r2", "team": ["r4", "r1"]}],
        "events": arrived_first(happened),
    }


def arrived_first(events: Sequence[Plan]) -> list[Plan]:
    """Without what would happen to leads that never arrived."""
    known: set[str] = set()
    kept = []
    for each in events:
        lead = each.get("close") or each.get("owner", {}).get("lead")
        if lead is None or lead in known:
            kept.append(each)
        known |= {each["lead"]["id"]} if "lead" in each else set()
    return kept


def story(said: Plan) -> Scenario:
    text = canonical(_plain(said)).decode()
    read = read_scenario(text, name="plan.json", read_file=str)
    assert read.scenario is not None, read.mistakes
    return read.scenario


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None or key == "to"}
    return [_plain(each) for each in value] if isinstance(value, list) else value
