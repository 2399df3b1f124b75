"""Both connectors over loopback against the simulators' usual limits, beside what those allow.

The simulators run in a process of their own and keep the limits of the real services: HubSpot's
five searches a second for the portal and 190 calls in ten seconds for an app, of which we take
our part and leave the rest to others. So these figures are mostly about how few calls are made.
A naive writer makes one call for each lead, and does not look before.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.hubspot import HubSpotConnector, HubSpotSettings, ServiceKey
from connectors.port import Connector
from connectors.salesforce import ClientCredentials, SalesforceConnector, SalesforceSettings
from daemon.base.clock import SystemClock
from models.governance.connections import DeclaredConnection
from models.journal.entries import Act
from models.ledger import Ledger
from routing.facts import Applied, Bookmark, Effect, EffectKind, RecordSeen, Stream, UserSeen
from tests.benchmarks.figures import Figures
from tests.fakes.clock import NOON, SettableClock
from tests.fakes.lead_path import begin, open_test_ledger

WAITING, WAITING_IN_QUICK = 10_000, 1_000
WRITTEN, WRITTEN_IN_QUICK = 6_000, 300
SETTLED_S = 3.0  #: HubSpot's search shows what was written, Salesforce's stamps are old enough
A_CALL = 100  #: effects that the pusher hands out at once
#: What the limits allow: five searches of 200 rows; 190 calls in ten seconds, four for a hundred.
CEILINGS = {"poll": 5 * 200.0, "write": 19 * 100 / 4}
FIELDS = {"salesforce": ("sf.lead", "OwnerId"), "hubspot": ("hs.contact", "hubspot_owner_id")}
CRMS = tuple(FIELDS)


@contextmanager
def simulators(crm: str, leads: int) -> Iterator[dict[str, Any]]:
    """Both, in a process of their own, with leads in one of them."""
    asked = ["simulator", "--people", "60", "--accounts", "200", "--leads", str(leads)]
    asked += ["--hubspot-leads", str(leads)] if crm == "hubspot" else []
    command = [sys.executable, "-m", "daemon.cli", *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield json.loads(running.stdout.readline())
        finally:
            running.terminate()


def connected(crm: str, told: dict[str, Any]) -> Connector:
    clock = SystemClock()
    since = clock.now() - timedelta(days=1)
    here = told[crm]
    if crm == "hubspot":
        key = ServiceKey(here["access_token"])
        return HubSpotConnector(HubSpotSettings(key, since, here["base_url"]), clock)
    grant = ClientCredentials(here["client_id"], here["client_secret"])
    return SalesforceConnector(SalesforceSettings(here["base_url"], grant, since), clock)


def poll(connector: Connector, ledger: Ledger, token: int) -> list[RecordSeen]:
    """Read all leads that are waiting into the ledger."""
    seen: list[RecordSeen] = []
    bookmark, more = Bookmark(Stream.LEADS), True
    while more:
        page = connector.changes(bookmark)
        ledger.intake.take_in(connector.name, page, at=NOON, token=token)
        seen += [each for each in page.seen if isinstance(each, RecordSeen)]
        bookmark, more = page.bookmark, page.more
    return seen


def owners(connector: Connector) -> list[str]:
    page = connector.changes(Bookmark(Stream.PEOPLE))
    people = (each for each in page.seen if isinstance(each, UserSeen))
    return [each.id for each in people if each.active and each.can_own]


def effects(crm: str, seen: list[RecordSeen], to: list[str]) -> list[Effect]:
    """A new owner for each lead, a different one from the one it has."""
    object, field = FIELDS[crm]
    return [
        Effect(
            id=f"e{n}",
            kind=EffectKind.OWNER,
            object=object,
            record=each.id,
            field=field,
            expected=each.owner,
            value=next(owner for owner in (to[n % len(to)], to[0], to[1]) if owner != each.owner),
        )
        for n, each in enumerate(seen)
    ]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("crm", CRMS)
def test_reading_and_writing_keep_to_the_limits(
    crm: str, sqlite_url: str, figures: Figures, is_quick: bool
) -> None:
    waiting = WAITING_IN_QUICK if is_quick else WAITING
    written = WRITTEN_IN_QUICK if is_quick else WRITTEN
    clock = SettableClock()
    ledger = open_test_ledger(sqlite_url, clock)
    token = begin(ledger, clock).token
    ledger.connections.declare(
        [DeclaredConnection(crm, crm, "live", clock.now())], act=Act(clock.now(), token)
    )
    with simulators(crm, waiting) as told:
        connector = connected(crm, told)
        to = owners(connector)
        time.sleep(SETTLED_S)
        began = time.perf_counter()
        seen = poll(connector, ledger, token)
        polled_s = time.perf_counter() - began
        jobs = effects(crm, list({each.id: each for each in seen}.values())[:written], to)
        time.sleep(SETTLED_S)
        calls = connector.budget().own
        began = time.perf_counter()
        results = [
            result
            for start in range(0, len(jobs), A_CALL)
            for result in connector.apply(jobs[start : start + A_CALL])
        ]
        wrote_s = time.perf_counter() - began
        calls = connector.budget().own - calls
        connector.close()
    ledger.close()
    tell(figures, crm, (len(seen) / polled_s, len(jobs) / wrote_s, calls * 1000 / len(jobs)))

    assert {result.applied for result in results} <= {Applied.CONFIRMED, Applied.ALREADY}
    assert not figures.missed


def tell(figures: Figures, crm: str, measured: tuple[float, float, float]) -> None:
    """The figures of one CRM, beside what its limits allow."""
    polled, wrote, calls = measured
    if crm == "hubspot":
        figures.seen("hubspot, poll to ledger: ceiling of five searches/s", CEILINGS["poll"], "/s")
        figures.seen("hubspot, owner writes: ceiling of 190 calls/10 s", CEILINGS["write"], "/s")
    figures.seen(f"{crm}, poll to ledger, {WAITING} waiting", polled, "leads/s")
    figures.seen(f"{crm}, owner writes, read before and after", wrote, "leads/s")
    figures.at_most(f"{crm}, calls for 1,000 leads (naive writer: 1,000)", calls, "", limit=100)
