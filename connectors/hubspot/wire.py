"""Calls to the portal: a token, our pace, strict reading of answers, and retries for reads only.

An answer counts only if it is what was asked for: a page has a list of rows with ids, a search
also a whole number of hits. Everything else is a `Silence`, never an empty page. Every answer
comes with the server's time from its Date header. A write is sent once; whether it was carried
out when no answer came is for the caller to find out.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connectors.errors import NeedsOperator
from connectors.hubspot.login import Login, cannot_renew, second_refusal
from connectors.hubspot.paths import path_of
from connectors.hubspot.pool import Pool, Reply, Request
from connectors.hubspot.quota import Lane, Quota
from connectors.hubspot.refusals import (
    CRM,
    CrmError,
    Failed,
    Refusal,
    Silence,
    error_in,
    refusal_of,
)
from connectors.hubspot.settings import HubSpotSettings, ServiceKey
from connectors.hubspot.stamps import read_http_date
from connectors.port import Clock
from connectors.tokens import Token, TokenKeeper

_ATTEMPTS: Final = 3
_LONGEST_PAUSE_S: Final = 4.0
_LOCKED_PAUSE_S: Final = 2.0

Row = Mapping[str, Any]
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded body and the server's time when it was given."""

    body: Mapping[str, Any]
    date: datetime

    def rows(self) -> list[dict[str, Any]]:
        """The rows of a page, each with an id.

        Raises:
            Silence: It is no page.
        """
        results = self.body.get("results")
        if not isinstance(results, list) or not all(_is_row(each) for each in results):
            raise Silence("the answer has no list of results.")
        return results

    def errors(self) -> list[CrmError]:
        """What was refused while the rest went through."""
        listed = self.body.get("errors")
        each = (error_in(one) for one in listed or () if isinstance(one, Mapping))
        return [error for error in each if error is not None]

    def after(self) -> str | None:
        """Where a listing goes on; None on its last page."""
        paging = self.body.get("paging")
        following = paging.get("next") if isinstance(paging, Mapping) else None
        if following is None:
            return None
        after = following.get("after") if isinstance(following, Mapping) else None
        if not isinstance(after, str | int) or after == "":
            raise Silence("a page says that there is more, and not where.")
        return str(after)


class Wire:
    """The portal, call by call. Safe to share between threads."""

    def __init__(
        self, settings: HubSpotSettings, clock: Clock, chance: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._pool = Pool(settings)
        self._heard: tuple[datetime, float] | None = None
        self.quota = Quota(share=settings.share, burst_share=settings.burst_share, clock=clock)
        login = Login(settings, self._pool.send)
        self.tokens = TokenKeeper(login, crm=CRM, monotonic=clock.monotonic)

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

    def search(self, kind: str, asked: Mapping[str, Any]) -> Answer:
        """A search's page."""
        return self._read(self._post("search", asked, kind=kind), Lane.SEARCH, _a_search)

    def listing(self, kind: str, query: Query) -> Answer:
        """A page of all records of one kind."""
        path = path_of(self._settings.api_version, "list", kind=kind)
        return self._page(Request("GET", path, query))

    def owners(self, query: Query) -> Answer:
        """A page of owners."""
        path = path_of(self._settings.api_version, "owners")
        return self._page(Request("GET", path, query))

    def one(self, kind: str, id: str, query: Query) -> Answer:
        """One record; under another id where it was merged into that."""
        path = path_of(self._settings.api_version, "one", kind=kind, id=id)
        return self._read(Request("GET", path, query), judge=_a_record)

    def batch_read(self, kind: str, asked: Mapping[str, Any], *, archived: bool = False) -> Answer:
        """Records by id; who is missing was not found."""
        query = (("archived", "true"),) if archived else ()
        return self._page(self._post("batch_read", asked, query, kind=kind))

    def associations(self, kind: str, to: str, ids: Sequence[str]) -> Answer:
        """What these records are linked to."""
        asked = {"inputs": [{"id": id} for id in ids]}
        request = self._post("associations", asked, kind=kind, to=to)
        return self._read(request, judge=_links)

    def property(self, kind: str, name: str) -> Answer:
        """What a property is."""
        return self._read(Request("GET", self._path("property", kind=kind, name=name)))

    def account(self) -> Answer:
        """What the portal says of itself."""
        return self._read(Request("GET", self._path("account")))

    def batch_update(self, kind: str, inputs: Sequence[Mapping[str, Any]]) -> Answer:
        """Up to 100 writes in one call, sent once."""
        answer = self._once(self._post("batch_update", {"inputs": list(inputs)}, kind=kind))
        answer.rows()
        return answer

    def pause(self, shortest_s: float, longest_s: float) -> float:
        """A length of wait between two bounds, by chance."""
        return shortest_s + (longest_s - shortest_s) * self._chance()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _path(self, what: str, **parts: str) -> str:
        return path_of(self._settings.api_version, what, **parts)

    def _post(
        self,
        what: str,
        body: Mapping[str, Any],
        query: Query = (),
        **parts: str,
    ) -> Request:
        return Request("POST", self._path(what, **parts), query, orjson.dumps(body))

    def _page(self, request: Request) -> Answer:
        return self._read(request, judge=_a_page)

    def _read(
        self,
        request: Request,
        lane: Lane = Lane.GENERAL,
        judge: Callable[[Answer], None] = lambda _: None,
    ) -> Answer:
        """Make a call that changes nothing, again if need be.

        Args:
            request: The call.
            lane: What it counts against.
            judge: Raises a `Silence` if the answer is not what was asked for.
        """
        retrying = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._pause,
            sleep=self._clock.sleep,
            retry=retry_if_exception(_worth_repeating),
            reraise=True,
        )
        return retrying(self._judged, request, lane, judge)

    def _judged(self, request: Request, lane: Lane, judge: Callable[[Answer], None]) -> Answer:
        answer = self._once(request, lane)
        judge(answer)
        return answer

    def _once(self, request: Request, lane: Lane = Lane.GENERAL) -> Answer:
        """Make a call; after a 401 the same one again with a fresh token, if there can be one.

        Raises:
            Refusal: The portal said no.
            Silence: The portal said nothing that can be understood.
            TryLater: The gate is closed, or no token can be had now.
            NeedsOperator: No token helps.
        """
        token = self.tokens.current()
        try:
            return self._send(token, request, lane)
        except Refusal as refusal:
            if not refusal.expired:
                raise
            if isinstance(self._settings.grant, ServiceKey):
                raise self._barred(cannot_renew(refusal)) from refusal
        token = self.tokens.renew(token)
        try:
            return self._send(token, request, lane)
        except Refusal as refusal:
            if not refusal.expired:
                raise
            raise self._barred(second_refusal(refusal)) from refusal

    def _barred(self, why: NeedsOperator) -> NeedsOperator:
        self.tokens.bar(why)
        return why

    def _send(self, token: Token, request: Request, lane: Lane) -> Answer:
        self.quota.admit(lane)
        reply = self._pool.send(request, token.value)
        self.quota.heard(reply.headers)
        date = read_http_date(reply.headers.get("Date"))
        if date is not None:
            self._heard = (date.astimezone(UTC), self._clock.monotonic())
        if not 200 <= reply.status < 300:
            raise self._refused(reply, lane)
        if date is None:
            raise Silence("the answer has no Date header.")
        return Answer(_readable(reply), date)

    def _refused(self, reply: Reply, lane: Lane) -> Refusal:
        retry_after = reply.headers.get("Retry-After")
        failed = Failed(reply.status, reply.content, retry_after, self.best_now)
        refusal = refusal_of(failed)
        if refusal.limited or refusal.moving:
            self.quota.refused(refusal, lane, self._chance())
        return refusal

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        longest = min(_LONGEST_PAUSE_S, 0.25 * 2.0**state.attempt_number)
        locked = isinstance(error, Refusal) and error.locked
        return self.pause(_LOCKED_PAUSE_S, _LONGEST_PAUSE_S) if locked else self.pause(0.0, longest)


def ids_in(rows: Iterable[Row]) -> list[str]:
    """The ids of rows, as they came."""
    return [str(row["id"]) for row in rows]


def _a_page(answer: Answer) -> None:
    answer.rows()
    answer.after()


def _a_search(answer: Answer) -> None:
    total = answer.body.get("total")
    if not isinstance(total, int) or isinstance(total, bool):
        raise Silence("the answer to a search has no total.")
    answer.rows()


def _a_record(answer: Answer) -> None:
    if not _is_row(answer.body):
        raise Silence("the answer is no record.")


def _links(answer: Answer) -> None:
    if not isinstance(answer.body.get("results"), list):
        raise Silence("the answer has no list of results.")


def _is_row(each: Any) -> bool:
    return isinstance(each, dict) and isinstance(each.get("id"), str | int) and each["id"] != ""


def _readable(reply: Reply) -> Mapping[str, Any]:
    """The JSON object; half a surrogate pair in one row's text does not spoil the page."""
    try:
        body = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        body = _patiently(reply)
    if not isinstance(body, dict):
        raise Silence("the answer is JSON, and no object.")
    return body


def _patiently(reply: Reply) -> Any:
    try:
        value = json.loads(reply.content)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        said = reply.headers.get("Content-Type", "no content type")
        size = len(reply.content)
        raise Silence(f"the answer is not JSON ({said}, {size} bytes).") from error


def _worth_repeating(error: BaseException) -> bool:
    if isinstance(error, Silence):
        return not error.slow
    return isinstance(error, Refusal) and error.transient
