"""Values in the ledger's byte columns, whatever a CRM says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.tables.stored import pack, pack_record, storable, unpack, unpack_record
from routing.facts import RecordSeen

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEN = RecordSeen(
    object="sf.lead",
    id="00Q000000000001AAA",
    version="2026-03-02T12:00:00.000+0000",
    fields={"Name": "Kim", "Amount": 1.5, "Tags": ["a", None]},
    owner="005000000000001AAA",
    created_at=AT,
    modified_at=AT + timedelta(microseconds=1),
    modified_by=None,
    read_at=AT,
    converted_to={"sf.contact": "003000000000001AAA"},
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


@given(json_values)
@example(-(2**63) - 1)
@example([2**64])
@example({"\ud800": 2**64})
def test_what_is_packed_comes_out_as_it_went_in(value):
    assert unpack(pack(value)) == value


def test_a_record_comes_out_as_it_was_read():
    packed, _ = pack_record(SEEN)

    assert unpack_record(packed, AT) == SEEN


def test_a_record_keeps_what_a_sync_noted():
    synced = replace(SEEN, same_as={"sf.contact": "003000000000002AAA"})
    packed, hashed = pack_record(synced)

    assert unpack_record(packed, AT) == synced
    assert hashed != pack_record(SEEN)[1]


def test_a_version_stored_before_there_were_pairs_is_the_same_version():
    packed, _ = pack_record(SEEN)

    assert b"same_as" not in packed


def test_a_version_read_twice_has_one_hash():
    later = replace(SEEN, read_at=AT + timedelta(seconds=9))

    assert pack_record(SEEN) == pack_record(later)


def test_two_versions_in_one_second_have_two_hashes():
    other = replace(SEEN, fields={**SEEN.fields, "Name": "Kim Lee"})

    assert pack_record(SEEN)[1] != pack_record(other)[1]


@pytest.mark.parametrize(
    ("hostile", "kept"),
    [
        pytest.param("a\0b", "a\ufffdb", id="null byte"),
        pytest.param("\ud800x", "\ufffdx", id="lone surrogate"),
        pytest.param("😀 ok", "😀 ok", id="beyond the basic plane"),
        pytest.param("\u202eevil", "\u202eevil", id="right-to-left override"),
    ],
)
def test_text_that_no_database_holds_is_made_storable(hostile, kept):
    assert storable(hostile) == kept


@given(st.text(st.characters()))
def test_storable_text_can_always_be_encoded(text):
    assert b"\0" not in storable(text).encode("utf-8")
