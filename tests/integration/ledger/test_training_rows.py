"""What a model may learn from: recorded facts and chances, and what became of each lead."""

import pytest

from daemon.operators.orders import Order
from models.journal.entries import Actor
from models.rankers.training_rows import DecidedRow, Wanted, decided_rows, ripened
from models.tables import DecisionRow
from tests.fakes.ranked_office import RankedOffice

MONA = Actor("mona")


@pytest.fixture
def office(tmp_path, ledger_url):
    made = RankedOffice(tmp_path, ledger_url)
    made.round()
    yield made
    made.app.close()


def rows(office, **wanted) -> dict[str, DecidedRow]:
    found = decided_rows(office.app.ledger.store, Wanted("inbound", **wanted))
    return {row.lead: row for row in found}


def new_lead(office, **fields):
    record = office.crm.add_lead(stage="new", **{"Country": "US", **fields})
    office.round(2)
    return record


def test_a_lead_carries_its_recorded_facts_its_eligible_reps_and_its_chance(office):
    lead = office.lead(new_lead(office, Note="call Kim on 0171 555 0100"))
    row = rows(office)[lead]

    assert row.eligible == tuple(sorted([office.rep("ada"), office.rep("bob")]))
    assert row.rep in row.eligible
    assert (row.facts["country"], row.facts.get("note")) == ("US", None)
    assert (row.method, row.pick_probability_ppm) == ("round_robin", 500_000)
    assert (row.won, row.outcome_at, row.model) == (None, None, None)


def test_facts_are_those_of_the_decision_whatever_the_crm_says_later(office):
    record = new_lead(office)
    office.crm.edit(record, Country="DE")
    office.round(2)

    assert rows(office)[office.lead(record)].facts["country"] == "US"


def test_wins_and_losses_come_with_their_times(office):
    won, lost = new_lead(office), new_lead(office)
    office.crm.add_outcome("006A", "opportunity", won)
    office.crm.add_outcome("006A", "won", won)
    office.crm.add_outcome("006B", "lost", lost)
    at = office.clock.now()
    office.round(2)
    found = rows(office)

    assert (found[office.lead(won)].won, found[office.lead(won)].outcome_at) == (True, at)
    assert (found[office.lead(lost)].won, found[office.lead(lost)].outcome_at) == (False, at)


def test_what_counts_as_a_win_can_be_an_earlier_step(office):
    record = new_lead(office)
    office.crm.add_outcome("006A", "opportunity", record)
    office.round(2)

    assert rows(office)[office.lead(record)].won is None
    assert rows(office, wins=("won", "opportunity"))[office.lead(record)].won is True


def test_a_ranked_pick_brings_the_chance_and_the_model_of_its_record(office):
    version = office.put_in_force(better="bob")
    lead = office.lead(new_lead(office))
    row = rows(office)[lead]

    assert (row.method, row.pick_probability_ppm) == ("model", 1_000_000)
    assert (row.model or "").startswith(version)


def test_a_lead_that_was_moved_by_hand_counts_for_who_got_it(office):
    record = new_lead(office)
    first = rows(office)[office.lead(record)]
    other = next(name for name in ("ada", "bob") if office.rep(name) != first.rep)
    order = Order("reassign", {"lead": record, "to": other})
    office.app.ledger.requests.ask(order.kind, order.arguments, actor=MONA, at=office.clock.now())
    office.round(3)
    found = list(decided_rows(office.app.ledger.store, Wanted("inbound")))

    assert [(row.rep, row.method) for row in found] == [(office.rep(other), "manual")]
    assert (found[0].eligible, found[0].pick_probability_ppm) == ((office.rep(other),), None)


def test_a_lead_that_a_human_took_first_teaches_nothing(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.crm.before_write(lambda effect: office.crm.human_sets_owner(record, "u-cleo"))
    office.round(3)

    assert rows(office) == {}


@pytest.mark.parametrize("record", [b"\x00 no JSON", b"{}", b"[1]", b'{"inputs": 1}'])
def test_a_record_that_cannot_be_read_is_told_and_stops_nothing(office, record):
    for _ in range(3):
        office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    store = office.app.ledger.store
    spoiled: list[str] = []
    _, middle, _ = (row.decision for row in decided_rows(store, Wanted("inbound")))
    with store.writer.begin() as database:
        change = DecisionRow.__table__.update().where(DecisionRow.__table__.c.id == middle)
        database.execute(change.values(record=record))
    found = list(decided_rows(store, Wanted("inbound"), spoiled=spoiled.append))

    assert (len(found), spoiled) == (2, [middle])


def test_leads_ripen_with_time_and_can_be_asked_for_by_time(office):
    new_lead(office)
    noon = office.clock.now()
    office.round()
    new_lead(office)
    store = office.app.ledger.store

    assert ripened(store, "inbound", ripe_at=noon) == 1
    assert len(rows(office, since=noon)) == 1
    assert len(rows(office, until=noon)) == 1


def test_more_leads_than_are_read_at_once_come_out_in_order(office, monkeypatch):
    monkeypatch.setattr("models.rankers.training_rows._AT_ONCE", 2)
    for _ in range(5):
        office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    found = list(decided_rows(office.app.ledger.store, Wanted("inbound")))

    assert len({row.decision for row in found}) == 5
    assert found == sorted(found, key=lambda row: (row.at, row.decision))
