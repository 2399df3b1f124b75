"""Calls to the org: a token, the quota's gate, one replay after a 401, and retries for reads only.

Every answer comes with the server's time from its Date header. A write is sent once; whether it
was carried out when no answer came is for the caller to find out. Each thread has a session and a
library object of its own, made anew when the token changes.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from simple_salesforce.api import Salesforce
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connectors.errors import NeedsOperator
from connectors.port import Clock
from connectors.salesforce.login import Login, cannot_renew, second_refusal
from connectors.salesforce.quota import Quota
from connectors.salesforce.refusals import CRM, TOTAL_WAIT_S, Refusal, Silence
from connectors.salesforce.session import WireSession
from connectors.salesforce.settings import SalesforceSettings, StaticToken
from connectors.salesforce.stamps import read_http_date
from connectors.tokens import Token, TokenKeeper

_ATTEMPTS: Final = 3
_LONGEST_PAUSE_S: Final = 4.0
_HEADERS: Final = {"X-PrettyPrint": "0"}

Call = Callable[[Salesforce], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded body and the server's time when it was given."""

    body: Any
    date: datetime

    def rows(self) -> list[dict[str, Any]]:
        """The records of a query's page.

        Raises:
            Silence: It is no query's answer.
        """
        records = self.body.get("records") if isinstance(self.body, dict) else None
        known = isinstance(records, list) and all(isinstance(r, dict) for r in records)
        if not known or not isinstance(self.body.get("done"), bool):
            raise Silence("the answer to a query has no records.")
        return list(records or ())


class Wire:
    """The org, call by call. Safe to share between threads."""

    def __init__(
        self, settings: SalesforceSettings, clock: Clock, chance: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._local = threading.local()
        self._sessions: list[WireSession] = []
        self._lock = threading.Lock()
        self._heard: tuple[datetime, float] | None = None
        self.quota = Quota(share=settings.share, monotonic=clock.monotonic)
        self.tokens = TokenKeeper(
            Login(settings, self._session, clock.now), crm=CRM, monotonic=clock.monotonic
        )

    @property
    def server_now(self) -> datetime | None:
        """The server's time by the last Date header, moved on since; None before any answer."""
        if self._heard is None:
            return None
        date, at = self._heard
        return date + timedelta(seconds=self._clock.monotonic() - at)

    @property
    def best_now(self) -> datetime:
        """The server's time, or before any answer our own."""
        return self.server_now or self._clock.now()

    def query(self, soql: str, *, all_rows: bool = True) -> Answer:
        """A query's first page; with `all_rows` deleted and merged rows too."""
        batch = {"Sforce-Query-Options": f"batchSize={self._settings.page_size}", **_HEADERS}
        return self.read(
            lambda sf: sf.query(soql, include_deleted=all_rows, headers=batch)  # type: ignore[no-untyped-call,unused-ignore]
        )

    def more(self, next_url: str) -> Answer:
        """The next page, at the address the last one gave; only its path is believed."""
        path = urlsplit(next_url).path
        if not path.startswith("/services/data/"):
            raise Silence("the address of the next page is none.")
        return self.read(lambda sf: sf.query_more(path, identifier_is_url=True, headers=_HEADERS))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Any other read."""
        query = dict(params or {})
        return self.read(lambda sf: sf.restful(path, params=query, headers=_HEADERS))

    def user_info(self) -> Answer:
        """Who this token acts as."""
        return self.read(lambda sf: sf.oauth2("userinfo", method="GET"))

    def versions(self) -> list[str]:
        """The API versions the org serves, oldest first; needs no token."""
        address = f"{self._settings.origin}/services/data"
        listed = self._session().request("GET", address).json()
        found = [str(v.get("version")) for v in listed if isinstance(v, dict)]
        return sorted(found, key=_version_number)

    def retrieve(self, sobject: str, ids: Sequence[str], fields: Sequence[str]) -> Answer:
        """Rows by id, at most 2,000; None where a row is gone or hidden."""
        wanted = {"ids": list(ids), "fields": list(fields)}
        answer = self.read(
            lambda sf: sf.restful(
                f"composite/sobjects/{sobject}", method="POST", json=wanted, headers=_HEADERS
            )
        )
        rows = answer.body or []
        if not isinstance(rows, list) or len(rows) != len(ids):
            raise Silence(f"{len(ids)} rows were asked for, the answer has another number.")
        return Answer(rows, answer.date)

    def composite(
        self, requests: Sequence[Mapping[str, Any]], headers: Mapping[str, str]
    ) -> Answer:
        """Up to 25 writes in one call, sent once."""
        body = {
            "allOrNone": False,
            "collateSubrequests": False,
            "compositeRequest": list(requests),
        }
        sent = {**_HEADERS, **headers}
        return self.once(lambda sf: sf.restful("composite", method="POST", json=body, headers=sent))

    def read(self, call: Call) -> Answer:
        """Make a call that changes nothing, again if need be."""
        retrying = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._pause,
            sleep=self._clock.sleep,
            retry=retry_if_exception(_worth_repeating),
            reraise=True,
        )
        return retrying(self.once, call)

    def once(self, call: Call) -> Answer:
        """Make a call; after a 401 the same one again, headers and all, with a fresh token.

        Raises:
            Refusal: The org said no.
            Silence: The org said nothing that can be understood.
            TryLater: The gate is closed, or no token can be had now.
            NeedsOperator: No token helps.
        """
        token = self.tokens.current()
        try:
            return self._send(token, call)
        except Refusal as refusal:
            if not refusal.expired:
                raise
            if isinstance(self._settings.grant, StaticToken):
                raise self._barred(cannot_renew(refusal)) from refusal
        token = self.tokens.renew(token)
        try:
            return self._send(token, call)
        except Refusal as refusal:
            if not refusal.expired:
                raise
            raise self._barred(second_refusal(refusal)) from refusal

    def pause(self, shortest_s: float, longest_s: float) -> float:
        """A length of wait between two bounds, by chance."""
        return shortest_s + (longest_s - shortest_s) * self._chance()

    def close(self) -> None:
        """Close every thread's session."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()

    def _barred(self, why: NeedsOperator) -> NeedsOperator:
        self.tokens.bar(why)
        return why

    def _send(self, token: Token, call: Call) -> Answer:
        self.quota.admit()
        session = self._session()
        try:
            body = call(self._library(token, session))
        except Refusal as refusal:
            self._note_limits(refusal)
            raise
        finally:
            self._note_headers(session)
        date = self._date(session)
        if date is None:
            raise Silence("the answer has no Date header.")
        return Answer(body, date)

    def _date(self, session: WireSession) -> datetime | None:
        return None if session.last is None else read_http_date(session.last.headers.get("Date"))

    def _note_headers(self, session: WireSession) -> None:
        if session.last is None:
            return
        self.quota.heard(session.last.headers.pop("Sforce-Limit-Info", None))
        date = self._date(session)
        if date is not None:
            self._heard = (date.astimezone(UTC), self._clock.monotonic())

    def _note_limits(self, refusal: Refusal) -> None:
        if refusal.out_of_calls:
            self.quota.close(TOTAL_WAIT_S, refusal.message)
        elif refusal.crowded:
            self.quota.crowded(self._chance(), refusal.message)

    def _session(self) -> WireSession:
        session: WireSession | None = getattr(self._local, "session", None)
        if session is None:
            settings = self._settings
            session = WireSession(
                origin=settings.origin, timeout_s=settings.timeout_s, proxies=settings.proxies
            )
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session

    def _library(self, token: Token, session: WireSession) -> Salesforce:
        known: tuple[Token, Salesforce] | None = getattr(self._local, "library", None)
        if known is None or known[0] is not token:
            library = Salesforce(
                session_id=token.value,
                instance_url=token.instance_url,
                version=self._settings.api_version,
                session=session,
            )
            known = self._local.library = (token, library)
        return known[1]

    def _pause(self, state: RetryCallState) -> float:
        longest: float = min(_LONGEST_PAUSE_S, 0.25 * 2.0**state.attempt_number)
        return self.pause(0.0, longest)


def _version_number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _worth_repeating(error: BaseException) -> bool:
    if isinstance(error, Silence):
        return not error.slow
    return isinstance(error, Refusal) and error.transient
