"""Candidates in a record: as the first engine wrote them, and as they are written now."""

from datetime import UTC, datetime
from typing import Any

import pytest

from routing.candidates import Answers
from routing.canonical import canonical, parse
from routing.facts import Candidate, CapUse
from routing.record import Spelled
from routing.record.people import read_people, read_weights, write_people

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADA = Candidate(
    "ada",
    weight=2,
    skills=("api", "german"),
    open_leads=3,
    capacity=30,
    caps=(CapUse("person", "day", 4, 12),),
    claim=-5,
    served=90,
)
BOB = Candidate("bob", away=True, away_until=AT, open_leads=7)
CLEO = Candidate("cleo", on_hours=False, next_on_at=AT, backup="ada", claim=5, served=100)
ANSWERS = Answers(
    pools=(("us", (ADA, BOB)),),
    reps=(("cleo", CLEO), ("x", None)),
    names=(("Ada", "ada"),),
    owners=(("o", None),),
)
BY_THE_FIRST_ENGINE = """
{"caps":[[["person","day",12]],[]],"kinds":[[2,30,0,0],[1,null,1,1]],"named":[["Ada","ada"]],
"odd":[{"away":true,"away_until":"2026-01-05T12:00:00Z"},{"backup":"ada","next_on_at":
"2026-01-05T12:00:00Z","on_hours":false}],"owners":[["o",null]],"pools":[["us",[["ada",0,3,-5,10,4],
["bob",1,7,0,-1,0]]]],"reps":[["cleo",["cleo",1,0,5,0,1]],["x",null]],"served":100,
"sets":[[0,1],[]],"skills":["api","german"]}
"""


def read_text(text: bytes | str) -> Answers:
    said: Any = parse(text)
    return read_people(said)


def read_back(answers: Answers) -> Answers:
    return read_text(canonical(write_people(answers, Spelled())))


def test_what_the_first_engine_wrote_is_still_read():
    assert read_text(BY_THE_FIRST_ENGINE) == ANSWERS


def test_what_was_written_is_read_back():
    assert read_back(ANSWERS) == ANSWERS


def test_an_id_with_a_space_stays_one_id():
    people = Answers(pools=(("us", (ADA._replace(id="Ada L"), BOB)),))

    assert read_back(people) == people


def test_a_pool_without_anybody_is_a_pool():
    assert read_back(Answers(pools=(("us", ()),))) == Answers(pools=(("us", ()),))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BY_THE_FIRST_ENGINE, id="by the first engine"),
        pytest.param(canonical(write_people(ANSWERS, Spelled())), id="as written now"),
    ],
)
def test_ids_and_weights_can_be_had_alone(text):
    said: Any = parse(text)

    assert read_weights(said, "us") == [("ada", 2), ("bob", 1)]
    assert read_weights(said, "dach") == read_weights(said, None) == []
