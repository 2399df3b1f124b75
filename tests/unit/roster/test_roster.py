"""Asking a roster who is there, as of an instant."""

from datetime import UTC, datetime

from routing.reading import Place
from routing.roster import Person, PersonChange, Roster, Step
from routing.rulebook.model import Pool

MARCH = datetime(2027, 3, 1, tzinfo=UTC)
BEFORE = datetime(2027, 2, 1, tzinfo=UTC)
NOWHERE = Place("scenario.yaml", 1, 1)


def person(id_: str, **said) -> Person:
    return Person(id_, {key: (Step(None, value),) for key, value in said.items()})


def change(id_: str, **said) -> PersonChange:
    return PersonChange(id_, {key: (Step(None, value),) for key, value in said.items()}, NOWHERE)


def ids(roster: Roster, pool: Pool, at: datetime = BEFORE) -> list[str]:
    return [member.id for member in roster.at(at).members(pool)]


def test_members_of_a_team_stand_in_id_order_inactive_ones_included():
    roster = Roster(
        [
            person("cy", teams=("us",), active=False),
            person("ada", teams=("us", "uk")),
            person("bob"),
        ]
    )

    assert ids(roster, Pool("us-sales", team="us")) == ["ada", "cy"]


def test_a_pool_may_name_people_and_a_person_it_names_twice_is_in_it_once():
    roster = Roster([person("ada"), person("bob")])

    assert ids(roster, Pool("p", people=("bob", "ada", "bob", "gone"))) == ["ada", "bob"]


def test_a_pool_of_an_empty_team_has_no_members():
    assert ids(Roster([person("ada")]), Pool("p", team="us")) == []


def test_a_dated_team_moves_a_person_at_its_instant():
    moves = Person("ada", {"teams": (Step(None, ("us",)), Step(MARCH, ("uk",)))})
    roster = Roster([moves])

    assert ids(roster, Pool("p", team="uk"), BEFORE) == []
    assert ids(roster, Pool("p", team="uk"), MARCH) == ["ada"]
    assert roster.changes_at == (MARCH,)


def test_teams_are_all_that_anybody_is_ever_in():
    moves = Person("ada", {"teams": (Step(None, ("us",)), Step(MARCH, ("uk",)))})

    assert Roster([moves]).teams == {"us", "uk"}


def test_a_change_makes_a_new_roster_and_leaves_the_old_one():
    old = Roster([person("ada", weight=2, teams=("us",))])
    new = old.changed(change("ada", weight=3))

    assert (old.at(BEFORE).people["ada"].weight, new.at(BEFORE).people["ada"].weight) == (2, 3)
    assert new.at(BEFORE).people["ada"].teams == ("us",)


def test_a_change_overrides_what_was_dated_for_later():
    dated = Roster([Person("ada", {"weight": (Step(None, 1), Step(MARCH, 9))})])

    assert dated.changed(change("ada", weight=3)).at(MARCH).people["ada"].weight == 3


def test_a_change_of_somebody_unknown_makes_them_join():
    joined = Roster().changed(change("cleo", teams=("us",)))

    assert ids(joined, Pool("p", team="us")) == ["cleo"]


def test_the_same_answer_holds_until_something_changes():
    roster = Roster([person("ada")])

    assert roster.at(BEFORE) is roster.at(MARCH)
