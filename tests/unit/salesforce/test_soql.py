"""Queries are made of names and values that were checked."""

import pytest

from connectors.salesforce.cursor import Mark, Scan
from connectors.salesforce.soql import in_range, one_of, select


def test_a_range_after_a_row_is_a_keyset():
    scan = Scan(after=Mark("2026-01-05T09:00:00Z", "00Q5g00000AbCdEEAV"))

    assert in_range(scan) == (
        "((SystemModstamp = 2026-01-05T09:00:00Z AND Id > '00Q5g00000AbCdEEAV')"
        " OR SystemModstamp > 2026-01-05T09:00:00Z)"
    )


def test_a_range_may_end():
    scan = Scan(low="2026-01-05T08:00:00Z", high="2026-01-05T09:00:00Z")

    assert in_range(scan) == (
        "SystemModstamp >= 2026-01-05T08:00:00Z AND SystemModstamp <= 2026-01-05T09:00:00Z"
    )


@pytest.mark.parametrize("name", ["Id FROM User", "Id,Name", "", "1st", "Näme", "a.b c"])
def test_a_name_that_is_none_never_becomes_a_query(name):
    with pytest.raises(ValueError, match="field mapping"):
        select("Lead", (name,))


def test_a_value_that_is_no_id_never_becomes_a_query():
    with pytest.raises(ValueError, match="cannot stand in a query"):
        one_of("Id", ["' OR Id != '"])


def test_a_relationship_s_field_is_a_name():
    assert select("Contact", ("Account.Name",)) == "SELECT Account.Name FROM Contact"
