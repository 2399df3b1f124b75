"""What happens by itself: arrivals, humans who grab, reps who work, leave and return."""

from collections import Counter

from connectors.simulator.salesforce.dml import Terms
from connectors.simulator.server import SalesforceSimulator
from connectors.simulator.truth import Actor, Happening
from tests.unit.simulator.small import lead, small


def live(simulator: SalesforceSimulator, seconds: float) -> None:
    """Let so much time pass in steps of a tenth of a second."""
    for _ in range(int(seconds * 10)):
        simulator.clock.advance(0.1)
        simulator.tick()


def assign(simulator: SalesforceSimulator, lead_id: str, owner: str) -> None:
    """An owner change by an API client."""
    sobject = simulator.org.schema.find("Lead")
    assert sobject is not None
    terms = Terms(actor=Actor(simulator.world.integration_user_id, "client"), auto_assign=False)
    simulator.org.dml.update(sobject, lead_id, {"OwnerId": owner}, terms)


def happened(simulator: SalesforceSimulator) -> Counter[str]:
    return Counter(entry["what"] for entry in simulator.truth() if entry["sobject"] == "Lead")


def test_leads_arrive_at_the_rate_until_all_are_there():
    simulator = small(leads=30, rate=5.0)

    live(simulator, 2)
    some = happened(simulator)["created"]
    live(simulator, 20)

    assert 3 <= some <= 20
    assert happened(simulator)["created"] == 30
    assert not simulator.life.arriving


def test_with_a_rate_and_no_number_leads_arrive_without_end():
    simulator = small(leads=0, rate=10.0)

    live(simulator, 30)

    assert happened(simulator)["created"] > 200
    assert simulator.life.arriving


def test_without_a_rate_all_leads_are_there_and_nothing_moves():
    simulator = small(leads=30)

    live(simulator, 30)

    assert happened(simulator) == {"created": 30}


def test_humans_grab_some_leads():
    simulator = small(leads=300, rate=50.0)

    live(simulator, 15)

    grabbed = [one for one in simulator.truth() if one["what"] == "owner_changed"]
    assert 3 <= len(grabbed) <= 30
    assert {one["client"] for one in grabbed} == {"human"}


def test_reps_work_what_a_client_gives_them():
    simulator = small(leads=1, rate=0.001)
    owner = simulator.world.users[simulator.world.people[1].slug]
    leads = [lead(simulator) for _ in range(20)]
    for one in leads:
        assign(simulator, one, owner)

    live(simulator, 20)

    rows = [simulator.org.store.get(one) or {} for one in leads]
    assert 5 <= sum(row["IsUnreadByOwner"] is False for row in rows) <= 19
    assert len(simulator.org.store.table("Task").rows) > 0


def test_somebody_leaves_and_people_go_away_and_come_back():
    simulator = small(people=20, leads=200, rate=4.0)
    before = len(simulator.org.store.table("OutOfOffice").rows)

    live(simulator, 60)

    absences = list(simulator.org.store.table("OutOfOffice").rows.values())
    left = [one for one in simulator.truth() if one["what"] == Happening.ACTIVE_CHANGED]
    assert len(left) == 1
    assert len(absences) > before
    assert any(row["IsEnabled"] is False for row in absences)
