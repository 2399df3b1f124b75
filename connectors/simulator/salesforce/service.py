"""One org answering its clients: faults first, then the session, then the resource.

Calls are answered one after the other under the org's lock, which takes well under a
millisecond for most. Nothing waits in here: an outcome says how long it is to be held back.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from connectors.simulator.exchange import Outcome, Reply, Request
from connectors.simulator.salesforce.bends import Bends
from connectors.simulator.salesforce.calls import Call, call_from
from connectors.simulator.salesforce.dispatch import Route, Router, settle_session
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.stamps import http_date
from connectors.simulator.salesforce.usage import concurrent_limit_refusal

_LONGEST_URL: Final = 16_384
_LONG_S: Final = 20.0
_MOST_LONG_CALLS: Final = 25
_EVERY_REPLY: Final = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "X-Robots-Tag": "none",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "Vary": "Accept-Encoding",
}


class Service:
    """Answers the calls of clients to one org."""

    def __init__(self, org: Org, router: Router, bends: Bends, tick: Callable[[], None]) -> None:
        self._org = org
        self._router = router
        self._bends = bends
        self._tick = tick
        self._long_until: list[datetime] = []
        self.requests = 0
        org.answer = router.answer

    def outcome(self, request: Request) -> Outcome:
        """Answer a call: faults first, then the session, then the resource."""
        if request.url_bytes > _LONGEST_URL:
            refused = Refused("URI_TOO_LONG", "The requested URI is too long.", status=414)
            return Outcome(Reply(414, refused.as_body()))
        org, call = self._org, call_from(request)
        with org.lock:
            self.requests += 1
            call.number = self.requests
            self._tick()
            org.now()
            bend = self._bends.before(call)
            call.delay_s += bend.delay_s + org.settings.latency_s
            if bend.reply is None and self._too_many_long_calls(call):
                refused = concurrent_limit_refusal()
                bend.reply = Reply(refused.status, refused.as_body())
            if bend.reply is not None:
                return Outcome(self._finished(call, bend.reply), call.delay_s, bend.cut)
            reply = self._answered(call)
            bend = self._bends.after(call, reply)
            reply = bend.reply or reply
            return Outcome(self._finished(call, reply), call.delay_s + bend.delay_s, bend.cut)

    def _too_many_long_calls(self, call: Call) -> bool:
        """Whether the org has as many long-running calls as it may; counts this one if not."""
        now = self._org.clock.now()
        self._long_until = [until for until in self._long_until if until > now]
        if len(self._long_until) >= _MOST_LONG_CALLS:
            return True
        if call.delay_s >= _LONG_S:
            self._long_until.append(now + timedelta(seconds=call.delay_s))
        return False

    def _answered(self, call: Call) -> Reply:
        try:
            route, _ = self._found(call)
            settle_session(self._org, call, route)
        except Refused as refused:
            return Reply(refused.status, refused.as_body())
        call.access = self._bends.access(call)
        return self._router.answer(call)

    def _found(self, call: Call) -> tuple[Route, dict[str, str]]:
        """The route; without a session nobody learns which resources there are."""
        try:
            return self._router.find(call)
        except Refused:
            nowhere = Route(re.compile(""), {})
            if call.path.startswith("/services/data/"):
                settle_session(self._org, call, nowhere)
            raise

    def _finished(self, call: Call, reply: Reply) -> Reply:
        now = self._org.clock.now()
        reply.headers = {"Date": http_date(self._org.clock.told()), **_EVERY_REPLY, **reply.headers}
        if call.session is not None or reply.status == 403:
            reply.headers["Sforce-Limit-Info"] = self._org.usage.header(now)
        if reply.status == 401:
            reply.headers["WWW-Authenticate"] = "Token"
        if call.method == "HEAD":
            reply.body = None
        return reply
