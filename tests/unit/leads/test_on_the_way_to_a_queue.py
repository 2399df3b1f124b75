"""A lead that is on its way into a queue, and whoever touches it meanwhile."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from models.journal.entries import Actor, Channel
from tests.fakes.office import BOOK, Office

OPERATOR = Actor("mona", None, Channel.CLI)
DE: Mapping[str, Any] = {"stage": "new", "Country": "DE"}


def ask(office: Office, kind: str, **arguments: object) -> None:
    office.app.ledger.requests.ask(kind, arguments, actor=OPERATOR, at=office.clock.now())
    office.round(2)


def test_it_stays_recallable_though_somebody_else_puts_it_there_first(office):
    ask(office, "away", rep="cleo")
    record = office.crm.add_lead(**DE)
    office.round(1, every_s=1.1)
    office.crm.human_sets_owner(record, "q-triage")
    office.round(5)
    in_step = office.is_in_step()
    office.restart()
    office.round(2)
    ask(office, "back", rep="cleo")

    office.round(6)

    assert in_step
    assert office.owner(record) == "u-cleo"


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda crm, record: crm.human_sets_owner(record, "u-bob"), id="taken"),
        pytest.param(lambda crm, record: crm.delete(record), id="deleted"),
        pytest.param(lambda crm, record: crm.convert(record, {}), id="converted"),
    ],
)
def test_memory_and_ledger_forget_its_recall_together(office, happens: Callable[..., None]):
    ask(office, "away", rep="cleo")
    record = office.crm.add_lead(**DE)
    office.round(1, every_s=1.1)
    ask(office, "pause")
    happens(office.crm, record)

    office.round(2)

    assert office.is_in_step()


def test_who_takes_it_has_its_company_from_then_on(tmp_path: Path):
    asked = {"owner_of": "open_lead_same_domain", "touched_within": "30d"}
    rules = [{"name": "same", "to": asked}, *BOOK["rules"]]
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", book={**BOOK, "rules": rules})
    office.round()
    ask(office, "away", rep="cleo")
    record = office.crm.add_lead(email="a@globex.com", **DE)
    office.round(1, every_s=1.1)
    office.crm.human_sets_owner(record, "u-bob")
    office.round(6)
    second = office.crm.add_lead(email="b@globex.com", **DE)

    office.round(4)
    owner = office.owner(second)
    office.app.close()

    assert owner == "u-bob"


def test_a_queue_without_a_place_in_the_crm_takes_no_load_from_who_has_the_lead(tmp_path: Path):
    office = Office(
        tmp_path,
        f"sqlite:///{tmp_path / 'ledger.db'}",
        connection={"queues": {"triage": "unowned"}},
    )
    office.round()
    office.crm.add_lead(**DE)
    office.round(4)
    office.crm.deactivate("u-cleo")
    steps = []
    for _ in range(20):
        office.round()
        steps.append(office.is_in_step())
    office.app.close()

    assert all(steps)
