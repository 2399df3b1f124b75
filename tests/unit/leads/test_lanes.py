"""Who goes first: a lead somebody waits with, or one of thousands that an import brought."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.leads.priorities import Lanes, Turn
from models.decisions.decider import Batch
from models.journal.entries import Actor, Channel
from models.leads.known import Lane
from routing.facts import Page, RecordSeen, Stream
from tests.fakes.branches import WEST, Branches
from tests.fakes.clock import NOON
from tests.fakes.lead_path import arriving
from tests.fakes.office import Office

ACTOR = Actor("mona", None, Channel.CLI)
MANY = 5  #: records by one hand that are bulk in these tests


def page(count: int, *, by: str | None = "u-import", more: bool = False, age_s: float = 0) -> Page:
    """A page of leads that somebody changed so long ago."""
    made = arriving(count, NOON, modified_by=by, modified_at=NOON - timedelta(seconds=age_s))
    return replace(made, more=more)


def lanes_of(lanes: Lanes, *pages: Page) -> list[set[Lane]]:
    """The lanes that each page's records join."""
    found = []
    for each in pages:
        lane_of = lanes.of("sf", each)
        found.append({lane_of(seen) for seen in each.seen if isinstance(seen, RecordSeen)})
    return found


@pytest.mark.parametrize(
    ("pages", "last"),
    [
        pytest.param([page(MANY)], Lane.INTERACTIVE, id="as many as allowed"),
        pytest.param([page(MANY + 1)], Lane.BULK, id="one more"),
        pytest.param([page(3), page(3)], Lane.BULK, id="more on two pages together"),
        pytest.param([page(3, age_s=9), page(3)], Lane.BULK, id="more within ten seconds"),
        pytest.param([page(3, age_s=10), page(3)], Lane.INTERACTIVE, id="not within ten seconds"),
        pytest.param([page(MANY, more=True)], Lane.BULK, id="more will come"),
        pytest.param([page(3), page(3, by="u-form")], Lane.INTERACTIVE, id="by two hands"),
        pytest.param([page(99), page(1, by="u-form")], Lane.INTERACTIVE, id="amid an import"),
        pytest.param([page(1, age_s=899)], Lane.INTERACTIVE, id="changed minutes ago"),
        pytest.param([page(1, age_s=901)], Lane.BULK, id="changed long ago"),
        pytest.param([page(9, by=None)], Lane.BULK, id="many by nobody knows whom"),
    ],
)
def test_a_record_is_bulk_where_it_is_one_of_many_or_late(pages, last):
    assert lanes_of(Lanes(MANY), *pages)[-1] == {last}


def test_a_lead_by_the_same_hand_a_moment_after_an_import_stands_alone():
    lanes = Lanes(bulk_from=50)

    assert lanes_of(lanes, page(500, age_s=2), page(1)) == [{Lane.BULK}, {Lane.INTERACTIVE}]
    assert lanes_of(lanes, page(5)) == [{Lane.BULK}]  # six within two seconds: it goes on


def test_connections_are_counted_apart():
    lanes = Lanes(MANY)
    lanes.of("west", page(50))

    assert lanes_of(lanes, page(1)) == [{Lane.INTERACTIVE}]


def test_bulk_has_its_turn_after_four_interactive_pages_in_a_row_and_no_sooner():
    turn = Turn()
    served = []
    for _ in range(10):
        served.append(turn.order()[0])
        turn.served(served[-1])

    assert [n for n, lane in enumerate(served) if lane is Lane.BULK] == [4, 9]


def test_a_turn_that_bulk_had_no_use_for_is_not_kept_for_later():
    turn = Turn()
    for _ in range(5):  # the fifth page finds no bulk
        turn.served(Lane.INTERACTIVE)

    assert turn.order()[0] is Lane.INTERACTIVE


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office in which an import begins at six leads."""
    timing = {"timing": {"poll_s": 1, "bulk_from": MANY}}
    made = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", told=timing)
    made.round()
    yield made
    made.app.close()


def imported(office: Office, count: int) -> list[str]:
    """Leads that one user brought in together."""
    records = [office.crm.add_lead(stage="new", Country="US") for _ in range(count)]
    for each in records:
        office.crm.edit(each, by="u-import")
    return records


def demo_request(office: Office) -> str:
    """A lead of the web form."""
    record = office.crm.add_lead(stage="new", Country="US")
    office.crm.edit(record, by="u-form")
    return record


def lanes_in_ledger(office: Office, record: str) -> tuple[str, str]:
    """The lane of a lead's first occasion, and of its first write."""
    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    return story.occasions[0]["lane"], story.effects[0]["lane"]


def decided(office: Office) -> list[str]:
    """Leads in the order in which they were decided."""
    return [str(each["lead"]) for each in office.told.named("lead_routed")]


def test_a_demo_request_is_decided_and_written_before_the_import_it_arrived_behind(office):
    many = imported(office, 40)
    request = demo_request(office)

    office.round(2)

    confirmed = [str(each["lead"]) for each in office.told.named("lead_confirmed")]
    assert decided(office)[0] == office.lead(request)
    assert confirmed[0] == office.lead(request)
    assert lanes_in_ledger(office, request) == ("interactive", "interactive")
    assert lanes_in_ledger(office, many[0]) == ("bulk", "bulk")


def test_both_lanes_share_one_rotation(office):
    many = imported(office, 19)
    request = demo_request(office)

    office.round(8)

    owners = [office.owner(each) for each in (*many, request)]
    assert {owners.count(rep) for rep in ("u-ada", "u-bob")} == {10}
    assert office.is_in_step()


def test_an_earlier_version_that_was_overtaken_is_put_by(office):
    first, *_ = imported(office, 40)
    intake, connection = office.app.loops.intake, office.app.world.connections["sf"]
    office.clock.advance(3)
    intake.tick(connection, office.clock.now(), office.app.lease.token)
    office.crm.edit(first, by="u-form", Country="DE")
    office.clock.advance(15)

    office.round(4)

    assert office.owner(first) == "u-cleo"
    assert office.methods(first) == ["round_robin"]
    assert office.app.ledger.intake.waiting("sf") == 0
    assert office.is_in_step()


def test_what_came_in_while_nobody_ran_waits_for_what_comes_in_now(office):
    old = [office.crm.add_lead(stage="new", Country="US") for _ in range(3)]
    office.app.close()
    office.clock.jump(3600)
    request = office.crm.add_lead(stage="new", Country="US")
    office.app = office.opened()

    office.round(3)

    assert decided(office)[0] == office.lead(request)
    assert lanes_in_ledger(office, old[0])[0] == "bulk"


def test_a_recall_gives_way_to_new_leads(office):
    for rep in ("ada", "bob"):
        office.app.ledger.requests.ask("away", {"rep": rep}, actor=ACTOR, at=office.clock.now())
    office.round()
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.app.ledger.requests.ask("back", {"rep": "ada"}, actor=ACTOR, at=office.clock.now())

    office.round(3)

    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    assert [row["lane"] for row in story.occasions] == ["interactive", "bulk"]
    assert office.owner(record) == "u-ada"


def test_what_waits_in_each_lane_can_be_asked_for(office):
    imported(office, 40)
    demo_request(office)
    intake, connection = office.app.loops.intake, office.app.world.connections["sf"]
    office.clock.advance(3)
    intake.tick(connection, office.clock.now(), office.app.lease.token)

    lanes = office.app.ledger.reading.standing().lanes

    now = office.clock.now()
    assert (lanes["interactive"].inbox, lanes["bulk"].inbox) == (1, 81)
    assert lanes["bulk"].oldest_inbox_at == now


def test_leads_of_a_crm_whose_people_are_not_known_yet_hold_up_nobody(tmp_path):
    office = Branches(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    assert office.west_crm is not None
    office.app.world.connections[WEST].poll_schedule.every_s = {
        Stream.LEADS: 1.0
    }  # people never come
    for n in range(300):
        office.west_crm.add_lead(f"00Q-west{n}", stage="new", Country="US")
    office.round()
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(2)

    assert office.owner(record) in ("u-ada", "u-bob")
    office.app.close()


def test_each_batch_of_a_long_drain_has_its_own_instant(office, monkeypatch):
    records = imported(office, 150)
    flush = Batch.flush

    def slow(batch):
        office.clock.advance(1)
        return flush(batch)

    monkeypatch.setattr(Batch, "flush", slow)
    office.round()

    stories = [office.app.ledger.reading.story(office.lead(each)) for each in records]
    decided_at = {story.decisions[0]["decided_at"] for story in stories if story is not None}
    assert len(decided_at) > 1


def test_reading_stops_while_the_inbox_is_full_and_goes_on_below_half(tmp_path):
    told = {"timing": {"poll_s": 1, "inbox_most": 1000}}
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", told=told)
    office.round()
    connection, loops, token = (
        office.app.world.connections["sf"],
        office.app.loops,
        office.app.lease.token,
    )
    for _ in range(1200):
        office.crm.add_lead(stage="new", Country="US")
    assert token is not None
    held = []
    for _ in range(3):  # nobody decides
        office.clock.advance(3)
        loops.intake.tick(connection, office.clock.now(), token)
        held.append(office.app.ledger.intake.waiting("sf"))

    office.round(3)

    names = [name for name, _ in office.told.events if name.startswith("reading_")]
    assert held == [1000, 1000, 1000]
    assert names == ["reading_held_back", "reading_goes_on"]
    assert office.app.ledger.intake.waiting("sf") == 0
    assert len(office.told.named("lead_routed")) == 1200
    office.app.close()
