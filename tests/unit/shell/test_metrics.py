"""What operators watch."""

from daemon.base.metrics import Metrics
from tests.fakes.clock import SettableClock


def test_the_age_of_a_poll_starts_again_with_each_one():
    clock = SettableClock()
    metrics = Metrics(clock)
    labels = {"connection": "acme", "stream": "leads"}

    metrics.polled("acme", "leads")
    clock.advance(60)
    metrics.polled("acme", "leads")
    clock.advance(2)

    assert metrics.registry.get_sample_value("signalbox_poll_age_seconds", labels) == 2.0


def test_two_daemons_in_one_process_count_apart():
    one, other = Metrics(SettableClock()), Metrics(SettableClock())

    one.lease_held.set(1)

    assert b"signalbox_lease_held 1.0" in one.page()
    assert b"signalbox_lease_held 0.0" in other.page()


def test_speed_to_owner_is_a_histogram_in_seconds():
    metrics = Metrics(SettableClock())

    metrics.speed_to_owner_s.labels("acme").observe(2.5)

    page = metrics.page().decode()
    assert 'speed_to_owner_seconds_bucket{connection="acme",le="2.0"} 0.0' in page
    assert 'speed_to_owner_seconds_bucket{connection="acme",le="3.0"} 1.0' in page
