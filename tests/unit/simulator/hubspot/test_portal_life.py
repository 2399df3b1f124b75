"""What happens by itself in a portal: contacts arrive, humans grab, reps work, leave and return."""

from collections import Counter
from typing import Any

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.hubspot.saving import Terms
from connectors.simulator.hubspot.scene import PortalScene
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.life import Life
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.truth import Actor
from tests.unit.simulator.small import NINE


def portal(**options: Any) -> HubSpotSimulator:
    """A portal of ten people and eight companies, without contacts to come unless asked."""
    chosen = {"people": 10, "accounts": 8, "leads": 0, **options}
    return HubSpotSimulator(SimulatorOptions(**chosen), clock=SimulatorClock(NINE))


def live(simulator: HubSpotSimulator, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        simulator.clock.advance(0.1)
        simulator.tick()


def happened(simulator: HubSpotSimulator) -> Counter[str]:
    return Counter(one["what"] for one in simulator.truth() if one["sobject"] == "contacts")


def test_contacts_arrive_at_the_rate_until_all_are_there():
    simulator = portal(leads=30, rate=5.0)

    live(simulator, 2)
    some = happened(simulator)["created"]
    live(simulator, 20)

    assert 3 <= some <= 20
    assert happened(simulator)["created"] == 30


class Shut(PortalScene):
    """A portal that takes nobody."""

    def arrive(self) -> str | None:
        raise ValueError("Nobody may come in.")


def test_arrivals_that_are_refused_are_counted_and_life_goes_on():
    simulator = portal()
    shut = Shut(simulator.portal, simulator.acts, simulator.world)
    life = Life(shut, simulator.clock, seed=1, leads=20, rate=10.0)

    simulator.clock.advance(10)
    life.tick()

    assert life.refused == 20
    assert not life.arriving


def test_without_a_rate_all_contacts_are_there_and_nothing_moves():
    simulator = portal(leads=30)

    live(simulator, 5)

    assert happened(simulator) == {"created": 30}


def test_humans_grab_some_contacts():
    simulator = portal(leads=300, rate=50.0)

    live(simulator, 15)

    grabbed = [one for one in simulator.truth() if one["what"] == "owner_changed"]
    assert 3 <= len(grabbed) <= 30
    assert {one["client"] for one in grabbed} == {"human"}


def test_reps_work_what_a_client_gives_them():
    simulator = portal(leads=1, rate=0.001)
    owner = simulator.world.owners[simulator.scene.here()[0]]
    made = [simulator.acts.create("contacts", {"email": f"kim{at}@acme.test"}) for at in range(40)]
    for one in made:
        record = simulator.portal.tables["contacts"].rows[one]
        simulator.desk.saver.update(record, {"hubspot_owner_id": owner}, Terms(Actor("1", "app")))

    live(simulator, 60)

    tables = simulator.portal.tables
    worked = sum(len(tables[name].rows) for name in ("calls", "emails", "meetings"))
    records = [tables["contacts"].rows[one] for one in made]
    assert 10 <= worked <= 39
    assert sum(one.values.get("hs_lead_status") == "IN_PROGRESS" for one in records) == worked


def test_what_is_won_becomes_a_deal():
    simulator = portal(leads=0, rate=0.001)
    slug = simulator.scene.here()[0]
    owner = simulator.world.owners[slug]
    contact = simulator.acts.create(
        "contacts", {"email": "kim@acme.test", "hubspot_owner_id": owner}
    )
    deals = len(simulator.portal.tables["deals"].rows)

    simulator.scene.convert(str(contact), slug)

    deal = list(simulator.portal.tables["deals"].rows.values())[-1]
    assert len(simulator.portal.tables["deals"].rows) == deals + 1
    assert simulator.portal.associations.of("contacts", "deals", contact) == {deal.id: False}
    assert deal.owner == owner


def test_somebody_leaves_and_people_go_away_and_come_back():
    simulator = portal(people=20, leads=200, rate=4.0)

    live(simulator, 31)

    users = simulator.portal.tables["users"].rows.values()
    left = [one for one in simulator.truth() if one["what"] == "active_changed"]
    back = [one for one in users if one.values["hs_out_of_office_hours"] == "[]"]
    assert len(left) == 1
    assert simulator.portal.owners.may_own(left[0]["id"]) is False
    assert any(one.history("hs_availability_status")[1:] for one in back)


def test_the_same_seed_lives_the_same_life():
    def lived() -> list[Any]:
        simulator = portal(leads=40, rate=4.0, seed=5)
        live(simulator, 20)
        return simulator.truth()

    assert lived() == lived()


def test_no_two_contacts_have_one_address():
    simulator = portal(leads=2_000, accounts=2)

    emails = [
        one.values["email"].lower()
        for one in simulator.portal.tables["contacts"].rows.values()
        if "email" in one.values
    ]

    assert len(emails) == len(set(emails))


def test_the_cases_that_routing_gets_wrong_are_there():
    simulator = portal(people=60, accounts=500, leads=500)
    owners = list(simulator.portal.owners)
    users = simulator.portal.tables["users"].rows.values()
    contacts = simulator.portal.tables["contacts"].rows.values()

    born = [one for one in contacts if one.created_ms > 1_772_441_000_000]
    assert sum(one.archived for one in owners) == 1
    assert sum(one.values["hs_out_of_office_hours"] != "[]" for one in users) == 5
    assert 0 < sum(one.owner is not None for one in born) < 25
    assert any("=HYPERLINK" in one.values.get("company", "") for one in born)
    assert simulator.portal.associations.of(
        "contacts", "companies", next(one.id for one in contacts)
    )
