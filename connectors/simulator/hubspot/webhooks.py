"""Webhooks out: what the service tells a client's address of, signed, and not very reliably.

Subscriptions are made by whoever runs the simulation. Events are gathered while records
are saved and posted from a thread of its own, at most a hundred at a time; told so, some
are posted twice and each batch in any order. What is not taken is tried again a few times
and then forgotten, as is what a slow receiver lets pile up.
"""

import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, Full, Queue
from random import Random
from threading import Event, Thread
from typing import Any, Final

import orjson
import requests

_MOST: Final = 100
_ATTEMPTS: Final = 3
_WAITING: Final = 1_000  #: batches, then the oldest are forgotten
_GATHERED: Final = 50_000  #: events between two ticks
_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where events go, which, and how badly they are delivered."""

    url: str
    secret: str
    app_id: int
    events: frozenset[str] = frozenset({"contact.creation", "contact.propertyChange"})
    properties: frozenset[str] = frozenset({"hubspot_owner_id", "lifecyclestage"})
    duplicates: float = 0.0  #: share of events that are told twice
    shuffled: bool = False


Post = tuple[Subscription, str, list[dict[str, Any]]]


def signature(secret: str, url: str, body: bytes, timestamp: str) -> str:
    """The third version of the service's signature, over what is posted.

    Examples:
        >>> signature("s", "http://127.0.0.1/hook", b"[]", "1767603600000")
        'BhT6zT4mw97NLgfOx8RgWGDQ2xWPX6MHuF7bNK7pJJY='
    """
    signed = b"POST" + url.encode() + body + timestamp.encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Webhooks:
    """Gathers events of one portal and delivers them to its subscriptions."""

    def __init__(self, portal_id: int, chance: Random) -> None:
        self._portal_id = portal_id
        self._chance = chance
        self._subscriptions: list[Subscription] = []
        self._gathered: deque[dict[str, Any]] = deque(maxlen=_GATHERED)
        self._posts: Queue[Post] = Queue(_WAITING)
        self._stopped = Event()
        self._thread: Thread | None = None
        self._numbered = 0
        self.delivered = 0  #: batches that were taken
        self.forgotten = 0  #: batches that were not

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return bool(self._subscriptions)

    def subscribe(self, subscription: Subscription) -> None:
        """Tell one more address from now on."""
        self._subscriptions.append(subscription)
        if self._thread is None:
            self._thread = Thread(target=self._deliver, name="webhooks", daemon=True)
            self._thread.start()

    def unsubscribe(self) -> None:
        """Tell nobody any more."""
        self._subscriptions.clear()

    def stop(self) -> None:
        """Stop delivering; what was not delivered is forgotten."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=2 * _TIMEOUT_S)
        self.forgotten += self._posts.qsize()
        self._posts = Queue(_WAITING)

    def gather(self, kind: str, record_id: int, at_ms: int, more: Mapping[str, Any]) -> None:
        """Note an event, such as `contact.creation`, to be told with the next tick."""
        self._numbered += 1
        self._gathered.append(
            {
                "eventId": self._numbered,
                "portalId": self._portal_id,
                "occurredAt": at_ms,
                "subscriptionType": kind,
                "objectId": record_id,
                **more,
            }
        )

    def tick(self, now_ms: int) -> None:
        """Post what was gathered."""
        if not self._gathered:
            return
        events = list(self._gathered)
        self._gathered.clear()
        for number, subscription in enumerate(self._subscriptions, 1):
            wanted = [one for one in events if _concerns(subscription, one)]
            self._post(subscription, number, wanted, now_ms)

    def _post(
        self, subscription: Subscription, number: int, events: Sequence[dict[str, Any]], now_ms: int
    ) -> None:
        told = [
            {**event, "subscriptionId": number, "appId": subscription.app_id}
            for event in events
            for _ in range(1 + (self._chance.random() < subscription.duplicates))
        ]
        if subscription.shuffled:
            self._chance.shuffle(told)
        for start in range(0, len(told), _MOST):
            try:
                self._posts.put_nowait((subscription, str(now_ms), told[start : start + _MOST]))
            except Full:
                self.forgotten += 1

    def _deliver(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # loopback only: no proxy has a say here
            while not self._stopped.is_set():
                try:
                    post = self._posts.get(timeout=0.05)
                except Empty:
                    continue
                taken = any(self._taken(session, post, attempt) for attempt in range(_ATTEMPTS))
                self.delivered += taken
                self.forgotten += not taken

    def _taken(self, session: requests.Session, post: Post, attempt: int) -> bool:
        subscription, timestamp, events = post
        body = orjson.dumps([{**event, "attemptNumber": attempt} for event in events])
        signed = signature(subscription.secret, subscription.url, body, timestamp)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "HubSpot Connect 2.0",
            "X-HubSpot-Signature-v3": signed,
            "X-HubSpot-Signature-Version": "v3",
            "X-HubSpot-Request-Timestamp": timestamp,
        }
        if self._stopped.is_set():
            return False
        try:
            answer = session.post(subscription.url, data=body, headers=headers, timeout=_TIMEOUT_S)
        except requests.RequestException:
            return False
        return answer.ok


def _concerns(subscription: Subscription, event: Mapping[str, Any]) -> bool:
    if event["subscriptionType"] not in subscription.events:
        return False
    return event.get("propertyName", "") in {"", *subscription.properties}
