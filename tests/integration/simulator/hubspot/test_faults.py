"""Faults 1 to 12 of the reference, each scripted, each with what it leaves behind."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.simulator.hubspot.hub import NINE_MS, OBJECTS, OWNERS, ROOTS, Hub

BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def city(name: str) -> dict[str, Any]:
    return {"propertyName": "city", "operator": "EQ", "value": name}


def since(at_ms: int) -> dict[str, Any]:
    return {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(at_ms)}


def before(at_ms: int) -> dict[str, Any]:
    return {"propertyName": "lastmodifieddate", "operator": "LT", "value": str(at_ms)}


def test_1_a_write_reaches_the_index_late_and_some_much_later(hub: Hub):
    hub.simulator.fault("index_lag")
    hub.simulator.fault("index_lag", match={"nth": 3}, min_s=1200, max_s=1200)
    made = [hub.contact(city="Bern") for _ in range(4)]

    hub.pass_time(31)
    early = hub.found(city("Bern"), sorts=BY_ID)
    hub.pass_time(1200)

    assert early == [made[0], made[1], made[3]]
    assert hub.found(city("Bern"), sorts=BY_ID) == made
    assert all(hub.http.get(f"{OBJECTS}/contacts/{one}").status_code == 200 for one in made)


def test_2_a_later_write_may_be_found_before_an_earlier_one(hub: Hub):
    hub.simulator.fault("index_disorder", held_s=10)
    first, second = hub.contact(city="Bern"), hub.contact(city="Bern")

    hub.pass_time(3)
    early = hub.found(city("Bern"))
    hub.pass_time(10)

    assert early == [second]
    assert hub.found(city("Bern"), sorts=BY_ID) == [first, second]


def test_3_a_search_may_answer_with_rows_from_beyond_its_window(hub: Hub):
    earlier = hub.contact()
    hub.pass_time(5)
    inside = hub.contact()
    hub.pass_time(5)
    later = hub.contact()
    hub.settle()
    window = (since(NINE_MS + 5000), before(NINE_MS + 6000))
    hub.simulator.fault("boundary_spill", spill_ms=5000, times=1)

    spilled, exact = hub.found(*window, sorts=BY_ID), hub.found(*window)

    assert {earlier, inside, later} <= set(spilled)
    assert exact == [inside]


def test_4_thousands_are_stamped_with_one_instant():
    hub = Hub(leads=0, accounts=0)
    hub.simulator.fault("same_instant", count=2_500, properties={"city": "Bern"})
    hub.settle()
    hub.settle()
    found: list[str] = []
    last = "0"
    while page := hub.found(
        city("Bern"),
        {"propertyName": "hs_object_id", "operator": "GT", "value": last},
        sorts=BY_ID,
    ):
        found += page
        last = page[-1]
    stamps = {hub.record(one).modified_ms for one in found}
    hub.close()

    assert len(found) == len(set(found)) == 2_500
    assert len(stamps) == 1


def test_4_a_job_of_the_service_stamps_everything_with_one_instant(hub: Hub):
    hub.pass_time(100)
    hub.simulator.fault("mass_touch")
    hub.pass_time(1)

    contacts = hub.simulator.portal.tables["contacts"].rows.values()
    assert {one.modified_ms for one in contacts} == {NINE_MS + 101_000}


def test_5_rows_move_while_they_are_scanned(hub: Hub):
    made = [hub.contact(city="Bern") for _ in range(10)]
    hub.settle()
    hub.simulator.fault("mutate_mid_scan", rows=2, times=1)

    first = hub.found(city("Bern"), sorts=["lastmodifieddate"], limit=5)
    hub.settle()

    assert first == made[:5]
    assert hub.found(since(NINE_MS + 60_000), sorts=BY_ID) == made[3:5]


def test_6_the_ten_second_limit_strikes_every_so_many_calls(hub: Hub):
    hub.simulator.fault("ten_secondly", match={"every": 3})
    answers = [hub.http.get(OWNERS, params={"limit": 1}) for _ in range(6)]

    assert [one.status_code for one in answers] == [200, 200, 429] * 2
    assert answers[2].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[2].headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in answers[2].headers


def test_7_the_search_limit_leaves_writes_alone(hub: Hub):
    hub.simulator.fault("secondly")

    search, write = hub.search({}), hub.give([hub.contact()], hub.owner())

    assert (search.status_code, search.json()["policyName"]) == (429, "SECONDLY")
    assert write.status_code == 200


def test_8_the_day_is_used_up_until_midnight_of_the_portal(hub: Hub):
    hub.simulator.fault("daily")
    answers = [hub.http.get(OWNERS) for _ in range(2)]
    resets_at = hub.simulator.portal.limits.resets_at(hub.simulator.clock.now())
    hub.pass_time((resets_at - hub.simulator.clock.now()) / timedelta(seconds=1))

    assert [one.json().get("policyName") for one in answers] == ["DAILY", "DAILY"]
    assert hub.http.get(OWNERS).status_code == 200


@pytest.mark.parametrize("value", ["30", "86400", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "soon"])
def test_9_a_limit_may_say_how_long_to_wait_in_any_form(hub: Hub, value: str):
    hub.simulator.fault("retry_after", value=value, times=1)

    refused, taken = hub.http.get(OWNERS), hub.http.get(OWNERS)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, value)
    assert taken.status_code == 200


@pytest.mark.parametrize(("root", "status"), [(ROOTS["v3"], 207), (OBJECTS, 200)])
def test_10_three_of_a_hundred_are_not_found(hub: Hub, root: str, status: int):
    contacts = [hub.contact() for _ in range(100)]
    hub.simulator.fault("input_not_found", match={"nth": [3, 50, 99]})
    inputs = [{"id": one, "properties": {"hubspot_owner_id": hub.owner()}} for one in contacts]

    answer = hub.http.post(f"{root}/contacts/batch/update", json={"inputs": inputs})

    body = answer.json()
    assert (answer.status_code, len(body["results"]), body["numErrors"]) == (status, 97, 3)
    assert [one["context"]["ids"] for one in body["errors"]] == [
        [contacts[2]], [contacts[49]], [contacts[98]],
    ]  # fmt: skip
    assert hub.owner_of(contacts[49]) is None


def test_11_some_ids_are_missing_from_a_success(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.simulator.fault("input_ignored", match={"id": first})

    answer = hub.give([first, second], hub.owner())

    assert (answer.status_code, "errors" in answer.json()) == (200, False)
    assert [row["id"] for row in answer.json()["results"]] == [second]
    assert (hub.owner_of(first), hub.owner_of(second)) == (None, hub.owner())


def test_12_an_owner_who_was_just_removed_fails_the_whole_batch(hub: Hub):
    first, second = hub.contact(), hub.contact()
    hub.simulator.fault("owner_archived", match={"id": second}, times=1)

    answer = hub.give([first, second], hub.owner())

    assert answer.status_code == 400
    assert "INVALID_OPTION" in answer.json()["message"]
    assert (hub.owner_of(first), hub.owner_of(second)) == (None, None)
    assert hub.simulator.truth()[-1]["what"] == "active_changed"
