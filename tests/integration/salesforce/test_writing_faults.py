"""What goes wrong while writing: nobody is overwritten, nothing is written twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.errors import TryLater
from routing.facts.crm import Applied, EffectKind
from tests.contract.crm_contract import effect_for, gave


def give(world, leads, rep):
    return world.connector.apply([effect_for(world, lead, rep) for lead in leads])


def test_fault_10_a_locked_row_is_later_and_the_others_are_written(world):
    leads, rep = [world.lead() for _ in range(4)], world.rep()
    world.simulator.fault("row_lock", delay_s=0.0, match={"id": leads[2]}, times=1)

    results = give(world, leads, rep)

    assert [r.applied for r in results] == [
        Applied.CONFIRMED,
        Applied.CONFIRMED,
        Applied.LATER,
        Applied.CONFIRMED,
    ]
    assert results[2].code == "UNABLE_TO_LOCK_ROW"
    assert 1.0 <= results[2].after_s <= 30.0


def test_fault_11_a_rep_who_left_meanwhile_is_refused(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("inactive_owner", times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.code) == (Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    assert world.owner(lead) == world.unrouted


@pytest.mark.parametrize("body", ["empty", "list"])
def test_fault_12_a_human_who_is_faster_keeps_the_lead(world, body):
    lead, rep, human = world.lead(), world.rep(), world.rep()
    world.simulator.fault("human_edit", owner=human, body=body, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.owner) == (Applied.CONFLICT, human)
    assert world.owner(lead) == human


def test_fault_12_an_edit_that_leaves_the_owner_is_later_and_no_conflict(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("human_edit", owner=world.unrouted, match={"id": lead}, times=1)

    first = gave(world, lead, rep)
    world.pass_time(3)
    second = gave(world, lead, rep)

    assert (first.applied, first.after_s) == (Applied.LATER, 2.0)
    assert second.applied is Applied.CONFIRMED


def test_fault_12_a_row_that_changed_a_moment_ago_waits_out_the_blind_second(world):
    rep = world.rep()
    given = {**world.simulator.world.next_lead(), "OwnerId": world.unrouted}
    lead = str(world.simulator.acts.create("Lead", given))

    early = gave(world, lead, rep)
    world.pass_time(2)
    late = gave(world, lead, rep)

    assert (early.applied, early.code, early.after_s) == (Applied.LATER, "QUARANTINE", 2.0)
    assert late.applied is Applied.CONFIRMED


@pytest.mark.parametrize("how", ["deleted", "merged", "converted"])
def test_fault_13_a_lead_that_went_meanwhile_is_gone(world, how):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("gone", how=how, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert result.applied is Applied.GONE
    assert (result.merged_into is not None) == (how == "merged")


@pytest.mark.parametrize("how", ["reset", "timeout", "bad_gateway"])
def test_fault_14_a_write_that_landed_without_an_answer_is_found(world, how):
    world.connector = world.connect(timeout_s=0.5)
    leads, rep = [world.lead() for _ in range(3)], world.rep()
    world.simulator.fault(
        "ambiguous_write", how=how, delay_s=1.0, match={"path": "*/composite"}, times=1
    )

    results = give(world, leads, rep)

    assert {r.applied for r in results} == {Applied.CONFIRMED}
    assert world.writes() == 3


def test_fault_14_a_write_that_landed_and_was_undone_before_we_looked_is_not_repeated(world):
    lead, rep = world.lead(), world.rep()
    gave(world, world.lead(), rep)  # described and signed in before it begins
    effect = replace(effect_for(world, lead, rep), also={"Signalbox_Decision__c": "d-17"})
    world.simulator.fault("ambiguous_write", match={"path": "*/composite"}, times=1)
    world.simulator.fault(
        "garbage", variant="unavailable", match={"path": "*/composite/sobjects/*", "nth": [2, 3, 4]}
    )

    first = world.connector.apply([effect])[0]
    world.human_gives(lead, world.unrouted)  # the human who was given it, or their manager
    second = world.connector.apply([effect])[0]

    assert (first.applied, first.code) == (Applied.LATER, "UNKNOWN")
    assert (second.applied, second.owner) == (Applied.CONFLICT, world.unrouted)
    assert world.owner(lead) == world.unrouted
    assert world.writes() == 2


def test_a_decision_that_never_landed_is_written_though_an_older_one_left_its_mark(world):
    lead, rep = world.lead(), world.rep()
    mark = "Signalbox_Decision__c"
    world.connector.apply([replace(effect_for(world, lead, rep), also={mark: "d-17"})])
    world.human_gives(lead, world.unrouted)

    later = world.connector.apply([replace(effect_for(world, lead, rep), also={mark: "d-18"})])

    assert later[0].applied is Applied.CONFIRMED
    assert world.owner(lead) == rep


def test_fault_14_a_write_that_did_not_land_is_later(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("garbage", variant="unavailable", match={"path": "*/composite"}, times=1)

    first = gave(world, lead, rep)
    second = gave(world, lead, rep)

    assert (first.applied, first.code) == (Applied.LATER, "NOT_WRITTEN")
    assert second.applied is Applied.CONFIRMED
    assert world.writes() == 1


def test_fault_14_what_cannot_even_be_read_back_is_later_and_safe_to_send_again(world):
    lead, rep = world.lead(), world.rep()
    gave(world, world.lead(), rep)  # described and signed in before it begins
    world.simulator.fault("ambiguous_write", match={"path": "*/composite"}, times=1)
    world.simulator.fault(
        "garbage", variant="unavailable", match={"path": "*/composite/sobjects/*", "nth": [2, 3, 4]}
    )

    first = gave(world, lead, rep)
    second = gave(world, lead, rep)

    assert (first.applied, first.code) == (Applied.LATER, "UNKNOWN")
    assert second.applied is Applied.ALREADY
    assert world.writes() == 2


@pytest.mark.parametrize(
    ("variant", "applied", "code"),
    [
        ("validation", Applied.REFUSED_RECORD, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("flow", Applied.REFUSED_RECORD, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("flow_lock", Applied.LATER, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("email", Applied.REFUSED_RECORD, "INVALID_EMAIL_ADDRESS"),
        ("access", Applied.REFUSED_RECORD, "INSUFFICIENT_ACCESS_OR_READONLY"),
        ("locked", Applied.REFUSED_RECORD, "ENTITY_IS_LOCKED"),
    ],
)
def test_fault_15_a_refused_row_dies_or_waits_by_its_code(world, variant, applied, code):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("row_refused", variant=variant, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.code) == (applied, code)


def test_fault_16_a_duplicate_rule_refuses_the_record(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.fault("duplicate", match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.code) == (Applied.REFUSED_RECORD, "DUPLICATES_DETECTED")


def test_fault_18_an_active_assignment_rule_does_not_touch_our_writes(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.org.rules.assign_leads_to = world.simulator.world.admin_id

    result = gave(world, lead, rep)

    assert result.applied is Applied.CONFIRMED
    assert world.owner(lead) == rep


def test_fault_18_a_write_that_an_automation_undoes_is_seen_when_read_back(world, monkeypatch):
    world.connector = world.connect(read_back=True)
    lead, rep = world.lead(), world.rep()
    monkeypatch.setattr("connectors.salesforce.guarded._NO_RULES", {})
    world.simulator.org.rules.assign_leads_to = world.simulator.world.admin_id

    result = gave(world, lead, rep)

    assert (result.applied, result.code) == (Applied.CONFLICT, "UNDONE_BY_AUTOMATION")
    assert result.owner == world.simulator.world.admin_id


def test_a_read_back_of_a_good_write_is_a_confirmation(world):
    world.connector = world.connect(read_back=True)
    lead, rep = world.lead(), world.rep()

    assert gave(world, lead, rep).applied is Applied.CONFIRMED


def test_the_reason_is_written_in_the_same_request_cut_to_what_fits(world):
    lead, rep = world.lead(), world.rep()
    also = {"Signalbox_Decision__c": "decision-1", "Signalbox_Reason__c": "x" * 400}

    result = world.connector.apply([replace(effect_for(world, lead, rep), also=also)])[0]

    row = world.row(lead)
    assert result.applied is Applied.CONFIRMED
    assert row["Signalbox_Decision__c"] == "decision-1"
    assert len(row["Signalbox_Reason__c"]) == 255
    assert world.requests().get("composite", 0) <= 2


def test_a_contact_s_own_owner_field_is_written(world):
    contact = str(world.simulator.acts.create("Contact", {"LastName": "Vogel"}))
    world.pass_time(3)
    rep = world.rep()
    effect = replace(
        effect_for(world, contact, rep), object="sf.contact", field="SDR__c", expected=None
    )

    result = world.connector.apply([effect])[0]

    assert result.applied is Applied.CONFIRMED
    assert world.row(contact)["SDR__c"] == rep


def test_a_lead_goes_to_a_queue_and_not_to_one_that_does_not_serve_leads(world):
    first, second = world.lead(), world.lead()
    queues = world.simulator.world.queues

    good = gave(world, first, queues["inbound-triage"])
    bad = gave(world, second, queues["support-cases"])

    assert good.applied is Applied.CONFIRMED
    assert bad.applied is Applied.REFUSED_REP


def test_fifteen_characters_are_as_good_as_eighteen(world):
    lead, rep = world.lead(), world.rep()
    effect = effect_for(world, lead[:15], rep[:15], expected=str(world.unrouted)[:15])

    result = world.connector.apply([effect])[0]

    assert (result.applied, result.owner) == (Applied.CONFIRMED, rep)


def test_two_effects_for_one_record_are_never_in_flight_together(world):
    lead, one, other = world.lead(), world.rep(), world.rep()
    effects = [effect_for(world, lead, one), effect_for(world, lead, other)]

    results = world.connector.apply(effects)

    assert [r.applied for r in results] == [Applied.CONFIRMED, Applied.CONFLICT]
    assert world.owner(lead) == one


@pytest.mark.parametrize(
    ("changes", "applied", "code"),
    [
        ({"record": "' OR Id != '"}, Applied.REFUSED_RECORD, "MALFORMED_ID"),
        ({"value": "nobody"}, Applied.REFUSED_REP, "MALFORMED_ID"),
        ({"object": "hs.contact"}, Applied.REFUSED_RECORD, "UNKNOWN_OBJECT"),
        ({"kind": EffectKind.NOTIFY}, Applied.REFUSED_RECORD, "UNSUPPORTED_EFFECT"),
        ({"value": "005000000000001AAA"}, Applied.REFUSED_REP, "INVALID_CROSS_REFERENCE_KEY"),
    ],
)
def test_an_effect_that_cannot_be_is_refused_without_stopping_others(world, changes, applied, code):
    lead, rep = world.lead(), world.rep()
    odd = replace(effect_for(world, world.lead(), rep), **changes)

    results = world.connector.apply([odd, effect_for(world, lead, rep)])

    assert (results[0].applied, results[0].code) == (applied, code)
    assert results[1].applied is Applied.CONFIRMED


def test_a_quota_that_ends_between_two_calls_puts_off_the_rest(world):
    leads, rep = [world.lead() for _ in range(30)], world.rep()
    gave(world, world.lead(), rep)
    world.simulator.fault("daily_quota", match={"path": "*/composite", "nth": 2})

    results = give(world, leads, rep)

    assert [r.applied for r in results[:25]] == [Applied.CONFIRMED] * 25
    assert [(r.applied, r.after_s) for r in results[25:]] == [(Applied.LATER, 300.0)] * 5


def test_a_crm_that_is_away_before_the_first_write_is_an_error(world):
    lead, rep = world.lead(), world.rep()
    gave(world, world.lead(), rep)
    world.go_away()

    with pytest.raises(TryLater):
        gave(world, lead, rep)


def test_a_future_stamp_waits_a_bounded_time(world):
    lead, rep = world.lead(), world.rep()
    world.simulator.acts.update(lead, {"City": "Bonn"}, at=world.clock.now() + timedelta(hours=1))

    result = gave(world, lead, rep)

    assert (result.applied, result.after_s) == (Applied.LATER, 30.0)
