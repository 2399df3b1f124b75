"""A CRM that says when there is something new is read at once, long before the next poll."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import yaml

from tests.acceptance.daemon.company import Company, stop, until

POLL_S = 600
SHARED = "a-shared-secret"


@pytest.fixture
def company(tmp_path: Path, sqlite_url: str) -> Iterator[tuple[Company, int]]:
    """A company whose leads are polled every ten minutes, and the port its daemon answers at."""
    made = Company(tmp_path, sqlite_url, leads=1, rate=100.0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    secret = tmp_path / "wake"
    secret.write_text(SHARED)
    secret.chmod(0o600)
    told = yaml.safe_load(made.settings.read_text())
    told["http"] = {"port": port}
    told["timing"]["poll_s"] = POLL_S
    told["connections"]["salesforce"]["wake"] = {"secret_file": "wake"}
    made.settings.write_text(yaml.safe_dump(told, sort_keys=False))
    yield made, port
    made.close()


def test_a_hint_brings_a_lead_its_owner_long_before_the_poll(company):
    acme, port = company
    until(lambda: len(acme.arrived()) == 1, within_s=10, what="the first lead came")
    daemon = acme.daemon()
    acme.settles(within_s=40)
    world = acme.simulator.world
    lead = acme.simulator.acts.create("Lead", world.next_lead(), by=world.marketing_user_id)

    request = Request(
        f"http://127.0.0.1:{port}/wake/salesforce",
        data=b"",
        headers={"X-Signalbox-Secret": SHARED},
    )
    with urlopen(request, timeout=5) as answer:
        status = answer.status

    until(
        lambda: any(row.record == lead for row in acme.roll()),
        within_s=20,
        what="the new lead was looked at",
    )
    assert status == 202
    assert stop(daemon) == 0
