"""What goes wrong while reading: nothing is lost, nothing loops, nothing is passed over."""

from collections import Counter

import pytest

from connectors.errors import TryLater
from routing.facts.crm import Bookmark, RecordSeen, Stream
from tests.contract.crm_contract import read_all
from tests.integration.hubspot.world import SimulatedPortal

GARBAGE = ["html", "truncated_json", "truncated_body", "null_results", "accepted", "empty", "list"]
DRIFTS = [
    "extra_fields",
    "null_properties",
    "times_without_fraction",
    "times_with_offset",
    "times_in_milliseconds",
    "ends_as_text",
    "ids_as_numbers",
]


def leads_in(seen):
    return [one.id for one in seen if isinstance(one, RecordSeen)]


def polled(world, bookmark: Bookmark, *, times: int, every_s: float) -> tuple[list[str], int]:
    """The leads that so many polls hand out, and how many only a held-back reading found."""
    found: list[str] = []
    late = 0
    for _ in range(times):
        world.pass_time(every_s)
        more = True
        while more:
            page = world.connector.changes(bookmark)
            found += leads_in(page.seen)
            late += page.late
            bookmark, more = page.bookmark, page.more
    return found, late


@pytest.mark.parametrize(
    ("lag_s", "polls", "late"),
    [
        pytest.param(20, 12, 0, id="within the near overlap"),
        pytest.param(400, 60, 0, id="within the overlap of a beat"),
        pytest.param(1200, 540, 1, id="found only by the lane that holds back"),
    ],
)
def test_fault_1_a_row_that_search_shows_late_is_handed_out_once(world, lag_s, polls, late):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.fault("index_lag", min_s=lag_s, max_s=lag_s, times=1)
    hidden = world.lead()
    found, found_late = polled(world, bookmark, times=polls, every_s=10)

    assert Counter(found)[hidden] == 1
    assert found_late == late


def test_fault_1_a_row_that_became_visible_while_nobody_read_is_found_at_the_first_poll(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.fault("index_lag", min_s=90, max_s=90, times=1)
    hidden = world.lead()
    world.pass_time(45)
    _, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    world.pass_time(60)

    seen, _ = read_all(world.connect(), Stream.LEADS, bookmark)

    assert hidden in leads_in(seen)


def test_fault_2_what_is_shown_out_of_order_is_all_found(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.fault("index_disorder", held_s=25.0)
    made = [world.lead() for _ in range(6)]
    found, _ = polled(world, bookmark, times=8, every_s=5)

    assert sorted(found) == sorted(made)


def test_fault_3_rows_beyond_the_edges_are_dropped_and_come_in_their_turn(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.fault("boundary_spill")
    made = [world.lead() for _ in range(5)]
    found, _ = polled(world, bookmark, times=6, every_s=2)

    assert sorted(found) == sorted(made)


@pytest.fixture(scope="module")
def crowded():
    """A portal in which 12,000 contacts share one instant."""
    simulated = SimulatedPortal(search_lag_s=(0.0, 0.0))
    acts = simulated.simulator.acts
    made = [acts.create("contacts", {"email": f"kim{n}@acme.test"}) for n in range(12_000)]
    acts.touch("contacts", made)
    simulated.pass_time(60)
    yield simulated
    simulated.close()


def test_fault_4_more_rows_of_one_instant_than_a_search_can_show_all_come_once(crowded):
    seen, bookmark = read_all(crowded.connector, Stream.LEADS)
    again, _ = read_all(crowded.connector, Stream.LEADS, bookmark)

    assert len(set(leads_in(seen))) == len(leads_in(seen)) == 12_000
    assert again == []


def test_fault_4_a_new_contact_does_not_wait_until_a_mass_edit_is_read(crowded):
    _, bookmark = read_all(crowded.connector, Stream.LEADS)
    crowded.fault("mass_touch")
    crowded.pass_time(1)
    crowded.pass_time(5)
    pages = 0
    bookmark = crowded.connector.changes(bookmark).bookmark
    lead = crowded.lead()
    found: list[str] = []
    while lead not in found:
        crowded.pass_time(1)
        page = crowded.connector.changes(bookmark)
        found, bookmark, pages = leads_in(page.seen), page.bookmark, pages + 1

    assert page.more
    assert pages < 15


def test_fault_5_rows_that_are_edited_while_they_are_read_are_seen_and_never_looped_on(world):
    world.simulator.world.add_contacts(
        (world.simulator.world.next_contact() | {"Email": f"x{n}@y.test"} for n in range(450)),
        at=world.clock.now(),
    )
    world.pass_time(1)
    there = set(world.simulator.portal.tables["contacts"].rows)
    world.fault("mutate_mid_scan", rows=50, times=3)
    seen, bookmark = read_all(world.connector, Stream.LEADS)
    found, _ = polled(world, bookmark, times=8, every_s=5)

    changed_since = {str(id) for id in there if not _is_old(world, id)}
    assert changed_since <= {*leads_in(seen), *found}


def _is_old(world, id: int) -> bool:
    """Whether a contact was changed before the connection began."""
    record = world.simulator.portal.tables["contacts"].rows[id]
    since_ms = world.settings().route_from.timestamp() * 1000
    return bool(record.modified_ms < since_ms)


@pytest.mark.parametrize("variant", GARBAGE)
def test_fault_15_garbage_is_read_again_and_never_an_empty_answer(world, variant):
    lead = world.lead()
    read_all(world.connector, Stream.PEOPLE)  # the properties were looked up, before it begins
    world.fault("garbage", variant=variant, times=2)

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert lead in leads_in(seen)


@pytest.mark.parametrize("variant", GARBAGE)
def test_fault_15_garbage_that_stays_asks_to_wait_and_moves_no_bookmark(world, variant):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    lead = world.lead()
    world.fault("garbage", variant=variant)
    with pytest.raises(TryLater):
        world.connector.changes(bookmark)
    world.come_back()

    seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert lead in leads_in(seen)


@pytest.mark.parametrize("new_id", [False, True])
def test_fault_16_merged_records_name_their_survivor_once(world, new_id):
    first, second = world.lead(), world.lead()
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.portal.settings.survivor_gets_new_id = new_id
    survivor = str(world.simulator.acts.merge("contacts", int(first), int(second)))
    world.pass_time(3)

    seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    again, _ = read_all(world.connector, Stream.LEADS, bookmark)

    merged = {one.id: one.merged_into for one in seen if one.merged_into}
    assert merged == dict.fromkeys({first, second} - {survivor}, survivor)
    assert again == []


def test_fault_17_a_contact_that_was_erased_for_privacy_is_gone_when_asked_for(world):
    lead = world.lead()
    world.simulator.acts.erase("contacts", int(lead))
    owners = world.connector.owners_of([lead], object=world.object)

    assert (owners[lead].deleted, owners[lead].merged_into) == (True, None)


def test_fault_17_archived_contacts_are_handed_out_once(world):
    leads = [world.lead() for _ in range(3)]
    _, bookmark = read_all(world.connector, Stream.LEADS)
    for lead in leads[:2]:
        world.delete(lead)
    found = []
    for _ in range(4):
        world.pass_time(60)
        seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
        found += [one.id for one in seen if one.deleted]

    assert sorted(found) == sorted(leads[:2])


@pytest.mark.parametrize("drift", DRIFTS)
def test_fault_20_a_shape_that_drifted_reads_the_same(world, drift):
    lead = world.lead(country="DE")
    straight, _ = read_all(world.connect(), Stream.LEADS)
    world.fault("drift", variants=[drift])

    seen, _ = read_all(world.connect(), Stream.LEADS)
    owners = world.connector.owners_of([lead], object=world.object)

    cut = 0 if drift == "times_without_fraction" else None  # then parts of a second are gone
    assert [_in_short(one, cut) for one in seen] == [_in_short(one, cut) for one in straight]
    assert owners[lead].owner is None


def _in_short(seen, microsecond: int | None):
    born_at = seen.created_at
    cut = born_at if microsecond is None else born_at.replace(microsecond=microsecond)
    version = seen.version if microsecond is None else seen.version[:19]
    return seen.id, seen.owner, seen.stage, cut, version


def test_a_date_header_that_is_wrong_moves_the_windows_and_loses_nothing(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.fault("date_skew", seconds=-120.0)
    world.pass_time(5)
    lead = world.lead()
    early, _ = polled(world, bookmark, times=3, every_s=5)
    world.simulator.portal.clock.skew *= 0
    found, _ = polled(world, bookmark, times=8, every_s=20)

    assert lead in [*early, *found]


def test_a_sweep_finds_what_there_is_however_much_it_is(crowded):
    since = crowded.settings().route_from

    swept = [one.id for page in crowded.connector.sweep(since) for one in page]

    assert len(swept) == len(set(swept)) >= 12_000
