"""What is said at a start, when, how often, and how loudly."""

import pytest
from structlog.testing import capture_logs

from daemon.base.event_log import Telling
from daemon.base.metrics import Metrics
from tests.fakes.clock import SettableClock
from tests.fakes.office import PEOPLE, Office

EVE = {"id": "eve", "email": "nobody.has.this@else.test", "teams": ["us"]}


@pytest.fixture
def fresh(tmp_path):
    """An installation whose CRM has not been read yet."""
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    yield office
    office.app.close()


def test_nobody_is_missed_before_people_were_read(fresh):
    fresh.app.take_over(fresh.clock.now(), fresh.app.lease.tick())

    assert fresh.told.named("roster_noted") == []


def test_a_rep_without_a_user_is_told_once_after_each_start(tmp_path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", people=(*PEOPLE, EVE))
    office.crm.deactivate("u-eve")
    office.crm.add_user("u-eve", email="other@acme.test")
    office.round(3)
    first = [said["rep"] for said in office.told.named("roster_noted")]
    office.restart()
    office.round(3)
    both = [said["rep"] for said in office.told.named("roster_noted")]
    office.app.close()

    assert (first, both) == (["eve"], ["eve", "eve"])


def test_warnings_about_files_are_said_once(fresh):
    fresh.round()
    first = len(fresh.told.named("files_warned"))
    fresh.app.ready_for = None
    fresh.round(3)

    assert first == len(fresh.app.in_force.warnings) > 0
    assert len(fresh.told.named("files_warned")) == first


def test_a_lease_that_ran_out_unnoticed_is_told(fresh):
    fresh.round()
    token = fresh.app.lease.token
    fresh.clock.advance(3600)
    fresh.app.ledger.leases.acquire("another", ttl=fresh.app.reconcile_every, at=fresh.clock.now())
    fresh.round(2)

    assert [said["token"] for said in fresh.told.named("lease_lost")] == [token]
    assert fresh.app.ready_for is None


@pytest.mark.parametrize(
    ("event", "level"),
    [("files_warned", "warning"), ("roster_noted", "warning"), ("swept", "info")],
)
def test_what_should_be_mended_is_a_warning(event, level):
    telling = Telling(Metrics(SettableClock()))

    with capture_logs() as lines:
        telling.event(event)

    assert [line["log_level"] for line in lines] == [level]
