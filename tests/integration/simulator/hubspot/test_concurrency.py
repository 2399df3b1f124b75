"""Many clients at once, and many records: nothing is lost, and nobody waits for long."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from connectors.simulator.crms import SimulatedCrms
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.remote import SimulatorRemote
from tests.integration.simulator.hubspot.hub import NINE_MS, OBJECTS, Hub


def test_writes_from_many_threads_are_each_in_the_journal_once(hub: Hub):
    contacts = [hub.contact() for _ in range(200)]
    hub.settle()
    pieces = [contacts[at : at + 10] for at in range(0, 200, 10)]

    def give(piece: list[str]) -> int:
        inputs = [{"id": one, "properties": {"hubspot_owner_id": hub.owner()}} for one in piece]
        with hub.client(hub.address.access_token) as http:
            answer = http.post(f"{OBJECTS}/contacts/batch/update", json={"inputs": inputs})
        return len(answer.json()["results"])

    with ThreadPoolExecutor(8) as pool:
        written = sum(pool.map(give, pieces))

    changed = [one["id"] for one in hub.simulator.truth() if one["what"] == "owner_changed"]
    assert written == 200
    assert sorted(changed) == sorted(contacts)


def test_a_walk_during_writes_finds_everything_that_was_there(hub: Hub):
    with hub.simulator.portal.lock:
        made = [hub.contact() for _ in range(1_000)]
    hub.settle()

    def walk() -> set[str]:
        found: set[str] = set()
        last = "0"
        while True:
            page = hub.found(
                {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(NINE_MS)},
                {"propertyName": "hs_object_id", "operator": "GT", "value": last},
                sorts=["hs_object_id"],
            )
            if not page:
                return found
            found |= set(page)
            last = page[-1]

    def write() -> None:
        for at in range(0, 1_000, 100):
            hub.give(made[at : at + 100], hub.owner(at % 3))
            hub.pass_time(3)

    with ThreadPoolExecutor(2) as pool:
        walking, writing = pool.submit(walk), pool.submit(write)
        writing.result()

    assert walking.result() >= set(made)


def test_a_response_comes_in_one_piece(hub: Hub):
    with hub.http.stream("POST", f"{OBJECTS}/contacts/search", json={}) as answer:
        stream: Any = answer.extensions["network_stream"]
        body = answer.read()

    assert stream is not None
    assert len(body) == int(answer.headers["Content-Length"])


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_both_crms_are_served_side_by_side(crm: str):
    crms = SimulatedCrms(SimulatorOptions(people=5, accounts=3, leads=4, rate=0))
    with crms as (salesforce, hubspot):
        urls = {
            "salesforce": f"{salesforce.base_url}/services/data/v64.0/limits",
            "hubspot": f"{hubspot.base_url}/account-info/2026-09/details",
        }
        tokens = {"salesforce": salesforce.access_token, "hubspot": hubspot.access_token}
        headers = {"Authorization": f"Bearer {tokens[crm]}"}
        answer = httpx.get(urls[crm], headers=headers, trust_env=False, timeout=10)

    assert answer.status_code == 200
    assert salesforce.base_url != hubspot.base_url


def test_both_tell_what_the_sync_has_done():
    crms = SimulatedCrms(SimulatorOptions(people=5, accounts=3, leads=4, synced_pairs=3))
    with crms as addresses:
        told = [
            httpx.get(f"{one.base_url}/__simulator__/sync", trust_env=False).json()
            for one in addresses
        ]

    assert told == [{"appeared": 0, "linked": 0, "carried": 0, "outdone": 0, "refused": 0}] * 2


def test_both_tell_who_is_in_both():
    options = SimulatorOptions(people=5, accounts=3, leads=6, synced_pairs=3, unsynced_pairs=2)
    with SimulatedCrms(options) as addresses:
        remotes = [SimulatorRemote(one.base_url) for one in addresses]
        told = [remote.pairs() for remote in remotes]
        for remote in remotes:
            remote.close()

    assert told[0] == told[1]
    assert {kind: len(pairs) for kind, pairs in told[0].items()} == {"synced": 3, "unsynced": 2}


def test_of_sixteen_who_use_one_refresh_token_one_gets_a_new_one(hub: Hub):
    grant = hub.simulator.grant(kind="oauth")
    form = {
        "grant_type": "refresh_token", "client_id": grant.client_id,
        "client_secret": grant.client_secret, "refresh_token": grant.refresh_token,
    }  # fmt: skip
    hub.simulator.fault("slow", delay_s=0.05, match={"path": "/oauth/*"})

    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(hub.http.post, "/oauth/2026-09/token", data=form) for _ in range(16)]
        statuses = sorted(one.result().status_code for one in asked)

    assert statuses == [200] + [400] * 15
    assert hub.simulator.portal.tokens.refreshes == 1
