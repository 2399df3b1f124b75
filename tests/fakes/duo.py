"""The same small company with two CRMs: an office with a second fake, and a sync between them.

In the second CRM people are `h-ada`, records begin with `7`, and `same_as` names the partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.main import Parts, build
from daemon.running.application import Application
from tests.fakes.crm import FakeConnector, FakeCrm
from tests.fakes.office import PEOPLE, Office

SYNC = "user-sync"  #: the user the sync acts as, in both CRMs
THERE = "hs.contact"  #: what the second CRM's records are called


class Duo(Office):
    """Two connections: `sf` holds leads, `hs` contacts."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        pairs: Mapping[str, Any] | None = None,
        second: Mapping[str, Any] | None = None,
        **rest: Any,
    ) -> None:
        self.pairs = {"connections": ["sf", "hs"], **(pairs or {})}
        self._second = dict(second or {})
        self._born = 0
        self._people = rest.get("people", PEOPLE)
        super().__init__(folder, url, **rest)

    def opened(self, *, shadow: bool = False) -> Application:
        """The application over both CRMs."""
        if not hasattr(self, "there"):
            self.there = FakeCrm(self.clock, object=THERE)
            for person in self._people:
                self.there.add_user(f"h-{person['id']}", email=person["email"])
            quick = timedelta()
            self.other = FakeConnector(self.there, name="hs", quarantine=quick)
        connections = {"sf": self.connector, "hs": self.other}
        parts = Parts(self.clock, self.ids, self.told, connections)
        return build(self.settings(), parts, shadow=shadow)

    def connections(self) -> dict[str, Any]:
        """The connections as the settings file has them."""
        told = super().connections()
        second = {
            "kind": "hubspot",
            "mode": "live",
            "auth": {"type": "service_key", "token_file": "token"},
            "objects": {THERE: {"owner": "OwnerId"}},
            "queues": {"triage": "unowned"},
            "facts": {"country": f"{THERE}.Country"},
            "poll": {"leads_s": 1},
            **self._second,
        }
        return {**told, "hs": second}

    def described(self) -> dict[str, Any]:
        """What the settings' file says, the pair included."""
        return {**super().described(), "pairs": self.pairs}

    def add_contact(self, *, owner: str | None = None, **facts: Any) -> str:
        """A contact comes in at the second CRM."""
        self._born += 1
        return self.there.add_lead(f"7{self._born:05d}", owner=owner, **facts)

    def link(self, contact: str, lead: str, *, object: str = "sf.lead") -> None:
        """The second CRM says whose record in the first one a contact is."""
        self.there._store(contact, by=SYNC, same_as={object: lead})

    def person_of(self, record: str) -> str:
        """Whose record it is."""
        story = self.app.ledger.reading.story(self.lead(record))
        assert story is not None
        return next(each.person for each in story.records if each.key.crm_id == record)

    def journal(self, record: str) -> list[str]:
        """Kinds of the entries about a lead, in order."""
        story = self.app.ledger.reading.story(self.lead(record))
        return [] if story is None else [row["kind"] for row in story.journal]

    def effects(self, record: str) -> list[tuple[str, str | None, str]]:
        """What the decisions about a lead owe: connection, value and state, in order."""
        story = self.app.ledger.reading.story(self.lead(record))
        assert story is not None
        return [(row["connection"], row["value"], row["state"]) for row in story.effects]


@dataclass
class Move:
    """An owner on its way to the other CRM."""

    due_at: datetime
    to_there: bool
    record: str
    owner: str | None
    changed_at: datetime


@dataclass
class Sync:
    """Keeps two fake CRMs in step: records are made and linked, the latest owner change wins."""

    duo: Duo
    delay: timedelta = timedelta(seconds=5)
    links: dict[str, str] = field(default_factory=dict)  #: contact -> lead
    _seen: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _moves: list[Move] = field(default_factory=list)
    _stamps: dict[str, datetime] = field(default_factory=dict)  #: record -> its owner's change

    def run(self) -> None:
        """Whatever is due by now."""
        now = self.duo.clock.now()
        self._make_partners(now)
        for there in (False, True):
            self._note(there=there, now=now)
        due = [move for move in self._moves if move.due_at <= now]
        self._moves = [move for move in self._moves if move.due_at > now]
        for move in due:
            self._bring(move)

    def _make_partners(self, now: datetime) -> None:
        here, there = self.duo.crm, self.duo.there
        for contact, row in list(there._rows.items()):
            old = now - row.seen.created_at >= self.delay
            if old and contact not in self.links and not row.seen.deleted:
                lead = self._same(here, row.seen.email) or here.add_lead(
                    **self._copied(row.seen), owner=self._mapped(row.seen.owner, to_there=False)
                )
                self._tie(contact, lead)
        for lead, row in list(here._rows.items()):
            old = now - row.seen.created_at >= self.delay
            if old and lead not in self.links.values() and not row.seen.deleted:
                owner = self._mapped(row.seen.owner, to_there=True)
                contact = self._same(there, row.seen.email) or self.duo.add_contact(
                    **self._copied(row.seen), owner=owner, same_as={"sf.lead": lead}
                )
                self._tie(contact, lead)

    def _tie(self, contact: str, lead: str) -> None:
        self.links[contact] = lead
        if self.duo.there.record(contact).same_as != {"sf.lead": lead}:
            self.duo.link(contact, lead)
        here, there = (
            crm.record(r) for crm, r in ((self.duo.crm, lead), (self.duo.there, contact))
        )
        if self._mapped(here.owner, to_there=True) != there.owner:
            now = self.duo.clock.now()
            source_here = there.owner is None
            moved = here if source_here else there
            self._moves.append(Move(now, source_here, moved.id, moved.owner, now))

    def _same(self, crm: FakeCrm, email: str | None) -> str | None:
        known = {*self.links, *self.links.values()}
        same = (id for id, row in crm._rows.items() if row.seen.email == email is not None)
        return next((id for id in same if id not in known), None)

    def _copied(self, seen: Any) -> dict[str, Any]:
        facts = {"Country": seen.fields["Country"]} if "Country" in seen.fields else {}
        return {"stage": seen.stage, "email": seen.email, **facts}

    def _note(self, *, there: bool, now: datetime) -> None:
        history = (self.duo.there if there else self.duo.crm).history
        for change in history[self._seen[there] :]:
            if change.by != SYNC:
                self._stamps[change.record] = change.at
                due_at = change.at + self.delay
                self._moves.append(Move(due_at, not there, change.record, change.after, change.at))
        self._seen[there] = len(history)

    def _bring(self, move: Move) -> None:
        contacts = {lead: contact for contact, lead in self.links.items()}
        partner = (contacts if move.to_there else self.links).get(move.record)
        owner = self._mapped(move.owner, to_there=move.to_there)
        if partner is None or (owner is None and not move.to_there):
            return
        known = self._stamps.get(partner)
        if known is not None and (known, not move.to_there) >= (move.changed_at, move.to_there):
            return
        crm = self.duo.there if move.to_there else self.duo.crm
        self._stamps[partner] = move.changed_at
        if crm.record(partner).owner != owner:
            crm._set_owner(partner, owner, by=SYNC, also={})

    def _mapped(self, owner: str | None, *, to_there: bool) -> str | None:
        one, other = ("u-", "h-") if to_there else ("h-", "u-")
        return other + owner[2:] if owner is not None and owner.startswith(one) else None
