"""What a process finds when it starts: nothing is decided twice, and no lead is stuck."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.office import BOOK, Office

WAITS = {**BOOK, "entry": {"wait_for": {"fields": ["country"], "at_most": "90s"}}}


def opened(folder: Path, *, mode: str, book=BOOK) -> Office:
    office = Office(folder, f"sqlite:///{folder / 'l.db'}", book=book, connection={"mode": mode})
    office.round()
    return office


def switched(office: Office, mode: str) -> None:
    """The settings say another mode; the daemon is started again."""
    office.app.close()
    office._connection["mode"] = mode
    office.app = office.opened()


@pytest.fixture
def shadow(tmp_path: Path) -> Iterator[Office]:
    """An office that writes nothing."""
    made = opened(tmp_path, mode="shadow")
    yield made
    made.app.close()


def left(office: Office) -> str:
    """A lead of a rep who left while nobody looked, asked about once by the process after it."""
    owner = office.in_turn("ada", "bob")[0]
    record = office.crm.add_lead(stage="new", owner=owner, Country="US")
    office.round(2)
    office.crm.deactivate(owner)
    office.round(3, every_s=61)
    return record


def test_a_lead_of_a_rep_who_left_is_decided_once_in_shadow_however_often_we_start(shadow):
    record = left(shadow)
    for _ in range(3):
        shadow.restart()
        shadow.round(3, every_s=61)

    assert shadow.methods(record) == ["round_robin"]
    assert shadow.is_in_step()


def test_what_was_only_decided_in_shadow_is_asked_about_again_when_it_is_live(shadow):
    record = left(shadow)
    switched(shadow, "live")

    shadow.round(4, every_s=61)

    assert shadow.methods(record) == ["round_robin", "round_robin"]
    assert shadow.owner(record) == shadow.in_turn("ada", "bob")[1]


def test_a_rep_who_took_over_and_leaves_too_loses_the_lead_after_a_restart(tmp_path):
    office = opened(tmp_path, mode="live")
    record = left(office)
    second = str(office.owner(record))
    office.app.close()
    office.crm.deactivate(second)
    office.app = office.opened()

    office.round(4, every_s=61)

    assert office.owner(record) == "q-triage"
    assert office.is_in_step()
    office.app.close()


def test_a_lead_that_waits_in_shadow_is_decided_live_after_the_switch(tmp_path):
    office = opened(tmp_path, mode="shadow", book=WAITS)
    record = office.crm.add_lead(stage="new")
    office.round(2)
    before = office.methods(record)
    switched(office, "live")

    office.round(3, every_s=61)

    assert before == ["waiting"]
    assert office.owner(record) == "q-triage"
    assert office.is_in_step()
    office.app.close()


def test_a_lead_that_waits_live_is_still_there_after_a_while_in_shadow(tmp_path):
    office = opened(tmp_path, mode="live", book=WAITS)
    record = office.crm.add_lead(stage="new")
    office.round(2)
    switched(office, "shadow")
    office.round(3, every_s=61)
    switched(office, "live")

    office.round(3, every_s=61)

    assert office.owner(record) == "q-triage"
    office.app.close()


def test_a_lead_that_fell_back_in_shadow_is_not_recalled_from_where_it_never_was(tmp_path):
    office = opened(tmp_path, mode="shadow")
    for rep in ("ada", "bob"):
        office.crm.deactivate(f"u-{rep}")
    office.round(every_s=61)
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    switched(office, "live")

    office.round(3)

    assert office.app.ledger.reading.standing().recallable == 0
    assert (office.methods(record), office.owner(record)) == (["fallback"], None)
    assert office.is_in_step()
    office.app.close()
