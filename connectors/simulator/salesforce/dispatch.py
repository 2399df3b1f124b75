"""From a path to whoever answers it, and from what they raise to what is sent.

Whether there is a session, and whether the org has calls left, is settled before anybody
looks at the resource, as it is at the service.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import VERSIONS, Org
from connectors.simulator.salesforce.refusals import (
    PreconditionFailed,
    Refused,
    Unmodified,
    not_found,
)
from connectors.simulator.salesforce.saving import MultipleChoices

Answers = Callable[..., Reply]

_VERSIONED: Final = re.compile(r"/services/data/v(\d+\.\d)(/.*)?\Z")
_ALLOWED_ORDER: Final = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """A resource: its path, who answers which method, and what must hold before."""

    pattern: re.Pattern[str]
    methods: Mapping[str, Answers]
    public: bool = False  #: needs no session
    free: bool = False  #: does not count against the daily limit


def route(path: str, *, public: bool = False, free: bool = False, **methods: Answers) -> Route:
    """A route; `{name}` in the path takes one segment."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    upper = {method.upper(): answers for method, answers in methods.items()}
    if "GET" in upper:
        upper["HEAD"] = upper["GET"]
    return Route(re.compile(pattern + r"/?\Z"), upper, public, free)


class Router:
    """Answers calls by the first route whose path fits."""

    def __init__(self, org: Org, data: list[Route], other: list[Route]) -> None:
        self._org = org
        self._data = data  #: below /services/data/vXX.X
        self._other = other

    def answer(self, call: Call) -> Reply:
        """The reply to a call whose session has been settled, whatever goes wrong."""
        try:
            return self._answer(call)
        except Refused as refused:
            return Reply(refused.status, refused.as_body())
        except PreconditionFailed as failed:
            return Reply(412, failed.body)
        except Unmodified:
            return Reply(304)
        except MultipleChoices as several:
            return Reply(300, several.urls)

    def find(self, call: Call) -> tuple[Route, dict[str, str]]:
        """The route of a call and the names in its path; sets the call's version.

        Raises:
            Refused: There is no such resource, or no such version of it.
        """
        versioned = _VERSIONED.match(call.path)
        if versioned is None:
            return _fitting(self._other, call.path)
        call.version, rest = versioned.group(1), versioned.group(2) or ""
        if float(call.version) < float(VERSIONS[0]):
            message = "The requested API version has been retired. Please use a supported version."
            raise Refused("UNSUPPORTED_API_VERSION", message, status=410)
        if call.version not in VERSIONS:
            raise not_found()
        return _fitting(self._data, rest)

    def _answer(self, call: Call) -> Reply:
        route, names = self.find(call)
        answers = route.methods.get(call.method)
        if answers is None:
            allowed = ",".join(one for one in _ALLOWED_ORDER if one in route.methods)
            message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
            raise Refused("METHOD_NOT_ALLOWED", message, status=405)
        return answers(self._org, call, **names)


def settle_session(org: Org, call: Call, route: Route) -> None:
    """Find the session of a call and count it, or refuse it.

    Raises:
        Refused: 401 without a living session, 403 without calls left.
    """
    if route.public:
        return
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    if token and kind.lower() not in ("bearer", "oauth"):
        raise Refused("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
    session = org.sessions.find(token.strip(), org.clock.now()) if token else None
    user: Mapping[str, Any] = (org.store.get(session.user_id) if session else None) or {}
    if session is None or not user.get("IsActive"):
        raise session_refusal()
    call.session = session
    call.access = session.access
    if not route.free:
        org.usage.check(org.clock.now())
        org.usage.count(_kind(call), org.clock.now())


def session_refusal(message: str = "Session expired or invalid") -> Refused:
    """401: this token opens nothing."""
    return Refused("INVALID_SESSION_ID", message, status=401)


def _fitting(routes: list[Route], path: str) -> tuple[Route, dict[str, str]]:
    for one in routes:
        found = one.pattern.match(path)
        if found is not None:
            return one, found.groupdict()
    raise not_found()


def _kind(call: Call) -> str:
    parts = call.path.split("/")[4:7]
    return f"{call.method} " + "/".join(part for part in parts if len(part) < 15)
