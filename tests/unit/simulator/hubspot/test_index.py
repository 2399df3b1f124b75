"""The index: what it knows when, by id and by the time of the last change."""

import pytest

from connectors.simulator.hubspot.index import SearchIndex
from connectors.simulator.hubspot.objects import standard_objects
from connectors.simulator.hubspot.records import Record, Source
from connectors.simulator.hubspot.stamps import wire
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.options import SimulatorOptions

CONTACTS = standard_objects()["contacts"]
PAST = Source("IMPORT")


def record(record_id: int, at_ms: int, **values: str) -> Record:
    kept = {"hs_object_id": str(record_id), "createdate": wire(at_ms), **values}
    made = Record(CONTACTS, record_id, kept, at_ms, at_ms, PAST)
    made.touch(at_ms)
    return made


@pytest.fixture
def index() -> SearchIndex:
    """The index of an empty portal, always a second behind."""
    options = SimulatorOptions(people=1, accounts=0, leads=0, search_lag_s=(1.0, 1.0))
    return HubSpotSimulator(options).portal.index


def test_a_record_is_known_once_its_lag_is_over(index: SearchIndex):
    index.expect(record(1, 1000), 1000)

    index.settle(1999)
    early = index.of("contacts").ids_after(0)
    index.settle(2000)

    assert (early, index.of("contacts").ids_after(0)) == ([], [1])


def test_ids_are_found_by_when_they_changed(index: SearchIndex):
    known = index.of("contacts")
    known.load([record(at, 1000 + at % 3) for at in range(1, 7)])

    assert known.ids_modified(1000, 1001) == [3, 6]
    assert known.ids_modified(1001, 1003) == [1, 4, 2, 5]
    assert known.ids_after(4) == [5, 6]


def test_a_change_moves_a_record_in_the_order_of_changes(index: SearchIndex):
    known = index.of("contacts")
    first, second = record(1, 1000), record(2, 1001)
    known.load([first, second])

    first.touch(1002)
    before = known.ids_modified(0, 9999)
    known.put(first)

    assert (before, known.ids_modified(0, 9999)) == ([1, 2], [2, 1])


def test_an_archived_record_is_dropped_and_may_be_put_back(index: SearchIndex):
    known = index.of("contacts")
    only = record(1, 1000)
    known.put(only)

    only.archived_ms = 2000
    known.put(only)
    gone = (known.ids_after(0), known.ids_modified(0, 9999))
    only.archived_ms = None
    known.put(only)

    assert gone == ([], [])
    assert known.ids_after(0) == [1]


def test_what_never_was_there_can_be_dropped(index: SearchIndex):
    unmade = record(1, 1000)
    unmade.erase()

    index.of("contacts").put(unmade)

    assert index.of("contacts").ids_after(0) == []


def test_the_copy_stays_as_it_was(index: SearchIndex):
    only = record(1, 1000, city="Bern")
    index.of("contacts").put(only)

    only.set("city", "Basel", 2000, PAST)

    assert index.of("contacts").copies[1].values["city"] == "Bern"
