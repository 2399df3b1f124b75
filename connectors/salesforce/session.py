"""The HTTP session below simple-salesforce: it judges every answer before the library sees it.

What passes up is an answer with status 2xx and, where it has a body, readable JSON. Everything
else leaves as a `Refusal` or a `Silence`, so the library's own error handling (which drops headers
on a replay and dies on unexpected bodies) never runs. Certificates are always verified, redirects
never followed, and environment variables change nothing.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter

from connectors.salesforce.refusals import Silence, refusal_of
from connectors.salesforce.settings import LOOPBACK_HOSTS

_CONNECT_S: Final = 5.0


class LoopbackAdapter(HTTPAdapter):
    """Speaks plain http to a simulator on this machine where the library insists on https."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send the request to the same host and port, without TLS."""
        if request.url is not None and request.url.startswith("https://"):
            request.url = "http://" + request.url.removeprefix("https://")
        return super().send(request, *args, **kwargs)


class WireSession(requests.Session):
    """A session for one thread."""

    def __init__(self, *, origin: str, timeout_s: float, proxies: Mapping[str, str]) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = True
        self.proxies.update(proxies)
        self._timeout = (_CONNECT_S, timeout_s)
        self.last: requests.Response | None = None  #: the answer to the last call that had one
        parts = urlsplit(origin)
        if parts.scheme == "http":
            self.proxies.clear()
            port = f":{parts.port}" if parts.port else ""
            for host in LOOPBACK_HOSTS:
                self.mount(f"https://{host}{port}/", LoopbackAdapter())

    def request(  # type: ignore[override]  # the library passes what requests takes
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """Send, wait no longer than the timeout, and judge the answer.

        Raises:
            Refusal: The answer says no.
            Silence: There is no answer, or it cannot be understood.
        """
        self.last = None
        kwargs.setdefault("timeout", self._timeout)
        kwargs["allow_redirects"] = False
        try:
            response = super().request(method, url, **kwargs)
        except requests.ConnectTimeout as error:
            why = "no connection within the time allowed."
            raise Silence(why, sent=False, slow=True) from error
        except requests.Timeout as error:
            raise Silence("no answer within the time allowed.", slow=True) from error
        except requests.exceptions.SSLError as error:
            raise Silence("the certificate was not accepted.", sent=False) from error
        except requests.RequestException as error:
            raise Silence(f"no answer ({type(error).__name__}).", sent=_was_sent(error)) from error
        self.last = response
        return _judged(response)


def _was_sent(error: requests.RequestException) -> bool:
    """Whether bytes may have left; only a connection that was never made is certain."""
    return "NewConnectionError" not in repr(error)


def _judged(response: requests.Response) -> requests.Response:
    if not 200 <= response.status_code < 300:
        headers = response.headers
        raise refusal_of(response.status_code, response.content, headers.get("Retry-After"))
    if response.status_code == 204:
        return response
    try:
        body = _readable(response.content)
    except ValueError as error:
        said = response.headers.get("Content-Type", "no content type")
        raise Silence(f"the answer is not JSON ({said}, {len(response.content)} bytes).") from error
    response.json = lambda **_: body  # type: ignore[method-assign]  # decoded once, by orjson
    return response


def _readable(content: bytes) -> Any:
    """The JSON value; half a surrogate pair in one row's text does not spoil the page."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        value = json.loads(content)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
