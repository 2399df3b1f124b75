"""The company's life as it happens in Salesforce: see simulator/life.py."""

from collections.abc import Iterator
from datetime import datetime

from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.world import World
from connectors.simulator.truth import Happening, is_client


class OrgScene:
    """One org as a scene; a lead goes by its id."""

    def __init__(self, org: Org, acts: Acts, world: World) -> None:
        self._org = org
        self._acts = acts
        self._world = world
        self._slugs = {user_id: slug for slug, user_id in world.users.items()}
        self._seen = 0

    def open(self, count: int, at: datetime) -> None:
        """Let so many leads be there already."""
        self._world.add_leads(count, at=at)
        self._seen = len(self._org.truth)

    def arrive(self) -> str | None:
        """Let the next lead arrive."""
        fields = self._world.next_lead()
        return self._acts.create("Lead", fields, by=self._world.marketing_user_id)

    def given(self) -> Iterator[tuple[str, str]]:
        """Leads that clients gave to people since this was last asked."""
        new = self._org.truth.since(self._seen)
        self._seen = len(self._org.truth)
        for entry in new:
            owned = entry.what is Happening.OWNER_CHANGED and entry.sobject == "Lead"
            slug = self._slugs.get(str(entry.after))
            if owned and is_client(entry.client) and slug is not None:
                yield entry.id, slug

    def here(self) -> list[str]:
        """Reps who are neither gone nor away nor managers, or whoever there is."""
        found = [
            person.slug
            for person in self._world.people
            if self.active(person.slug) and not person.away and not person.leads
        ]
        return found or [self._world.people[0].slug]

    def active(self, person: str) -> bool:
        """Whether somebody can still sign in."""
        return bool((self._org.store.get(self._world.users[person]) or {}).get("IsActive"))

    def take(self, lead: str, person: str) -> None:
        """Let somebody take a lead for themselves."""
        self._acts.change_owner(lead, self._world.users[person])

    def read(self, lead: str, person: str) -> None:
        """Let its owner open a lead."""
        self._acts.read(lead, by=self._world.users[person])

    def work(self, lead: str, person: str, kind: str) -> None:
        """Let its owner work a lead, if it still is theirs."""
        owner = self._world.users[person]
        row = self._org.store.get(lead)
        if row is not None and row["OwnerId"] == owner and not row["IsDeleted"]:
            self._acts.work(lead, by=owner, kind=kind)
            self._acts.update(lead, {"Status": "Working"}, by=owner)

    def convert(self, lead: str, person: str) -> None:
        """Let its owner win a lead, if it still is theirs."""
        owner = self._world.users[person]
        row = self._org.store.get(lead)
        if row is not None and row["OwnerId"] == owner and not row["IsConverted"]:
            self._acts.convert(lead, by=owner)

    def go_away(self, person: str, until: datetime) -> None:
        """Send somebody on leave."""
        self._acts.set_out_of_office(self._world.users[person], until=until)

    def come_back(self, person: str) -> None:
        """Bring them back."""
        self._acts.end_out_of_office(self._world.users[person])

    def leave(self, person: str) -> None:
        """Deactivate somebody who leaves the company."""
        self._acts.set_active(self._world.users[person], active=False)
