"""Decisions that were stored by the engines before, and by this one when it was new."""

import pytest

from routing.decision import ENGINE
from routing.record import OtherEngine, Same, reproduce
from tests.corpus.kinds import WANTED
from tests.corpus.stored import Corpus, corpora

CORPORA = [pytest.param(each, id=each.folder.name) for each in corpora()]


def expected(corpus: Corpus, kinds: tuple[str, ...]) -> Same | OtherEngine:
    made_by = corpus.manifest["engine"]
    if made_by != ENGINE:
        return OtherEngine(made_by, ENGINE)
    return Same(is_given=GIVEN.intersection(kinds) != set())


GIVEN = {"method:manual", "drop:fallback/internal_error", "drop:load/previous_owner"}


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_stored_decision_comes_out_the_same_or_names_its_engine(corpus: Corpus):
    found = [
        (each.origin, each.kinds, answer)
        for each in corpus.stored()
        if (answer := reproduce(each.record, corpus)) != expected(corpus, each.kinds)
    ]

    assert found == []


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_corpus_is_as_it_was_written(corpus: Corpus):
    stored = list(corpus.stored())

    assert corpus.hashes() == corpus.manifest["sha256"]
    assert len(stored) == corpus.manifest["records"]


def test_this_engine_has_a_corpus_with_every_kind_of_decision():
    (own,) = (each for each in corpora() if each.manifest["engine"] == ENGINE)

    assert WANTED - own.manifest["kinds"].keys() == set()
