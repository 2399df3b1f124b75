"""SOQL conditions and orders, on leads that differ in one field."""

import pytest

from connectors.simulator.salesforce.access import FULL
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.server import SalesforceSimulator
from tests.unit.simulator.small import NINE, ids, lead, small


@pytest.fixture(scope="module")
def org() -> SalesforceSimulator:
    simulator = small()
    table = simulator.org.store.table("Lead")
    table.rows.clear()
    for fields in (
        {"City": "Bern", "Score__c": 10.0, "Languages__c": "German;French"},
        {"City": "bern", "Score__c": 20.0, "Languages__c": "German"},
        {"City": "O'Fallon", "Score__c": None, "DoNotRoute__c": True},
        {"City": None, "Score__c": 30.0, "Languages__c": "French"},
    ):
        lead(simulator, **fields)
    return simulator


def found(org: SalesforceSimulator, condition: str) -> list[int]:
    """Which of the four leads, by number, meet the condition."""
    every = sorted(org.org.store.table("Lead").rows)
    return [every.index(one) for one in ids(org, f"SELECT Id FROM Lead WHERE {condition}")]


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        pytest.param("City = 'BERN'", [0, 1], id="text has no case"),
        pytest.param("City != 'Bern'", [2, 3], id="unequal lets null through"),
        pytest.param("City = null", [3], id="null"),
        pytest.param("City = ''", [3], id="empty text is null"),
        pytest.param("City <> null", [0, 1, 2], id="not null"),
        pytest.param(r"City = 'O\'Fallon'", [2], id="an escaped quote"),
        pytest.param("City LIKE 'b_r%'", [0, 1], id="like"),
        pytest.param("City LIKE '%\\'%'", [2], id="like with a quote"),
        pytest.param("City IN ('Bern', null)", [0, 1, 3], id="a list with null"),
        pytest.param("City NOT IN ('Bern')", [2, 3], id="not in a list"),
        pytest.param("Score__c > 10", [1, 3], id="null is not greater"),
        pytest.param("Score__c < 30.5", [0, 1, 3], id="nor less"),
        pytest.param("Score__c >= 10 AND Score__c <= 20", [0, 1], id="between"),
        pytest.param("NOT (Score__c > 10)", [0, 2], id="not"),
        pytest.param("NOT Score__c > 10 AND City = 'Bern'", [0], id="not binds tightly"),
        pytest.param("(City = 'Bern' AND Score__c = 10) OR Score__c = 30", [0, 3], id="nested"),
        pytest.param("DoNotRoute__c = true", [2], id="boolean"),
        pytest.param("DoNotRoute__c = FALSE", [0, 1, 3], id="boolean in capitals"),
        pytest.param("Languages__c INCLUDES ('French')", [0, 3], id="includes"),
        pytest.param("Languages__c INCLUDES ('German;French')", [0], id="includes both"),
        pytest.param("Languages__c EXCLUDES ('French')", [1, 2], id="excludes"),
        pytest.param("CreatedDate = TODAY", [0, 1, 2, 3], id="today"),
        pytest.param("CreatedDate < LAST_N_DAYS:3", [], id="before three days ago"),
        pytest.param("CreatedDate > N_DAYS_AGO:1", [0, 1, 2, 3], id="after yesterday"),
        pytest.param("CreatedDate >= 2026-03-02T10:00:00+01:00", [0, 1, 2, 3], id="another zone"),
        pytest.param("CreatedDate > 2026-03-02T09:00:00.900Z", [], id="milliseconds are ignored"),
        pytest.param("CALENDAR_YEAR(CreatedDate) = 2026", [0, 1, 2, 3], id="a part of a date"),
        pytest.param("Owner.Type = 'Queue'", [0, 1, 2, 3], id="through a relationship"),
        pytest.param("Owner.Name LIKE 'web%'", [0, 1, 2, 3], id="a name through it"),
        pytest.param("ConvertedAccount.Name = null", [0, 1, 2, 3], id="through nothing"),
    ],
)
def test_a_condition_finds(org: SalesforceSimulator, condition: str, numbers: list[int]):
    assert found(org, condition) == numbers


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        pytest.param("Score__c", [2, 0, 1, 3], id="null first by default"),
        pytest.param("Score__c DESC", [2, 3, 1, 0], id="null first even descending"),
        pytest.param("Score__c DESC NULLS LAST", [3, 1, 0, 2], id="null last"),
        pytest.param("City NULLS LAST, Score__c DESC", [1, 0, 2, 3], id="two keys, no case"),
    ],
)
def test_rows_come_in_the_order_asked(org: SalesforceSimulator, order: str, numbers: list[int]):
    every = sorted(org.org.store.table("Lead").rows)

    rows = ids(org, f"SELECT Id FROM Lead ORDER BY {order}")

    assert [every.index(one) for one in rows] == numbers


def test_limit_and_offset_cut_the_ordered_rows(org: SalesforceSimulator):
    every = sorted(org.org.store.table("Lead").rows)

    assert ids(org, "SELECT Id FROM Lead ORDER BY Id LIMIT 2 OFFSET 1") == every[1:3]


def test_an_alias_and_the_objects_own_name_may_stand_before_a_field(org: SalesforceSimulator):
    assert len(ids(org, "SELECT l.Id, Lead.City FROM Lead l WHERE l.City = 'Bern'")) == 2


@pytest.mark.parametrize(
    "noise",
    ["FOR VIEW", "FOR REFERENCE", "USING SCOPE everything"],
)
def test_clauses_that_change_nothing_are_read(org: SalesforceSimulator, noise: str):
    assert len(ids(org, f"SELECT Id FROM Lead {noise}")) == 4


def test_groups_can_be_kept_by_what_they_hold(org: SalesforceSimulator):
    text = (
        "SELECT City, COUNT(Id) n FROM Lead GROUP BY City"
        " HAVING COUNT(Id) > 0 AND MAX(Score__c) > 15"
    )

    records = org.org.engine(FULL, version="64.0").run(text).records

    assert [(one["City"], one["n"]) for one in records] == [(None, 1), ("bern", 1)]


def test_the_index_on_stamps_finds_what_a_scan_finds(org: SalesforceSimulator):
    stamp = "2026-03-02T09:00:00Z"
    indexed = f"SELECT Id FROM Lead WHERE SystemModstamp >= {stamp} AND Score__c > 5"
    scanned = f"SELECT Id FROM Lead WHERE LastModifiedDate >= {stamp} AND Score__c > 5"

    assert ids(org, indexed) == ids(org, scanned) != []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("SELECT Id FORM Lead", "unexpected token: 'FORM'", id="a typo"),
        pytest.param("SELECT Id FROM Lead WHERE", "unexpected token: '<EOF>'", id="too short"),
        pytest.param(
            "SELECT Id FROM Lead WHERE City = 'x", "mismatched character '<EOF>'", id="open quote"
        ),
        pytest.param("SELECT Id FROM Lead WHERE City = #", "no viable alternative", id="a hash"),
        pytest.param(
            "SELECT Id FROM Lead WHERE City = :x", "Bind variables only allowed", id="a bind"
        ),
        pytest.param("SELECT NOPE(Id) FROM Lead", "unknown function: NOPE", id="a function"),
    ],
)
def test_a_malformed_query_is_refused_with_its_place(
    org: SalesforceSimulator, text: str, place: str
):
    with pytest.raises(Refused, match=place) as refused:
        ids(org, text)

    assert refused.value.code == "MALFORMED_QUERY"


def test_the_picture_shows_the_row_and_column_of_a_long_query(org: SalesforceSimulator):
    text = "SELECT Id\nFROM Lead\nWHERE Nope = 'x'"

    with pytest.raises(Refused) as refused:
        ids(org, text)

    assert "\nWHERE Nope = 'x'\n      ^\nERROR at Row:3:Column:7\n" in refused.value.message


def test_a_row_touched_twice_in_one_second_is_found_once():
    simulator = small()
    first = lead(simulator)
    simulator.acts.update(first, {"City": "Bern"})

    since = "SELECT Id FROM Lead WHERE SystemModstamp >= 2026-03-02T09:00:00Z"

    assert ids(simulator, since) == [first]


def test_a_row_that_moves_leaves_no_shadow_in_the_index():
    simulator = small()
    first = lead(simulator)
    for _ in range(200):
        simulator.clock.advance(1)
        simulator.acts.update(first, {"City": "Bern"})

    since = "SELECT Id FROM Lead WHERE SystemModstamp >= 2026-03-02T09:00:00Z"

    assert simulator.clock.now() > NINE
    assert ids(simulator, since) == [first]
