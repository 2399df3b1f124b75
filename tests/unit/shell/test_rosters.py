"""The roster meets the users of a CRM."""

from typing import Any

import pytest

from daemon.world.staff.roster_join import JoinCode, Joined, join_users
from routing.facts import UserSeen
from routing.roster import PersonAsOf
from routing.roster.hours import read_week


def user(id_: str, *, email: str | None = None, active: bool = True, can_own: bool = True):
    return UserSeen(id=id_, active=active, name=id_, email=email, can_own=can_own)


def joined(*both: PersonAsOf | UserSeen) -> Joined:
    people = [each for each in both if isinstance(each, PersonAsOf)]
    users = [each for each in both if isinstance(each, UserSeen)]
    return join_users(people, users, connection="acme")


def codes(result: Joined) -> dict[str, list[JoinCode]]:
    return {p: [n.code for n in result.notes if n.person == p] for p in result.people}


def test_people_are_found_by_e_mail_whatever_its_case():
    result = joined(PersonAsOf("ada", email=" Ada@Acme.test"), user("005A", email="ada@acme.TEST"))

    assert result.users == {"ada": "005A"}
    assert result.notes == ()


def test_a_sandboxs_addresses_are_those_of_production():
    result = joined(PersonAsOf("ada", email="a@acme.test"), user("5", email="a@acme.test.invalid"))

    assert result.users == {"ada": "5"}


def test_an_explicit_id_wins_over_the_address_and_may_be_short():
    person = PersonAsOf("ada", email="ada@acme.test", crm={"acme": "005000000000001"})

    result = joined(person, user("5", email="ada@acme.test"), user("005000000000001AAA"))

    assert result.users == {"ada": "005000000000001AAA"}


def test_an_explicit_id_that_is_wrong_is_not_replaced_by_a_guess():
    person = PersonAsOf("ada", email="ada@acme.test", crm={"acme": "005X"})

    result = joined(person, user("5", email="ada@acme.test"))

    assert result.users == {}
    assert codes(result) == {"ada": [JoinCode.UNKNOWN_ID]}


def test_an_id_for_another_connection_is_not_used():
    person = PersonAsOf("ada", email="ada@acme.test", crm={"other": "005X"})

    assert joined(person, user("5", email="ada@acme.test")).users == {"ada": "5"}


def test_the_crms_word_counts_on_who_is_active_and_the_rosters_on_the_rest():
    person = PersonAsOf("ada", email="a@acme.test", weight=3, teams=("us",), timezone="UTC")
    seen = UserSeen("5", active=False, name="A.", email="a@acme.test", timezone="Asia/Tokyo")

    result = joined(person, seen)

    ada = result.people["ada"]
    assert not ada.active
    assert (ada.weight, ada.teams, ada.timezone) == (3, ("us",), "UTC")


def with_week(**changes: Any) -> UserSeen:
    said: dict[str, Any] = {"hours": {"mon": "09:00-17:00"}, "timezone": "Asia/Tokyo", **changes}
    return UserSeen("5", active=True, name="A.", email="a@acme.test", **said)


def test_the_crm_s_hours_count_where_the_roster_gives_none():
    result = joined(PersonAsOf("ada", email="a@acme.test"), with_week())

    ada = result.people["ada"]
    assert (ada.hours, ada.timezone) == (((0, 540, 1020),), "Asia/Tokyo")
    assert result.unsure == frozenset()


def test_the_roster_s_hours_win():
    week = read_week({"tue": "08:00-12:00"})
    person = PersonAsOf("ada", email="a@acme.test", hours=week, timezone="UTC")

    ada = joined(person, with_week(unreadable=("hours",))).people["ada"]

    assert (ada.hours, ada.timezone) == (week, "UTC")
    assert joined(person, with_week(unreadable=("hours",))).unsure == frozenset()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"hours": None, "unreadable": ("hours",)}, id="hours"),
        pytest.param({"unreadable": ("absences",)}, id="absences"),
        pytest.param({"timezone": None}, id="hours in no time zone"),
    ],
)
def test_what_a_crm_says_unreadably_of_somebody_makes_them_unsure(said):
    assert joined(PersonAsOf("ada", email="a@acme.test"), with_week(**said)).unsure == {"ada"}


def test_inactive_in_the_roster_and_active_in_the_crm_is_pointed_out():
    result = joined(PersonAsOf("ada", email="a@x.test", active=False), user("5", email="a@x.test"))

    assert result.people["ada"].active
    assert codes(result) == {"ada": [JoinCode.ACTIVE_DIFFERS]}
    assert "paused: true" in result.notes[0].said


def test_without_a_user_the_rosters_word_stays_and_nothing_can_be_owned():
    result = joined(PersonAsOf("ada", email="a@x.test"), PersonAsOf("bob"), user("5", email="c@x"))

    assert result.users == {}
    assert result.people["ada"].active
    assert codes(result) == {"ada": [JoinCode.NO_USER], "bob": [JoinCode.NO_USER]}


def test_of_several_users_with_one_address_the_one_who_works_is_taken():
    old, new = user("1", email="a@x.test", active=False), user("2", email="a@x.test")

    assert joined(PersonAsOf("ada", email="a@x.test"), old, new).users == {"ada": "2"}


def test_several_working_users_with_one_address_are_nobodys():
    result = joined(
        PersonAsOf("ada", email="a@x.test"),
        user("1", email="a@x.test"),
        user("2", email="a@x.test"),
    )

    assert result.users == {}
    assert codes(result) == {"ada": [JoinCode.AMBIGUOUS_EMAIL]}


def test_two_people_cannot_be_one_user():
    result = joined(
        PersonAsOf("ada", email="a@x.test"),
        PersonAsOf("bob", crm={"acme": "1"}),
        user("1", email="a@x.test"),
    )

    assert result.users == {}
    assert codes(result) == {"ada": [JoinCode.SHARED_USER], "bob": [JoinCode.SHARED_USER]}


def test_a_licence_that_cannot_own_leads_is_no_identity():
    result = joined(PersonAsOf("ada", crm={"acme": "1"}), user("1", can_own=False))

    assert result.users == {}
    assert codes(result) == {"ada": [JoinCode.CANNOT_OWN]}


def test_users_without_an_address_match_nobody():
    assert joined(PersonAsOf("ada", email=None), user("1", email=None)).users == {}
