"""Reps whom the CRM refuses: the next one, three times at most, and never the same again."""

from pathlib import Path

import pytest

from routing.facts import Applied
from tests.fakes.office import Office


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}")
    office.round()
    yield office
    office.app.close()


def test_three_refusals_are_the_end_of_it_though_our_own_fallback_write_comes_back(tmp_path):
    names = ("ada", "bob", "dora", "eve", "finn", "gus", "hana", "ivo")
    people = tuple({"id": n, "email": f"{n}@acme.test", "teams": ["us"]} for n in names)
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", people=people)
    office.round()
    for name in names:
        office.crm.refuse(f"u-{name}", Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(30)

    assert office.states(record) == ["refused_by_crm"] * 3 + ["confirmed"]
    assert office.methods(record)[-1] == "fallback"
    assert len(office.methods(record)) == 4
    office.app.close()


def test_a_rep_who_was_refused_is_not_asked_again_when_a_fact_changes(office):
    for user in ("u-ada", "u-bob"):
        office.crm.refuse(user, Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(8)
    refused = office.states(record).count("refused_by_crm")

    office.crm.edit(record, by="u-web", Note="call back")
    office.round(4)

    assert office.states(record).count("refused_by_crm") == refused
