"""Two CRMs, one process: the one that hangs in every write keeps nobody waiting but itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.daemon.company import Company, stop, until

HANGS_S = 60.0


@pytest.fixture
def companies(tmp_path: Path, sqlite_url: str) -> Iterator[tuple[Company, Company]]:
    """Acme, whose daemon also works for West; West's CRM takes a minute for every write."""
    folders = (tmp_path / "acme", tmp_path / "west")
    for folder in folders:
        folder.mkdir()
    acme = Company(folders[0], sqlite_url, leads=20, rate=10.0)
    west = Company(folders[1], sqlite_url, leads=20, rate=10.0, seed=2)
    west.simulator.fault(
        "slow", delay_s=HANGS_S, match={"path": "/services/data/*/composite*", "method": "POST"}
    )
    secret = folders[1] / "secret"
    secret.write_text(west.address.client_secret)
    secret.chmod(0o600)
    told = yaml.safe_load(acme.settings.read_text())
    (other,) = yaml.safe_load(west.settings.read_text())["connections"].values()
    del other["auth"]["client_secret_env"]
    other["auth"]["client_secret_file"] = str(secret)
    told["connections"]["west"] = other
    told["timing"]["drain_s"] = 1
    acme.settings.write_text(yaml.safe_dump(told, sort_keys=False))
    yield acme, west
    acme.close()
    west.close()


def test_a_crm_that_hangs_for_a_minute_delays_nobody_elses_leads(companies):
    acme, west = companies
    hung = acme.daemon()
    until(lambda: is_claimed(acme, west), within_s=30, what="a write into West's CRM was claimed")

    acme.settles(within_s=HANGS_S / 2)

    moved = [e for e in west.simulator.truth() if e["client"] == west.address.client_id]
    assert moved == []
    assert acme.verdict().lost == 0
    stop(hung)


def is_claimed(acme: Company, west: Company) -> bool:
    """Whether one of West's leads is under way."""
    theirs = set(west.arrived())
    return any(row.state == "sent" and row.record in theirs for row in acme.roll())
