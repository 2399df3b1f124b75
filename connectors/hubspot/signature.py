"""Whether a webhook really came from HubSpot: its signature, version 3, over the raw bytes.

What is signed is the method, the address as the world sees it (behind a proxy: the public one),
the body as it came and the time of sending. Times more than five minutes away are refused in
both directions: an old request is a replay, and a future one would stay good for long.

Source:
    HubSpot, "Validating requests", section "Validate the v3 request signature".
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Final

_WINDOW: Final = timedelta(minutes=5)
#: HubSpot signs the address with these written out, and only these.
_WRITTEN_OUT: Final = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")
_LONGEST_TIMESTAMP: Final = 16


def is_signed(  # noqa: PLR0913, PLR0917  # the secret, the five things it covers, the time
    secret: str, method: str, url: str, body: bytes, timestamp: str, signature: str, now: datetime
) -> bool:
    """Whether the holder of the secret sent this request a short while ago.

    Args:
        secret: The app's client secret.
        method: As received, `POST`.
        url: The public address whole, with its query, as HubSpot was told it.
        body: The bytes of the body as they came.
        timestamp: The header X-HubSpot-Request-Timestamp: milliseconds since 1970.
        signature: The header X-HubSpot-Signature-v3.
        now: Our time, aware.
    """
    if not secret or not _is_recent(timestamp, now):
        return False
    said = f"{method.upper()}{_as_signed(url)}".encode()
    key = secret.encode()
    digest = hmac.new(key, said + body + timestamp.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.encode("utf-8", "replace"))


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > _LONGEST_TIMESTAMP:
        return False
    sent_at_ms = int(timestamp)
    now_ms = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return abs(now_ms - sent_at_ms) <= _WINDOW // timedelta(milliseconds=1)


def _as_signed(url: str) -> str:
    return _ESCAPE.sub(lambda found: _WRITTEN_OUT.get(found[0].upper(), found[0]), url)
