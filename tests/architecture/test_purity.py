"""The decision does nothing but decide: what routing/ imports, calls and walks through."""

import pytest

from tests.architecture.purity import faults_in, set_fields_of
from tests.architecture.tree import modules, shown

SOURCES = {shown(path): path.read_text() for path in modules("routing")}
SET_FIELDS = set_fields_of(SOURCES.values())


@pytest.mark.parametrize("path", SOURCES)
def test_the_decision_stays_pure(path: str):
    assert [str(fault) for fault in faults_in(path, SOURCES[path], SET_FIELDS)] == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("import random", "imports random", id="chance"),
        pytest.param("import os", "imports os", id="the machine"),
        pytest.param("from pathlib import Path", "imports pathlib.Path", id="files"),
        pytest.param("import logging", "imports logging", id="a logger"),
        pytest.param("import zoneinfo", "imports zoneinfo", id="the zones of this machine"),
        pytest.param("from time import time", "imports time.time", id="the clock"),
        pytest.param("from models import ledger", "imports models.ledger", id="the ledger"),
        pytest.param("def f():\n    import sys", "imports sys", id="hidden in a function"),
        pytest.param("from . import rotation", "imports ..rotation", id="a relative import"),
        pytest.param("import yaml", "only routing/reading/ may", id="YAML outside the reader"),
        pytest.param("import z3", "which only routing/proof", id="the solver"),
        pytest.param("from routing import proof", "without its proofs", id="the proofs"),
        pytest.param("from routing.proof.gaps import gap", "without its proofs", id="one proof"),
        pytest.param("print(1)", "calls print()", id="output"),
        pytest.param("open('x')", "calls open()", id="a file"),
        pytest.param("bucket = hash('L1') % 2", "calls hash()", id="a hash with a random seed"),
        pytest.param("order = id(rep)", "calls id()", id="an address in memory"),
        pytest.param("at = datetime.now(UTC)", "reads the clock with now()", id="now"),
    ],
)
def test_a_planted_import_or_call_is_reported(source: str, said: str):
    faults = faults_in("routing/planted.py", source)

    assert [said in fault.what for fault in faults] == [True]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("for rep in {a, b}: f(rep)", id="a literal"),
        pytest.param("first = next(iter(set(reps)))", id="whoever comes first"),
        pytest.param("ids = list(frozenset(reps))", id="a list of a frozen set"),
        pytest.param("text = ','.join({rep.id for rep in reps})", id="joined"),
        pytest.param("kept = [r for r in set(a) | b]", id="a union"),
        pytest.param("kept = {r: 1 for r in set(a) - b}", id="a dictionary keeps the order"),
        pytest.param("def f():\n    away = set()\n    return tuple(away)", id="a local name"),
        pytest.param("def f(away: frozenset[str]):\n    return [*away]", id="a parameter"),
        pytest.param("def f(rep):\n    return [s for s in rep.skills]", id="a field"),
    ],
)
def test_going_through_a_set_in_its_own_order_is_reported(source: str):
    faults = faults_in("routing/planted.py", source, frozenset({"skills"}))

    assert {fault.what for fault in faults} == {
        "goes through a set in its own order; sort it first"
    }


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("for rep in sorted({a, b}): f(rep)", id="sorted"),
        pytest.param("some = any(r in b for r in set(a))", id="any"),
        pytest.param("away = {r.id for r in set(reps)}", id="a set of a set"),
        pytest.param("away = {ada, *set(reps)}", id="a set with another in it"),
        pytest.param(
            "away = set()\ndef f(away: list[str]):\n    return [*away]", id="another name"
        ),
    ],
)
def test_a_set_whose_order_cannot_show_is_fine(source: str):
    assert faults_in("routing/planted.py", source) == []


def test_a_field_counts_as_a_set_when_every_class_says_so():
    sources = [
        "class A:\n    skills: frozenset[str]\n    ids: set[str]",
        "class B:\n    ids: tuple[str, ...]",
    ]

    assert set_fields_of(sources) == {"skills"}


def test_facts_know_nothing_of_the_decision():
    allowed = "from routing.facts.crm import Mapped"

    assert faults_in("routing/facts/planted.py", allowed) == []
    assert len(faults_in("routing/facts/planted.py", "from routing import state")) == 1


def test_the_named_modules_may_read_yaml_and_use_the_solver():
    assert faults_in("routing/reading/planted.py", "import yaml") == []
    assert faults_in("routing/proof/planted.py", "import z3\nfrom routing.proof import gap") == []
