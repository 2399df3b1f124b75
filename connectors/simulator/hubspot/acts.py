"""What the people of the simulated company do in HubSpot, and what merely happens there.

No rights are checked and no call is counted, but what the service would never let anybody
do is refused here too. Every act is atomic and in the truth journal.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.lifecycle import erase, merge_records
from connectors.simulator.hubspot.owners import Owner
from connectors.simulator.hubspot.properties import OWNER
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.saving import Terms
from connectors.simulator.hubspot.stamps import milliseconds, moment
from connectors.simulator.truth import HUMAN, WORLD, Actor, Happening

_WORK: Final = {"Call": "calls", "Email": "emails", "Meeting": "meetings", "Note": "notes"}
_TITLES: Final = {
    "calls": "hs_call_title",
    "emails": "hs_email_subject",
    "meetings": "hs_meeting_title",
    "notes": "hs_note_body",
}


class PortalActs:
    """Acts on one portal; each takes the portal's lock."""

    def __init__(self, desk: Desk, *, admin_id: int) -> None:
        self._desk = desk
        self._portal = desk.portal
        self.admin_id = admin_id  #: the user who acts when nobody is named

    def create(
        self,
        name: str,
        properties: Mapping[str, Any],
        *,
        links: Iterable[tuple[str, int]] = (),
        actor: Actor | None = None,
        unchecked: bool = False,
    ) -> int:
        """Create a record, as the world does unless told otherwise; returns its id."""
        with self._portal.lock:
            kind = self._desk.kind(name)
            terms = Terms(actor or Actor(str(self.admin_id), WORLD), unchecked=unchecked)
            record = self._desk.saver.create(kind, properties, terms)
            for end in links:
                self._desk.link((kind.name, record.id), end)
            return record.id

    def update(
        self,
        name: str,
        record_id: int,
        properties: Mapping[str, Any],
        *,
        actor: Actor | None = None,
        unchecked: bool = False,
    ) -> None:
        """Change a record, as a human unless told otherwise."""
        with self._portal.lock:
            terms = Terms(actor or Actor(str(self.admin_id), HUMAN), unchecked=unchecked)
            self._desk.saver.update(self._record(name, record_id), properties, terms)

    def change_owner(
        self, name: str, record_id: int, owner_id: str, *, by: int | None = None
    ) -> None:
        """Give a record to somebody, by default the new owner taking it themselves."""
        owner = self._portal.owners.get(owner_id)
        user = by or (owner.user_id if owner is not None else None)
        self.update(name, record_id, {OWNER: owner_id}, actor=self._human(user))

    def work(self, contact_id: int, *, by: str, kind: str = "Call") -> int:
        """Log a call, e-mail, meeting or note with a contact; `by` is an owner's id."""
        name = _WORK[kind]
        with self._portal.lock:
            properties: dict[str, Any] = {
                "hs_timestamp": str(self._portal.now_ms()),
                OWNER: by,
                _TITLES[name]: kind,
            }
            made = self.create(
                name,
                properties,
                links=[("contacts", contact_id)],
                actor=self._human(self._user(by)),
            )
            contact = self._record("contacts", contact_id)
            self._desk.saver.update(contact, {}, Terms(Actor(by, HUMAN)))  # activity is a write
            return made

    def archive_owner(self, owner_id: str) -> None:
        """Remove a user: their records go on naming them."""
        self._set_archived(self._owner(owner_id), archived=True)

    def restore_owner(self, owner_id: str) -> None:
        """Let a removed user come back."""
        self._set_archived(self._owner(owner_id), archived=False)

    def set_out_of_office(self, owner_id: str, *, until: datetime) -> None:
        """Send somebody on leave from now on."""
        with self._portal.lock:
            span = {"startTimestamp": self._portal.now_ms(), "endTimestamp": milliseconds(until)}
            away = {
                "hs_out_of_office_hours": orjson.dumps([span]).decode(),
                "hs_availability_status": "away",
                "hs_is_out_of_office": "true",
            }
            self._set_user(owner_id, away)

    def end_out_of_office(self, owner_id: str) -> None:
        """Bring somebody back."""
        with self._portal.lock:
            back = {
                "hs_out_of_office_hours": "[]",
                "hs_availability_status": "available",
                "hs_is_out_of_office": "false",
            }
            self._set_user(owner_id, back)

    def merge(self, name: str, primary_id: int, other_id: int, *, by: int | None = None) -> int:
        """Merge a record into another one; returns the id of the one that is left."""
        with self._portal.lock:
            primary, other = self._record(name, primary_id), self._record(name, other_id)
            actor = self._human(by)
            return merge_records(self._desk, primary, other, actor).id

    def archive(self, name: str, record_id: int, *, by: int | None = None) -> None:
        """Delete a record, restorably."""
        with self._portal.lock:
            actor = self._human(by)
            self._desk.archive(self._record(name, record_id), actor)

    def erase(self, name: str, record_id: int, *, by: int | None = None) -> None:
        """Delete a record for good, as the law on privacy demands."""
        with self._portal.lock:
            actor = self._human(by)
            erase(self._desk, self._record(name, record_id), actor)

    def touch(self, name: str, ids: Iterable[int] | None = None) -> int:
        """Let a job of the service stamp records with one and the same instant."""
        with self._portal.lock:
            kind = self._desk.kind(name)
            table, now_ms = self._portal.tables[kind.name], self._portal.now_ms()
            wanted = list(table.rows) if ids is None else list(ids)
            living = [table.rows[one] for one in wanted if table.rows[one].living]
            for record in living:
                record.touch(now_ms)
                self._portal.changed(record, now_ms)
            return len(living)

    def somebody_but(self, taken: set[str | None]) -> str:
        """An active owner who is none of those."""
        for owner in self._portal.owners:
            active = owner.kind == "PERSON" and not owner.archived
            if active and str(owner.id) not in taken:
                return str(owner.id)
        raise ValueError("The portal has nobody else who could own a record.")

    def _set_archived(self, owner: Owner, *, archived: bool) -> None:
        with self._portal.lock:
            owner.archived = archived
            at = moment(self._portal.now_ms()).isoformat()
            actor = Actor(str(self.admin_id), HUMAN)
            change = (archived, not archived)
            self._portal.truth.record(
                at, Happening.ACTIVE_CHANGED, ("owners", str(owner.id)), change, actor
            )

    def _set_user(self, owner_id: str, properties: Mapping[str, str]) -> None:
        for record in self._portal.tables["users"].rows.values():
            if record.owner == owner_id:
                actor = self._human(self._user(owner_id))
                self.update("users", record.id, properties, actor=actor, unchecked=True)

    def _human(self, user_id: int | None) -> Actor:
        return Actor(str(user_id or self.admin_id), HUMAN)

    def _user(self, owner_id: str) -> int | None:
        owner = self._portal.owners.get(owner_id)
        return None if owner is None else owner.user_id

    def _owner(self, owner_id: str) -> Owner:
        owner = self._portal.owners.get(owner_id)
        if owner is None:
            raise ValueError(f"There is no owner {owner_id!r} in the simulated portal.")
        return owner

    def _record(self, name: str, record_id: int) -> Record:
        kind = self._desk.kind(name)
        record = self._portal.tables[kind.name].rows.get(record_id)
        if record is None or not record.living:
            raise ValueError(f"There is no {kind.singular} {record_id} in the simulated portal.")
        return record
