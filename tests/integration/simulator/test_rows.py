"""One record at a time: /sobjects/{object}/{id}, and what is refused there."""

from typing import Any

import pytest

from connectors.simulator.salesforce.stamps import http_date
from tests.integration.simulator.wire import NINE, Wire

SHORT = 15


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def test_a_record_comes_whole_with_its_last_modification_in_a_header(wire: Wire):
    lead = wire.lead(Email="kim@acme.test")

    answer = wire.get(f"/sobjects/Lead/{lead}")

    assert answer.headers["Last-Modified"] == http_date(NINE)
    assert "ETag" not in answer.headers
    assert answer.json()["attributes"]["url"] == f"/services/data/v64.0/sobjects/Lead/{lead}"
    assert answer.json()["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"


def test_only_accounts_carry_an_etag(wire: Wire):
    account = wire.records("SELECT Id FROM Account LIMIT 1")[0]["Id"]

    assert "ETag" in wire.get(f"/sobjects/Account/{account}").headers


def test_fifteen_characters_of_an_id_are_enough(wire: Wire):
    lead = wire.lead()

    answer = wire.get(f"/sobjects/Lead/{lead[:SHORT]}?fields=OwnerId")

    assert answer.json()["Id"] == lead
    assert answer.json()["OwnerId"] == wire.queue()


def test_an_unchanged_record_is_not_sent_again(wire: Wire):
    lead = wire.lead()

    answer = wire.get(f"/sobjects/Lead/{lead}", headers={"If-Modified-Since": http_date(NINE)})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("/sobjects/Lead/nonsense", (404, "NOT_FOUND"), id="no id at all"),
        pytest.param("/sobjects/Lead/00Q000000000000EAA", (404, "NOT_FOUND"), id="nobody's id"),
        pytest.param("/sobjects/Laed/00Q000000000000EAA", (404, "NOT_FOUND"), id="no such object"),
        pytest.param("/sobjects/Lead/003000000000000AAA", (400, "MALFORMED_ID"), id="a contact's"),
        pytest.param("/nowhere", (404, "NOT_FOUND"), id="no such resource"),
        pytest.param("/services/data/v25.0/sobjects", (410, "UNSUPPORTED_API_VERSION"), id="old"),
        pytest.param("/services/data/v99.0/sobjects", (404, "NOT_FOUND"), id="not yet made"),
    ],
)
def test_what_is_not_there_is_refused_by_its_code(wire: Wire, path: str, said: tuple[int, str]):
    assert code(wire.get(path)) == said


def test_a_field_that_is_not_there_fails_the_read(wire: Wire):
    assert code(wire.get(f"/sobjects/Lead/{wire.lead()}?fields=Nope")) == (400, "INVALID_FIELD")


def test_a_wrong_method_is_told_which_ones_are_right(wire: Wire):
    answer = wire.call("PUT", "/sobjects/Lead")

    assert answer.status_code == 405
    assert answer.json() == [
        {
            "message": "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST",
            "errorCode": "METHOD_NOT_ALLOWED",
        }
    ]


def test_a_method_can_be_overridden_for_clients_without_patch(wire: Wire):
    lead = wire.lead()

    answer = wire.post(f"/sobjects/Lead/{lead}?_HttpMethod=PATCH", {"City": "Bern"})

    assert (answer.status_code, wire.row(lead)["City"]) == (204, "Bern")


def test_an_update_answers_with_nothing_and_moves_every_stamp(wire: Wire):
    lead = wire.lead()
    wire.pass_time(5)

    answer = wire.patch(f"/sobjects/Lead/{lead}", {"Country": "DE"})

    row = wire.row(lead)
    assert (answer.status_code, answer.content) == (204, b"")
    assert row["LastModifiedDate"] == row["SystemModstamp"] == "2026-03-02T09:00:05.000+0000"
    assert row["LastModifiedById"] == wire.simulator.world.integration_user_id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"Foo": 1}, "INVALID_FIELD", id="unknown field"),
        pytest.param({"Id": "00Q"}, "INVALID_FIELD", id="the id"),
        pytest.param({"Name": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", id="a computed field"),
        pytest.param({"LastName": "x" * 100_000}, "STRING_TOO_LONG", id="a 100 kB name"),
        pytest.param({"LastName": None}, "REQUIRED_FIELD_MISSING", id="a name taken away"),
        pytest.param({"Email": "kim at acme"}, "INVALID_EMAIL_ADDRESS", id="no e-mail address"),
        pytest.param({"NumberOfEmployees": "many"}, "JSON_PARSER_ERROR", id="no number"),
        pytest.param({"NumberOfEmployees": 2**31}, "NUMBER_OUTSIDE_VALID_RANGE", id="too many"),
        pytest.param({"City": 7}, "JSON_PARSER_ERROR", id="a number for a text"),
        pytest.param({"Signalbox_At__c": "today"}, "JSON_PARSER_ERROR", id="no time"),
        pytest.param({"OwnerId": "ada"}, "MALFORMED_ID", id="an owner who is no id"),
        pytest.param({"OwnerId": None}, "INVALID_CROSS_REFERENCE_KEY", id="no owner"),
        pytest.param({"OwnerId": "005000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", id="nobody"),
        pytest.param(
            {"OwnerId": "001000000000000AAA"}, "FIELD_INTEGRITY_EXCEPTION", id="an account"
        ),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_stored(
    wire: Wire, fields: dict[str, Any], said: str
):
    lead = wire.lead()
    before = wire.row(lead)

    answer = wire.patch(f"/sobjects/Lead/{lead}", fields)

    assert code(answer) == (400, said)
    assert wire.row(lead) == before


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('=HYPERLINK("http://evil.test")', id="formula"),
        pytest.param("\u202eecila", id="right to left"),
        pytest.param("nul\x00byte", id="null byte"),
        pytest.param("\U0001f4a9", id="beyond the basic plane"),
    ],
)
def test_hostile_text_is_stored_as_it_is(wire: Wire, name: str):
    lead = wire.lead()

    wire.patch(f"/sobjects/Lead/{lead}", {"LastName": name})

    assert wire.get(f"/sobjects/Lead/{lead}").json()["LastName"] == name


def test_a_body_that_is_not_json_is_refused(wire: Wire):
    answer = wire.call("PATCH", f"/sobjects/Lead/{wire.lead()}", data=b'{"City":')

    assert code(answer) == (400, "JSON_PARSER_ERROR")


def test_a_record_is_created_with_defaults_and_an_owner(wire: Wire):
    answer = wire.post("/sobjects/Lead", {"LastName": "Voss", "Company": "Acme"})

    made = answer.json()
    assert (answer.status_code, made["success"], made["errors"]) == (201, True, [])
    assert answer.headers["Location"].endswith(made["id"])
    assert wire.row(made["id"])["Status"] == "New"
    assert wire.owner(made["id"]) == wire.simulator.world.integration_user_id


def test_a_deleted_record_is_gone_for_reading_and_deleted_for_writing(wire: Wire):
    lead = wire.lead()

    assert wire.delete(f"/sobjects/Lead/{lead}").status_code == 204
    assert code(wire.get(f"/sobjects/Lead/{lead}")) == (404, "NOT_FOUND")
    assert code(wire.patch(f"/sobjects/Lead/{lead}", {})) == (404, "ENTITY_IS_DELETED")


def test_an_external_id_creates_once_and_then_updates(wire: Wire):
    path = "/sobjects/Lead/External_Id__c/web-17"

    made = wire.patch(path, {"LastName": "Voss", "Company": "Acme"})
    again = wire.patch(path, {"City": "Bern"})

    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert wire.get(path).json()["City"] == "Bern"


def test_an_owner_may_be_a_queue_only_where_it_serves_the_object(wire: Wire):
    lead = wire.lead()
    contact = wire.records("SELECT Id FROM Contact LIMIT 1")[0]["Id"]

    served = wire.give(lead, wire.queue("us-overflow"))
    other = wire.give(lead, wire.queue("support-cases"))
    never = wire.patch(f"/sobjects/Contact/{contact}", {"OwnerId": wire.queue()})

    assert served.status_code == 204
    assert code(other) == (400, "INVALID_OPERATION")
    assert code(never) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_an_inactive_user_is_refused_as_owner_by_id(wire: Wire):
    lead, rep = wire.lead(), wire.rep()
    wire.simulator.acts.set_active(rep, active=False)

    answer = wire.give(lead, rep)

    assert code(answer) == (400, "INACTIVE_OWNER_OR_USER")
    assert answer.json()[0]["message"] == (
        f"operation performed with inactive user [{rep[:15]}] as owner of lead"
    )


def test_a_user_without_a_crm_licence_cannot_own_leads(wire: Wire):
    guest = wire.records("SELECT Id FROM User WHERE UserType = 'CsnOnly'")[0]["Id"]

    said = code(wire.give(wire.lead(), guest))

    assert said == (400, "OP_WITH_INVALID_USER_TYPE_EXCEPTION")


def test_a_new_owner_finds_the_lead_unread_and_the_history_says_so_twice(wire: Wire):
    lead, rep = wire.lead(), wire.rep()
    wire.simulator.acts.update(lead, {"IsUnreadByOwner": False})

    wire.give(lead, rep)

    history = wire.records(f"SELECT OldValue, NewValue FROM LeadHistory WHERE LeadId = '{lead}'")
    assert wire.row(lead)["IsUnreadByOwner"] is True
    assert [one["NewValue"] for one in history] == [wire.row(rep)["Name"], rep]


def test_a_read_only_user_reads_but_changes_nothing(wire: Wire):
    lead, reader = wire.lead(), wire.with_rights(read_only=True)

    answer = wire.patch(f"/sobjects/Lead/{lead}", {"City": "Bern"}, headers=reader)

    assert wire.get(f"/sobjects/Lead/{lead}", headers=reader).status_code == 200
    assert code(answer) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_a_hidden_field_is_unknown_and_a_frozen_one_not_writable(wire: Wire):
    lead = wire.lead()
    reader = wire.with_rights(hidden_fields=["Lead.Score__c"], frozen_fields=["Lead.City"])

    hidden = wire.patch(f"/sobjects/Lead/{lead}", {"Score__c": 1}, headers=reader)
    frozen = wire.patch(f"/sobjects/Lead/{lead}", {"City": "Bern"}, headers=reader)

    assert code(hidden) == (400, "INVALID_FIELD")
    assert code(frozen) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert "Score__c" not in wire.get(f"/sobjects/Lead/{lead}", headers=reader).json()
