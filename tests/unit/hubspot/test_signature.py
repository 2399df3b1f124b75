"""A webhook's signature, beside the one that HubSpot's own library computes."""

from datetime import UTC, datetime, timedelta

import pytest
from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.signature import is_signed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "our-app-secret"
URL = "https://signalbox.acme.test/hooks/hubspot?portal=7&q=a%20b"
BODY = '[{"objectId":201,"name":"Zoë"}]'.encode()


def ms(at: datetime) -> str:
    return str(round(at.timestamp() * 1000))


def signed(
    *, secret: str = SECRET, url: str = URL, body: bytes = BODY, timestamp: str = ms(NOW)
) -> str:
    """What HubSpot's library says the signature is; it writes no escapes out."""
    told: str = Signature.get_signature(
        secret, body.decode(), "v3", http_uri=url, http_method="POST", timestamp=timestamp
    )
    return told


def accepted(**changes) -> bool:
    given = {
        "secret": SECRET,
        "method": "POST",
        "url": URL,
        "body": BODY,
        "timestamp": ms(NOW),
        "signature": signed(),
        "now": NOW,
        **changes,
    }
    return is_signed(**given)


@given(
    body=st.text(st.characters(exclude_categories=["Cs"])),
    query=st.text("abc=&?/:@!$'()*,;-._~", max_size=20),
)
def test_what_hubspot_s_library_signs_is_accepted(body, query):
    url = f"https://signalbox.acme.test/hooks?{query}"
    signature = signed(url=url, body=body.encode())

    assert accepted(url=url, body=body.encode(), signature=signature)


def test_the_documented_escapes_are_signed_written_out():
    plain = "https://signalbox.acme.test/hooks?to=a:b/c?d@e!f$g'h(i)j*k,l;m%20n%26"
    escaped = (
        "https://signalbox.acme.test/hooks"
        "?to=a%3Ab%2fc%3Fd%40e%21f%24g%27h%28i%29j%2Ak%2Cl%3Bm%20n%26"
    )

    assert accepted(url=escaped, signature=signed(url=plain))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"secret": "another"}, id="another secret"),
        pytest.param({"secret": "", "signature": signed(secret="")}, id="no secret at all"),
        pytest.param({"method": "GET"}, id="another method"),
        pytest.param({"url": URL.replace("acme", "evil")}, id="another address"),
        pytest.param({"url": URL.replace("%20", " ")}, id="an escape that is not written out"),
        pytest.param({"body": BODY + b" "}, id="one byte more"),
        pytest.param({"body": BODY[:-1] + b"\xff"}, id="bytes that are no text"),
        pytest.param({"timestamp": ms(NOW + timedelta(seconds=1))}, id="another time"),
        pytest.param({"signature": ""}, id="no signature"),
        pytest.param({"signature": signed()[:-1]}, id="a shorter signature"),
        pytest.param({"signature": "Zoë\ud800"}, id="a signature that is no signature"),
    ],
)
def test_anything_else_is_refused(changes):
    assert not accepted(**changes)


@pytest.mark.parametrize(
    ("away_s", "taken"),
    [
        pytest.param(-300, True, id="five minutes old"),
        pytest.param(-300.001, False, id="a millisecond older"),
        pytest.param(300, True, id="five minutes ahead"),
        pytest.param(300.001, False, id="further ahead"),
        pytest.param(86_400 * 3650, False, id="ten years ahead"),
    ],
)
def test_five_minutes_are_allowed_either_way(away_s, taken):
    timestamp = ms(NOW + timedelta(seconds=away_s))

    assert accepted(timestamp=timestamp, signature=signed(timestamp=timestamp)) is taken


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e12", "9" * 400, "١٢٣"])
def test_a_time_that_is_none_is_refused(timestamp):
    assert not accepted(timestamp=timestamp, signature=signed(timestamp=timestamp))
