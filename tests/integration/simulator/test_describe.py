"""What the org says about itself."""

from connectors.simulator.salesforce.stamps import http_date
from tests.integration.simulator.wire import NINE, Wire


def fields(wire: Wire, sobject: str, **rights: object) -> dict[str, dict[str, object]]:
    headers = wire.with_rights(**rights)
    body = wire.get(f"/sobjects/{sobject}/describe", headers=headers).json()
    return {field["name"]: field for field in body["fields"]}


def test_a_describe_has_the_shape_clients_know(wire: Wire):
    body = wire.get("/sobjects/Lead/describe").json()

    owner = next(field for field in body["fields"] if field["name"] == "OwnerId")
    assert (body["name"], body["keyPrefix"], body["replicateable"]) == ("Lead", "00Q", True)
    assert owner["referenceTo"] == ["Group", "User"]
    assert (owner["namePointing"], owner["polymorphicForeignKey"]) == (True, True)
    assert (owner["relationshipName"], owner["updateable"]) == ("Owner", True)
    assert len(owner) >= 50


def test_the_cursor_field_is_filterable_and_sortable(wire: Wire):
    stamp = fields(wire, "Lead")["SystemModstamp"]

    assert (stamp["filterable"], stamp["sortable"], stamp["updateable"]) == (True, True, False)


def test_a_hidden_field_is_absent_and_a_reader_may_update_nothing(wire: Wire):
    shown = fields(wire, "Lead", read_only=True, hidden_fields=["Lead.Score__c"])

    assert "Score__c" not in shown
    assert not any(field["updateable"] for field in shown.values())


def test_a_filter_can_be_forbidden(wire: Wire):
    shown = fields(wire, "Lead", unfilterable=["Lead.SystemModstamp"])

    assert shown["SystemModstamp"]["filterable"] is False


def test_a_picklist_lists_its_values(wire: Wire):
    values = fields(wire, "Lead")["Status"]["picklistValues"]

    assert isinstance(values, list)
    assert [one["value"] for one in values][:2] == ["New", "MQL"]


def test_an_unchanged_describe_is_not_sent_again(wire: Wire):
    headers = {"If-Modified-Since": http_date(NINE)}

    assert wire.get("/sobjects/Lead/describe", headers=headers).status_code == 304


def test_a_hidden_object_is_not_found_and_not_listed(wire: Wire):
    headers = wire.with_rights(hidden_objects=["OutOfOffice"])

    listed = wire.get("/sobjects", headers=headers).json()["sobjects"]
    answer = wire.get("/sobjects/OutOfOffice/describe", headers=headers)

    assert "OutOfOffice" not in {one["name"] for one in listed}
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_limits_and_counts(wire: Wire):
    used = wire.get("/limits").json()["DailyApiRequests"]
    counts = wire.get("/limits/recordCount?sObjects=Lead,Account").json()["sObjects"]

    assert used == {"Max": 150_000, "Remaining": 149_999}
    assert {one["name"] for one in counts} == {"Lead", "Account"}
    assert {"count": 8, "name": "Account"} in counts
