"""The decision alone: a pick among 500 reps, a lead among fifty, a day of 10,000 leads, a record.

Times are held to a peer in the same run wherever there is one, so that a busy machine slows both.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import orjson

from daemon.offline.simulation.world import Start, World
from routing.engine import Made, decide, guide_to
from routing.facts import Candidate
from routing.ranking import NoModel
from routing.rotation import rotate
from routing.rulebook.book import read_book
from routing.scenario.read import read_scenario
from tests.benchmarks.figures import Figures
from tests.fakes.fifty import BOOK, Pool, Ready, a_question, fifty

COUNTRIES = ("US", "CA", "DE", "FR", "GB")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
LEADS, IN_QUICK = 10_000, 1_000


def microseconds(work: Callable[[], object], times: int) -> float:
    """The best of five rounds, a call."""
    rounds = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - started) / times * 1e6)
    return min(rounds)


def test_a_turn_among_500_reps_costs_as_much_as_a_few_sorts_of_them(figures: Figures):
    chance = random.Random(5)
    reps = [
        Candidate(f"r{n:03}", weight=1 + n % 3, claim=chance.randint(-(10**12), 10**12))
        for n in range(500)
    ]
    turn = microseconds(lambda: rotate("us", reps), 50)
    peer = microseconds(lambda: sorted(reps, key=lambda rep: (-rep.claim, rep.id)), 50)

    figures.at_most("a turn among 500 reps", turn, "us", limit=peer * 12)
    figures.seen("one sort of 500 reps", peer, "us")
    assert figures.missed == []


def test_a_lead_among_fifty_reps_is_decided_and_written_down(figures: Figures):
    book = read_book(BOOK, name="fifty.yaml").book
    assert book is not None
    guide, chance = guide_to(book), random.Random(7)
    questions = [(a_question(chance), Pool(fifty(chance))) for _ in range(100)]

    def made(ranker: Ready | NoModel) -> list[Made]:
        found = (decide(asked, guide, candidates, ranker=ranker) for asked, candidates in questions)
        return [each for each in found if isinstance(each, Made)]

    rotated, ranked = made(NoModel()), made(Ready())
    decided = microseconds(lambda: made(NoModel()), 1) / len(questions)
    written = microseconds(lambda: [each.record() for each in rotated], 1) / len(questions)
    sizes = [len(each.record()) for each in rotated]

    figures.at_most("a decision among fifty reps", decided, "us", limit=1_500)
    figures.at_most("its record", written, "us", limit=decided * 2)
    figures.at_most("its record, median", median(sizes), "bytes", limit=4_096)
    ranked_bytes = median(len(each.record()) for each in ranked)
    figures.at_most("a ranked record, median", ranked_bytes, "bytes", limit=4_096)
    assert figures.missed == []


def day(leads: int, *, cap: int, every_s: int) -> dict[str, Any]:
    """Fifty reps in five teams, 200 rules, one lead every so many seconds."""
    chance = random.Random(1)
    people = [
        {
            "id": f"r{n}",
            "teams": [f"t{n % 5}"],
            "weight": 1 + n % 3,
            "timezone": "Europe/Berlin",
            "hours": {"mon-fri": "08:00-18:00"},
        }
        for n in range(50)
    ]
    rules = [
        {
            "name": f"rule{n}",
            "when": {
                "all": [
                    {"country": {"is": COUNTRIES[n % 5]}},
                    {"employees": {"at_least": (200 - n) * 10}},
                ]
            },
            "pool": f"p{n % 5}",
        }
        for n in range(200)
    ]
    events = [
        {
            "at": (START + timedelta(seconds=n * every_s)).isoformat(),
            "lead": {
                "id": f"L{n}",
                "country": chance.choice(COUNTRIES),
                "employees": chance.randrange(5_000),
                "email": f"kim@company{n}.com",
            },
        }
        for n in range(leads)
    ]
    book = {
        "rulebook": "busy",
        "fields": {
            "country": {"type": "choice", "values": list(COUNTRIES)},
            "employees": {"type": "integer", "min": 0},
        },
        "account_owner": {},
        "pools": {f"p{n}": {"team": f"t{n}", "caps": {"day": cap}} for n in range(5)},
        "rules": rules,
        "fallback": {"queue": "triage"},
    }
    return {"rulebook": book, "people": people, "events": events}


def decisions_per_s(said: dict[str, Any]) -> tuple[float, int]:
    """Decisions a second, and how many leads were on the recall list at the end."""
    read = read_scenario(orjson.dumps(said).decode(), name="day.json", read_file=str)
    assert read.scenario is not None
    scenario = read.scenario
    world = World(Start(scenario.book, scenario.roster, scenario.accounts))
    started = time.perf_counter()
    made = sum(1 for _ in world.play(scenario.events()))
    return made / (time.perf_counter() - started), len(world.router.state.recall)


def test_a_full_recall_list_does_not_bring_a_simulation_to_a_halt(figures: Figures, is_quick: bool):
    leads = IN_QUICK if is_quick else LEADS
    free, _ = decisions_per_s(day(leads, cap=100_000, every_s=60))
    full, waiting = decisions_per_s(day(leads, cap=50 * leads // LEADS, every_s=20))

    figures.at_least("simulated, nobody full, 200 rules", free, "decisions/s", floor=500)
    figures.at_least("simulated, most full", full, "decisions/s", floor=free / 10)
    figures.seen("on the recall list then", waiting, "leads")
    assert figures.missed == []
