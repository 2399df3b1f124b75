"""The whole round on a fake CRM: a lead appears, is decided, written and confirmed."""

import pytest

from connectors.errors import TryLater
from daemon.operators.rule_misses import passed_by
from routing.facts import Applied, RecordSeen
from tests.fakes.crm import FakeConnector
from tests.fakes.office import BOOK, Office


def test_a_lead_that_appears_gets_its_owner(office):
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(2)

    assert office.owner(record) in ("u-ada", "u-bob")
    assert office.states(record) == ["confirmed"]


def test_leads_alternate_between_equal_reps(office):
    records = [office.crm.add_lead(stage="new", Country="US") for _ in range(4)]

    office.round(2)

    assert [office.owner(each) for each in records] == 2 * office.in_turn("ada", "bob")


def test_the_reason_is_written_beside_the_owner(office):
    record = office.crm.add_lead(stage="new", Country="DE")

    office.round(2)

    assert "goes to cleo" in office.crm.record(record).fields["Reason__c"]


def test_our_own_write_coming_back_changes_nothing(office):
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(6)

    assert office.methods(record) == ["round_robin"]
    assert office.crm.writes == 1
    assert office.is_in_step()


def test_a_lead_that_a_human_owns_is_not_routed(office):
    record = office.crm.add_lead(stage="new", owner="u-cleo", Country="US")

    office.round(2)

    assert office.methods(record) == []
    assert office.load("cleo") == 1


def test_a_human_who_is_faster_keeps_the_lead(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.crm.before_write(lambda effect: office.crm.human_sets_owner(record, "u-cleo"))

    office.round(3)

    assert office.owner(record) == "u-cleo"
    assert office.states(record) == ["conflict"]
    assert (office.load("ada"), office.load("cleo")) == (0, 1)
    assert office.is_in_step()


def test_a_conflict_gives_the_turn_back(office):
    first = office.crm.add_lead(stage="new", Country="US")
    office.crm.before_write(lambda effect: office.crm.human_sets_owner(first, "u-cleo"))
    office.round(3)
    second = office.crm.add_lead(stage="new", Country="US")

    office.round(2)

    assert office.owner(second) == office.in_turn("ada", "bob")[1]  # claims are level again


def test_a_refused_rep_is_passed_over_and_the_lead_goes_to_the_next(office):
    refused, other = office.in_turn("ada", "bob")
    office.crm.refuse(refused, Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(4)

    assert office.owner(record) == other
    assert office.states(record) == ["refused_by_crm", "confirmed"]
    assert office.load("ada") + office.load("bob") == 1
    assert office.is_in_step()


def test_when_the_crm_refuses_everybody_the_lead_falls_back(office):
    for user in ("u-ada", "u-bob"):
        office.crm.refuse(user, Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(8)

    assert office.owner(record) == "q-triage"
    assert office.methods(record)[-1] == "fallback"


def test_a_fallback_person_whom_the_crm_refuses_too_ends_it_with_an_alert(tmp_path):
    book = {**BOOK, "fallback": {"person": "cleo"}}
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", book=book)
    office.round()
    for user in ("u-ada", "u-bob", "u-cleo"):
        office.crm.refuse(user, Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
    record = office.crm.add_lead(stage="new", Country="US")

    office.round(12)

    assert len(office.methods(record)) <= 5
    assert office.told.named("lead_unowned")
    assert office.is_in_step()
    office.app.close()


def test_a_record_that_cannot_be_written_is_dead_with_an_alert(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.crm.refuse(record, Applied.REFUSED_RECORD, "FIELD_CUSTOM_VALIDATION_EXCEPTION")

    office.round(3)

    assert office.states(record) == ["dead"]
    assert office.told.named("lead_dead")
    assert office.load("ada") == 0
    assert office.is_in_step()


def test_a_lead_without_a_rule_falls_back_and_stays(office):
    record = office.crm.add_lead(stage="new", Country="FR")

    office.round(4)

    assert office.owner(record) == "q-triage"
    assert office.methods(record) == ["fallback"]


def test_a_fact_that_arrives_while_the_fallback_is_being_written_is_not_lost(office):
    record = office.crm.add_lead(stage="new")
    office.round(every_s=0.5)
    office.crm.edit(record, Country="DE")

    office.round(6)

    assert office.owner(record) == "u-cleo"


def test_an_older_lead_is_counted_and_not_routed(office):
    office.clock.jump(-2 * 86_400)
    record = office.crm.add_lead(stage="new", Country="US")
    office.clock.jump(2 * 86_400)

    office.round(2)

    assert office.owner(record) is None
    assert office.app.ledger.reading.standing().passed_over == {"older": 1}


def test_a_lead_that_is_released_is_routed_again(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    office.crm.human_sets_owner(record, None)

    office.round(3)

    assert office.owner(record) in ("u-ada", "u-bob")
    assert len(office.methods(record)) == 2
    assert office.is_in_step()


def test_what_keeps_undoing_us_is_reported_and_left_alone(office):
    record = office.crm.add_lead(stage="new", Country="US")
    for _ in range(6):
        office.round(3)
        office.crm.human_sets_owner(record, None)
    office.round(3)

    assert office.owner(record) is None
    assert len(office.methods(record)) == 4
    assert len(office.told.named("lead_left_alone")) >= 1


def test_a_closed_lead_is_no_longer_load(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    loaded = office.load("ada") + office.load("bob")
    office.crm.convert(record, {"sf.contact": "003"})

    office.round(2)

    assert (loaded, office.load("ada") + office.load("bob")) == (1, 0)
    assert office.is_in_step()


def test_a_lead_that_goes_while_it_is_being_written_is_dead_and_no_load(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(every_s=0.5)
    office.crm.delete(record)

    office.round(4)

    assert office.states(record) == ["dead"]
    assert office.load("ada") == 0
    assert office.is_in_step()


def test_a_human_who_moves_the_lead_to_another_queue_meanwhile_releases_it(office):
    office.crm.add_queue("q-other", "other")
    office.round(every_s=61)
    record = office.crm.add_lead(stage="new", owner="q-triage", Country="US")
    office.crm.before_write(lambda effect: office.crm.human_sets_owner(record, "q-other"))

    office.round(5)

    assert office.states(record) == ["conflict", "confirmed"]
    assert office.owner(record) in ("u-ada", "u-bob")
    assert office.is_in_step()


def contact(office, crm_id):
    """The contact that a conversion makes, as the CRM reports it."""
    now = office.clock.now()
    return RecordSeen(
        object="sf.contact",
        id=crm_id,
        version=now.isoformat(),
        fields={"Id": crm_id, "Country": "US"},
        owner=None,
        created_at=now,
        modified_at=now,
        modified_by="u-ada",
        read_at=now,
        stage="new",
    )


@pytest.mark.parametrize("contact_first", [True, False])
def test_the_contact_that_a_lead_became_is_the_same_person_and_not_routed(tmp_path, contact_first):
    objects = {"sf.lead": {"owner": "OwnerId"}, "sf.contact": {"owner": "SDR__c"}}
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'l.db'}", connection={"objects": objects})
    office.round()
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    born = contact(office, "003A")
    if contact_first:
        office.crm._log.append(born)
    office.crm.convert(record, {"sf.contact": "003A"})
    if not contact_first:
        office.round()
        office.crm._log.append(born)
    office.round(3)

    assert office.lead("003A") == office.lead(record)
    assert office.methods(record) == ["round_robin"]
    assert office.is_in_step()
    office.app.close()


CANARY = "Kim Doe, 12 Rue de la Paix"
OPEN_BOOK = {
    "rulebook": "inbound",
    "fields": {
        "country": {"type": "choice", "values": ["US"], "open": True},
        "products": {"type": "set", "values": ["api"], "open": True},
        "free": {"type": "choice", "open": True},
        "email": {"type": "email"},
    },
    "pools": {"us": {"team": "us"}},
    "rules": [
        {"name": "us", "when": {"country": {"is": "US"}}, "pool": "us"},
        {"name": "words", "when": {"free": {"is": "a"}}, "pool": "us"},
        {"name": "bücher", "when": {"email": {"domain_in": ["bücher.de"]}}, "pool": "us"},
        {"name": "suite", "when": {"products": {"all_of": ["api", "docs"]}}, "pool": "us"},
        {"name": "all", "pool": "us", "skills": {"from": ["products"]}},
    ],
    "fallback": {"queue": "triage"},
}
OPEN_FACTS = {
    "facts": {
        "country": "sf.lead.Country",
        "products": "sf.lead.Products",
        "free": "sf.lead.Free",
    }
}


@pytest.fixture
def open_office(tmp_path):
    url = f"sqlite:///{tmp_path / 'l.db'}"
    office = Office(tmp_path, url, book=OPEN_BOOK, connection=OPEN_FACTS)
    office.round()
    yield office
    office.app.close()


def test_what_nobody_declared_is_sealed_and_stays_out_of_record_and_journal(open_office):
    office = open_office
    facts = {"Country": CANARY, "Products": f"api;{CANARY}", "Free": CANARY}
    record = office.crm.add_lead(stage="new", **facts)

    office.round(3)

    story = office.app.ledger.reading.story(office.lead(record))
    (decision,) = story.decisions
    [kept] = story.personal
    assert CANARY.encode() not in decision["record"]
    assert CANARY not in str(story.journal)
    assert all(word in kept["body"].decode() for word in ("country", "products", "free"))


def test_a_declared_value_of_an_open_field_stands_in_the_record(open_office):
    office = open_office
    record = office.crm.add_lead(stage="new", Country="US", Products="api")

    office.round(3)

    story = office.app.ledger.reading.story(office.lead(record))
    assert b'"US"' in story.decisions[0]["record"]
    assert story.personal == ()


def test_a_sealed_set_is_opened_again_to_say_which_rule_it_missed(open_office):
    office = open_office
    record = office.crm.add_lead(stage="new", Products="api;sundries")
    office.round(3)
    story = office.app.ledger.reading.story(office.lead(record))
    book = office.app.world.guide.book

    passed = passed_by(book, story.decisions[0]["record"], story.personal)

    [wants] = [each.wants for each in passed if each.rule == "suite"]
    assert "sundries" in wants


def test_values_that_nobody_declared_are_reported_by_name_and_count(open_office):
    office = open_office
    for _ in range(2):
        office.crm.add_lead(stage="new", Country=CANARY)
    office.round(3)

    assert office.told.named("unseen_value") == [{"fact": "country", "count": 2}]


@pytest.mark.parametrize("address", ["kim@xn--bcher-kva.de", "kim@eu.Bücher.de"])
def test_a_host_is_compared_as_people_write_it(open_office, address):
    office = open_office
    record = office.crm.add_lead(stage="new", email=address)

    office.round(3)

    story = office.app.ledger.reading.story(office.lead(record))
    assert story.decisions[0]["rule"] == "bücher"


def test_a_human_who_releases_a_lead_in_the_moment_of_a_lost_answer_is_heard(office, monkeypatch):
    record = office.crm.add_lead(stage="new", Country="US")
    original, lost = FakeConnector.apply, [True]

    def apply(connector, effects):
        results = original(connector, effects)
        if lost and results and results[0].applied is Applied.CONFIRMED:
            lost.clear()
            office.crm.human_sets_owner(record, None)
            raise TryLater("fake", "the answer was lost", 1.0)
        return results

    monkeypatch.setattr(FakeConnector, "apply", apply)
    office.round(8)

    assert office.states(record) == ["conflict", "confirmed"]
    assert office.methods(record) == ["round_robin", "round_robin"]
    assert office.crm.writes == 2
    assert office.is_in_step()
