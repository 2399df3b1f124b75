"""Ids, stamps and values as the service reads and writes them."""

from datetime import UTC, datetime

import pytest

from connectors.simulator.salesforce.ids import IdMint, canonical, checksum
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field
from connectors.simulator.salesforce.soql.periods import span
from connectors.simulator.salesforce.stamps import (
    http_date,
    read_date,
    read_datetime,
    read_http_date,
    wire,
)
from connectors.simulator.salesforce.values import stored
from tests.unit.simulator.small import NINE, small


def test_ids_ascend_and_keep_their_prefix():
    mint = IdMint(7)

    minted = [mint.mint("00Q") for _ in range(500)]

    assert minted == sorted(set(minted))
    assert {len(one) for one in minted} == {18}
    assert all(one.startswith("00Q") for one in minted)


def test_every_form_of_an_id_is_the_same_id():
    full = IdMint(7).mint("00Q")

    assert canonical(full[:15]) == canonical(full) == canonical(full.lower()) == full


@pytest.mark.parametrize("text", ["", "00Q", "00Q00000000000", "00Q-0000000000a", "ä" * 15])
def test_what_is_no_id_is_none(text: str):
    assert canonical(text) is None


def test_the_checksum_marks_capitals():
    assert checksum("aaaaaaaaaaaaaaa") == "AAA"
    assert checksum("AAAAAAAAAAAAAAA") == "555"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("2026-03-02T09:00:00Z", NINE, id="zulu"),
        pytest.param("2026-03-02T10:00:00+01:00", NINE, id="offset"),
        pytest.param("2026-03-02T09:00:00.000+0000", NINE, id="as the service writes it"),
        pytest.param("2026-03-02 09:00", None, id="a space"),
        pytest.param("2026-02-30T09:00:00Z", None, id="no such day"),
    ],
)
def test_times_are_read_as_clients_write_them(text: str, at: datetime | None):
    assert read_datetime(text) == at


def test_a_date_is_a_day():
    assert read_date("2026-03-02") == "2026-03-02"
    assert read_date("2026-03-02T23:30:00-02:00") == "2026-03-03"
    assert read_date("tomorrow") is None


def test_headers_carry_whole_seconds():
    assert read_http_date(http_date(NINE.replace(microsecond=999_999))) == NINE
    assert read_http_date("not a date") is None
    assert read_http_date(None) is None


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        pytest.param("string", "", None, id="empty text is null"),
        pytest.param("boolean", None, False, id="no boolean is false"),
        pytest.param("boolean", "TRUE", True, id="a boolean in words"),
        pytest.param("int", "7", 7, id="a number in quotes"),
        pytest.param("double", 7, 7.0, id="a whole double"),
        pytest.param("datetime", "2026-03-02T10:00:00+01:00", wire(NINE), id="a time in UTC"),
        pytest.param("date", "2026-03-02", "2026-03-02", id="a date"),
        pytest.param("reference", "005000000000000", "005000000000000AAA", id="a short id"),
    ],
)
def test_a_value_is_kept_in_the_services_form(kind: str, given: object, kept: object):
    assert stored(Field("X", kind, length=80), given) == kept


def test_a_message_repeats_the_value_that_was_too_long():
    with pytest.raises(Refused) as refused:
        stored(Field("LastName", "string", length=3), "Voss")

    assert refused.value.message == "Last Name: data value too large: Voss (max length=3)"
    assert refused.value.fields == ("LastName",)


@pytest.mark.parametrize(
    ("word", "n", "start", "end"),
    [
        pytest.param("YESTERDAY", None, (3, 1), (3, 2), id="yesterday"),
        pytest.param("THIS_WEEK", None, (3, 1), (3, 8), id="weeks begin on Sunday"),
        pytest.param("LAST_MONTH", None, (2, 1), (3, 1), id="last month"),
        pytest.param("NEXT_QUARTER", None, (4, 1), (7, 1), id="next quarter"),
        pytest.param("NEXT_N_DAYS", 2, (3, 3), (3, 5), id="two days from tomorrow"),
        pytest.param("LAST_N_MONTHS", 2, (1, 1), (3, 1), id="two whole months"),
        pytest.param("N_WEEKS_AGO", 1, (2, 22), (3, 1), id="a week ago"),
        pytest.param("LAST_90_DAYS", None, None, (3, 3), id="ninety days, today included"),
    ],
)
def test_a_date_literal_is_a_span(
    word: str, n: int | None, start: tuple[int, int] | None, end: tuple[int, int]
):
    begun, ended = span(word, n, NINE)

    assert start is None or begun == datetime(2026, *start, tzinfo=UTC)
    assert ended == datetime(2026, *end, tzinfo=UTC)


def test_usage_never_reports_more_than_was_used():
    usage = small().org.usage
    usage.count("GET limits", NINE, 50)

    reported = {usage.header(NINE) for _ in range(50)}

    assert reported == {f"api-usage={used}/150000" for used in (47, 48, 49, 50)}
