"""What a connection may be told, and which addresses are believed."""

from datetime import UTC, datetime

import pytest

from connectors.salesforce import ClientCredentials, SalesforceSettings

AT = datetime(2026, 1, 5, tzinfo=UTC)
KEY = ClientCredentials("app", "shh")


def told(base_url="https://acme.my.salesforce.com", **more):
    return SalesforceSettings(**{"base_url": base_url, "grant": KEY, "route_from": AT, **more})


@pytest.mark.parametrize(
    "base_url",
    [
        "http://acme.my.salesforce.com",
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://user:pw@acme.my.salesforce.com",
        "http://10.0.0.1:8080",
        "ftp://acme.my.salesforce.com",
        "acme.my.salesforce.com",
    ],
)
def test_an_address_that_is_not_salesforce_s_is_refused(base_url):
    with pytest.raises(ValueError, match="base_url"):
        told(base_url)


@pytest.mark.parametrize(
    ("instance_url", "believed"),
    [
        ("https://acme.my.salesforce.com", True),
        ("https://na1.salesforce.com/", True),
        ("http://acme.my.salesforce.com", False),
        ("https://acme.my.salesforce.com:8443", False),
        ("https://x@acme.my.salesforce.com", False),
        ("https://acme.my.salesforce.com.evil.example", False),
        ("http://127.0.0.1:8080", False),
        ("", False),
    ],
)
def test_a_token_goes_only_to_salesforce(instance_url, believed):
    assert told().may_serve(instance_url) is believed


@pytest.mark.parametrize(
    ("instance_url", "believed"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1:8081", False),
        ("https://acme.my.salesforce.com", False),
    ],
)
def test_a_simulator_s_token_stays_on_this_machine(instance_url, believed):
    assert told("http://127.0.0.1:8080").may_serve(instance_url) is believed


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ValueError, match="share") as wrong:
        told(share=2, quarantine_s=0, page_size=5000, route_from=AT.replace(tzinfo=None))

    assert all(word in str(wrong.value) for word in ("quarantine_s", "page_size", "route_from"))


def test_secrets_are_not_shown():
    assert "shh" not in repr(told())
