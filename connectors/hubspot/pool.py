"""Bytes to HubSpot and bytes back, over the pool that HubSpot's own library sets up.

hubspot-api-client gives the pool (TLS, proxy, connections kept), and nothing else of it is used:
its methods know no dated paths and no time-out of their own, and its models turn a cut-off answer
or a page of HTML into a result without rows, which a poller would take for "no new leads".

Nothing is sent again here, no redirect is followed, and every call has a time-out.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import urllib3
from hubspot.oauth.configuration import Configuration
from hubspot.oauth.rest import RESTClientObject

from connectors.hubspot.refusals import Silence
from connectors.hubspot.settings import HubSpotSettings

_CONNECT_S: Final = 3.05
_CONNECTIONS: Final = 8
_LONGEST_ANSWER: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready to be sent."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    form: bool = False  #: the body is a form, not JSON


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unread."""

    status: int
    headers: urllib3.HTTPHeaderDict
    content: bytes


class Pool:
    """Connections to one portal. Safe to share between threads."""

    def __init__(self, settings: HubSpotSettings) -> None:
        self._base_url = settings.base_url.rstrip("/")
        self._timeout = urllib3.Timeout(connect=_CONNECT_S, read=settings.timeout_s)
        told = Configuration(host=self._base_url)
        told.retries = False
        told.connection_pool_maxsize = _CONNECTIONS
        told.proxy = None if settings.loopback else settings.proxy
        manager: urllib3.PoolManager = RESTClientObject(told).pool_manager
        self._manager = manager

    def send(self, request: Request, token: str | None) -> Reply:
        """Send once and wait no longer than the time-out.

        Raises:
            Silence: There is no whole answer.
        """
        query = f"?{urlencode(request.query)}" if request.query else ""
        try:
            response = self._manager.request(
                request.method,
                f"{self._base_url}{request.path}{query}",
                body=request.body,
                headers=_headers(request, token),
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _silence(error) from error
        return Reply(response.status, response.headers, _read(response))

    def close(self) -> None:
        """Close every connection."""
        self._manager.clear()


def _headers(request: Request, token: str | None) -> dict[str, str]:
    media = "application/x-www-form-urlencoded" if request.form else "application/json"
    headers = {"Accept": "application/json", "User-Agent": "signalbox"}
    if request.body is not None:
        headers["Content-Type"] = media
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    try:
        content = response.read(_LONGEST_ANSWER, decode_content=True)
        if len(content) < _LONGEST_ANSWER:
            response.release_conn()
            return content
    except urllib3.exceptions.HTTPError as error:
        response.close()
        raise _silence(error) from error
    response.close()
    raise Silence(f"the answer is longer than {_LONGEST_ANSWER} bytes.")


def _silence(error: urllib3.exceptions.HTTPError) -> Silence:
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return Silence("no connection within the time allowed.", sent=False, slow=True)
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return Silence("no connection.", sent=False)
    if isinstance(error, urllib3.exceptions.SSLError):
        return Silence("the certificate was not accepted.", sent=False)
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return Silence("no answer within the time allowed.", slow=True)
    return Silence(f"no whole answer ({type(error).__name__}).")
