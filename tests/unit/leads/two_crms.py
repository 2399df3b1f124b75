"""What tests of a person with records in two CRMs ask and do."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.journal.entries import Actor, Channel
from tests.fakes.crm_writes import US as OURS
from tests.fakes.duo import Duo
from tests.fakes.lead_path import broken_laws
from tests.fakes.office import Office

KIM = "kim@globex.test"
US: Mapping[str, Any] = {"stage": "new", "Country": "US"}
DE: Mapping[str, Any] = {"stage": "new", "Country": "DE"}
REPS = ("ada", "bob", "cleo")


def apart(folder: Path, ledger_url: str) -> Iterator[Duo]:
    """Two CRMs that know nothing of one another; memory and ledger agree in the end."""
    url = ledger_url.replace("postgresql://", "postgresql+psycopg://")
    made = Duo(folder, url)
    made.round()
    yield made
    agrees, broken = made.is_in_step(), list(broken_laws(made.app.ledger.store))
    made.app.close()
    assert agrees
    assert broken == []


def given(duo: Duo) -> tuple[str, str, str]:
    """A person in both, decided and written: lead, contact and rep."""
    lead = duo.crm.add_lead(email=KIM, **US)
    contact = duo.add_contact(email=KIM, **US)
    duo.round(5)
    rep = (duo.owner(lead) or "").removeprefix("u-")
    assert duo.there.owners[contact] == f"h-{rep}"
    return lead, contact, rep


def owners(duo: Duo, lead: str, contact: str) -> tuple[str | None, str | None]:
    """Of both records."""
    return duo.owner(lead), duo.there.owners[contact]


def loads(duo: Duo) -> dict[str, int]:
    """Open leads of each rep who has any."""
    return {rep: duo.load(rep) for rep in REPS if duo.load(rep)}


def order(duo: Duo, what: str, **how: Any) -> None:
    """An operator asks for something."""
    mona = Actor("mona", "revops", Channel.API)
    duo.app.ledger.requests.ask(what, how, actor=mona, at=duo.clock.now())
    duo.round()


def look_now(office: Office) -> None:
    """Polls and looks while a write is on the wire."""
    now, token = office.clock.now(), office.app.lease.token
    assert token is not None
    for connection in office.app.world.working():
        office.app.loops.intake.tick(connection, now, token)
    office.app.decide(now, token)


def writes(duo: Duo, record: str) -> int:
    """How often we changed its owner."""
    changes = (*duo.crm.history, *duo.there.history)
    return sum(1 for each in changes if each.record == record and each.by == OURS)
