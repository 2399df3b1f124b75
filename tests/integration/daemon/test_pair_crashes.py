"""Two CRMs that know the same people, in a process that may die between any two steps.

Leads come into either CRM or into both, humans act in both, a sync keeps them in step or there is
none. In the end both CRMs' own histories are held against the ledger: nothing lost, nothing
doubled, nobody overwritten, nobody routed twice, and no person with two owners.
"""

from collections import Counter
from typing import Any

import pytest

from daemon.offline.demo.truth import LedgerRow, Truth, check_truth
from models.reports.reconciliation import Roll
from models.store.transactions import Store
from tests.depth import seeds
from tests.fakes.clock import NOON
from tests.fakes.crm import FakeConnector, FakeCrm
from tests.fakes.crm_writes import US
from tests.fakes.duo import Duo, Sync
from tests.integration.daemon.mortal import (
    Crash,
    Dice,
    Fate,
    buried,
    mortal_apply,
    mortal_writes,
)

STEPS = 50
SETTLING = 30
COUNTRIES = ("US", "DE", "FR", None)
PEOPLE = ("ada", "bob", "cleo")
_SETTLED = {"superseded": "dead"}


class World:
    """Two CRMs, their humans, their sync, and fate."""

    def __init__(self, duo: Duo, dice: Dice, fate: Fate) -> None:
        self.duo = duo
        self.dice = dice
        self.fate = fate
        self.sync = Sync(duo) if duo.pairs.get("synced") else None
        self.leads: list[str] = []
        self.contacts: list[str] = []
        self._mails = 0

    def live(self) -> None:
        """Let things happen, then let them settle."""
        for _ in range(STEPS):
            self._something_happens()
            self.fate.armed = True
            self._round(1 + self.dice.below(3))
            self.fate.armed = False
            self._bring()
        for _ in range(SETTLING):
            self.duo.round(every_s=7)
            self._bring()

    def _bring(self) -> None:
        if self.sync is not None:
            self.sync.run()

    def _round(self, seconds: int) -> None:
        try:
            self.duo.round(every_s=seconds)
        except Crash:
            self.fate.armed = False
            buried(self.duo)
            self.duo.clock.advance(self.dice.below(40))
            self.duo.app = self.duo.opened()

    def _something_happens(self) -> None:
        what = self.dice.below(9)
        if what < 4 or not (self.leads and self.contacts):
            self._somebody_comes(self.dice.below(3))
            return
        there = bool(self.dice.below(2))
        crm, record = self._one(there=there)
        who = ("h-" if there else "u-") + self.dice.one_of(PEOPLE)
        if what in (4, 5):
            crm.human_sets_owner(record, who)
        elif what == 6 and not self._is_under_way(record):
            crm.human_sets_owner(record, None if there else "q-triage")
        elif what == 7:
            crm.edit(record, Country=self.dice.one_of(COUNTRIES[:3]))
        elif what == 8:
            crm.before_write(lambda effect: crm.human_sets_owner(effect.record, who))

    def _somebody_comes(self, where: int) -> None:
        self._mails += 1
        country = self.dice.one_of(COUNTRIES)
        facts: dict[str, Any] = {} if country is None else {"Country": country}
        facts |= {"stage": "new", "email": f"p{self._mails}@globex.test"}
        if where != 1:
            self.leads.append(self.duo.crm.add_lead(**facts))
        if where != 0:
            self.contacts.append(self.duo.add_contact(**facts))

    def _one(self, *, there: bool) -> tuple[FakeCrm, str]:
        records = self.contacts if there else self.leads
        return (self.duo.there if there else self.duo.crm), self.dice.one_of(records)

    def _is_under_way(self, record: str) -> bool:
        """Whether a write of this person is not settled; see `test_crashes`."""
        found = self.duo.app.ledger.reading.find(record)
        states = [state for _, _, state in self.duo.effects(record)] if found else []
        return bool({"pending", "sent"} & {*states})

    def verdict(self, *, there: bool) -> Truth:
        """One CRM's own history beside the ledger."""
        crm, name = (self.duo.there, "hs") if there else (self.duo.crm, "sf")
        lead: dict[str, Any] = {"sobject": "Lead"}
        born = [
            lead | {"what": "created", "id": each, "before": None, "after": None}
            for each in crm.owners
        ]
        changed = [
            lead
            | {"what": "owner_changed", "id": each.record, "before": each.before}
            | {"after": each.after, "client": "signalbox" if each.by == US else each.by}
            for each in crm.history
        ]
        roll = Roll(self.duo.app.ledger.store)
        put = {(each.record, each.after) for each in crm.history if each.by == US}
        rows = [
            LedgerRow(
                r.record,
                _SETTLED.get(r.state or "", r.state or "not_routed"),
                r.decision,
                r.expected,
                None if r.state == "superseded" else r.value,
                agreed=(r.record, r.expected) in put,
            )
            for r in roll.records(NOON)
            if r.connection == name
        ]
        people = [("h-" if there else "u-") + each for each in PEOPLE]
        return check_truth([*born, *changed], rows, ours=["signalbox"], people=people)

    def routed_twice(self) -> list[str]:
        """Leads with more than one decision at first sight."""
        rows = Roll(self.duo.app.ledger.store).rows(NOON)
        first = Counter(row.lead for row in rows if row.cause == "first_sight")
        return sorted(lead for lead, times in first.items() if times > 1)

    def apart(self) -> list[tuple[str, str]]:
        """Contacts and leads of one person that the ledger holds for two."""
        return [pair for pair in self._pairs() if self.duo.lead(pair[0]) != self.duo.lead(pair[1])]

    def two_owners(self) -> list[tuple[str, str]]:
        """Contacts and leads of one person with two owners, unless humans gave them both."""
        return [pair for pair in self._pairs() if self._differs(*pair)]

    def _differs(self, contact: str, lead: str) -> bool:
        here, there = self.duo.crm, self.duo.there
        mine, theirs = here.owners[lead], there.owners[contact]
        if mine in (None, "q-triage") or theirs is None or mine[2:] == theirs[2:]:
            return False
        by_us = self._is_ours(here, lead) or self._is_ours(there, contact)
        return self.sync is not None or by_us

    def _pairs(self) -> list[tuple[str, str]]:
        if self.sync is not None:
            return sorted(self.sync.links.items())
        mails = {self.duo.crm.record(lead).email: lead for lead in self.leads}
        known = ((each, self.duo.there.record(each).email) for each in self.contacts)
        return [(contact, mails[mail]) for contact, mail in known if mail in mails]

    def _is_ours(self, crm: FakeCrm, record: str) -> bool:
        by = [each.by for each in crm.history if each.record == record]
        return by[-1:] == [US]


def lived(tmp_path, url, seed, monkeypatch, **pairs: Any) -> World:
    dice = Dice(seed)
    fate = Fate(dice, one_in=60)
    monkeypatch.setattr(Store, "write", mortal_writes(fate))
    monkeypatch.setattr(FakeConnector, "apply", mortal_apply(fate))
    world = World(Duo(tmp_path, url, pairs=pairs), dice, fate)
    world.duo.round()
    world.live()
    return world


def stands(world: World) -> bool:
    """Whether every law holds; each is an assertion of its own, so that a failure tells which."""
    assert world.verdict(there=False) == Truth()
    assert world.verdict(there=True) == Truth()
    assert world.apart() == []
    assert world.routed_twice() == []
    assert world.two_owners() == []
    assert world.duo.is_in_step()
    world.duo.app.close()
    return True


@pytest.mark.parametrize("seed", seeds(0, 2))
def test_synced_crms_keep_every_law_wherever_the_process_dies(
    tmp_path, sqlite_url, seed, monkeypatch
):
    world = lived(tmp_path, sqlite_url, seed, monkeypatch, synced=True, wait_s=20)

    assert stands(world)


@pytest.mark.parametrize("seed", seeds(10, 2))
def test_crms_that_know_nothing_of_each_other_keep_every_law_too(
    tmp_path, sqlite_url, seed, monkeypatch
):
    world = lived(tmp_path, sqlite_url, seed, monkeypatch)

    assert stands(world)


@pytest.mark.parametrize(("seed", "synced"), [(100, True), (101, False)])
def test_the_same_on_postgresql(tmp_path, own_postgres_ledger_url, seed, synced, monkeypatch):
    url = own_postgres_ledger_url
    world = lived(tmp_path, url, seed, monkeypatch, synced=synced, wait_s=20)

    assert stands(world)


def test_the_checkers_would_have_noticed_a_second_writer(tmp_path, sqlite_url, monkeypatch):
    world = lived(tmp_path, sqlite_url, 10, monkeypatch)
    contact, lead = next(
        pair for pair in world._pairs() if (world.duo.owner(pair[1]) or "").startswith("u-")
    )
    owner = "h-ada" if world.duo.owner(lead) != "u-ada" else "h-bob"
    world.duo.there._set_owner(contact, owner, by=US, also={})
    world.duo.crm._set_owner(lead, world.duo.owner(lead), by=US, also={})

    assert world.two_owners() == [(contact, lead)]
    assert not world.verdict(there=True).holds
    world.duo.app.close()
