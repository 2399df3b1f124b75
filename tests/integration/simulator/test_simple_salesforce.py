"""A client that nobody here wrote: simple-salesforce, in direct mode and by logging in."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.login import SalesforceLogin

from connectors.simulator.options import SimulatorOptions
from connectors.simulator.salesforce.access import Access
from connectors.simulator.server import SalesforceSimulator, SimulatorAddress


class ToLoopback(HTTPAdapter):
    """Sends what the library insists on sending by https to the simulator, by http."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        path = str(request.url).split("/", 3)[3]
        request.url = f"{self._base_url}/{path}"
        return super().send(request, *args, **kwargs)


@pytest.fixture
def simulator() -> Iterator[SalesforceSimulator]:
    simulator = SalesforceSimulator(SimulatorOptions(people=10, accounts=8, leads=5))
    yield simulator
    simulator.stop()


@pytest.fixture
def address(simulator: SalesforceSimulator) -> SimulatorAddress:
    return simulator.start()


@pytest.fixture
def session(address: SimulatorAddress) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("https://", ToLoopback(address.base_url))
        yield session


@pytest.fixture
def client(address: SimulatorAddress, session: requests.Session) -> Any:  # has no types for us
    return Salesforce(
        instance_url=address.base_url,
        session_id=address.access_token,
        session=session,
        version="64.0",
    )


def new_lead(client: Any, **fields: Any) -> str:
    made = client.Lead.create({"LastName": "Voss", "Company": "Acme", **fields})
    return str(made["id"])


def test_it_queries_page_by_page(simulator: SalesforceSimulator, client: Any):
    simulator.world.add_leads(450, at=simulator.clock.now())
    simulator.org.settings.page_rows = 200

    everything = client.query_all("SELECT Id, Owner.Name FROM Lead")

    assert everything["totalSize"] == len(everything["records"])
    assert len(everything["records"]) > 450
    assert client.api_usage["api-usage"].used >= 1


def test_it_creates_reads_changes_and_deletes(client: Any):
    lead = new_lead(client)

    assert client.Lead.update(lead, {"City": "Bern"}) == 204
    assert client.Lead.get(lead)["City"] == "Bern"
    assert client.Lead.upsert("External_Id__c/web-1", {"LastName": "A", "Company": "B"}) == 201
    assert client.Lead.get_by_custom_id("External_Id__c", "web-1")["LastName"] == "A"
    assert client.Lead.delete(lead) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get(lead)


def test_it_describes_and_lists(client: Any):
    assert client.Lead.describe()["name"] == "Lead"
    assert any(one["name"] == "Lead" for one in client.describe()["sobjects"])
    assert client.limits()["DailyApiRequests"]["Max"] == 150_000
    assert client.Lead.metadata()["objectDescribe"]["keyPrefix"] == "00Q"


def test_it_asks_what_changed_and_what_is_gone(client: Any, simulator: SalesforceSimulator):
    gone = new_lead(client)
    client.Lead.delete(gone)
    now = simulator.clock.now()
    simulator.clock.advance(120)

    start, end = now.replace(second=0), simulator.clock.now()

    assert gone in {one["id"] for one in client.Lead.deleted(start, end)["deletedRecords"]}
    assert isinstance(client.Lead.updated(start, end)["ids"], list)


def test_it_sends_composites(client: Any, simulator: SalesforceSimulator):
    lead = new_lead(client)
    rep = next(p.slug for p in simulator.world.people if not p.left)
    part = {
        "method": "PATCH",
        "url": f"/services/data/v64.0/sobjects/Lead/{lead}",
        "referenceId": "r0",
        "httpHeaders": {"Sforce-Auto-Assign": "FALSE"},
        "body": {"OwnerId": simulator.world.users[rep]},
    }

    answer = client.restful("composite", method="POST", json={"compositeRequest": [part]})

    assert answer["compositeResponse"][0]["httpStatusCode"] == 204
    assert client.Lead.get(lead)["OwnerId"] == simulator.world.users[rep]


def test_it_raises_its_own_errors_for_our_refusals(client: Any, simulator: SalesforceSimulator):
    lead = new_lead(client)
    headers = {"If-Unmodified-Since": "Mon, 02 Mar 2020 09:00:00 GMT"}

    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.query("SELECT Nope FROM Lead")
    with pytest.raises(SalesforceGeneralError) as modified:
        client.Lead.update(lead, {"City": "Bern"}, headers=headers)
    simulator.org.usage.limit = 1
    with pytest.raises(SalesforceRefusedRequest) as refused:
        client.limits()

    assert "INVALID_FIELD" in str(malformed.value)
    assert modified.value.status == 412
    assert "REQUEST_LIMIT_EXCEEDED" in str(refused.value)


def test_it_gives_up_on_an_expired_session(client: Any, simulator: SalesforceSimulator):
    simulator.org.sessions.end_all()

    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Lead")


def test_it_runs_bulk_queries_and_loads(client: Any):
    lead = new_lead(client)

    found = "".join(client.bulk2.Account.query("SELECT Id, Name FROM Account", wait=0.01))
    loaded = client.bulk2.Lead.update(records=[{"Id": lead, "City": "Bern"}], wait=0.01)

    assert len(list(csv.DictReader(io.StringIO(found)))) == 8
    assert loaded[0]["numberRecordsFailed"] == 0
    assert client.Lead.get(lead)["City"] == "Bern"


def test_it_logs_in_with_client_credentials(address: SimulatorAddress, session: requests.Session):
    token, host = SalesforceLogin(
        session=session,
        consumer_key=address.client_id,
        consumer_secret=address.client_secret,
        domain="acme.my",
    )

    assert token.startswith("00D")
    assert host == address.base_url.removeprefix("http://")


def test_it_logs_in_with_a_signed_assertion(
    simulator: SalesforceSimulator, address: SimulatorAddress, session: requests.Session
):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    grant = simulator.grant(public_key=public.decode())
    user = simulator.org.store.get(grant.user_id) or {}

    token, _ = SalesforceLogin(
        session=session,
        username=str(user["Username"]),
        consumer_key=grant.client_id,
        privatekey=pem.decode(),
    )

    assert token != address.access_token


def test_a_reader_is_refused_by_name(
    simulator: SalesforceSimulator, address: SimulatorAddress, session: requests.Session
):
    grant = simulator.grant(access=Access(read_only=True))
    reader: Any = Salesforce(
        instance_url=address.base_url, session_id=grant.access_token, session=session
    )

    with pytest.raises(SalesforceRefusedRequest) as refused:
        reader.Lead.create({"LastName": "Voss", "Company": "Acme"})

    assert "INSUFFICIENT_ACCESS_OR_READONLY" in str(refused.value)
