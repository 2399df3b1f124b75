"""Keys, scopes and limits: who may not, who must wait, and whom to tell."""

from datetime import timedelta

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.hubspot import OAuthApp, lead_object
from connectors.simulator.hubspot_server import HubSpotGrant
from routing.facts.crm import Bookmark, Mapped, RecordSeen, Stream, TouchSeen
from tests.contract.crm_contract import effect_for, gave, read_all

LEADS = Bookmark(Stream.LEADS)


def app(grant: HubSpotGrant, kept: list[str] | None = None) -> OAuthApp:
    keep = None if kept is None else kept.append
    return OAuthApp(grant.client_id, grant.client_secret, grant.refresh_token, keep)


def test_fault_6_the_ten_second_limit_is_waited_for(world):
    world.connector.changes(LEADS)
    lead, rep = world.lead(), world.rep()
    world.fault("ten_secondly", times=1)
    with pytest.raises(TryLater) as caught:
        gave(world, lead, rep)
    refused = world.simulator.service.requests
    with pytest.raises(TryLater):
        gave(world, lead, rep)

    assert 8 <= caught.value.after_s <= 11
    assert world.simulator.service.requests == refused
    world.pass_time(11)
    assert gave(world, lead, rep).applied == "confirmed"


def test_fault_6_a_limit_that_strikes_now_and_then_costs_little(world):
    world.fault("ten_secondly", match={"every": 19})
    calls = done = 0
    bookmark = LEADS
    for _ in range(120):
        world.lead()
        before = world.simulator.service.requests
        try:
            bookmark = world.connector.changes(bookmark).bookmark
        except TryLater as wait:
            world.pass_time(wait.after_s)
        else:
            done += 1
        calls += world.simulator.service.requests - before

    assert done > 100
    assert (120 - done) / calls < 0.06


def test_fault_7_the_limit_on_searches_does_not_touch_writes(world):
    world.connector.changes(LEADS)
    lead, rep = world.lead(), world.rep()
    world.fault("secondly", times=3)
    with pytest.raises(TryLater):
        world.connector.changes(LEADS)

    assert gave(world, lead, rep).applied == "confirmed"


def test_fault_7_our_own_pace_never_meets_the_limits(world):
    for _ in range(60):
        world.lead()
        read_all(world.connector, Stream.LEADS)

    assert sum(world.simulator.portal.limits.refused.values()) == 0


def test_fault_8_a_day_that_is_used_up_ends_at_midnight_where_the_portal_is(world):
    lead, rep = world.lead(), world.rep()
    world.connector.changes(LEADS)
    world.fault("daily")
    with pytest.raises(TryLater) as caught:
        gave(world, lead, rep)
    midnight = world.simulator.portal.limits.resets_at(world.simulator.clock.now())
    wait = midnight - world.simulator.clock.now()

    assert wait <= timedelta(seconds=caught.value.after_s) <= wait * 1.1
    assert world.connector.budget().wait_s > 0
    world.pass_time(caught.value.after_s)
    assert gave(world, lead, rep).applied == "confirmed"


@pytest.mark.parametrize(
    ("said", "least_s", "most_s"),
    [("30", 30, 33), ("86400", 3600, 3960), ("-5", 10, 11), ("soon", 10, 11)],
)
def test_fault_9_a_wait_is_honoured_within_bounds(world, said, least_s, most_s):
    world.connector.changes(LEADS)
    world.fault("retry_after", value=said, times=1)
    with pytest.raises(TryLater) as caught:
        gave(world, world.lead(), world.rep())

    assert least_s - 4 <= caught.value.after_s <= most_s


def test_fault_18_a_token_that_ends_in_the_middle_is_renewed_and_the_rotated_one_kept(world):
    kept: list[str] = []
    world.connector = world.connect(grant=app(world.simulator.grant(kind="oauth"), kept))
    lead, rep = world.lead(), world.rep()
    world.connector.changes(LEADS)
    world.fault("token_expiry", match={"path": "*/batch/update"})

    assert gave(world, lead, rep).applied == "confirmed"
    world.pass_time(1700)
    assert lead in {one.id for one in read_all(world.connector, Stream.LEADS)[0]}


def test_fault_18_a_refused_refresh_needs_a_person(world):
    world.connector = world.connect(grant=app(world.simulator.grant(kind="oauth")))
    world.fault("token_refused")

    with pytest.raises(NeedsOperator, match="Install the app"):
        world.connector.changes(LEADS)


def test_fault_18_without_the_scope_for_leads_contacts_go_on(world):
    world.connector = world.connect(follower=lead_object())
    lead, rep = world.lead(), world.rep()
    world.fault("missing_scope", scopes=["crm.objects.leads.read", "crm.objects.leads.write"])

    assert gave(world, lead, rep).applied == "confirmed"
    assert lead in {one.id for one in read_all(world.connector, Stream.LEADS)[0]}


def test_fault_18_without_the_scope_for_contacts_a_person_is_asked_and_the_key_still_used(world):
    connector = world.connect_without("crm.objects.contacts.read", mapped=())
    with pytest.raises(NeedsOperator, match=r"crm\.objects\.contacts\.read"):
        connector.changes(LEADS)

    assert connector.changes(Bookmark(Stream.PEOPLE)).seen


@pytest.mark.parametrize("stream", [Stream.ACCOUNTS, Stream.OUTCOMES, Stream.TOUCHES])
def test_what_a_key_may_not_read_is_left_out_and_tried_again_later(world, stream):
    scopes = ("crm.objects.companies.read", "crm.objects.deals.read")
    connector = world.connect_without(*scopes, named_field=None)
    _, bookmark = read_all(connector, stream)
    before = world.simulator.service.requests
    read_all(connector, stream, bookmark)
    cost = world.simulator.service.requests - before

    assert cost <= 4
    assert connector.changes(LEADS).bookmark


def test_fault_19_no_answer_is_waited_for_only_so_long(world):
    connector = world.connect(timeout_s=0.2)
    connector.changes(LEADS)
    world.fault("no_answer", delay_s=1.0, times=1)

    with pytest.raises(TryLater, match="time allowed"):
        connector.changes(LEADS)


@pytest.mark.parametrize("status", [423, 500, 502, 503, 504, 524])
def test_fault_19_a_read_that_failed_is_made_again(world, status):
    lead = world.lead()
    world.connector.changes(Bookmark(Stream.PEOPLE))
    world.fault("server_error", status=status, times=2)

    assert lead in {one.id for one in read_all(world.connector, Stream.LEADS)[0]}


def test_fault_20_an_owner_who_is_missed_by_a_page_keeps_the_last_word(world):
    reps = [world.rep() for _ in range(120)]
    _, bookmark = read_all(world.connector, Stream.PEOPLE)
    world.fault("owner_missing", owner=reps[-1], times=1)
    seen, _ = read_all(world.connector, Stream.PEOPLE, bookmark)

    assert [(one.id, one.active) for one in seen] in ([], [(reps[-1], False)])


def test_a_check_with_every_right_says_what_is_read_and_written(world):
    check = world.connector.check()

    assert (check.can_read, check.can_write, check.warnings) == (True, True, ())
    assert check.would_write == ("contacts.hubspot_owner_id", "contacts.signalbox_reason")
    assert {each.object for each in check.objects} >= {"contacts", "companies", "owners", "users"}


def test_a_check_with_a_key_that_may_only_read_names_what_it_cannot_write(world):
    check = world.connect_without("crm.objects.contacts.write").check()

    assert (check.can_read, check.can_write) == (True, False)
    assert check.cannot_write == check.would_write
    assert world.writes() == 0


def test_a_check_names_every_property_that_is_not_there(world):
    mapped = (Mapped("score", "hs.contact", "skore"), Mapped("size", "hs.company", "sizes"))
    connector = world.connect(mapped=mapped)

    assert "hs.company.sizes, hs.contact.skore" in connector.check().problems[0]
    with pytest.raises(NeedsOperator, match=r"hs\.contact\.skore"):
        connector.changes(LEADS)


def test_a_check_warns_of_what_is_missing_and_not_needed(world):
    check = world.connect_without("crm.objects.deals.read").check()

    assert check.can_read
    assert any(warning.startswith("deals cannot be read") for warning in check.warnings)


def test_a_check_with_a_refused_key_is_an_answer(world):
    world.lock_out()

    assert not world.connector.check().can_read


def test_a_check_warns_of_paths_that_are_going_away(world):
    check = world.connect(api_version="v3").check()

    assert "2027" in check.warnings[0]


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_every_version_reads_and_writes(world, version):
    world.connector = world.connect(api_version=version)
    lead, rep = world.lead(), world.rep()
    result = world.connector.apply([effect_for(world, lead, rep)])[0]
    world.pass_time(3)
    seen, _ = read_all(world.connector, Stream.LEADS)
    touches, _ = read_all(world.connector, Stream.TOUCHES)

    assert result.applied == "confirmed"
    assert [one.owner for one in seen if isinstance(one, RecordSeen) and one.id == lead] == [rep]
    assert all(isinstance(one, TouchSeen) for one in touches)
