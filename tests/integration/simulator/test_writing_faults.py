"""The faults of the reference that strike writing, each with its exact wire.

Their numbers are those of the list the simulator was built from; the reading ones are in
test_reading_faults.py.
"""

import pytest
import requests

from tests.integration.simulator.wire import Wire

# 10


def test_two_rows_of_a_collection_are_locked_and_the_answer_is_late(wire: Wire):
    leads = [wire.lead() for _ in range(8)]
    wire.simulator.fault("row_lock", delay_s=0.1, match={"nth": [3, 7]})
    records = [{"attributes": {"type": "Lead"}, "id": one, "OwnerId": wire.rep()} for one in leads]

    answer = wire.patch("/composite/sobjects", {"allOrNone": False, "records": records})

    rows = answer.json()
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2
    assert [row["success"] for row in rows] == [True, True, False, True, True, True, False, True]
    assert rows[2] == {
        "success": False,
        "errors": [
            {
                "statusCode": "UNABLE_TO_LOCK_ROW",
                "message": "unable to obtain exclusive access to this record or 1 records: "
                + leads[2],
                "fields": [],
            }
        ],
    }
    assert [wire.owner(leads[at]) == wire.rep() for at in (2, 6)] == [False, False]


def test_a_locked_row_of_a_composite_fails_alone(wire: Wire):
    leads = [wire.lead() for _ in range(3)]
    wire.simulator.fault("row_lock", delay_s=0, match={"id": leads[1]}, times=1)

    parts = wire.give_all([(lead, wire.rep()) for lead in leads])

    assert [part["httpStatusCode"] for part in parts] == [204, 400, 204]
    assert parts[1]["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"


# 11


def test_a_rep_is_deactivated_between_read_and_write(wire: Wire):
    lead, rep = wire.lead(), wire.rep()
    wire.simulator.fault("inactive_owner", times=1)

    answer = wire.give(lead, rep)

    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": f"operation performed with inactive user [{rep[:15]}] as owner of lead",
            "errorCode": "INACTIVE_OWNER_OR_USER",
            "fields": ["OwnerId"],
        }
    ]
    assert wire.row(rep)["IsActive"] is False


# 12


@pytest.mark.parametrize(
    ("body", "content"),
    [
        pytest.param("empty", b"", id="without a body"),
        pytest.param("list", b'[{"errorCode":"PRECONDITION_FAILED"', id="with a list"),
    ],
)
def test_a_human_is_faster_by_a_moment(wire: Wire, body: str, content: bytes):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.pass_time(3)
    wire.simulator.fault("human_edit", owner=wire.rep(1), body=body, times=1)

    answer = wire.give(lead, wire.rep(), **guard)

    assert answer.status_code == 412
    assert answer.content.startswith(content)
    assert bool(answer.content) is bool(content)
    assert wire.owner(lead) == wire.rep(1)
    assert wire.simulator.truth()[-1]["client"] == "human"


def test_a_human_edit_in_the_same_second_is_overwritten_and_the_journal_knows(wire: Wire):
    lead = wire.lead()
    guard = wire.guard(lead)
    wire.pass_time(3)
    wire.simulator.fault("human_edit", owner=wire.rep(1), second="same", times=1)

    answer = wire.give(lead, wire.rep(), **guard)

    human, ours = wire.simulator.truth()[-2:]
    assert (answer.status_code, answer.content) == (204, b"")
    assert (human["client"], human["after"]) == ("human", wire.rep(1))
    assert (ours["client"], ours["before"]) == (wire.address.client_id, wire.rep(1))


# 13


def test_a_lead_is_converted_under_the_write(wire: Wire):
    lead = wire.lead()
    wire.simulator.fault("gone", how="converted", times=1)

    answer = wire.give(lead, wire.rep())

    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "cannot reference converted lead",
            "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD",
            "fields": [],
        }
    ]
    shown = wire.records(f"SELECT IsConverted, ConvertedContactId FROM Lead WHERE Id = '{lead}'")
    assert shown[0]["IsConverted"] is True
    assert shown[0]["ConvertedContactId"].startswith("003")


@pytest.mark.parametrize("how", ["merged", "deleted"])
def test_a_lead_is_merged_or_deleted_under_the_write(wire: Wire, how: str):
    lead = wire.lead()
    wire.simulator.fault("gone", how=how, times=1)

    answer = wire.give(lead, wire.rep())

    text = f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{lead}'"
    shown = wire.query(text, path="/queryAll").json()["records"][0]
    assert answer.status_code == 404
    assert answer.json() == [
        {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
    ]
    assert shown["IsDeleted"] is True
    assert (shown["MasterRecordId"] is not None) is (how == "merged")


# 14


@pytest.mark.parametrize("how", ["reset", "timeout"])
def test_a_write_takes_effect_and_its_answer_is_lost(wire: Wire, how: str):
    lead = wire.lead()
    wire.simulator.fault("ambiguous_write", how=how, delay_s=0.1, times=1)

    with pytest.raises(requests.exceptions.ConnectionError):
        wire.give(lead, wire.rep())

    assert wire.owner(lead) == wire.rep()
    assert wire.row(lead)["LastModifiedById"] == wire.simulator.world.integration_user_id


def test_a_write_takes_effect_and_a_gateway_answers(wire: Wire):
    lead = wire.lead()
    wire.simulator.fault("ambiguous_write", how="bad_gateway", times=1)

    answer = wire.give(lead, wire.rep())

    assert answer.status_code == 502
    assert answer.text.startswith("<html>")
    assert wire.owner(lead) == wire.rep()


# 15


@pytest.mark.parametrize(
    ("variant", "code", "fields", "part"),
    [
        pytest.param(
            "validation", "FIELD_CUSTOM_VALIDATION_EXCEPTION", ["State"], "needs a state", id="rule"
        ),
        pytest.param("flow", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", [], "NullPointer", id="flow"),
        pytest.param(
            "flow_lock",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            [],
            "UNABLE_TO_LOCK_ROW",
            id="a lock inside a flow",
        ),
        pytest.param(
            "email", "INVALID_EMAIL_ADDRESS", ["Email"], "invalid email address", id="old bad data"
        ),
    ],
)
def test_the_customers_own_rules_refuse_a_save(
    wire: Wire, variant: str, code: str, fields: list[str], part: str
):
    lead = wire.lead()
    wire.simulator.fault("row_refused", variant=variant, times=1)

    answer = wire.give(lead, wire.rep())

    error = answer.json()[0]
    assert (answer.status_code, error["errorCode"], error["fields"]) == (400, code, fields)
    assert part in error["message"]
    assert wire.owner(lead) == wire.queue()


def test_a_validation_rule_refuses_what_it_matches(wire: Wire):
    lead = wire.lead(Country="DE")
    rule = {"object": "Lead", "field": "Country", "pattern": "DE", "message": "Not from there."}
    wire.simulator.act({"act": "validation_rules", "rules": [rule]})

    answer = wire.give(lead, wire.rep())

    assert answer.json() == [
        {
            "message": "Not from there.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Country"],
        }
    ]


def test_bad_data_from_before_blocks_a_change_of_owner(wire: Wire):
    lead = wire.lead()
    wire.simulator.acts.update(lead, {"Email": "kim@@acme"}, unchecked=True)

    answer = wire.give(lead, wire.rep())

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_EMAIL_ADDRESS")


# 16


def test_a_duplicate_rule_answers_with_a_misspelt_key(wire: Wire):
    lead = wire.lead()
    wire.simulator.fault("duplicate")

    refused = wire.give(lead, wire.rep())
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    allowed = wire.give(lead, wire.rep(), **headers)

    body = refused.json()[0]
    assert (refused.status_code, body["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert body["duplicateResut"]["allowSave"] is True
    assert body["duplicateResut"]["matchResults"][0]["matchRecords"][0]["matchConfidence"] == 100.0
    assert allowed.status_code == 204


# 18


def test_an_active_assignment_rule_replaces_the_owner_without_a_word(wire: Wire):
    lead = wire.lead()
    wire.simulator.fault("assignment_rule", owner=wire.rep(2))
    wire.simulator.tick()

    bare = wire.patch(f"/sobjects/Lead/{lead}", {"OwnerId": wire.rep()})
    taken = wire.owner(lead)
    forbidden = wire.give(lead, wire.rep())

    assert (bare.status_code, taken) == (204, wire.rep(2))
    assert (forbidden.status_code, wire.owner(lead)) == (204, wire.rep())
