"""What goes wrong while writing: nobody is overwritten, nothing is written twice."""

from dataclasses import replace

import pytest

from connectors.errors import NeedsOperator, TryLater
from routing.facts.crm import Applied, EffectKind, Mapped
from tests.contract.crm_contract import effect_for, gave
from tests.integration.hubspot.world import WRITTEN


def give(world, leads, rep):
    return world.connector.apply([effect_for(world, lead, rep) for lead in leads])


def applied(results):
    return [result.applied for result in results]


def test_fault_10_three_of_a_hundred_are_gone_and_the_others_are_written(world):
    leads, rep = [world.lead() for _ in range(100)], world.rep()
    for lead in leads[10:13]:
        world.fault("gone", match={"id": lead}, times=1)

    results = give(world, leads, rep)

    assert applied(results[10:13]) == [Applied.GONE] * 3
    assert applied(results[:10] + results[13:]) == [Applied.CONFIRMED] * 97
    assert world.writes() == 97


def test_fault_10_a_record_that_only_the_answer_calls_missing_is_tried_again(world):
    leads, rep = [world.lead() for _ in range(3)], world.rep()
    world.fault("input_not_found", match={"id": leads[1]}, times=1)

    first, second = give(world, leads, rep), give(world, leads, rep)

    assert applied(first) == [Applied.CONFIRMED, Applied.LATER, Applied.CONFIRMED]
    assert applied(second) == [Applied.ALREADY, Applied.CONFIRMED, Applied.ALREADY]
    assert world.writes() == 3


def test_fault_11_what_an_answer_leaves_out_is_not_taken_for_written(world):
    leads, rep = [world.lead() for _ in range(3)], world.rep()
    world.fault("input_ignored", match={"id": leads[2]}, times=1)

    results = give(world, leads, rep)

    assert applied(results) == [Applied.CONFIRMED, Applied.CONFIRMED, Applied.LATER]
    assert results[2].code == "NOT_WRITTEN"
    assert world.owner(leads[2]) is None


def test_fault_12_an_owner_who_left_in_between_is_refused_and_the_others_are_written(world):
    leads, rep, gone = [world.lead() for _ in range(100)], world.rep(), world.rep()
    effects = [effect_for(world, lead, gone if n == 41 else rep) for n, lead in enumerate(leads)]
    world.deactivate(gone)
    before = sum(world.requests().values())

    results = world.connector.apply(effects)

    assert results[41].applied is Applied.REFUSED_REP
    assert applied(results[:41] + results[42:]) == [Applied.CONFIRMED] * 99
    assert sum(world.requests().values()) - before < 25


def test_fault_12_a_record_that_a_rule_of_the_portal_refuses_is_dead_and_no_rep_s_fault(world):
    leads, rep = [world.lead() for _ in range(8)], world.rep()
    world.fault("input_refused", match={"id": leads[5]})

    results = give(world, leads, rep)

    assert results[5].applied is Applied.REFUSED_RECORD
    assert results[5].code == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert applied(results[:5] + results[6:]) == [Applied.CONFIRMED] * 7


@pytest.mark.parametrize("how", ["reset", "headers_only", "truncated", "bad_gateway"])
def test_fault_13_a_write_whose_answer_was_lost_is_read_back(world, how):
    leads, rep = [world.lead() for _ in range(3)], world.rep()
    world.fault("lost_response", how=how, match={"path": "*/batch/update"}, times=1)

    first, second = give(world, leads, rep), give(world, leads, rep)

    assert applied(first) == [Applied.CONFIRMED] * 3
    assert applied(second) == [Applied.ALREADY] * 3
    assert world.writes() == 3


def test_fault_13_what_cannot_even_be_read_back_is_later(world):
    lead, rep = world.lead(), world.rep()
    world.fault("lost_response", match={"path": "*/batch/update"}, times=1)
    for _ in range(3):  # the reading after the write, with all its attempts
        world.fault("server_error", match={"path": "*/batch/read", "nth": 2})

    first, second = gave(world, lead, rep), gave(world, lead, rep)

    assert (first.applied, first.code) == (Applied.LATER, "UNKNOWN")
    assert second.applied is Applied.ALREADY
    assert world.writes() == 1


def with_mark(world, lead, rep, decision):
    """A write that takes the decision's id along, by a connector that is told where it goes."""
    effect = replace(effect_for(world, lead, rep), also={"signalbox_decision": decision})
    told = Mapped("decision", "hs.contact", "signalbox_decision")
    return effect, world.connect(written=(*WRITTEN, told))


def test_fault_13_a_write_that_landed_and_was_undone_before_we_looked_is_not_repeated(world):
    lead, rep = world.lead(), world.rep()
    effect, connector = with_mark(world, lead, rep, "d-17")
    world.fault("lost_response", match={"path": "*/batch/update"}, times=1)
    for _ in range(3):  # the reading after the write, with all its attempts
        world.fault("server_error", match={"path": "*/batch/read", "nth": 2})

    first = connector.apply([effect])[0]
    world.human_gives(lead, "")  # the human who was given it, or their manager
    second = connector.apply([effect])[0]

    assert (first.applied, first.code) == (Applied.LATER, "UNKNOWN")
    assert (second.applied, second.owner) == (Applied.CONFLICT, None)
    assert world.owner(lead) is None
    assert world.writes() == 1


def test_a_decision_that_never_landed_is_written_though_an_older_one_left_its_mark(world):
    lead, rep = world.lead(), world.rep()
    older, connector = with_mark(world, lead, rep, "d-17")
    connector.apply([older])
    world.human_gives(lead, "")

    later = connector.apply([replace(older, also={"signalbox_decision": "d-18"})])

    assert later[0].applied is Applied.CONFIRMED
    assert world.owner(lead) == rep


def test_fault_14_a_human_who_was_faster_is_named_by_the_history(world):
    lead, rep, human = world.lead(), world.rep(), world.rep()
    world.human_gives(lead, human)

    result = gave(world, lead, rep)

    assert (result.applied, result.owner) == (Applied.CONFLICT, human)
    assert "CRM_UI" in result.detail


def test_fault_14_a_human_between_reading_and_writing_gets_the_lead_back(world):
    leads, rep, human = [world.lead() for _ in range(3)], world.rep(), world.rep()
    world.human_gives_between_read_and_write(leads[1], human)

    results = give(world, leads, rep)

    assert applied(results) == [Applied.CONFIRMED, Applied.CONFLICT, Applied.CONFIRMED]
    assert (results[1].code, results[1].owner) == ("LOST_RACE", human)
    assert "CRM_UI" in results[1].detail
    assert world.owner(leads[1]) == human


def test_fault_14_what_could_not_be_given_back_at_once_is_given_back_later(world):
    lead, rep, human = world.lead(), world.rep(), world.rep()
    world.human_gives_between_read_and_write(lead, human)
    for nth in (2, 3, 4):  # the write that gives back, with all its attempts
        world.fault("input_ignored", match={"id": lead, "nth": nth})

    first = gave(world, lead, rep)
    held, second = world.owner(lead), gave(world, lead, rep)

    assert (first.applied, first.code, held) == (Applied.LATER, "LOST_RACE", rep)
    assert (second.applied, second.owner) == (Applied.CONFLICT, human)
    assert world.owner(lead) == human


def test_fault_14_a_human_right_after_the_write_keeps_the_lead(world):
    lead, rep, human = world.lead(), world.rep(), world.rep()
    world.fault("human_edit_after", owner=human, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.owner) == (Applied.CONFLICT, human)
    assert world.owner(lead) == human


@pytest.mark.parametrize("new_id", [False, True])
def test_fault_16_a_record_that_is_merged_while_it_is_written_is_gone_and_says_where(world, new_id):
    lead, rep = world.lead(), world.rep()
    world.fault("merged", new_id=new_id, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert result.applied is Applied.GONE
    assert result.merged_into not in (None, lead)


@pytest.mark.parametrize("how", ["archived", "erased"])
def test_fault_17_a_record_that_is_deleted_while_it_is_written_is_gone(world, how):
    lead, rep = world.lead(), world.rep()
    world.fault("gone", how=how, match={"id": lead}, times=1)

    result = gave(world, lead, rep)

    assert (result.applied, result.merged_into) == (Applied.GONE, None)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_fault_19_a_write_that_failed_is_read_back_as_not_written(world, status):
    lead, rep = world.lead(), world.rep()
    world.fault("server_error", status=status, match={"path": "*/batch/update"}, times=1)

    first, second = gave(world, lead, rep), gave(world, lead, rep)

    assert applied([first, second]) == [Applied.LATER, Applied.CONFIRMED]
    assert world.writes() == 1


@pytest.mark.parametrize(("status", "least_s"), [(423, 2), (477, 600)])
def test_fault_19_a_write_that_was_not_let_in_waits(world, status, least_s):
    lead, rep = world.lead(), world.rep()
    world.connector.check()
    world.fault("server_error", status=status, match={"path": "*/batch/update"}, times=1)

    with pytest.raises(TryLater) as caught:
        gave(world, lead, rep)

    assert caught.value.after_s >= least_s
    assert world.writes() == 0


def test_after_the_first_write_nothing_is_raised_any_more(world):
    leads, rep = [world.lead() for _ in range(150)], world.rep()
    world.fault("daily", match={"path": "*/batch/update", "nth": 2})

    results = give(world, leads, rep)

    assert applied(results[:100]) == [Applied.CONFIRMED] * 100
    assert {r.applied for r in results[100:]} == {Applied.LATER}
    assert world.writes() == 100


def test_fault_20_our_own_write_comes_back_once_and_is_told_as_ours(world):
    lead, rep = world.lead(), world.rep()
    gave(world, lead, rep)

    owners = world.connector.owners_of([lead], object=world.object)

    assert owners[lead].by_us


def test_an_automation_that_writes_with_our_key_is_told_apart_from_a_human(world):
    lead, rep, other = world.lead(), world.rep(), world.rep()
    gave(world, lead, rep)
    gave_back = replace(effect_for(world, lead, None), expected=rep)
    world.connector.apply([gave_back])

    result = world.connector.apply([replace(effect_for(world, lead, other), expected=rep)])[0]

    assert (result.applied, result.code) == (Applied.CONFLICT, "UNDONE_BY_AUTOMATION")


def test_the_reason_is_written_in_the_same_request(world):
    lead, rep = world.lead(), world.rep()
    effect = replace(effect_for(world, lead, rep), also={"signalbox_reason": "goes to Rep 8"})
    world.connector.apply([effect])

    assert world.record(lead).values["signalbox_reason"] == "goes to Rep 8"
    assert world.writes() == 1


def test_a_record_is_written_once_at_a_time(world):
    lead, rep = world.lead(), world.rep()
    field = replace(effect_for(world, lead, "DE"), kind=EffectKind.FIELD, field="country")
    effects = [replace(field, expected=None, id="f1"), effect_for(world, lead, rep)]

    assert applied(world.connector.apply(effects)) == [Applied.CONFIRMED] * 2


@pytest.mark.parametrize(
    ("changes", "refused", "code"),
    [
        ({"object": "sf.lead"}, Applied.REFUSED_RECORD, "UNKNOWN_OBJECT"),
        ({"record": "kim@acme.test"}, Applied.REFUSED_RECORD, "MALFORMED_ID"),
        ({"value": "005000000000001AAA"}, Applied.REFUSED_REP, "MALFORMED_ID"),
        ({"kind": EffectKind.TASK}, Applied.REFUSED_RECORD, "UNSUPPORTED_EFFECT"),
    ],
)
def test_what_can_never_be_written_is_refused_without_a_call(world, changes, refused, code):
    effect = replace(effect_for(world, world.lead(), world.rep()), **changes)

    (result,) = world.connector.apply([effect])

    assert (result.applied, result.code) == (refused, code)


def test_a_key_that_may_only_read_stops_before_anything_is_written(world):
    lead, rep = world.lead(), world.rep()
    world.connector = world.connect_without("crm.objects.contacts.write")

    with pytest.raises(NeedsOperator, match=r"crm\.objects\.contacts\.write"):
        gave(world, lead, rep)
