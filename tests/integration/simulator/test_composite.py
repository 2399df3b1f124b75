"""Several requests in one: order, references, roll-back and limits."""

from typing import Any

from tests.integration.simulator.wire import DATA, Wire


def part(name: str, method: str, url: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"referenceId": name, "method": method, "url": DATA + url, "body": body, **more}


def test_a_later_part_can_use_what_an_earlier_one_answered(wire: Wire):
    parts = [
        part("made", "POST", "/sobjects/Lead", {"LastName": "Voss", "Company": "Acme"}),
        part("read", "GET", "/sobjects/Lead/@{made.id}?fields=Company"),
    ]

    answer = wire.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"]

    assert [one["httpStatusCode"] for one in answer] == [201, 200]
    assert answer[1]["body"]["Company"] == "Acme"


def test_a_reference_to_nothing_halts_only_its_own_part(wire: Wire):
    parts = [part("read", "GET", "/sobjects/Lead/@{made.id}"), part("more", "GET", "/limits")]

    answer = wire.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"]

    assert [one["httpStatusCode"] for one in answer] == [400, 200]
    assert answer[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_takes_back_what_went_well(wire: Wire):
    lead, seen = wire.lead(), len(wire.simulator.truth())
    parts = [
        part("well", "PATCH", f"/sobjects/Lead/{lead}", {"OwnerId": wire.rep()}),
        part("badly", "PATCH", "/sobjects/Lead/00Q000000000000EAA", {"OwnerId": wire.rep()}),
    ]

    wire.post("/composite", {"allOrNone": True, "compositeRequest": parts})

    assert wire.owner(lead) == wire.queue()
    assert len(wire.simulator.truth()) == seen


def test_twenty_six_parts_are_one_too_many(wire: Wire):
    parts = [part(f"r{at}", "GET", "/limits") for at in range(26)]

    answer = wire.post("/composite", {"compositeRequest": parts})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_parts_may_not_share_a_reference(wire: Wire):
    parts = [part("same", "GET", "/limits"), part("same", "GET", "/limits")]

    answer = wire.post("/composite", {"compositeRequest": parts})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")


def test_a_part_may_not_bring_its_own_authorization(wire: Wire):
    parts = [part("r", "GET", "/limits", httpHeaders={"Authorization": "Bearer x"})]

    answer = wire.post("/composite", {"compositeRequest": parts}).json()["compositeResponse"]

    assert answer[0]["httpStatusCode"] == 400


def test_a_composite_is_one_call_and_a_batch_is_as_many_as_it_has_parts(wire: Wire):
    usage = wire.simulator.org.usage
    parts = [part(f"r{at}", "GET", "/limits") for at in range(5)]
    before = usage.used(wire.simulator.clock.now())

    wire.post("/composite", {"compositeRequest": parts})
    after_composite = usage.used(wire.simulator.clock.now())
    wire.post("/composite/batch", {"batchRequests": parts})

    assert after_composite - before == 1
    assert usage.used(wire.simulator.clock.now()) - after_composite == 1 + len(parts)


def test_a_batch_can_halt_on_its_first_error(wire: Wire):
    parts = [
        {"method": "GET", "url": "v64.0/limits"},
        {"method": "GET", "url": "v64.0/sobjects/Nope/describe"},
        {"method": "GET", "url": "v64.0/limits"},
    ]

    answer = wire.post("/composite/batch", {"haltOnError": True, "batchRequests": parts}).json()

    assert answer["hasErrors"] is True
    assert [one["statusCode"] for one in answer["results"]] == [200, 404, 412]


def test_a_collection_answers_200_whatever_happens_and_a_failed_row_has_no_id(wire: Wire):
    lead = wire.lead()
    records = [
        {"attributes": {"type": "Lead"}, "id": lead, "OwnerId": wire.rep()},
        {"attributes": {"type": "Lead"}, "id": "00Q000000000000EAA", "OwnerId": wire.rep()},
        {"attributes": {"type": "Lead"}, "OwnerId": wire.rep()},
        {"id": lead},
    ]

    answer = wire.patch("/composite/sobjects", {"allOrNone": False, "records": records})

    rows = answer.json()
    assert answer.status_code == 200
    assert rows[0] == {"id": lead, "success": True, "errors": []}
    assert ["id" in row for row in rows] == [True, False, False, False]
    assert [row["errors"][0]["statusCode"] for row in rows[1:]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
        "INVALID_INPUT",
    ]


def test_one_bad_row_takes_the_others_with_it_when_asked(wire: Wire):
    lead = wire.lead()
    records = [
        {"attributes": {"type": "Lead"}, "id": lead, "OwnerId": wire.rep()},
        {"attributes": {"type": "Lead"}, "id": lead, "Email": "nonsense"},
    ]

    rows = wire.patch("/composite/sobjects", {"allOrNone": True, "records": records}).json()

    assert [row["errors"][0]["statusCode"] for row in rows] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_EMAIL_ADDRESS",
    ]
    assert wire.owner(lead) == wire.queue()


def test_two_hundred_rows_and_no_more(wire: Wire):
    records = [{"attributes": {"type": "Lead"}, "id": wire.lead()}] * 201

    answer = wire.patch("/composite/sobjects", {"records": records})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_ten_changes_of_type_and_no_more(wire: Wire):
    types = ["Lead", "Contact"] * 6
    records = [{"attributes": {"type": one}, "id": "x"} for one in types]

    answer = wire.patch("/composite/sobjects", {"records": records})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


def test_records_are_retrieved_in_the_order_asked_with_null_for_the_missing(wire: Wire):
    first, second = wire.lead(), wire.lead()
    body = {"ids": [second, "00Q000000000000EAA", first[:15]], "fields": ["Id", "OwnerId"]}

    rows = wire.post("/composite/sobjects/Lead", body).json()

    assert [row and row["Id"] for row in rows] == [second, None, first]


def test_an_unknown_field_fails_the_whole_retrieve(wire: Wire):
    answer = wire.post("/composite/sobjects/Lead", {"ids": [wire.lead()], "fields": ["Nope"]})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_two_thousand_ids_and_no_more(wire: Wire):
    body = {"ids": [wire.lead()] * 2001, "fields": ["Id"]}

    answer = wire.post("/composite/sobjects/Lead", body)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_records_are_created_and_deleted_many_at_once(wire: Wire):
    record = {"attributes": {"type": "Lead"}, "LastName": "Voss", "Company": "Acme"}

    made = wire.post("/composite/sobjects", {"records": [record, record]}).json()
    ids = ",".join(one["id"] for one in made)
    gone = wire.delete(f"/composite/sobjects?ids={ids}").json()

    assert [one["success"] for one in (*made, *gone)] == [True] * 4
