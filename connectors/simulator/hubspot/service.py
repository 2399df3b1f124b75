"""One portal answering its clients: faults first, then the token, the limits, the resource.

Calls are answered one after the other under the portal's lock, which takes well under a
millisecond for most. Nothing waits in here: an outcome says how long it is to be held back.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from connectors.simulator.exchange import HTML, Outcome, Reply, Request
from connectors.simulator.hubspot.bends import Bends
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.drifts import drifted
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.properties import ObjectType
from connectors.simulator.hubspot.refusals import Refused, missing_scopes, not_found
from connectors.simulator.hubspot.routes import Route, routes
from connectors.simulator.hubspot.tokens import App

_LONGEST_URL: Final = 16_384
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,512}\Z")
_MALFORMED: Final = b"<html><head><title>530</title></head><body>error code: 1016</body></html>"
_TOO_LONG: Final = b"<html><body>414 URI Too Long</body></html>"
_NOT_JSON: Final = b"<html><body>415 Unsupported Media Type</body></html>"
_EXEMPT: Final = {"x-hubspot-rate-limit-exemptions": '["ten-secondly"]'}


class MalformedToken(Exception):
    """530: what stands in the header cannot be a token, says the edge of the network."""


class PortalService:
    """Answers the calls of clients to one portal."""

    def __init__(self, desk: Desk, bends: Bends, tick: Callable[[], None]) -> None:
        self._desk = desk
        self._portal: Portal = desk.portal
        self._bends = bends
        self._tick = tick
        self._routes = routes()
        self.requests = 0

    def outcome(self, request: Request) -> Outcome:
        """Answer a call: faults first, then the token, the limits and the resource."""
        portal = self._portal
        with portal.lock:
            self.requests += 1
            call = Call(request, self.requests)
            if request.url_bytes > _LONGEST_URL:
                return Outcome(Reply(414, _TOO_LONG, media=HTML))
            self._tick()
            portal.now_ms()
            found = self._found(call)
            bend = self._bends.before(call)
            call.delay_s += bend.delay_s + portal.settings.latency_s
            if bend.reply is not None or bend.cut:
                reply = bend.reply or Reply()
                return Outcome(self._finished(call, found, reply), call.delay_s, bend.cut)
            reply = self._answered(call, found)
            bend = self._bends.after(call, reply)
            reply = bend.reply or reply
            return Outcome(
                self._finished(call, found, reply), call.delay_s + bend.delay_s, bend.cut
            )

    def _found(self, call: Call) -> tuple[Route, dict[str, str]] | None:
        """The route of a call; tells the call its version and what it is about."""
        for one in self._routes:
            match = one.pattern.match(call.path) if one.method == call.method else None
            if match is not None:
                names = match.groupdict()
                call.version = one.version
                kind = self._portal.object_type(names.get("kind", ""))
                call.about = kind.name if kind else ""
                return one, names
        return None

    def _answered(self, call: Call, found: tuple[Route, dict[str, str]] | None) -> Reply:
        try:
            return self._answer(call, found)
        except MalformedToken:
            return Reply(530, _MALFORMED, media=HTML)
        except Refused as refused:
            return self._refusal(call, refused)

    def _answer(self, call: Call, found: tuple[Route, dict[str, str]] | None) -> Reply:
        if found is None:
            if any(one.pattern.match(call.path) for one in self._routes):
                return Reply(405, b"", media=HTML)
            raise not_found()
        route, names = found
        if route.public:
            return (route.answers or _nothing)(self._desk, call)
        now = self._portal.clock.now()
        call.app = self._app(call, now)
        self._check_limits(call, route, call.app, now)
        kind = self._kind(names)
        self._check_scopes(call, route, kind)
        if call.request.body and not _is_json(call):
            return Reply(415, _NOT_JSON, media=HTML)
        if route.answers is None and kind is not None:
            return self._desk.searches.search(self._portal, call, kind)
        arguments: list[object] = [] if kind is None else [kind]
        return (route.answers or _nothing)(self._desk, call, *arguments, **names)

    def _kind(self, names: dict[str, str]) -> ObjectType | None:
        name = names.pop("kind", None)
        return None if name is None else self._desk.kind(name)

    def _app(self, call: Call, now: datetime) -> App:
        """Whoever calls, by the token shown.

        Raises:
            Refused: 401, there is none, or it has ended.
            MalformedToken: It is no token at all.
        """
        kind, _, text = call.request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            message = (
                "Authentication credentials not found. This API supports OAuth 2.0 authentication"
                " and you can find more details at"
                " https://developers.hubspot.com/docs/methods/auth/oauth-overview"
            )
            raise Refused(401, "INVALID_AUTHENTICATION", message)
        if not _TOKEN.match(text):
            raise MalformedToken
        token = self._portal.tokens.find(text)
        if token is None:
            raise Refused(401, "INVALID_AUTHENTICATION", "The access token is not valid.")
        if token.ends_at is not None and now >= token.ends_at:
            age = int((now - token.ends_at).total_seconds())
            message = f"The OAuth token used to make this call expired {age} second(s) ago."
            raise Refused(401, "EXPIRED_AUTHENTICATION", message)
        return token.app

    def _check_limits(self, call: Call, route: Route, app: App, now: datetime) -> None:
        limits = self._portal.limits
        if route.answers is None:
            limits.check_search(now)
        elif not route.exempt:
            limits.check_burst(app.client_id, app.kind, now)
        limits.check_day(now)
        limits.kinds[f"{call.method} {_without_ids(call.path)}"] += 1

    def _check_scopes(self, call: Call, route: Route, kind: ObjectType | None) -> None:
        app = call.app
        needed = route.scopes if kind is None else kind.scopes(route.verb)
        if kind is not None and kind.name == "leads" and not self._portal.settings.has_leads:
            message = "This account does not have access to object type leads."
            raise Refused(403, "FORBIDDEN", message)
        held = app.scopes - self._bends.withheld(call) if app else frozenset()
        if not needed <= held:
            raise missing_scopes(needed)

    def _refusal(self, call: Call, refused: Refused) -> Reply:
        body = refused.as_body(self._correlation(call))
        if refused.status == 429:
            body["requestId"] = self._correlation(call)
        return Reply(refused.status, body)

    def _correlation(self, call: Call) -> str:
        return f"{self._portal.id:08x}-0000-4000-8000-{call.number:012x}"

    def _finished(
        self, call: Call, found: tuple[Route, dict[str, str]] | None, reply: Reply
    ) -> Reply:
        portal = self._portal
        headers = {"Date": portal.told(), "X-HubSpot-Correlation-Id": self._correlation(call)}
        if call.app is not None and found is not None:
            if found[0].exempt:
                headers |= _EXEMPT
            else:
                app = call.app
                headers |= portal.limits.headers(app.client_id, app.kind, portal.clock.now())
        reply.headers = {**headers, **reply.headers}
        return drifted(call, reply)


def _nothing(desk: Desk, call: Call) -> Reply:
    del desk
    raise RuntimeError(f"Nobody answers {call.method} {call.path}.")


def _is_json(call: Call) -> bool:
    return call.request.headers.get("content-type", "").lower().startswith("application/json")


def _without_ids(path: str) -> str:
    return "/".join(part for part in path.split("/") if not part.isdigit())
