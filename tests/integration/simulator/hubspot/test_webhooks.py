"""Webhooks: what a receiver gets, signed as the service signs, and badly if so asked."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import orjson
import pytest
from hubspot.utils.signature import Signature

from tests.integration.simulator.hubspot.hub import NINE_MS, Hub


class Receiver(HTTPServer):
    """Takes what is posted, after refusing it as often as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server_port}/hooks/hubspot"
        self.posts: Queue[tuple[dict[str, str], bytes]] = Queue()
        self.refusals = 0
        self._thread = Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def events(self) -> list[dict[str, Any]]:
        """The events of the next post."""
        events: list[dict[str, Any]] = orjson.loads(self.posts.get(timeout=10)[1])
        return events


class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver: Any = self.server
        refused = receiver.refusals > 0
        receiver.refusals -= refused
        if not refused:
            receiver.posts.put(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(500 if refused else 204)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing: the test says what matters."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    yield listening
    listening.close()


def subscribe(hub: Hub, receiver: Receiver, **more: Any) -> None:
    hub.act("webhooks", url=receiver.url, client_id=hub.address.client_id, **more)


def test_a_birth_and_a_change_of_owner_are_told(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver)
    contact = hub.contact()
    hub.simulator.acts.change_owner("contacts", int(contact), hub.owner())

    told = receiver.events()
    while len(told) < 2:
        told += receiver.events()

    born, changed = told
    assert (born["subscriptionType"], born["objectId"]) == ("contact.creation", int(contact))
    assert changed["subscriptionType"] == "contact.propertyChange"
    assert (changed["propertyName"], changed["propertyValue"]) == (
        "hubspot_owner_id",
        hub.owner(),
    )
    assert (changed["changeSource"], changed["occurredAt"]) == ("CRM_UI", NINE_MS)
    assert changed["portalId"] == hub.simulator.portal.id


def test_ends_are_told_and_an_erasure_twice(hub: Hub, receiver: Receiver):
    kept, merged, archived, erased = (int(hub.contact()) for _ in range(4))
    kinds = ["contact.merge", "contact.deletion", "contact.privacyDeletion"]
    subscribe(hub, receiver, events=kinds)
    with hub.simulator.portal.lock:
        hub.simulator.acts.merge("contacts", kept, merged)
        hub.simulator.acts.archive("contacts", archived)
        hub.simulator.acts.erase("contacts", erased)

    told = receiver.events()

    assert [(one["subscriptionType"], one["objectId"]) for one in told] == [
        ("contact.merge", kept),
        ("contact.deletion", archived),
        ("contact.privacyDeletion", erased),
        ("contact.deletion", erased),
    ]
    assert told[0]["mergedObjectIds"] == [merged]


def test_the_signature_is_the_one_that_the_official_client_expects(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver)
    hub.contact()

    headers, body = receiver.posts.get(timeout=10)

    timestamp = headers["x-hubspot-request-timestamp"]
    expected = Signature.get_signature(
        client_secret=hub.address.client_secret,
        request_body=body.decode(),
        signature_version="v3",
        http_uri=receiver.url,
        http_method="POST",
        timestamp=timestamp,
    )
    assert headers["x-hubspot-signature-v3"] == expected
    assert timestamp == str(NINE_MS)


def test_events_can_be_told_twice_and_in_any_order(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver, duplicates=1.0, shuffled=True, events=["contact.creation"])
    with hub.simulator.portal.lock:
        made = [int(hub.contact()) for _ in range(20)]

    told = [event["objectId"] for event in receiver.events()]

    assert sorted(told) == sorted([*made, *made])
    assert told != [one for one in made for _ in range(2)]


def test_no_post_holds_more_than_a_hundred_events(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver)
    with hub.simulator.portal.lock:
        hub.act_inside("create_contact", count=150)

    assert [len(receiver.events()), len(receiver.events())] == [100, 50]


def test_what_was_not_taken_is_tried_again_and_says_so(hub: Hub, receiver: Receiver):
    receiver.refusals = 1
    subscribe(hub, receiver)
    hub.contact()

    (event,) = receiver.events()

    assert event["attemptNumber"] == 1


def test_what_nobody_takes_is_forgotten(hub: Hub, receiver: Receiver):
    receiver.refusals = 99
    subscribe(hub, receiver)
    hub.contact()
    hub.pass_time(1)

    hub.simulator.stop()

    webhooks = hub.simulator.portal.webhooks
    assert (webhooks.delivered, webhooks.forgotten) == (0, 1)


def test_only_subscribed_properties_are_told(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver, events=["contact.propertyChange"], properties=["country"])
    contact = hub.contact()
    hub.simulator.acts.change_owner("contacts", int(contact), hub.owner())
    hub.simulator.acts.update("contacts", int(contact), {"country": "CH"})

    (event,) = receiver.events()

    assert event["propertyName"] == "country"


def test_after_unsubscribing_nothing_is_told(hub: Hub, receiver: Receiver):
    subscribe(hub, receiver)
    hub.act("no_webhooks")
    hub.contact()
    hub.pass_time(1)

    assert receiver.posts.empty()
    assert hub.http.get("/__simulator__/stats").json()["webhooks"] == {
        "delivered": 0,
        "forgotten": 0,
    }
