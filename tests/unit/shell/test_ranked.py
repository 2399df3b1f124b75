"""A ranking told to people, from the record and the version that decided."""

import pytest

from daemon.operators.ranking_text import as_object, lines, ranked, versions_in
from tests.fakes.ranked_office import ROUTE, RankedOffice


@pytest.fixture
def office(tmp_path):
    made = RankedOffice(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    made.round()
    yield made
    made.app.close()


def last(office, **fields):
    record = office.crm.add_lead(stage="new", **{"Country": "US", **fields})
    office.round(2)
    return office.app.ledger.reading.story(office.lead(record))


def told(office, story):
    row = story.decisions[-1]
    return ranked(row["record"], story.personal, versions_in(office.app.ledger.rankers))


def said(office, found, asked=None):
    names = {rep: name for name, rep in office.app.team.ids.items()}
    return list(lines(found, names.__getitem__, None if asked is None else office.rep(asked)))


def test_a_ranked_lead_is_told_with_every_chance_and_what_moved_the_chosen_one(office):
    version = office.put_in_force(better="bob")
    text = said(office, told(office, last(office)))

    assert text[0] == f"Model {version} ranked 2 reps by the chance that this lead closes:"
    assert text[1] == "    bob  37.8 %, at the top, chosen"
    assert text[2] == "    ada  1.1 %"
    assert text[3].startswith("  What moved it for bob, in points: bob in general +")
    assert "country US -" in text[3]
    assert text[4].startswith("  How sure: all that is known of bob adds between +")
    assert text[5] == "  What it did not see: employees is missing; products is missing."


def test_somebody_who_is_asked_about_is_told_as_well(office):
    office.put_in_force(better="bob")
    text = said(office, told(office, last(office)), asked="ada")

    assert any(
        line.startswith("  What moved it for ada, in points: ada in general -") for line in text
    )


def test_the_version_that_decided_is_asked_and_not_the_one_in_force(office):
    office.put_in_force(better="bob")
    story = last(office)
    office.put_in_force(better="ada")
    office.round()

    assert said(office, told(office, story))[1] == "    bob  37.8 %, at the top, chosen"


def test_a_version_that_is_gone_leaves_the_chances_alone(office):
    office.put_in_force(better="bob")
    story = last(office)
    with office.app.ledger.store.append() as database:
        database.exec_driver_sql("DELETE FROM model_versions")
    text = said(office, told(office, story))

    assert text[1:3] == ["    bob  37.8 %, at the top, chosen", "    ada  1.1 %"]
    assert text[-1].startswith("  The version that decided cannot be read any more")


def test_a_version_of_the_same_number_and_another_hash_is_not_the_one(office):
    version = office.put_in_force()
    find = versions_in(office.app.ledger.rankers)

    assert find(ROUTE, version) is not None
    assert find(ROUTE, f"{version}/sha256:{'0' * 64}") is None


def test_a_lead_that_went_round_robin_has_no_ranking(office):
    assert told(office, last(office)) is None


def test_a_machine_is_told_every_rep_with_factors(office):
    office.put_in_force(better="bob")
    found = as_object(told(office, last(office)))

    assert [each["chosen"] for each in found["reps"]] == [True, False]
    assert {factor["kind"] for factor in found["reps"][0]["factors"]} >= {"rep", "lead"}
