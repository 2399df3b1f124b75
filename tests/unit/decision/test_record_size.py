"""How much a decision among fifty has to remember."""

import random  # noqa: TID251 - days are drawn from a seed
from statistics import median

import pytest

from routing.engine import Made, decide, guide_to
from routing.ranking import NoModel, Ranker
from routing.record import Same, reproduce
from routing.rulebook.book import read_book
from tests.fakes.fifty import BOOK, MODEL, Pool, Priced, Ready, a_question, fifty
from tests.fakes.shelf import Shelf

_BOOK = read_book(BOOK, name="fifty.yaml").book
assert _BOOK is not None
GUIDE = guide_to(_BOOK)


def records(ranker: Ranker) -> list[bytes]:
    chance = random.Random(7)
    made = [
        decide(a_question(chance), GUIDE, Pool(fifty(chance)), ranker=ranker) for _ in range(60)
    ]
    return [each.record() for each in made if isinstance(each, Made)]


@pytest.mark.parametrize("ranker", [NoModel(), Ready()], ids=["rotated", "ranked"])
def test_a_record_of_fifty_candidates_has_at_most_four_kilobytes_in_the_median(ranker):
    written = records(ranker)

    assert len(written) == 60
    assert median(len(record) for record in written) <= 4_096


def test_scores_add_less_than_eight_bytes_for_each_candidate():
    rotated, ranked = (median(map(len, records(each))) for each in (NoModel(), Ready()))

    assert ranked - rotated < 8 * 50


def test_prices_and_the_top_add_less_than_nine_bytes_for_each_candidate():
    ranked, priced = (median(map(len, records(each))) for each in (Ready(), Priced()))

    assert ranked < priced < ranked + 9 * 50


@pytest.mark.parametrize(
    "ranker", [NoModel(), Ready(), Priced()], ids=["rotated", "ranked", "priced"]
)
def test_a_small_record_still_says_everything(ranker):
    shelf = Shelf(GUIDE, {MODEL: ranker})
    for record in records(ranker)[:20]:
        assert reproduce(record, shelf) == Same()
