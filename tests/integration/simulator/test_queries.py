"""/query and /queryAll as a client sees them: pages, shapes and refusals."""

import pytest

from tests.integration.simulator.wire import DATA, Wire

NOTHING = {"totalSize": 0, "done": True, "records": []}


def test_a_record_shows_its_type_and_address_and_what_was_selected(wire: Wire):
    lead = wire.lead()

    record = wire.records(f"SELECT Id, Company, Email FROM Lead WHERE Id = '{lead}'")[0]

    assert record == {
        "attributes": {"type": "Lead", "url": f"{DATA}/sobjects/Lead/{lead}"},
        "Id": lead,
        "Company": "Acme",
        "Email": None,
    }
    assert list(record) == ["attributes", "Id", "Company", "Email"]


def test_nothing_found_is_an_empty_result(wire: Wire):
    assert wire.query("SELECT Id FROM Lead WHERE Company = 'Nobody'").json() == NOTHING


def test_an_owner_is_a_name_of_some_type(wire: Wire):
    held, owned = wire.lead(), wire.lead(OwnerId=wire.rep())
    text = f"SELECT Owner.Type, Owner.Name FROM Lead WHERE Id IN ('{held}', '{owned}') ORDER BY Id"

    owners = [record["Owner"] for record in wire.records(text)]

    assert [one["Type"] for one in owners] == ["Queue", "User"]
    assert [one["attributes"]["type"] for one in owners] == ["Name", "Name"]
    assert owners[0]["attributes"]["url"].startswith(f"{DATA}/sobjects/Group/00G")


def test_typeof_reaches_what_only_users_have(wire: Wire):
    held, owned = wire.lead(), wire.lead(OwnerId=wire.rep())
    text = (
        "SELECT TYPEOF Owner WHEN User THEN Username WHEN Group THEN DeveloperName END FROM Lead"
        f" WHERE Id IN ('{held}', '{owned}') ORDER BY Id"
    )

    owners = [record["Owner"] for record in wire.records(text)]

    assert owners[0]["DeveloperName"] == "web_inbound"
    assert owners[1]["Username"] == wire.row(wire.rep())["Username"]


def test_a_page_says_where_the_next_one_is(wire: Wire):
    wire.simulator.world.add_leads(450, at=wire.simulator.clock.now())
    headers = {"Sforce-Query-Options": "batchSize=200"}
    page = wire.query("SELECT Id FROM Lead", headers=headers).json()
    sizes, seen = [len(page["records"])], {one["Id"] for one in page["records"]}

    assert page["nextRecordsUrl"].startswith(f"{DATA}/query/0r8")
    while not page["done"]:
        page = wire.get(page["nextRecordsUrl"]).json()
        sizes.append(len(page["records"]))
        seen |= {one["Id"] for one in page["records"]}

    assert sizes[:2] == [200, 200]
    assert len(seen) == page["totalSize"] == sum(sizes)
    assert "nextRecordsUrl" not in page


def test_a_later_page_shows_the_values_of_its_own_time(wire: Wire):
    wire.simulator.world.add_leads(250, at=wire.simulator.clock.now())
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = wire.query("SELECT Id, City FROM Lead ORDER BY Id", headers=headers).json()
    last = max(wire.simulator.org.store.table("Lead").rows)

    wire.simulator.acts.update(last, {"City": "Bern"})

    assert wire.get(first["nextRecordsUrl"]).json()["records"][-1]["City"] == "Bern"


def test_a_locator_is_good_for_two_days_and_for_its_own_user(wire: Wire):
    wire.simulator.world.add_leads(250, at=wire.simulator.clock.now())
    headers = {"Sforce-Query-Options": "batchSize=200"}
    url = wire.query("SELECT Id FROM Lead", headers=headers).json()["nextRecordsUrl"]
    stranger = wire.simulator.grant(user_id=wire.rep()).access_token

    foreign = wire.get(url, headers={"Authorization": f"Bearer {stranger}"})
    invented = wire.get("/query/0r8000000000000AAA-2000")
    good = wire.get(url)
    wire.simulator.org.sessions.lasts_s = 1e9
    wire.pass_time(48 * 3600 + 1)
    stale = wire.get(url)

    said = [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]
    assert good.status_code == 200
    assert [one.json() for one in (foreign, invented, stale)] == [said, said, said]


def test_the_keyset_of_a_poller_reads_every_row_once(wire: Wire):
    wire.simulator.world.add_leads(300, at=wire.simulator.clock.now())
    stamp, last, seen = "2020-01-01T00:00:00Z", "000000000000000AAA", []

    while True:
        page = wire.records(
            "SELECT Id, SystemModstamp FROM Lead"
            f" WHERE (SystemModstamp = {stamp} AND Id > '{last}') OR SystemModstamp > {stamp}"
            " ORDER BY SystemModstamp ASC, Id ASC LIMIT 100"
        )
        if not page:
            break
        seen += [one["Id"] for one in page]
        stamp, last = page[-1]["SystemModstamp"].replace("+0000", "Z"), page[-1]["Id"]

    assert seen == sorted(set(seen), key=seen.index)
    assert set(seen) == set(wire.simulator.org.store.table("Lead").rows)


def test_query_hides_what_is_deleted_and_query_all_shows_who_won(wire: Wire):
    winner, loser = wire.lead(), wire.lead()
    wire.simulator.acts.merge(winner, [loser])
    text = f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'"

    shown = wire.query(text, path="/queryAll").json()["records"][0]

    assert wire.query(text).json() == NOTHING
    assert (shown["IsDeleted"], shown["MasterRecordId"]) == (True, winner)


def test_counts_and_groups(wire: Wire):
    count = len(wire.records("SELECT Id FROM Account"))

    assert wire.query("SELECT COUNT() FROM Account").json() == {**NOTHING, "totalSize": count}
    groups = wire.records("SELECT Type, COUNT(Id) n FROM Account GROUP BY Type")
    assert sum(one["n"] for one in groups) == count
    newest = wire.records("SELECT MAX(SystemModstamp) FROM Account")[0]["expr0"]
    assert newest.endswith(".000+0000")


def test_children_come_with_their_parent_or_as_null(wire: Wire):
    busy, quiet = wire.lead(), wire.lead()
    task = wire.simulator.acts.work(busy, by=wire.rep())
    text = (
        "SELECT Id, (SELECT Id, Subject FROM Tasks) FROM Lead"
        f" WHERE Id IN ('{busy}', '{quiet}') ORDER BY Id"
    )

    tasks = [record["Tasks"] for record in wire.records(text)]

    assert tasks[0]["totalSize"] == 1
    assert tasks[0]["records"][0]["Id"] == task
    assert tasks[1] is None


def test_a_list_can_be_another_query(wire: Wire):
    wire.lead(OwnerId=wire.rep())

    found = wire.records(
        "SELECT OwnerId FROM Lead WHERE OwnerId IN"
        f" (SELECT Id FROM User WHERE Email = '{wire.row(wire.rep())['Email']}')"
    )

    assert {one["OwnerId"] for one in found} == {wire.rep()}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("SELECT Nope FROM Lead", "INVALID_FIELD", id="no such field"),
        pytest.param("SELECT Id, id FROM Lead", "INVALID_FIELD", id="a field twice"),
        pytest.param("SELECT Nope.Name FROM Lead", "INVALID_FIELD", id="no such relationship"),
        pytest.param("SELECT Id FROM Laed", "INVALID_TYPE", id="no such object"),
        pytest.param("SELECT Id, (SELECT Id FROM Nope) FROM Lead", "INVALID_TYPE", id="no child"),
        pytest.param("SELECT Id", "MALFORMED_QUERY", id="no FROM"),
        pytest.param("SELECT * FROM Lead", "MALFORMED_QUERY", id="a star"),
        pytest.param("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", id="no condition"),
        pytest.param(
            "SELECT Id FROM Lead WHERE City = 'Bern", "MALFORMED_QUERY", id="an open string"
        ),
        pytest.param(
            'SELECT Id FROM Lead WHERE City = "Bern"', "MALFORMED_QUERY", id="double quotes"
        ),
        pytest.param(
            "SELECT Id FROM Lead WHERE City = 'a' AND City = 'b' OR City = 'c'",
            "MALFORMED_QUERY",
            id="AND and OR without parentheses",
        ),
        pytest.param("SELECT Id FROM Lead WHERE City = :city", "MALFORMED_QUERY", id="a bind"),
        pytest.param("SELECT Id FROM Lead WHERE City IS NULL", "MALFORMED_QUERY", id="IS NULL"),
        pytest.param("SELECT Id FROM Lead LIMIT x", "MALFORMED_QUERY", id="a limit in words"),
        pytest.param("SELECT Id FROM Lead ALL ROWS", "MALFORMED_QUERY", id="ALL ROWS"),
        pytest.param("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY", id="all without limit"),
        pytest.param("UPDATE Lead SET City = 'x'", "MALFORMED_QUERY", id="an update"),
        pytest.param("   ", "MALFORMED_QUERY", id="nothing"),
        pytest.param(
            "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            id="a quoted time",
        ),
        pytest.param("SELECT Id FROM Lead WHERE City = 7", "INVALID_FIELD", id="a number for text"),
        pytest.param(
            "SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", id="a long text"
        ),
        pytest.param(
            "SELECT Id FROM Lead WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", id="no id"
        ),
        pytest.param(
            "SELECT Id FROM Lead WHERE Id LIKE '00Q%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            id="an id that is like something",
        ),
        pytest.param(
            "SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", id="too far in"
        ),
        pytest.param(
            "SELECT IsEnabled FROM OutOfOffice WHERE IsEnabled = true",
            "INVALID_FIELD",
            id="a field that cannot be filtered",
        ),
        pytest.param("SELECT City, COUNT(Id) FROM Lead", "MALFORMED_QUERY", id="not grouped"),
    ],
)
def test_a_bad_query_is_refused_by_its_code(wire: Wire, text: str, code: str):
    assert wire.refused(text) == (400, code)


def test_a_refusal_draws_the_place(wire: Wire):
    message = wire.query("SELECT Foo FROM Lead").json()[0]["message"]

    assert message.startswith(
        "\nSELECT Foo FROM Lead\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Foo' on entity 'Lead'."
    )


def test_a_very_long_url_is_refused(wire: Wire):
    assert wire.query(f"SELECT Id FROM Lead WHERE City = '{'x' * 17_000}'").status_code == 414


def test_a_hidden_field_is_unknown_a_hidden_object_is_none_and_hidden_rows_are_missing(wire: Wire):
    lead = wire.lead()
    reader = wire.with_rights(
        hidden_fields=["Lead.Score__c"], hidden_objects=["OutOfOffice"], hidden_rows=[lead]
    )

    field = wire.query("SELECT Score__c FROM Lead", headers=reader)
    thing = wire.query("SELECT Id FROM OutOfOffice", headers=reader)
    rows = wire.query(f"SELECT Id FROM Lead WHERE Id = '{lead}'", headers=reader)

    assert field.json()[0]["errorCode"] == "INVALID_FIELD"
    assert thing.json()[0]["errorCode"] == "INVALID_TYPE"
    assert rows.json() == NOTHING


def test_a_query_can_be_explained_instead_of_run(wire: Wire):
    answer = wire.get("/query", params={"explain": "SELECT Id FROM Account"}).json()

    assert answer["sourceQuery"] == "SELECT Id FROM Account"
    assert answer["plans"][0]["sobjectType"] == "Account"


def test_a_command_line_can_ask_for_the_columns(wire: Wire):
    answer = wire.get("/query", params={"q": "SELECT Id, City FROM Lead", "columns": "true"})

    assert answer.json()["entityName"] == "Lead"
    assert [one["columnName"] for one in answer.json()["columnMetadata"]] == ["Id", "City"]
