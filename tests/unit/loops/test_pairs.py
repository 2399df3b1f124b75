"""One person in two CRMs: one lead, one decision, and the owner in both."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.duo import Duo

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}


def url_of(database: str) -> str:
    return database.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def duo(tmp_path: Path, any_database_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another, on either database."""
    made = Duo(tmp_path, url_of(any_database_url))
    made.round()
    yield made
    made.app.close()


@pytest.fixture
def synced(tmp_path: Path, any_database_url: str) -> Iterator[Duo]:
    """Two CRMs that a sync keeps in step; Salesforce assigns."""
    made = Duo(tmp_path, url_of(any_database_url), pairs={"synced": True, "wait_s": 60})
    made.round()
    yield made
    made.app.close()


def test_one_address_in_two_crms_is_one_lead_with_one_decision_and_the_owner_in_both(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="Kim@Globex.test ", **US)

    duo.round(5)

    assert duo.lead(lead) == duo.lead(contact)
    assert duo.methods(lead) == ["round_robin"]
    owner = duo.owner(lead) or ""
    assert duo.there.owners[contact] == "h-" + owner.removeprefix("u-")
    assert sorted(duo.effects(lead)) == [
        ("hs", duo.there.owners[contact], "confirmed"),
        ("sf", owner, "confirmed"),
    ]
    assert duo.load("ada") + duo.load("bob") == 1
    assert duo.is_in_step()
