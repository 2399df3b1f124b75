"""Search: what it finds and when, in which order, how deep, and what it refuses."""

from typing import Any

import pytest

from tests.integration.simulator.hubspot.hub import NINE_MS, OBJECTS, ROOTS, Hub

WITHOUT_OWNER = {"propertyName": "hubspot_owner_id", "operator": "NOT_HAS_PROPERTY"}
BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    given = {"propertyName": name, "operator": operator, **more}
    return given if value is None else {**given, "value": str(value)}


def window(since_ms: int, before_ms: int) -> list[dict[str, Any]]:
    return [
        where("lastmodifieddate", "GTE", since_ms),
        where("lastmodifieddate", "LT", before_ms),
    ]


def test_a_write_is_read_at_once_and_found_later(hub: Hub):
    contact = hub.contact(country="CH")
    read = hub.http.get(f"{OBJECTS}/contacts/{contact}").status_code

    early = hub.found(where("country", "EQ", "CH"))
    hub.pass_time(2.1)

    assert (read, early) == (200, [])
    assert hub.found(where("country", "EQ", "CH")) == [contact]


def test_until_the_index_knows_of_a_change_a_search_shows_the_past(hub: Hub):
    contact = hub.contact(city="Bern")
    hub.settle()
    hub.simulator.acts.update("contacts", int(contact), {"city": "Basel"})

    asked = {"filterGroups": [{"filters": [where("city", "EQ", "Bern")]}], "properties": ["city"]}
    (row,) = hub.search(asked).json()["results"]

    assert row["properties"]["city"] == "Bern"
    assert row["updatedAt"] == "2026-03-02T09:00:00.000Z"


def test_a_walk_along_ids_finds_everything_in_a_window(hub: Hub):
    made = [hub.contact() for _ in range(450)]
    hub.settle()
    found: list[str] = []
    sizes: list[int] = []
    last = "0"
    while len(sizes) < 10 and (not sizes or sizes[-1] == 200):
        page = hub.found(
            *window(NINE_MS, NINE_MS + 1), where("hs_object_id", "GT", last), sorts=BY_ID
        )
        sizes.append(len(page))
        found += page
        last = found[-1]

    assert found == made
    assert sizes == [200, 200, 50]


def test_the_total_counts_what_is_left_of_a_walk(hub: Hub):
    made = [hub.contact() for _ in range(30)]
    hub.settle()
    body = {
        "filterGroups": [
            {"filters": [*window(NINE_MS, NINE_MS + 1), where("hs_object_id", "GT", made[9])]}
        ],
        "sorts": BY_ID,
        "limit": 5,
    }

    answer = hub.search(body).json()

    assert answer["total"] == 20
    assert [row["id"] for row in answer["results"]] == made[10:15]
    assert answer["paging"] == {"next": {"after": "5"}}


def test_a_window_is_half_open(hub: Hub):
    before = hub.contact()
    hub.pass_time(1)
    inside = hub.contact()
    hub.pass_time(1)
    hub.contact()
    hub.settle()

    assert hub.found(*window(NINE_MS + 1, NINE_MS + 2000)) == [inside]
    assert before in hub.found(*window(NINE_MS, NINE_MS + 1))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(where("city", "EQ", "bern"), "a", id="equal, whatever the capitals"),
        pytest.param(where("city", "NEQ", "Bern"), "b", id="not equal, nor missing"),
        pytest.param(where("city", "IN", values=["bern", "basel"]), "ab", id="in"),
        pytest.param(where("city", "NOT_IN", values=["bern"]), "b", id="not in"),
        pytest.param(where("city", "HAS_PROPERTY"), "ab", id="has a value"),
        pytest.param(where("city", "NOT_HAS_PROPERTY"), "c", id="has none"),
        pytest.param(where("city", "CONTAINS_TOKEN", "bas*"), "b", id="contains"),
        pytest.param(where("city", "NOT_CONTAINS_TOKEN", "bas*"), "ac", id="does not contain"),
        pytest.param(where("lead_score", "GT", 9), "bc", id="greater, as a number"),
        pytest.param(where("lead_score", "LTE", 10), "ab", id="at most"),
        pytest.param(where("lead_score", "BETWEEN", 9, highValue="10"), "ab", id="between"),
        pytest.param(where("createdate", "GTE", "2026-03-02T09:00:00Z"), "abc", id="a date"),
        pytest.param(where("lastmodifieddate", "BETWEEN", NINE_MS, highValue=str(NINE_MS)), "abc",
                     id="one instant"),
    ],
)  # fmt: skip
def test_an_operator(hub: Hub, given: dict[str, Any], expected: str):
    made = {
        hub.contact(company="A Ltd", city="Bern", lead_score="9"): "a",
        hub.contact(company="A Ltd", city="Basel", lead_score="10"): "b",
        hub.contact(company="A Ltd", lead_score="100"): "c",
    }
    hub.settle()

    found = hub.found(where("company", "EQ", "A Ltd"), given, sorts=BY_ID)

    assert "".join(made[one] for one in found) == expected


def test_groups_are_alternatives_and_nothing_is_found_twice(hub: Hub):
    bern, basel = hub.contact(city="Bern"), hub.contact(city="Basel")
    hub.settle()
    groups = [
        {"filters": [where("city", "EQ", "Bern")]},
        {"filters": [where("city", "IN", values=["bern", "basel"])]},
    ]

    answer = hub.search({"filterGroups": groups, "sorts": ["hs_object_id"]}).json()

    assert (answer["total"], [row["id"] for row in answer["results"]]) == (2, [bern, basel])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        pytest.param({"propertyName": "lead_score", "direction": "DESCENDING"}, "ba", id="object"),
        pytest.param("lead_score", "ab", id="name"),
        pytest.param("-lead_score", "ba", id="name with a minus"),
        pytest.param("createdate", "ab", id="birth"),
        pytest.param("-lastmodifieddate", "ba", id="last change"),
    ],
)
def test_an_order(hub: Hub, sort: Any, expected: str):
    first = hub.contact(company="A Ltd", lead_score="9")
    hub.pass_time(1)
    second = hub.contact(company="A Ltd", lead_score="10")
    hub.settle()

    found = hub.found(where("company", "EQ", "A Ltd"), sorts=[sort])

    assert "".join({first: "a", second: "b"}[one] for one in found) == expected


def test_words_are_looked_for_in_names_and_addresses(hub: Hub):
    contact = hub.contact(firstname="Zora", lastname="Quant", email="z.quant@acme.test")
    hub.settle()

    answer = hub.search({"query": "quant zora"}).json()

    assert [row["id"] for row in answer["results"]] == [contact]


def test_what_is_archived_merged_or_erased_is_not_found(hub: Hub):
    kept, archived, merged, erased = (hub.contact(company="A Ltd") for _ in range(4))
    hub.settle()
    acts = hub.simulator.acts
    acts.archive("contacts", int(archived))
    acts.merge("contacts", int(kept), int(merged))
    acts.erase("contacts", int(erased))
    hub.settle()

    assert hub.found(where("company", "EQ", "A Ltd")) == [kept]


def test_pages_by_offset_end_at_ten_thousand(hub: Hub):
    hub.simulator.fault("same_instant", count=10_050)
    hub.settle()
    hub.settle()

    last = hub.search({"limit": 200, "after": "9800"})
    beyond = hub.search({"limit": 200, "after": "10000"})

    assert (last.status_code, len(last.json()["results"])) == (200, 200)
    assert last.json()["paging"]["next"]["after"] == "10000"
    assert beyond.status_code == 400
    assert beyond.json()["message"] == "There was a problem with the request."


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"filterGroups": [{"filters": [WITHOUT_OWNER]}] * 6}, id="six groups"),
        pytest.param({"filterGroups": [{"filters": [WITHOUT_OWNER] * 7}]}, id="seven filters"),
        pytest.param({"filterGroups": [{"filters": [WITHOUT_OWNER] * 5}] * 4}, id="twenty in all"),
        pytest.param({"sorts": ["createdate", "email"]}, id="two sorts"),
        pytest.param({"limit": 201}, id="a page of 201"),
        pytest.param({"limit": "200"}, id="a limit that is text"),
        pytest.param({"after": "MTIz"}, id="a cursor of another resource"),
        pytest.param({"query": "x" * 3_000}, id="three thousand characters"),
        pytest.param({"nonsense": 1}, id="an unknown field"),
        pytest.param({"filterGroups": {}}, id="no list"),
        pytest.param({"filterGroups": [{"filters": [where("city", "LIKE", "x")]}]}, id="operator"),
        pytest.param({"filterGroups": [{"filters": [where("nope", "EQ", "x")]}]}, id="property"),
        pytest.param({"filterGroups": [{"filters": [where("city", "EQ")]}]}, id="no value"),
        pytest.param({"filterGroups": [{"filters": [where("city", "IN", "x")]}]}, id="no values"),
        pytest.param(
            {"filterGroups": [{"filters": [where("lead_score", "GT", "x")]}]}, id="no number"
        ),
        pytest.param(
            {"filterGroups": [{"filters": [where("hs_lastmodifieddate", "GT", "1")]}]},
            id="the other objects' modified property",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(hub: Hub, body: dict[str, Any]):
    answer = hub.search(body)

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert answer.json()["correlationId"]


def test_companies_have_another_modified_property(hub: Hub):
    asked = [{"filters": [where("hs_lastmodifieddate", "GTE", "0")]}]

    companies = hub.search({"filterGroups": asked, "limit": 200}, "companies").json()
    contacts = hub.search({"filterGroups": asked}, "contacts")

    assert companies["total"] == 8
    assert contacts.status_code == 400


@pytest.mark.parametrize("root", list(ROOTS.values()))
@pytest.mark.parametrize("name", ["contacts", "contact", "0-1"])
def test_a_type_goes_by_name_or_number_in_every_version(hub: Hub, root: str, name: str):
    answer = hub.http.post(f"{root}/{name}/search", json={"limit": 1})

    assert (answer.status_code, len(answer.json()["results"])) == (200, 1)


def test_an_unknown_type_is_refused(hub: Hub):
    answer = hub.http.post(f"{OBJECTS}/unicorns/search", json={})

    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Unable to infer object type from: unicorns",
    )
