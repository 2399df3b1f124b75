"""Both CRMs with everything real but time: what became of everybody, by the CRMs' own journals."""

from typing import Any

import pytest

from connectors.hubspot import HubSpotConnector
from connectors.salesforce import SalesforceConnector
from connectors.simulator.truth import Actor
from daemon.offline.demo.truth import Truth
from models.store.transactions import Store
from tests.depth import seeds
from tests.integration.daemon.both_crms import Both, mortal_end
from tests.integration.daemon.mortal import Dice, Fate, mortal_writes


def lived(tmp_path, url, seed, monkeypatch, **options: Any) -> Both:
    fate = Fate(Dice(seed + 1_000), one_in=80)
    monkeypatch.setattr(Store, "write", mortal_writes(fate))
    for kind in (SalesforceConnector, HubSpotConnector):
        monkeypatch.setattr(kind, "apply", mortal_end(fate, kind))
    both = Both(tmp_path, url, seed, fate=fate, **options)
    both.live()
    return both


def stands(both: Both) -> bool:
    """Whether every law holds; each is an assertion of its own, so that a failure tells which."""
    assert both.is_settled()
    assert both.truth() == Truth()
    assert both.two_owners() == []
    assert both.outdone() == []
    both.close()
    return True


@pytest.mark.parametrize("seed", seeds(0, 2))
def test_synced_crms_lose_double_and_overwrite_nobody(tmp_path, sqlite_url, seed, monkeypatch):
    both = lived(tmp_path, sqlite_url, seed, monkeypatch)

    assert stands(both)


@pytest.mark.parametrize("seed", seeds(10, 2))
def test_nor_do_crms_that_know_nothing_of_each_other(tmp_path, sqlite_url, seed, monkeypatch):
    apart = {"synced": False, "synced_pairs": 0, "unsynced_pairs": 14}
    both = lived(tmp_path, sqlite_url, seed, monkeypatch, **apart)

    assert stands(both)


def test_nor_does_a_ledger_on_postgresql(tmp_path, postgres_ledger_url, monkeypatch):
    both = lived(tmp_path, postgres_ledger_url, 20, monkeypatch)

    assert stands(both)


def test_the_judges_would_have_noticed_a_second_writer(tmp_path, sqlite_url, monkeypatch):
    both = lived(tmp_path, sqlite_url, 0, monkeypatch)
    witness, portal = both.witness(), both.crms.hubspot
    ours = [e["id"] for e in witness.journal if e["client"] in witness.ours]
    pair = next(p for p in witness.pairs["unsynced"] if {*p} <= {*ours})
    contact = portal.portal.tables["contacts"].rows[int(pair[1])]
    other = portal.acts.somebody_but({contact.owner})
    us = Actor("1", [*witness.ours][1])
    portal.acts.update("contacts", contact.id, {"hubspot_owner_id": other}, actor=us)

    assert (both.truth().doubled, both.truth().overwritten) == (1, 1)
    assert len(both.two_owners()) == 1
    both.close()
