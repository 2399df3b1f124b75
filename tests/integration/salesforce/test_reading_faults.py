"""What goes wrong while reading: nothing is lost, nothing loops, nothing is passed over."""

from collections import Counter
from datetime import timedelta

import pytest

from connectors.errors import NeedsOperator, TryLater
from routing.facts.crm import Bookmark, RecordSeen, Stream
from tests.contract.crm_contract import read_all


def leads_in(seen):
    return [one.id for one in seen if isinstance(one, RecordSeen)]


def test_fault_1_a_row_that_commits_late_is_handed_out_once(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("late_commit", held_s=45.0, fields={"OwnerId": world.unrouted})
    world.simulator.tick()
    early = world.lead()
    found = []
    for _ in range(12):
        world.pass_time(15)
        seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
        found += leads_in(seen)

    counted = Counter(found)
    assert counted[early] == 1
    assert sorted(counted.values()) == [1, 1]


def test_fault_1_a_row_that_became_visible_while_nobody_read_is_found_at_the_first_poll(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    given = {**world.simulator.world.next_lead(), "OwnerId": world.unrouted}
    world.simulator.acts.create("Lead", given, held_s=10.0)
    world.pass_time(1)
    early = world.lead()
    _, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    world.pass_time(15)

    seen, _ = read_all(world.connect(), Stream.LEADS, bookmark)

    assert len(set(leads_in(seen)) - {early}) == 1


def test_fault_1_an_open_transaction_holds_the_watermark_back(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    given = {**world.simulator.world.next_lead(), "OwnerId": world.unrouted}
    world.simulator.acts.create("Lead", given, held_s=1500.0)
    began = world.clock.now()
    for _ in range(22):
        world.pass_time(60)
        world.lead()
        _, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    assert bookmark.safe_until <= began
    world.pass_time(120)

    seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert min(one.created_at for one in seen) == began


def test_fault_2_five_thousand_rows_of_one_second_all_come_once(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("same_second", count=5000, fields={"OwnerId": world.unrouted})
    world.simulator.tick()
    world.pass_time(1)

    seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    again, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert len(set(leads_in(seen))) == len(seen) == 5000
    assert again == []


def test_fault_3_a_page_that_shrinks_is_followed(world):
    world.simulator.fault("page_shrink", rows=137)
    world.simulator.world.add_leads(500, at=world.clock.now())

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert len(set(leads_in(seen))) == 500


def test_fault_4_a_dead_locator_restarts_from_the_last_row(world):
    world.simulator.fault("page_shrink", rows=200)
    world.simulator.fault("dead_locator", match={"nth": 2})
    world.simulator.world.add_leads(900, at=world.clock.now() - timedelta(seconds=20))

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert len(leads_in(seen)) == len(set(leads_in(seen))) == 900


def test_fault_4_a_locator_that_always_dies_asks_to_wait(world):
    world.simulator.fault("page_shrink", rows=200)
    world.simulator.fault("dead_locator")
    world.simulator.world.add_leads(900, at=world.clock.now() + timedelta(seconds=30))

    with pytest.raises(TryLater, match="vanishing"):
        read_all(world.connector, Stream.LEADS)


@pytest.mark.parametrize(
    "variant", ["login_page", "truncated", "setting_up", "empty_406", "unavailable", "redirect"]
)
def test_fault_17_garbage_is_read_again_and_never_an_empty_answer(world, variant):
    lead = world.lead()
    _, bookmark = read_all(world.connector, Stream.PEOPLE)  # described, before it begins
    del bookmark
    world.simulator.fault("garbage", variant=variant, times=2)

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert lead in leads_in(seen)


def test_fault_17_garbage_that_stays_asks_to_wait(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("garbage", variant="login_page")

    with pytest.raises(TryLater, match="not JSON"):
        world.connector.changes(bookmark)


def test_fault_19_a_hidden_field_is_named_and_the_cursor_stays(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("drift", fields=["Lead.Score__c", "Lead.Country"])
    with pytest.raises(NeedsOperator) as stopped:
        world.connector.changes(bookmark)
    lead = world.lead()
    world.come_back()

    seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert "Lead.Score__c" in str(stopped.value)
    assert "Lead.Country" in str(stopped.value)
    assert lead in leads_in(seen)


def test_fault_19_a_hidden_object_is_named(world):
    world.simulator.fault("drift", objects=["Account", "GroupMember"])

    with pytest.raises(NeedsOperator) as stopped:
        world.connector.changes(Bookmark(Stream.LEADS))

    assert "object Account" in str(stopped.value)
    assert "object GroupMember" in str(stopped.value)


def test_fault_19_a_cursor_field_that_cannot_be_filtered_stops_at_the_start(world):
    world.simulator.fault("drift", unfilterable=["Lead.SystemModstamp"])

    with pytest.raises(NeedsOperator, match=r"Lead\.SystemModstamp \(not filterable"):
        world.connector.changes(Bookmark(Stream.LEADS))


def test_fault_19_a_retired_version_needs_an_operator(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("version_gone")

    with pytest.raises(NeedsOperator, match="api_version"):
        world.connector.changes(bookmark)


def test_a_query_that_ran_too_long_is_no_empty_answer(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("query_timeout")

    with pytest.raises(TryLater, match="QUERY_TIMEOUT"):
        world.connector.changes(bookmark)


def test_a_page_served_twice_is_handed_out_once(world):
    world.simulator.fault("page_shrink", rows=200)
    world.simulator.fault("duplicate_page", match={"nth": 2})
    world.simulator.world.add_leads(900, at=world.clock.now() - timedelta(seconds=20))

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert len(set(leads_in(seen))) == 900


def test_a_next_page_on_another_host_is_read_from_our_own(world):
    world.simulator.fault("page_shrink", rows=200)
    world.simulator.fault("next_url_host")
    world.simulator.world.add_leads(500, at=world.clock.now())

    seen, _ = read_all(world.connector, Stream.LEADS)

    assert len(set(leads_in(seen))) == 500


def test_a_mass_touch_hands_out_new_versions_and_ends(world):
    world.simulator.world.add_leads(3000, at=world.clock.now())
    world.pass_time(60)
    _, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.fault("mass_touch", object="Lead")
    world.simulator.tick()
    world.pass_time(1)

    seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
    again, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert len(set(leads_in(seen))) >= 3000
    assert again == []


@pytest.mark.parametrize("skew_s", [300.0, -300.0])
def test_a_skewed_date_header_loses_nothing(world, skew_s):
    world.simulator.fault("date_skew", seconds=skew_s)
    world.simulator.tick()
    _, bookmark = read_all(world.connector, Stream.LEADS)
    made, found = [], []
    for _ in range(8):
        made.append(world.lead())
        world.pass_time(20)
        seen, bookmark = read_all(world.connector, Stream.LEADS, bookmark)
        found += leads_in(seen)

    assert set(found) == set(made)


def test_two_edits_within_a_second_are_both_read(world):
    lead = world.lead()
    world.simulator.acts.update(lead, {"Country": "Germany"})
    seen, bookmark = read_all(world.connector, Stream.LEADS)
    world.simulator.acts.update(lead, {"Country": "France"})

    again, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert [one.fields["Country"] for one in (seen + again) if one.id == lead] == [
        "Germany",
        "France",
    ]
    assert seen[-1].version == again[-1].version


def test_a_slow_first_byte_asks_to_wait(world):
    connector = world.connect(timeout_s=0.2)
    _, bookmark = read_all(connector, Stream.LEADS)
    world.simulator.fault("slow", delay_s=1.0)

    with pytest.raises(TryLater, match="no answer"):
        connector.changes(bookmark)


def test_a_poll_of_a_quiet_org_costs_one_call_for_each_object(world):
    _, bookmark = read_all(world.connector, Stream.LEADS)
    before = world.connector.budget().own

    read_all(world.connector, Stream.LEADS, bookmark)

    assert world.connector.budget().own - before == 2  # Lead and Contact
