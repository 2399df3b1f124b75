"""Tokens, quota and rights: one login for many, no storm, and words a person can act on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import NeedsOperator, TryLater
from connectors.salesforce import ClientCredentials, JwtBearer
from connectors.simulator.salesforce.access import Access
from routing.facts.crm import Applied, Bookmark, Stream
from tests.contract.crm_contract import effect_for, gave, read_all


def logins(world):
    return world.simulator.org.sessions.logins


def test_fault_5_a_token_that_dies_in_a_write_is_replaced_and_the_guard_kept(world):
    taken, free, rep = world.lead(), world.lead(), world.rep()
    gave(world, world.lead(), rep)
    before = logins(world)
    world.human_gives_between_read_and_write(taken, world.rep())
    world.simulator.fault("token_expiry", match={"path": "*/composite"}, times=1)
    world.simulator.org.rules.assign_leads_to = world.simulator.world.admin_id

    results = world.connector.apply([effect_for(world, taken, rep), effect_for(world, free, rep)])

    assert [r.applied for r in results] == [Applied.CONFLICT, Applied.CONFIRMED]
    assert world.owner(free) == rep  # Sforce-Auto-Assign was still there
    assert logins(world) - before == 1


def test_fault_5_one_login_serves_all_threads(world):
    read_all(world.connector, Stream.LEADS)
    before = logins(world)
    world.simulator.org.sessions.end_all()

    with ThreadPoolExecutor(16) as threads:
        asked = [
            threads.submit(world.connector.owners_of, [world.unrouted], object="sf.lead")
            for _ in range(16)
        ]
        done = [one.result() for one in asked]

    assert len(done) == 16
    assert logins(world) - before == 1


def test_fault_5_a_token_is_renewed_before_it_dies_of_the_age_that_was_learnt(world):
    world.connector = world.connect()
    world.simulator.org.sessions.life_s = 1000.0
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.pass_time(1000)
    world.simulator.org.sessions.end_all()
    bookmark = read_all(world.connector, Stream.LEADS, bookmark)[1]
    learnt = logins(world)
    world.pass_time(799)
    bookmark = read_all(world.connector, Stream.LEADS, bookmark)[1]
    assert logins(world) == learnt
    world.pass_time(2)

    read_all(world.connector, Stream.LEADS, bookmark)

    assert logins(world) == learnt + 1


def test_fault_6_a_token_that_no_login_mends_stops_after_two(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    before = logins(world)
    world.lock_out()

    for _ in range(10):
        with pytest.raises(NeedsOperator, match="fresh token was refused"):
            world.connector.changes(bookmark)

    assert logins(world) - before == 1


def test_fault_6_it_goes_on_by_itself_some_minutes_after_it_was_mended(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.lock_out()
    with pytest.raises(NeedsOperator):
        world.connector.changes(bookmark)
    world.simulator.book.remove()
    world.pass_time(301)

    assert world.connector.changes(bookmark).seen == ()


@pytest.mark.parametrize("variant", ["not_approved", "bare"])
def test_fault_7_a_refused_login_needs_an_operator(world, variant):
    world.simulator.fault("token_refused", variant=variant)

    with pytest.raises(NeedsOperator, match="invalid_grant"):
        world.connector.changes(Bookmark(Stream.LEADS))


def test_fault_7_a_token_endpoint_that_is_down_asks_to_wait(world):
    world.simulator.fault("token_refused", variant="down")

    with pytest.raises(TryLater, match="login failed"):
        world.connector.changes(Bookmark(Stream.LEADS))


def test_fault_8_the_day_s_quota_closes_the_gate_and_opens_it_again(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.simulator.fault("daily_quota", for_s=1200.0, times=1)
    with pytest.raises(TryLater) as first:
        world.connector.changes(bookmark)
    served = world.simulator.service.requests
    with pytest.raises(TryLater):
        world.connector.changes(bookmark)
    lead = world.lead()
    world.pass_time(1500)

    seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert first.value.after_s == 300.0
    assert world.connector.budget().limit == 150_000
    assert world.simulator.service.requests > served  # knocked only after the gate opened
    assert lead in {one.id for one in seen}


def test_fault_8_a_closed_gate_makes_no_calls(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.simulator.fault("daily_quota", times=1)
    with pytest.raises(TryLater):
        world.connector.changes(bookmark)
    served = world.simulator.service.requests

    with pytest.raises(TryLater):
        world.connector.changes(bookmark)

    assert world.simulator.service.requests == served
    assert world.connector.budget().wait_s == 300.0


def test_fault_9_a_crowd_backs_off_for_seconds(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.simulator.fault("concurrent_limit", times=1)

    with pytest.raises(TryLater) as busy:
        world.connector.changes(bookmark)

    assert busy.value.after_s == 5.0
    assert 5.0 <= world.connector.budget().wait_s <= 30.0


def test_a_jittering_limit_header_is_believed_at_its_highest(world):
    world.simulator.fault("limit_jitter", calls=50)
    world.simulator.tick()
    bookmark = Bookmark(Stream.LEADS)
    used = []
    for _ in range(20):
        bookmark = world.connector.changes(bookmark).bookmark
        used.append(world.connector.budget().used)

    assert used == sorted(used)


def test_a_jwt_signed_with_the_org_s_certificate_signs_in(world):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    app = world.simulator.grant(public_key=public.decode())
    user = world.row(world.simulator.world.integration_user_id)
    grant = JwtBearer(app.client_id, user["Username"], private.decode(), world.address.base_url)
    connector = world.connect(grant=grant)
    lead = world.lead()

    seen, _ = read_all(connector, Stream.LEADS)

    assert lead in {one.id for one in seen}


def test_a_key_that_is_no_key_is_said_so(world):
    grant = JwtBearer("app", "signalbox@northbeam.test", "-----BEGIN NONSENSE-----")

    with pytest.raises(NeedsOperator, match="private key"):
        world.connect(grant=grant).changes(Bookmark(Stream.LEADS))


def test_a_given_token_works_until_it_is_refused(world):
    connector = world.connect(grant=world.static_token())
    bookmark = read_all(connector, Stream.LEADS)[1]
    world.simulator.org.sessions.end_all()

    with pytest.raises(NeedsOperator, match="cannot be renewed"):
        connector.changes(bookmark)


def test_an_org_that_moved_is_followed_where_it_may_be(world):
    bookmark = read_all(world.connector, Stream.LEADS)[1]
    world.simulator.fault("failover")
    world.simulator.tick()
    lead = world.lead()

    seen, _ = read_all(world.connector, Stream.LEADS, bookmark)

    assert lead in {one.id for one in seen}


def test_an_org_that_claims_to_live_elsewhere_is_not_believed(world):
    world.simulator.fault("failover", instance_url="https://evil.example")
    world.simulator.tick()

    with pytest.raises(NeedsOperator, match=r"evil\.example"):
        world.connector.changes(Bookmark(Stream.LEADS))


def test_a_read_only_key_passes_the_check_with_what_it_cannot_write(world):
    check = world.connect_with(access=Access(read_only=True)).check()

    assert check.can_read
    assert not check.can_write
    assert "Lead.OwnerId" in check.cannot_write
    assert "Lead.Signalbox_Reason__c" in check.would_write


def test_a_check_names_everything_that_is_missing_at_once(world):
    hidden = frozenset({("Lead", "Score__c"), ("Account", "SDR__c"), ("Contact", "SDR__c")})
    rights = Access(hidden_fields=hidden, hidden_objects=frozenset({"OutOfOffice"}))

    check = world.connect_with(access=rights).check()

    said = " ".join(check.problems)
    assert not check.can_read
    assert all(f"{sobject}.{field}" in said for sobject, field in hidden)
    assert any("OutOfOffice" in warning for warning in check.warnings)


def test_a_check_of_a_refused_key_is_an_answer_and_no_error(world):
    connector = world.connect(grant=ClientCredentials("nobody", "wrong"))

    check = connector.check()

    assert not check.can_read
    assert "login was refused" in check.problems[0]
    assert "wrong" not in str(check)


def test_a_version_that_is_not_served_is_a_problem(world):
    check = world.connect(api_version="99.0").check()

    assert any("99.0" in problem for problem in check.problems)


def test_an_old_version_is_a_warning(world):
    oldest = world.connector._wire.versions()[0]

    check = world.connect(api_version=oldest).check()

    assert any("oldest" in warning for warning in check.warnings)


def test_no_secret_and_no_address_reaches_a_message(world):
    world.lead(Email="canary@acme.test")
    world.simulator.fault("token_refused", variant="not_approved")
    connector = world.connect()
    with pytest.raises(NeedsOperator) as refused:
        connector.changes(Bookmark(Stream.LEADS))

    told = f"{refused.value} {world.settings()!r} {connector!r} {refused.value.__cause__}"

    assert world.address.client_secret not in told
    assert "canary" not in told


def test_a_read_only_key_stops_before_it_writes_and_says_what_is_missing(world):
    connector = world.connect_with(access=Access(read_only=True))
    lead, rep = world.lead(), world.rep()

    with pytest.raises(NeedsOperator, match=r"Lead\.OwnerId"):
        connector.apply([effect_for(world, lead, rep)])

    assert world.owner(lead) == world.unrouted


def test_a_right_to_write_that_is_taken_away_kills_no_lead(world):
    lead, rep = world.lead(), world.rep()
    gave(world, world.lead(), rep)
    world.simulator.fault("drift", frozen=["Lead.OwnerId"])

    first = gave(world, lead, rep)
    with pytest.raises(NeedsOperator, match=r"Lead\.OwnerId"):
        gave(world, lead, rep)

    assert first.applied is Applied.LATER
    assert first.after_s <= 5.0  # the next attempt names the field to somebody who can mend it


def test_a_right_to_write_that_is_granted_again_is_noticed_without_a_restart(world):
    lead, rep = world.lead(), world.rep()
    gave(world, world.lead(), rep)
    world.simulator.fault("drift", frozen=["Lead.OwnerId"])
    gave(world, lead, rep)
    with pytest.raises(NeedsOperator):
        gave(world, lead, rep)
    world.come_back()

    assert gave(world, lead, rep).applied is Applied.CONFIRMED
