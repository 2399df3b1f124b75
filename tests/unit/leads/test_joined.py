"""Two leads turn out to be one person's, or one record comes to light late."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.duo import Duo
from tests.unit.leads.two_crms import DE, KIM, US, apart, loads, look_now, owners, writes


@pytest.fixture
def duo(tmp_path: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another, on either database."""
    yield from apart(tmp_path, ledger_url)


def test_a_contact_that_a_human_has_takes_over_the_lead_it_turns_out_to_belong_to(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(3)
    contact = duo.add_contact(email=KIM, owner="h-cleo", **US)

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert writes(duo, contact) == 0
    assert loads(duo) == {"cleo": 1}


def test_of_two_leads_that_turn_out_to_be_one_persons_the_human_has_both(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="kim@private.test", owner="h-cleo", **US)
    duo.round(5)
    before = duo.owner(lead)
    duo.link(contact, lead)

    duo.round(5)

    assert before in ("u-ada", "u-bob")
    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}


def test_of_two_leads_that_we_gave_the_contact_goes_where_the_lead_is(duo: Duo):
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email="kim@private.test", **US)
    duo.round(5)
    before = owners(duo, lead, contact)
    duo.link(contact, lead)

    duo.round(5)

    rep = (before[0] or "").removeprefix("u-")
    assert before[1] not in (None, f"h-{rep}")
    assert owners(duo, lead, contact) == (*before[:1], f"h-{rep}")
    assert loads(duo) == {rep: 1}


def test_a_lead_that_a_human_has_takes_the_contact_that_it_turns_out_to_be(duo: Duo):
    contact = duo.add_contact(email="kim@private.test", **US)
    lead = duo.crm.add_lead(email=KIM, owner="u-cleo", **US)
    duo.round(5)
    duo.link(contact, lead)

    duo.round(5)

    assert owners(duo, lead, contact) == ("u-cleo", "h-cleo")
    assert loads(duo) == {"cleo": 1}


def joined(duo: Duo) -> tuple[str, str]:
    """Two leads, given to one rep, that turned out to be one person's: lead and contact."""
    lead = duo.crm.add_lead(email=KIM, **DE)
    contact = duo.add_contact(email="kim@private.test", **DE)
    duo.round(5)
    duo.link(contact, lead)
    duo.round(5)
    return lead, contact


def test_of_two_leads_that_became_one_both_are_still_known_as_ours(duo: Duo):
    lead, contact = joined(duo)
    duo.crm.human_sets_owner(lead, "u-ada")

    duo.round(6)

    assert owners(duo, lead, contact) == ("u-ada", "h-ada")


def test_nor_does_a_joined_contact_of_ours_hold_a_lead_that_was_released(duo: Duo):
    lead, _ = joined(duo)
    duo.crm.human_sets_owner(lead, "q-triage")

    duo.round(6)

    assert duo.owner(lead) == "u-cleo"


def test_an_owner_from_long_ago_takes_nothing_when_the_contact_comes_to_light(duo: Duo):
    contact = duo.add_contact(email=KIM, owner="h-cleo", **US)
    row, long_ago = duo.there._rows[contact], NOON - timedelta(days=300)
    row.seen = replace(row.seen, created_at=long_ago, modified_at=long_ago)
    duo.there._log = [each for each in duo.there._log if getattr(each, "id", None) != contact]
    row.hidden = True
    lead = duo.crm.add_lead(email=KIM, **US)
    duo.round(5)
    before = duo.owner(lead)
    duo.there.show(contact)

    duo.round(6)

    assert before in ("u-ada", "u-bob")
    assert owners(duo, lead, contact) == (before, "h-cleo")


def test_a_lead_that_comes_to_light_while_the_contact_is_written_has_the_contact(duo: Duo):
    contact = duo.add_contact(email=KIM, **US)
    made: list[str] = []

    def comes(_: Any) -> None:
        made.append(duo.crm.add_lead(email=KIM, owner="u-cleo", **US))
        duo.clock.advance(2)
        look_now(duo)

    duo.there.before_write(comes)

    duo.round(8)

    assert owners(duo, made[0], contact) == ("u-cleo", "h-cleo")
