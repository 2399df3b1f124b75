"""The company's life as it happens in HubSpot: see simulator/life.py."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.world import PortalWorld
from connectors.simulator.truth import Happening, is_client


class PortalScene:
    """One portal as a scene; a lead is a contact and goes by its id."""

    def __init__(self, portal: Portal, acts: PortalActs, world: PortalWorld) -> None:
        self._portal = portal
        self._acts = acts
        self._world = world
        self._slugs = {owner_id: slug for slug, owner_id in world.owners.items()}
        self._seen = 0

    def open(self, count: int, at: datetime) -> None:
        """Let so many contacts be there already."""
        known: set[str] = set()
        coming = (one for one in self._world.coming if not _met(known, one))
        arriving = map(self._world.as_arriving, islice(coming, count))
        self._world.add_contacts(arriving, at=at)
        self._seen = len(self._portal.truth)

    def arrive(self) -> str | None:
        """Let the next contact arrive."""
        properties = self._world.next_contact()
        return str(self._acts.create("contacts", properties, unchecked=True))

    def given(self) -> Iterator[tuple[str, str]]:
        """Contacts that clients gave to people since this was last asked."""
        new = self._portal.truth.since(self._seen)
        self._seen = len(self._portal.truth)
        for entry in new:
            owned = entry.what is Happening.OWNER_CHANGED and entry.sobject == "contacts"
            slug = self._slugs.get(str(entry.after))
            if owned and is_client(entry.client) and slug is not None:
                yield entry.id, slug

    def here(self) -> list[str]:
        """Reps who are neither gone nor away nor managers, or whoever there is."""
        found = [
            person.slug
            for person in self._world.people
            if self._portal.owners.may_own(self._world.owners[person.slug])
            and not person.away
            and not person.leads
        ]
        return found or [self._world.people[0].slug]

    def take(self, lead: str, person: str) -> None:
        """Let somebody take a contact for themselves."""
        self._acts.change_owner("contacts", int(lead), self._world.owners[person])

    def read(self, lead: str, person: str) -> None:
        """Nothing: HubSpot does not say whether an owner has looked."""
        del lead, person

    def work(self, lead: str, person: str, kind: str) -> None:
        """Let its owner work a contact, if it still is theirs."""
        if self._holds(lead, person):
            self._acts.work(int(lead), by=self._world.owners[person], kind=kind)
            self._acts.update("contacts", int(lead), {"hs_lead_status": "IN_PROGRESS"})

    def convert(self, lead: str, person: str) -> None:
        """Let its owner win a contact, if it still is theirs: a deal is made for it."""
        if not self._holds(lead, person):
            return
        deal = {
            "dealname": f"Deal {lead}",
            "dealstage": "appointmentscheduled",
            "pipeline": "default",
            "hubspot_owner_id": self._world.owners[person],
        }
        self._acts.create("deals", deal, links=[("contacts", int(lead))])
        self._acts.update("contacts", int(lead), {"lifecyclestage": "opportunity"})

    def go_away(self, person: str, until: datetime) -> None:
        """Send somebody on leave."""
        self._acts.set_out_of_office(self._world.owners[person], until=until)

    def come_back(self, person: str) -> None:
        """Bring them back."""
        self._acts.end_out_of_office(self._world.owners[person])

    def leave(self, person: str) -> None:
        """Remove somebody who leaves the company."""
        self._acts.archive_owner(self._world.owners[person])

    def _holds(self, lead: str, person: str) -> bool:
        record = self._portal.tables["contacts"].rows.get(int(lead))
        owner = self._world.owners[person]
        return record is not None and record.living and record.owner == owner


def _met(known: set[str], prospect: Mapping[str, Any]) -> bool:
    """Whether a prospect's address came in already; it has now."""
    email = str(prospect["Email"]).lower()
    met = email in known
    known.add(email)
    return met
