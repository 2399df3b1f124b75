"""A roster read from YAML or CSV: the people, or every mistake with its place."""

from datetime import UTC, datetime

import pytest

from daemon.world.staff.calendars import PLACES
from routing.reading import Place
from routing.roster import PersonAsOf, Roster, RosterRead, read_roster, read_week

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

WHOLE = """
people:
  - {id: ada, name: Ada, email: ada@acme.test, teams: [us], skills: [software, healthcare],
     weight: 2, capacity: 30, caps: {hour: 5, day: 12, week: 40}, open_leads: 3,
     timezone: America/New_York, hours: {mon-fri: "09:00-17:30"}, holidays: US, manager: mona,
     backup: mona, active: true, paused: true, crm: {salesforce: 005xx0000012345AAA},
     attributes: {market: us, levels: [1, 2]}}
  - {id: mona}
"""


def read(text: str, name: str = "roster.yaml") -> RosterRead:
    return read_roster(text, name=name, places=PLACES)


def roster(text: str, name: str = "roster.yaml") -> Roster:
    found = read(text, name)
    assert found.mistakes == ()
    assert found.roster is not None
    return found.roster


def person(text: str, at: datetime = NOW) -> PersonAsOf:
    return roster(f"people: [{text}]").at(at).people["ada"]


def mistakes(text: str, name: str = "roster.yaml") -> list[str]:
    return [str(mistake) for mistake in read(text, name).mistakes]


def test_every_attribute_is_read():
    assert roster(WHOLE).at(NOW).people["ada"] == PersonAsOf(
        "ada",
        name="Ada",
        email="ada@acme.test",
        teams=("us",),
        skills=("healthcare", "software"),
        weight=2,
        capacity=30,
        caps=(("hour", 5), ("day", 12), ("week", 40)),
        open_leads=3,
        timezone="America/New_York",
        hours=read_week({"mon-fri": "09:00-17:30"}),
        holidays="US",
        manager="mona",
        backup="mona",
        paused=True,
        crm={"salesforce": "005xx0000012345AAA"},
        attributes={"market": "us", "levels": (1, 2)},
    )


def test_what_is_left_out_has_the_documented_value():
    left_out = person("{id: ada}")

    assert (left_out.weight, left_out.capacity, left_out.caps) == (1, None, ())
    assert (left_out.hours, left_out.active, left_out.paused) == (None, True, False)


def test_null_is_the_same_as_left_out():
    nulls = "{id: ada, weight: null, capacity: null, caps: {day: null}, hours: null, backup: ~}"

    assert person(nulls) == person("{id: ada}")


def test_the_same_people_in_csv_are_the_same_roster():
    table = (
        "\ufeffid,name,email,teams,skills,weight,capacity,cap_hour,cap_day,cap_week,open_leads,"
        "timezone,hours_mon-fri,holidays,manager,backup,active,paused,crm_salesforce,"
        "attribute_market\r\n"
        "ada,Ada,ada@acme.test,us,software; healthcare,2,30,5,12,40,3,America/New_York,"
        "09:00-17:30,US,mona,mona,true,true,005xx0000012345AAA,us\r\n"
        "\r\nmona,,,,,,,,,,,,,,,,,,,\r\n"
    )
    in_yaml = WHOLE.replace(", levels: [1, 2]", "")

    assert roster(table, "ROSTER.CSV").at(NOW).people == roster(in_yaml).at(NOW).people


@pytest.mark.parametrize(
    ("hours", "blocks"),
    [
        pytest.param(
            '{mon: "09:00-12:00, 13:00-17:30"}', [(0, 540, 720), (0, 780, 1050)], id="two"
        ),
        pytest.param(
            '{mon: ["09:00-12:00", "13:00-17:30"]}', [(0, 540, 720), (0, 780, 1050)], id="list"
        ),
        pytest.param('{fri: "22:00-06:00"}', [(4, 1320, 1800)], id="overnight"),
        pytest.param('{sun: "00:00-24:00"}', [(6, 0, 1440)], id="a whole day"),
        pytest.param(
            '{sat-mon: "9:00-10:00"}', [(0, 540, 600), (5, 540, 600), (6, 540, 600)], id="wrap"
        ),
        pytest.param('{"mon, Wed": "09:00–10:00"}', [(0, 540, 600), (2, 540, 600)], id="some days"),
        pytest.param("{mon: 09:00-10:00, tue: null, wed: []}", [(0, 540, 600)], id="days off"),
        pytest.param('{mon: "09:00-11:00, 10:00-12:00"}', [(0, 540, 720)], id="overlapping"),
    ],
)
def test_hours_are_blocks_of_the_week(hours, blocks):
    assert list(person(f"{{id: ada, timezone: UTC, hours: {hours}}}").hours or ()) == blocks


def test_a_dated_value_holds_from_its_first_instant_in_utc():
    dated = "{id: ada, timezone: Asia/Tokyo, weight: [{value: 3, from: 2027-03-01}, {value: 1}]}"

    assert person(dated, datetime(2027, 2, 28, 23, 59, 59, tzinfo=UTC)).weight == 1
    assert person(dated, datetime(2027, 3, 1, tzinfo=UTC)).weight == 3


def test_before_its_first_date_a_value_is_as_if_left_out():
    assert person("{id: ada, weight: [{value: 3, from: 2027-03-01}]}").weight == 1


def test_lists_and_single_attributes_may_be_dated_too():
    dated = (
        '{id: ada, teams: [{value: [us]}, {value: [uk], from: "2026-02-01T08:00:00Z"}],'
        " attributes: {market: us, segment: [{value: mm}, {value: ent, from: 2026-03-01}]}}"
    )
    later = datetime(2026, 4, 1, tzinfo=UTC)

    assert (person(dated).teams, person(dated, later).teams) == (("us",), ("uk",))
    assert person(dated).attributes == {"market": "us", "segment": "mm"}
    assert person(dated, later).attributes == {"market": "us", "segment": "ent"}


def test_every_mistake_is_told_at_once_in_file_order():
    text = """people:
- {id: ada, weigth: 2, weight: 101}
- {id: ada}
- {name: nobody}
- {id: bob, backup: bob, manager: adda, teams: us}
"""

    assert mistakes(text) == [
        'roster.yaml:2:13: "weigth" is not a key of person "ada". Did you mean "weight"?',
        'roster.yaml:2:32: "weight" of person "ada" must be at most 100, but is 101.',
        (
            'roster.yaml:3:3: person "ada" appears twice; the first is on line 2.'
            " Give each person an id of their own."
        ),
        'roster.yaml:4:3: a person has no "id", which is required. Add it.',
        'roster.yaml:5:21: person "bob" is their own backup. Name somebody else.',
        (
            'roster.yaml:5:35: "manager" of person "bob" is "adda", who is not on the roster.'
            ' Did you mean "ada"? Add them, or remove it.'
        ),
        (
            'roster.yaml:5:48: "teams" of person "bob" must be a list, but is the text "us".'
            " Write [us]."
        ),
    ]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ("weight: 1.5", "must be a whole number"),
        ("weight: -1", "must be at least 0"),
        ("weight: '2'", "Remove the quotes"),
        ("capacity: -3", "must be at least 0"),
        ("caps: {month: 5}", '"month" is not a key'),
        ("caps: 5", "must be a mapping"),
        ("teams: [us, us]", 'names "us" twice'),
        ("teams: [NO]", "NO is a boolean to YAML"),
        ("holidays: NO", 'Quote it: "NO"'),
        ("holidays: USA1", "no holidays are known"),
        ("holidays: US-CAX", 'Did you mean "US-CA"?'),
        ("timezone: Europe/Berln", 'Did you mean "Europe/Berlin"?'),
        ("active: 1", "must be true or false"),
        ("email: nobody", "no e-mail address"),
        ("timezone: UTC, hours: always", "must be a mapping"),
        ("timezone: UTC, hours: {}", "hours name no block"),
        ("timezone: UTC, hours: {mon: null}", "hours name no block"),
        ("timezone: UTC, hours: {mon: 17:30}", "17:30 is a number to YAML"),
        ("timezone: UTC, hours: {mon: 9-17}", "is not a block of hours"),
        ("timezone: UTC, hours: {mon: '09:00-09:00'}", "is empty"),
        ("timezone: UTC, hours: {mon: '09:00-24:30'}", "outside 00:00 to 24:00"),
        ("timezone: UTC, hours: {mno: '09:00-10:00'}", '"mno" is not a day'),
        ("timezone: UTC, hours: {mon-fri: '09:00-10:00', fri: '09:00-10:00'}", "given twice"),
        ("hours: {mon: '09:00-10:00'}", "hours but no timezone"),
        ("weight: [{value: 1}, {value: 2}]", "two values without `from`"),
        ("weight: [{from: 2026-01-01}]", 'has no "value"'),
        ("weight: [{value: 1, until: 2026-01-01}]", '"until" is not a key'),
        ("weight: [{value: 1, from: '2026-01-01 10:00'}]", "without a time zone"),
        ("attributes: {market: NO}", "NO is a boolean"),
        ("attributes: {market: {a: 1}}", "must be a value or a list"),
        ("crm: {hubspot: 12}", 'Quote it: "12"'),
    ],
)
def test_a_wrong_attribute_is_told_with_what_to_write(attributes, said):
    found = mistakes(f"people:\n- {{id: ada, {attributes}}}")

    assert len(found) == 1
    assert found[0].startswith("roster.yaml:2:")
    assert said in found[0]


def test_an_email_belongs_to_one_person_whatever_its_case():
    found = mistakes("people:\n- {id: ada, email: A@x.test}\n- {id: bob, email: a@X.test}")

    assert found == [
        (
            'roster.yaml:3:20: person "bob" has the e-mail "a@x.test", which is "ada"\'s already.'
            " CRM users are joined by it: give each person their own."
        )
    ]


def test_an_id_that_reads_as_a_queue_is_refused():
    assert "begins with queue:" in mistakes('people: [{id: "queue:triage"}]')[0]


def test_a_person_without_hours_is_a_warning_and_one_who_left_is_none():
    found = read("people:\n- {id: ada}\n- {id: bob, active: false}")

    assert found.roster is not None
    assert [str(warning) for warning in found.warnings] == [
        (
            'roster.yaml:2:8: person "ada" has no working hours and counts as always on.'
            ' Add hours: {mon-fri: "09:00-17:30"}.'
        )
    ]


def test_hours_that_cannot_be_read_are_one_mistake_and_no_warning():
    found = read('people: [{id: ada, timezone: Mars, hours: {mon: "09:00-10:00"}}]')

    assert len(found.mistakes) == 1
    assert found.warnings == ()


def test_holidays_without_a_timezone_are_a_warning():
    found = read("people: [{id: ada, holidays: US}]")

    assert "their days are UTC's" in found.warnings[-1].message


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "roster.yaml", "empty"),
        ("", "roster.csv", "Begin with a header row"),
        ("people:", "roster.yaml", "must be a list"),
        ("persons: []", "roster.yaml", '"persons" is not a key'),
        ("7", "roster.yaml", "must be a mapping"),
        ("people: [7]", "roster.yaml", "must be a mapping"),
        ("people: [", "roster.yaml", "roster.yaml:"),
        ("name,teams\nx,y", "roster.csv", 'no column "id"'),
        ("id,tems\nx,y", "roster.csv", 'Did you mean "teams"?'),
        ("id,id\nx,y", "roster.csv", "appears twice"),
        ("id;teams\nx;y", "roster.csv", "Separate columns by commas"),
        ("id,teams\nx", "roster.csv", "roster.csv:2:1: This row has 1 cells"),
        ("id,weight\n\nx,heavy", "roster.csv", "roster.csv:3:2: "),
        ('id,name\n"x', "roster.csv", "no CSV"),
        ("id,hours_mno\nx,09:00-10:00", "roster.csv", '"mno" is not a day'),
        ("id,active\nx,maybe", "roster.csv", "must be true or false"),
    ],
)
def test_a_file_of_the_wrong_shape_is_told_so(text, name, said):
    assert said in mistakes(text, name)[0]


def test_rows_of_csv_may_hold_line_breaks_and_keep_their_line_numbers():
    found = mistakes('id,name,weight\nada,"A\nda",x\nbob,Bob,y', "roster.csv")

    assert [line.partition(": ")[0] for line in found] == [
        "roster.csv:2:2",
        "roster.csv:2:3",
        "roster.csv:4:3",
    ]


def test_norway_in_csv_is_a_country():
    assert (
        roster("id,timezone,holidays\nada,Europe/Oslo,NO", "r.csv").at(NOW).people["ada"].holidays
        == "NO"
    )


def test_every_attribute_remembers_where_it_was_said():
    ada = roster(WHOLE).people["ada"]

    assert ada.source("weight") == Place("roster.yaml", 4, 14)
    assert roster(WHOLE).people["mona"].source("weight") is None


def test_names_of_those_who_join_later_may_be_known_already():
    later = read_roster("people: [{id: ada, backup: cleo}]", name="r.yaml", also_known={"cleo"})

    assert later.mistakes == ()
