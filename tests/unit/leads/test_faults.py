"""What goes wrong around a lead, and that it goes wrong for that lead or that connection alone."""

from datetime import timedelta

import pytest

from connectors.errors import BadRecord, NeedsOperator, TryLater
from daemon.leads.recorder import DecisionRecorder
from daemon.world.connections.health import Works
from models.leads import lead_writer
from models.leads.lead_writer import LeadWriter
from models.store.errors import LedgerUnavailable
from tests.fakes.clock import NOON
from tests.fakes.office import Office


def test_a_busy_crm_is_left_alone_for_as_long_as_it_asked(office):
    office.crm.fail("changes", TryLater("fake", "crowded", 30.0))
    record = office.crm.add_lead(stage="new", Country="US")
    office.round()
    calls = office.crm.calls["changes"]
    office.round(3)
    kept_quiet = office.crm.calls["changes"] == calls

    office.round(3, every_s=12)

    assert kept_quiet
    assert office.owner(record) is not None


def test_a_connection_that_needs_a_person_says_so_once_and_goes_on_when_mended(office):
    trouble = NeedsOperator("fake", "the token was refused.", "Renew it.")
    office.crm.fail("changes", trouble, trouble.again(), trouble.again())
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3, every_s=61)
    alerts = len(office.told.named("connection_stopped"))
    works = office.app.world.connections["sf"].reads.works

    office.round(3, every_s=61)

    assert (alerts, works) == (1, Works.STOPPED)
    assert office.owner(record) is not None


def test_a_crm_that_is_away_costs_an_effect_none_of_its_attempts(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.crm.fail("apply", *(TryLater("fake", "away", 5.0) for _ in range(40)))
    office.round(40, every_s=61)

    office.round(4, every_s=61)

    story = office.app.ledger.reading.story(office.lead(record))
    assert story is not None
    assert [(row["state"], row["attempts"]) for row in story.effects] == [("confirmed", 1)]


def test_a_write_whose_answer_was_lost_is_written_once(office):
    office.crm.lose_reply()
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(4)

    assert office.states(record) == ["confirmed"]
    assert office.crm.writes == 1


def test_a_record_that_cannot_be_read_is_reported_once_and_blocks_nothing(office):
    office.crm.fail("changes", *(BadRecord("fake", "00Q-odd", "has no stamp.") for _ in range(3)))
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(8)

    assert len(office.told.named("record_unreadable")) == 1
    assert office.owner(record) is not None


def test_our_own_mistake_about_a_lead_sends_it_to_the_fallback_and_stops_nobody(
    office, monkeypatch
):
    odd = office.crm.add_lead(stage="new", Country="US", note="odd")
    good = office.crm.add_lead(stage="new", Country="DE")
    asked = DecisionRecorder.ask

    def fails(self, case, at):
        if case.seen.fields.get("note") == "odd":
            raise ZeroDivisionError
        return asked(self, case, at)

    monkeypatch.setattr(DecisionRecorder, "ask", fails)
    office.round(3)

    assert (office.owner(odd), office.owner(good)) == ("q-triage", "u-cleo")
    assert office.told.named("lead_failed")
    assert office.is_in_step()


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"Note": "=cmd|' /C calc'!A0"}, id="formula"),
        pytest.param({"Note": "x" * 100_000}, id="100 kB"),
        pytest.param({"Note": "\u202eevil"}, id="right to left"),
        pytest.param({"Note": "a\0b"}, id="null byte"),
        pytest.param({"Note": "\ud800"}, id="lone surrogate"),
        pytest.param({"Note": {"nested": [1.5, None]}}, id="not a text"),
        pytest.param({"company": "a\0" * 5_000}, id="hostile company"),
        pytest.param({"email": "@@\0", "account": "\ud800"}, id="hostile address and link"),
    ],
)
def test_hostile_values_go_through_routing_like_any_others(office, facts):
    record = office.crm.add_lead(stage="new", Country="DE", **facts)

    office.round(3)

    assert office.owner(record) == "u-cleo"
    assert not office.told.named("lead_failed")


def test_a_value_outside_its_choice_is_a_missing_fact_and_no_mistake_of_ours(office):
    record = office.crm.add_lead(stage="new", Country="JP")

    office.round(3)

    assert office.owner(record) == "q-triage"
    assert not office.told.named("lead_failed")


def test_an_owner_that_the_crm_does_not_show_is_told_once_and_keeps_its_leads(office):
    first = office.crm.add_lead(stage="new", owner="u-hidden", Country="US")
    office.round(45)
    second = office.crm.add_lead(stage="new", owner="u-hidden", Country="US")

    office.round(45)

    assert (office.owner(first), office.owner(second)) == ("u-hidden", "u-hidden")
    assert [said["owner"] for said in office.told.named("owner_unknown")] == ["u-hidden"]
    assert set(office.app.ledger.reading.strays("sf")) == {"u-hidden"}
    assert office.is_in_step()


def test_a_colleague_who_joined_a_moment_ago_keeps_the_lead_they_took(office):
    record = office.crm.add_lead(stage="new", owner="u-newcomer", Country="US")
    office.round(10)
    office.crm.add_user("u-newcomer", email="newcomer@acme.test")

    office.round(60)

    assert office.owner(record) == "u-newcomer"
    assert not office.told.named("owner_unknown")


def test_an_owner_that_nobody_knows_is_still_told_after_a_restart(office):
    office.crm.add_lead(stage="new", owner="u-hidden", Country="US")
    office.round(3)
    office.restart()

    office.round(45)

    assert office.told.named("owner_unknown")


def test_a_leads_queue_that_nobody_finds_is_an_alert_and_not_a_lost_lead(tmp_path):
    queues = {"queues": {"triage": "nowhere"}}
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", connection=queues)
    record = office.crm.add_lead(stage="new", Country="FR")

    office.round(3)

    assert office.methods(record) == ["fallback"]
    assert office.told.named("lead_unowned")
    office.app.close()


def test_a_transaction_that_fails_takes_the_state_back_with_it(office, monkeypatch):
    office.crm.add_lead(stage="new", Country="US")
    before = office.app.world.states()

    def breaks(*_, **__):
        raise LedgerUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr("models.decisions.decider.Batch.flush", breaks)
        with pytest.raises(LedgerUnavailable):
            office.round()

    assert office.app.world.states() == before
    office.round(3)
    assert office.is_in_step()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"id": None, "created_at": NOON}, id="the database refuses it"),
        pytest.param({"id": "p", "created_at": "never"}, id="it cannot even be sent"),
    ],
)
def test_a_row_that_cannot_be_stored_is_put_aside_and_the_others_go_on(office, monkeypatch, row):
    odd = office.crm.add_lead(stage="new", Country="US", Note="odd")
    good = office.crm.add_lead(stage="new", Country="DE")
    seen = LeadWriter.seen

    def odd_row(self, sighting):
        if sighting.seen.fields.get("Note") == "odd":
            self._writes.add(lead_writer._PERSON, {"erased_at": None, **row})
        seen(self, sighting)

    monkeypatch.setattr(LeadWriter, "seen", odd_row)
    office.round(6)

    assert (office.owner(odd), office.owner(good)) == (None, "u-cleo")
    assert office.told.named("record_put_aside")


def test_a_missed_lead_is_found_by_the_sweep(office):
    record = office.crm.add_lead(stage="new", Country="DE", late=True)
    office.round(2)
    office.crm._rows[record].hidden = False  # visible now, and in no page of changes
    office.app.world.connections["sf"].sweep_at = office.clock.now()
    office.round(4, every_s=40)
    missed = office.told.named("records_missed")

    assert [each["count"] for each in missed] == [1]


def test_the_daemon_does_not_write_without_the_lease(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(every_s=0.5)
    office.clock.advance(timedelta(seconds=14).total_seconds())  # beyond our own deadline

    pushed = office.app.push(office.clock.now())

    assert (pushed, office.owner(record)) == (0, None)
