"""What `reproduce` answers when not everything is as it was."""

from dataclasses import replace
from typing import Any

import pytest

from routing.canonical import canonical, parse
from routing.decision import ENGINE
from routing.engine import guide_to
from routing.facts import Lead
from routing.ranking import NoScores, Scores
from routing.record import (
    Differs,
    Erased,
    Lacking,
    Missing,
    Opened,
    OtherEngine,
    Same,
    Unreadable,
    reproduce,
)
from routing.record.reproducing import _other_scores
from routing.rulebook.book import read_book
from tests.corpus.stored import Corpus, corpora
from tests.fakes.fifty import MODEL
from tests.fakes.shelf import Shelf

OTHER = "{rulebook: other, rules: [{name: all, to: {queue: q}}], fallback: {queue: q}}"
CORPUS = next(each for each in corpora() if each.manifest["engine"] == ENGINE)


def record(*kinds: str) -> bytes:
    """The first stored decision that is all of this."""
    return next(each.record for each in CORPUS.stored() if set(kinds) <= set(each.kinds))


def said(kind: str) -> Any:
    return parse(record(kind))


def without(**gone: Any) -> Corpus:
    """The corpus, with some of what its records name taken away or replaced."""
    found = Corpus(CORPUS.folder)
    found.named = replace(CORPUS.named, **gone)
    return found


def test_a_result_that_was_changed_is_named_with_both_values():
    forged = said("method:round_robin")
    owner, forged["result"]["owner"] = forged["result"]["owner"], "mallory"

    assert reproduce(canonical(forged), CORPUS) == Differs("result.owner", "mallory", owner)


def test_a_changed_input_that_leads_elsewhere_shows_in_the_result():
    forged = said("wait:fields")
    forged["inputs"]["decided_at"] = "2026-12-24T00:00:00Z"

    answer = reproduce(canonical(forged), CORPUS)

    assert isinstance(answer, Differs)
    assert answer.where.startswith("result.")


def test_a_question_that_its_route_would_not_take_was_never_decided():
    forged = said("cause:first_sight")
    forged["inputs"]["lead"]["owner"] = "somebody-else"

    answer = reproduce(canonical(forged), CORPUS)

    assert isinstance(answer, Differs)
    assert (answer.where, answer.reproduced) == (
        "result.method",
        "not taken: held held by somebody-else",
    )


def test_another_engine_is_its_own_answer_whatever_else_the_record_holds():
    older = canonical({"inputs": {"engine": ENGINE - 1}, "result": {}})

    assert reproduce(older, CORPUS) == OtherEngine(ENGINE - 1, ENGINE)


def test_a_rulebook_that_is_gone_is_named():
    hash_ = said("method:queue")["inputs"]["rulebook"]

    assert reproduce(record("method:queue"), without(books={})) == Missing(Lacking.RULEBOOK, hash_)


def test_another_rulebook_under_the_same_name_is_a_difference():
    other = read_book(OTHER, name="b").book
    assert other is not None
    shelf = Shelf(guide_to(other))
    named = said("method:queue")["inputs"]["rulebook"]

    assert reproduce(record("method:queue"), shelf) == Differs("inputs.rulebook", named, other.hash)


def test_a_model_that_is_gone_is_named():
    name = said("method:model")["inputs"]["scores"]["model"]

    assert reproduce(record("method:model"), without(models={})) == Missing(Lacking.MODEL, name)


class Says:
    """A ranker that says one thing."""

    def __init__(self, scores: Scores | NoScores) -> None:
        self._scores = scores

    def scores(self, lead: Lead, candidates: Any) -> Scores | NoScores:
        return self._scores


@pytest.mark.parametrize(
    ("again", "where"),
    [
        pytest.param(Scores(MODEL, (("ada", 2),)), "inputs.scores.ppm[0][1]", id="another score"),
        pytest.param(
            Scores(MODEL, (("ada", 1),), top=("ada",)), "inputs.scores.top", id="another top"
        ),
        pytest.param(Scores("m2", (("ada", 1),)), "inputs.scores.model", id="another version"),
        pytest.param(NoScores("damaged"), "inputs.scores", id="no scores any more"),
    ],
)
def test_a_version_that_says_something_else_today_is_a_difference(again, where):
    found = _other_scores(Scores(MODEL, (("ada", 1),)), again)

    assert found.where == where


def test_scores_that_were_changed_are_found_by_asking_the_version_again():
    forged = said("method:model")
    forged["inputs"]["scores"]["ppm"][1] += 1

    answer = reproduce(canonical(forged), CORPUS)

    assert isinstance(answer, Differs)
    assert answer.where == "inputs.scores.ppm[0][1]"
    assert answer.recorded == forged["inputs"]["scores"]["ppm"][1]


def test_without_the_salt_a_draw_cannot_be_repeated():
    hash_ = said("method:holdout")["inputs"]["shares"][2]

    assert reproduce(record("method:holdout"), without(salts={})) == Missing(Lacking.SALT, hash_)


def test_facts_that_were_erased_are_an_answer():
    assert reproduce(record("also:sealed"), without(personal={})) == Erased(("note",))


def test_facts_that_were_changed_give_another_commitment():
    (seal, *_) = (
        row[2] for row in said("also:sealed")["inputs"]["lead"]["facts"]["rows"] if row[1] == "h"
    )
    shelf = Shelf(
        CORPUS.guide(said("also:sealed")["inputs"]["rulebook"]),
        personal={seal: Opened("0" * 64, {"note": "=call me"})},
    )

    answer = reproduce(record("also:sealed"), shelf)

    assert answer == Differs("inputs.lead.facts.rows[1][2]", seal, "0" * 64)


@pytest.mark.parametrize(
    "kind", ["method:manual", "drop:fallback/internal_error", "drop:load/previous_owner"]
)
def test_what_no_layer_decided_is_the_same_but_for_what_was_given(kind):
    assert reproduce(record(kind), CORPUS) == Same(is_given=True)


def test_a_word_that_was_changed_beside_the_owner_is_found():
    forged = said("method:manual")
    forged["result"]["effects"] = []

    answer = reproduce(canonical(forged), CORPUS)

    assert isinstance(answer, Differs)
    assert answer.where == "result.effects"


@pytest.mark.parametrize(
    "bytes_",
    [
        pytest.param(b"\xff", id="no JSON"),
        pytest.param(b"[]", id="no record"),
        pytest.param(b'{"inputs":{"engine":%d}}' % ENGINE, id="half a record"),
    ],
)
def test_bytes_that_are_no_record_are_said_to_be_none(bytes_):
    assert isinstance(reproduce(bytes_, CORPUS), Unreadable)


def test_a_rep_whose_leads_were_counted_otherwise_is_found_in_the_drops():
    forged = said("drop:load/capacity_full")
    for _, by in forged["inputs"]["people"]["pools"]:
        by["open"] = [0 for _ in by["open"]]

    answer = reproduce(canonical(forged), CORPUS)

    assert isinstance(answer, Differs)
    assert answer.where.startswith("result.")
