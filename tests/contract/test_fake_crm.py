"""The fake CRM keeps the contract, so that tests against it mean something."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from connectors.errors import NeedsOperator, TryLater
from routing.facts.crm import Applied, Bookmark, Stream
from tests.contract.crm_contract import CrmContract, effect_for
from tests.fakes.clock import SettableClock
from tests.fakes.crm import FakeConnector, FakeCrm


@dataclass
class FakeWorld:
    """A fake CRM, as the contract wants it."""

    clock: SettableClock = field(default_factory=SettableClock)
    object: str = "sf.lead"
    field: str = "OwnerId"
    text_field: str = "Country"
    unrouted: str | None = "queue-inbound"
    reps: int = 0

    def __post_init__(self):
        self.crm = FakeCrm(self.clock)
        self.connector = FakeConnector(self.crm)

    def lead(self):
        return self.crm.add_lead(owner=self.unrouted)

    def rep(self):
        self.reps += 1
        return self.crm.add_user(f"rep-{self.reps}")

    def human_gives(self, record, owner):
        self.clock.advance(1)
        self.crm.human_sets_owner(record, owner)

    def human_gives_between_read_and_write(self, record, owner):
        self.crm.before_write(lambda _: self.crm.human_sets_owner(record, owner))

    def delete(self, record):
        self.crm.delete(record)

    def merge(self, loser, winner):
        self.crm.merge(loser, winner)

    def convert(self, record):
        self.crm.convert(record, {"sf.account": "acme"})

    def deactivate(self, rep):
        self.crm.deactivate(rep)

    def owner(self, record):
        return self.crm.owners[record]

    def writes(self):
        return self.crm.writes

    def lose_the_answer(self):
        self.crm.lose_reply()

    def go_away(self):
        self.crm.fail("changes", TryLater("Fake", "away", 10.0))

    def come_back(self):
        self.crm.calls.clear()

    def lock_out(self):
        self.crm.fail("changes", NeedsOperator("Fake", "the key is refused.", "Renew it."))


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


class TestFakeCrm(CrmContract):
    """The contract, over dicts."""


def test_a_lead_that_shows_late_is_read_late(world):
    late = world.crm.add_lead(late=True)
    first = world.connector.changes(_leads({}))
    world.crm.show(late)

    second = world.connector.changes(first.bookmark)

    assert [one.id for one in first.seen] == []
    assert [one.id for one in second.seen] == [late]


def test_a_scripted_refusal_lasts_until_it_is_taken_back(world):
    lead, rep = world.lead(), world.rep()
    world.crm.refuse(lead, Applied.REFUSED_RECORD, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    refused = world.connector.apply([effect_for(world, lead, rep)])[0]
    world.crm.accept(lead)

    accepted = world.connector.apply([effect_for(world, lead, rep)])[0]

    assert (refused.applied, accepted.applied) == (Applied.REFUSED_RECORD, Applied.CONFIRMED)


def test_a_quarantined_lead_waits(world):
    world.connector.quarantine = timedelta(seconds=2)
    lead, rep = world.lead(), world.rep()

    early = world.connector.apply([effect_for(world, lead, rep)])[0]
    world.crm.clock.advance(2)
    late = world.connector.apply([effect_for(world, lead, rep)])[0]

    assert (early.applied, early.after_s) == (Applied.LATER, 2.0)
    assert late.applied is Applied.CONFIRMED


def _leads(position):
    return Bookmark(Stream.LEADS, position)
