"""Speed to owner of a lead that somebody waits with, behind an import and without one, in one run.

The real daemon as a process of its own, the simulated Salesforce over HTTP on loopback, a SQLite
ledger. One lead after the other arrives from the web form, first alone, then while five thousand
leads that another user imported are being routed. Times are the CRM's: from created to owned. Two
seconds of each are the quarantine that Salesforce's stamps need, and up to 0.3 are the poll's.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.acceptance.daemon.company import Company, until
from tests.benchmarks.figures import Figures

IMPORTED, IMPORTED_IN_QUICK = 5_000, 500
PROBES, PROBES_IN_QUICK = 40, 5
APART_S = 0.4
SLOWER = 1.5  #: at most so many times as slow behind the import, at the median
PATIENCE_S = 300.0


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A CRM in which nothing happens by itself, and a daemon on it."""
    made = Company(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}", leads=1, rate=1.0)
    made.daemon()
    made.settles(within_s=60)
    yield made
    made.close()


def test_a_lead_behind_an_import_is_nearly_as_fast_as_one_alone(
    company: Company, figures: Figures, is_quick: bool
) -> None:
    probes = PROBES_IN_QUICK if is_quick else PROBES
    alone = arrive(company, probes)
    until(lambda: all_owned(company, alone), within_s=PATIENCE_S, what="they were written")
    imported = bring_in(company, IMPORTED_IN_QUICK if is_quick else IMPORTED)
    began = time.monotonic()
    behind = arrive(company, probes)
    under_way = not all_owned(company, imported)
    until(lambda: all_owned(company, [*imported, *behind]), within_s=PATIENCE_S, what="all were")
    took_s = time.monotonic() - began

    what = "speed to owner, Salesforce simulator, SQLite"
    before_s, after_s = speeds_s(company, alone), speeds_s(company, behind)
    tell(figures, f"{what}, alone", before_s)
    tell(figures, f"{what}, behind an import of {len(imported):,}", after_s)
    figures.at_most(
        f"{what}, behind against alone, p50", at(after_s, 50) / at(before_s, 50), "", limit=SLOWER
    )
    figures.seen("the import itself", len(imported) / took_s, "leads/s")

    assert not figures.missed
    assert is_quick or under_way


def arrive(company: Company, count: int) -> list[str]:
    """Leads of the web form, one after the other."""
    world = company.simulator.world
    found = []
    for _ in range(count):
        time.sleep(APART_S)
        found.append(company.simulator.acts.create("Lead", lead(company), by=world.admin_id))
    return [each for each in found if each is not None]


def bring_in(company: Company, count: int) -> list[str]:
    """An import: many leads by one user, at once."""
    acts, user = company.simulator.acts, company.people[-1]
    found = [acts.create("Lead", lead(company), by=user) for _ in range(count)]
    return [each for each in found if each is not None]


def lead(company: Company) -> dict[str, object]:
    """A lead that a rule takes."""
    world = company.simulator.world
    return {**world.next_lead(), "OwnerId": world.marketing_user_id, "Country": "United States"}


def owned_at(company: Company) -> dict[str, str]:
    """When our daemon gave each lead its first owner, by the CRM's own journal."""
    found: dict[str, str] = {}
    for entry in company.simulator.truth():
        if entry["what"] == "owner_changed" and entry["client"] == company.address.client_id:
            found.setdefault(entry["id"], entry["at"])
    return found


def all_owned(company: Company, leads: list[str]) -> bool:
    """Whether each of them was given away."""
    return owned_at(company).keys() >= set(leads)


def speeds_s(company: Company, leads: list[str]) -> list[float]:
    """Seconds from created to owned, sorted."""
    owned = owned_at(company)
    born = {e["id"]: e["at"] for e in company.simulator.truth() if e["what"] == "created"}
    took = (
        datetime.fromisoformat(owned[each]) - datetime.fromisoformat(born[each]) for each in leads
    )
    return sorted(each.total_seconds() for each in took)


def at(speeds: list[float], percent: int) -> float:
    """A percentile of sorted values."""
    return speeds[min(len(speeds) * percent // 100, len(speeds) - 1)]


def tell(figures: Figures, what: str, speeds: list[float]) -> None:
    """Median and the slow end."""
    figures.seen(f"{what}, p50", at(speeds, 50), "s")
    figures.seen(f"{what}, p99", at(speeds, 99), "s")
