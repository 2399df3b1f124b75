"""Which decided leads learning may use, and how they end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from routing.rulebook.model import Field, FieldType
from training.rows import DecidedLead, Labelled, contract_of, data_digest, matured

START = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON = timedelta(days=90)
FIELDS = {
    "country": Field("country", FieldType.CHOICE, ("DE", "US")),
    "company": Field("company", FieldType.TEXT),
    "email": Field("email", FieldType.EMAIL),
    "products": Field("products", FieldType.SET, ("api",)),
    "revenue": Field("revenue", FieldType.MONEY),
}


def row(decision="d1", day=0, won=None, end=None, **facts):
    return DecidedLead(
        decision=decision,
        lead=f"L-{decision}",
        route="inbound",
        at=START + timedelta(days=day),
        rep="ada",
        method="round_robin",
        eligible=("ada", "bob"),
        pick_probability_ppm=None,
        facts=facts,
        won=won,
        outcome_at=None if end is None else START + timedelta(days=end),
    )


@pytest.mark.parametrize(
    ("decided", "won"),
    [
        pytest.param(row(won=True, end=90), True, id="won on the last day"),
        pytest.param(row(won=True, end=91), False, id="won too late"),
        pytest.param(row(won=False, end=10), False, id="lost"),
        pytest.param(row(), False, id="no word within the horizon"),
    ],
)
def test_the_end_of_a_lead_is_what_happened_within_the_horizon(decided, won):
    ends = matured([decided], horizon=HORIZON, at=START + timedelta(days=100))

    assert [each.won for each in ends] == [won]


def test_leads_younger_than_the_horizon_are_left_out_though_they_are_won():
    rows = [row("old"), row("young", day=1, won=True, end=2)]

    ends = matured(rows, horizon=HORIZON, at=START + HORIZON)

    assert [each.row.decision for each in ends] == ["old"]


def test_rows_come_in_the_order_of_their_decisions():
    rows = [row("c", day=2), row("b", day=1), row("a", day=2)]

    ends = matured(rows, horizon=HORIZON, at=START + timedelta(days=200))

    assert [each.row.decision for each in ends] == ["b", "a", "c"]


def test_texts_and_addresses_are_no_features():
    contract = contract_of(FIELDS, segments=["country"])

    assert contract.features == (("country", "choice"), ("products", "set"), ("revenue", "money"))
    assert {line["known_at"] for line in contract.as_lines()} == {"routing"}


def test_a_field_that_the_model_must_not_see_is_left_out():
    assert "country" not in dict(contract_of(FIELDS, without=["country"]).features)


@pytest.mark.parametrize("name", ["products", "email", "planet"])
def test_a_segment_that_cannot_be_one_is_refused_with_those_that_can(name: str):
    with pytest.raises(ValueError, match=rf"{name} cannot be a segment.*country, revenue"):
        contract_of(FIELDS, segments=[name])


def test_the_digest_changes_with_any_row_and_not_with_their_order():
    one, two = Labelled(row("a", revenue=Decimal("1.50")), won=True), Labelled(row("b"), won=False)

    assert data_digest([one, two]) == data_digest([two, one])
    assert data_digest([one, two]) != data_digest([one, Labelled(two.row, won=True)])
