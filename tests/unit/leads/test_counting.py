"""Leads from before routing began: counted, told, and left alone."""

from datetime import timedelta

import pytest

from connectors.errors import TryLater
from daemon.crm.older_leads import OLDER
from tests.fakes.clock import NOON
from tests.fakes.office import Office


@pytest.fixture
def late(tmp_path):
    """An installation in a CRM that has leads already."""
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", at=NOON - timedelta(days=9))
    office.crm.add_queue("q-web", "web")
    office.crm.deactivate("u-bob")
    for owner in ("q-web", "u-bob", "u-ada", None):
        office.crm.add_lead(stage="new", owner=owner, Country="US")
    office.clock.advance(timedelta(days=9).total_seconds())
    yield office
    office.app.close()


def counted(office):
    return [said["leads"] for said in office.told.named("older_leads_counted")]


def test_older_leads_with_nobody_are_counted_and_not_routed(late):
    late.round(3)

    assert counted(late) == [3]
    assert late.app.ledger.jobs.last(f"{OLDER}sf")[0] == "3"
    assert late.crm.writes == 0


def test_they_are_counted_once_a_day_however_often_we_start(late):
    late.round(3)
    late.restart()
    late.round(3)
    late.clock.advance(timedelta(days=1).total_seconds())
    late.round(3)

    assert counted(late) == [3, 3]


def test_a_count_that_failed_is_tried_again_a_little_later(late):
    late.crm.fail("unowned_before", TryLater("fake", "busy", 1.0))
    late.round(3)
    before = late.app.ledger.jobs.last(f"{OLDER}sf")
    late.clock.advance(600)
    late.round(3)

    assert before is None
    assert counted(late) == [3]
