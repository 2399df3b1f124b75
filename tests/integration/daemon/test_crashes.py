"""A small world in which the process may die between any two steps; told from its seed.

Humans and leads act at random while the daemon works; at every transaction and at every write into
the CRM the process may die, before or after. Then another one takes over. In the end the CRM's
own history is held against the ledger: nothing lost, nothing doubled, nobody overwritten, and the
state in memory is what the ledger gives back.
"""

import pytest

from daemon.offline.demo.truth import LedgerRow, Truth, check_truth
from models.reports.reconciliation import Roll
from models.store.transactions import Store
from routing.facts import Applied
from tests.depth import seeds
from tests.fakes.clock import NOON
from tests.fakes.crm import FakeConnector
from tests.fakes.crm_writes import US
from tests.fakes.office import Office
from tests.integration.daemon.mortal import (
    Crash,
    Dice,
    Fate,
    buried,
    mortal_apply,
    mortal_writes,
)

STEPS = 50
SETTLING = 14
COUNTRIES = ("US", "DE", "FR", None)


class World:
    """The office, its humans and its fate."""

    def __init__(self, office: Office, dice: Dice, fate: Fate) -> None:
        self.office = office
        self.dice = dice
        self.fate = fate
        self.records: list[str] = []

    def live(self) -> None:
        """Let things happen, then let them settle."""
        for _ in range(STEPS):
            self._something_happens()
            self.fate.armed = True
            self._round(1 + self.dice.below(3))
            self.fate.armed = False
        self.office.round(SETTLING, every_s=7)

    def _round(self, seconds: int) -> None:
        try:
            self.office.round(every_s=seconds)
        except Crash:
            self.fate.armed = False
            buried(self.office)
            self.office.clock.advance(self.dice.below(40))
            self.office.app = self.office.opened()

    def _something_happens(self) -> None:
        crm, what = self.office.crm, self.dice.below(10)
        if what < 4 or not self.records:
            country = self.dice.one_of(COUNTRIES)
            facts = {} if country is None else {"Country": country}
            self.records.append(crm.add_lead(stage="new", **facts))
            return
        record = self.dice.one_of(self.records)
        if what == 4:
            crm.human_sets_owner(record, self.dice.one_of(["u-ada", "u-bob", "u-cleo"]))
        elif what == 5:
            crm.human_sets_owner(record, None)
        elif what == 6:
            crm.edit(record, Country=self.dice.one_of(COUNTRIES[:3]))
        elif what == 7:
            crm.before_write(lambda e: crm.human_sets_owner(e.record, "u-cleo"))
        elif what == 8:
            crm.refuse("u-ada", Applied.REFUSED_REP, "INACTIVE_OWNER_OR_USER")
        elif what == 9:
            crm.accept("u-ada")

    def verdict(self) -> Truth:
        """The CRM's own history beside the ledger."""
        born = [
            {"what": "created", "sobject": "Lead", "id": each, "before": None, "after": None}
            for each in self.records
        ]
        changed = [
            {
                "what": "owner_changed",
                "sobject": "Lead",
                "id": each.record,
                "before": each.before,
                "after": each.after,
                "client": "signalbox" if each.by == US else "human",
            }
            for each in self.office.crm.history
        ]
        rows = Roll(self.office.app.ledger.store).rows(NOON)
        return check_truth(
            [*born, *changed],
            [LedgerRow(r.record, r.state, r.decision, r.expected, r.value) for r in rows],
            ours=["signalbox"],
            people=["u-ada", "u-bob", "u-cleo"],
        )


def lived(tmp_path, url, seed, monkeypatch) -> World:
    dice = Dice(seed)
    fate = Fate(dice, one_in=50)
    monkeypatch.setattr(Store, "write", mortal_writes(fate))
    monkeypatch.setattr(FakeConnector, "apply", mortal_apply(fate))
    world = World(Office(tmp_path, url), dice, fate)
    world.office.round()
    world.live()
    return world


@pytest.mark.parametrize("seed", seeds(0, 4))
def test_a_process_that_dies_anywhere_loses_doubles_and_overwrites_nothing(
    tmp_path, sqlite_url, seed, monkeypatch
):
    world = lived(tmp_path, sqlite_url, seed, monkeypatch)

    assert world.verdict() == Truth()
    assert world.office.is_in_step()
    assert world.fate.crashes > 0
    world.office.app.close()


@pytest.mark.parametrize("seed", seeds(100, 1))
def test_the_same_on_postgresql(tmp_path, own_postgres_ledger_url, seed, monkeypatch):
    world = lived(tmp_path, own_postgres_ledger_url, seed, monkeypatch)

    assert world.verdict() == Truth()
    assert world.office.is_in_step()
    world.office.app.close()


def test_the_checker_would_have_noticed_a_second_write(tmp_path, sqlite_url, monkeypatch):
    world = lived(tmp_path, sqlite_url, 1, monkeypatch)
    record = next(r for r in world.records if world.office.states(r)[-1:] == ["confirmed"])
    owner = world.office.crm.owners[record]
    world.office.crm._set_owner(record, owner, by=US, also={})

    verdict = world.verdict()

    assert verdict.doubled + verdict.overwritten > 0
    world.office.app.close()
