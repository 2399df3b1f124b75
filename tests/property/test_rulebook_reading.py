"""Whatever is in the file: reading never raises, and the same book always has the same hash."""

import json
import os
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.reading import Mistakes, as_text, compose
from routing.rulebook.book import read_book
from tests.unit.rulebook.books import book, book_text

BOOK_WORDS = """
rulebook fields pools rules fallback name when pool to country is in not all any queue person
skills values type choice integer US NO 010 17:30 2027-03-01 1.5 true null
"""
WORDS = st.sampled_from(BOOK_WORDS.split())
SCALARS = st.one_of(
    WORDS, st.integers(), st.booleans(), st.none(), st.text(max_size=8), st.floats()
)
TREES = st.recursive(
    SCALARS,
    lambda part: st.one_of(st.lists(part, max_size=4), st.dictionaries(WORDS, part, max_size=5)),
    max_leaves=25,
)
KEYS = ("rulebook", "fields", "pools", "rules", "fallback", "entry", "account_owner", "exclusive")
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
PARTS = st.lists(st.sampled_from([*"{}[]:,-&*!#\"'|>%@ \t\n", "a", "NO", "1"]), max_size=30)


@given(st.one_of(st.text(max_size=60), PARTS.map("".join)))
def test_no_text_makes_reading_raise(text):
    found = read_book(text, name="b.yaml")

    assert (found.book is None) == bool(found.mistakes)


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, TREES)))
def test_no_shape_makes_reading_raise(tree):
    found = read_book(json.dumps(tree), name="b.yaml")

    assert (found.book is None) == bool(found.mistakes)


@settings(deadline=None)
@given(st.sampled_from(book_text().splitlines()), TREES)
def test_no_line_put_wrong_makes_reading_raise(line, tree):
    text = book_text().replace(line, f"{line.partition(':')[0]}: {json.dumps(tree)}")

    found = read_book(text, name="b.yaml")

    assert (found.book is None) == bool(found.mistakes)
    assert all(each.line >= 1 and each.column >= 1 for each in found.mistakes)


@given(st.dictionaries(PRINTABLE, st.lists(PRINTABLE, max_size=3), max_size=4))
def test_a_tree_written_as_text_is_read_back_as_it_was(tree):
    mistakes = Mistakes()
    node = compose(json.dumps(tree), file="f", mistakes=mistakes)
    assert node is not None

    again = compose(as_text(node), file="f", mistakes=mistakes)

    assert again is not None
    assert as_text(again) == as_text(node)
    assert not mistakes


@given(st.permutations(book_text().split("  - {name")[0].splitlines()[2:12]))
def test_the_order_of_declarations_does_not_change_the_hash(fields):
    assert book(fields="\n".join(fields) + "\n").hash == book().hash


def test_another_process_with_another_hash_seed_finds_the_same_hash():
    code = (
        "from routing.rulebook.book import read_book\n"
        f"print(read_book({book_text()!r}, name='b').book.hash)"
    )

    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )

        assert done.stdout.decode().strip() == book().hash
