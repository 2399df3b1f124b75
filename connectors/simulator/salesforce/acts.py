"""What the people of the simulated company do in the user interface, and what merely happens.

No rights are checked and no API call is counted, but what the service would never let
anybody do is refused here too. Every act is atomic and in the truth journal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.simulator.salesforce.dml import Terms
from connectors.simulator.salesforce.lifecycle import convert_lead, merge_rows
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Row, SObject
from connectors.simulator.salesforce.stamps import wire
from connectors.simulator.truth import HUMAN, WORLD, Actor


class Acts:
    """Acts on one org; each takes the org's lock."""

    def __init__(self, org: Org, *, admin_id: str) -> None:
        self._org = org
        self.admin_id = admin_id  #: who acts when nobody is named

    def create(
        self,
        sobject: str,
        fields: Mapping[str, Any],
        *,
        by: str | None = None,
        held_s: float = 0.0,
        unchecked: bool = False,
    ) -> str | None:
        """Create a record, as the world does; returns its id.

        With `held_s` the transaction stays open for so long: the record is stamped now and
        becomes visible later; its id is not known before, so None is returned. With
        `unchecked` it may hold what the service would not accept today, as old data does.
        """
        with self._org.lock:
            now = self._org.now()
            found = self._sobject(sobject)
            actor = Actor(by or self.admin_id, WORLD)
            if held_s <= 0:
                return self._org.dml.insert(found, fields, _as(actor, unchecked=unchecked))

            def commit() -> None:
                terms = _as(actor, unchecked=unchecked, at=now)
                self._org.dml.insert(found, fields, terms)

            self._org.store.open_transaction(now, now + timedelta(seconds=held_s), commit)
            return None

    def update(
        self,
        record_id: str,
        fields: Mapping[str, Any],
        *,
        by: str | None = None,
        at: datetime | None = None,
        unchecked: bool = False,
    ) -> None:
        """Change a record as a human; `at` back-dates the stamp."""
        with self._org.lock:
            self._org.now()
            sobject = self._sobject_of(record_id)
            terms = _as(Actor(by or self.admin_id, HUMAN), unchecked=unchecked, at=at)
            self._org.dml.update(sobject, record_id, fields, terms)

    def change_owner(
        self, record_id: str, owner_id: str, *, by: str | None = None, at: datetime | None = None
    ) -> None:
        """Give a record to somebody, by default the new owner taking it themselves."""
        actor = by or (owner_id if owner_id.startswith("005") else self.admin_id)
        self.update(record_id, {"OwnerId": owner_id}, by=actor, at=at)

    def read(self, record_id: str, *, by: str) -> None:
        """Open a record as its owner, which marks it as read."""
        with self._org.lock:
            row = self._org.store.get(record_id)
            if row is not None and row.get("OwnerId") == by and row.get("IsUnreadByOwner"):
                row = {**row, "IsUnreadByOwner": False, "SystemModstamp": wire(self._org.now())}
                self._org.store.table("Lead").put(row)

    def work(self, who_id: str, *, by: str, kind: str = "Call") -> str | None:
        """Log a finished call, e-mail or meeting with a lead or contact."""
        now = self._org.clock.now()
        if kind == "Meeting":
            fields: dict[str, Any] = {
                "Subject": "Meeting",
                "Type": "Meeting",
                "StartDateTime": wire(now),
                "EndDateTime": wire(now + timedelta(minutes=30)),
                "WhoId": who_id,
                "OwnerId": by,
            }
            return self.create("Event", fields, by=by)
        fields = {
            "Subject": kind,
            "Type": kind,
            "TaskSubtype": kind if kind in ("Call", "Email") else "Task",
            "Status": "Completed",
            "ActivityDate": wire(now)[:10],
            "WhoId": who_id,
            "OwnerId": by,
        }
        return self.create("Task", fields, by=by)

    def set_active(self, user_id: str, *, active: bool) -> None:
        """Deactivate a user who leaves, or activate one who comes back."""
        self.update(user_id, {"IsActive": active})

    def set_out_of_office(self, user_id: str, *, until: datetime) -> str | None:
        """Send a user on leave from now on."""
        fields = {
            "UserId": user_id,
            "StartDate": wire(self._org.clock.now()),
            "EndDate": wire(until),
            "IsEnabled": True,
            "Message": "I am away and will answer when I am back.",
        }
        return self.create("OutOfOffice", fields, by=user_id)

    def end_out_of_office(self, user_id: str) -> int:
        """Bring a user back; returns how many absences ended."""
        with self._org.lock:
            now = wire(self._org.now())
            rows = self._org.store.table("OutOfOffice").rows.values()
            running = [
                str(row["Id"])
                for row in rows
                if row["UserId"] == user_id and row["IsEnabled"] and str(row["EndDate"]) > now
            ]
            for record_id in running:
                self.update(record_id, {"EndDate": now, "IsEnabled": False}, by=user_id)
            return len(running)

    def merge(self, winner_id: str, loser_ids: Sequence[str], *, by: str | None = None) -> None:
        """Merge records into the first one; the others end in the recycle bin."""
        with self._org.lock:
            now = self._org.now()
            sobject = self._sobject_of(winner_id)
            rows = [self._live(one) for one in (winner_id, *loser_ids)]
            actor = Actor(by or self.admin_id, HUMAN)
            merge_rows(self._org, sobject, rows, (actor, now))

    def convert(
        self, lead_id: str, *, by: str | None = None, owner_id: str | None = None
    ) -> dict[str, str]:
        """Convert a lead; returns the ids of the account, contact and opportunity."""
        with self._org.lock:
            now = self._org.now()
            row = self._live(lead_id)
            owner = owner_id or str(row["OwnerId"])
            if not owner.startswith("005"):
                message = "A lead that a queue owns needs an owner to be converted."
                raise Refused("UNSPECIFIED_OWNER", message)
            actor = Actor(by or owner, HUMAN)
            return convert_lead(self._org, row, owner, (actor, now))

    def delete(self, record_id: str, *, by: str | None = None) -> None:
        """Move a record to the recycle bin."""
        with self._org.lock:
            self._org.now()
            terms = _as(Actor(by or self.admin_id, HUMAN))
            self._org.dml.delete(self._sobject_of(record_id), record_id, terms)

    def purge(self, record_id: str) -> None:
        """Empty the recycle bin of a record."""
        with self._org.lock:
            self._org.now()
            self._org.purge(record_id)

    def touch(self, sobject: str, ids: Sequence[str] | None = None) -> int:
        """Let the system rewrite records: SystemModstamp moves, LastModifiedDate does not."""
        with self._org.lock:
            stamp = wire(self._org.now())
            table = self._org.store.table(self._sobject(sobject).name)
            rows = list(table.rows.values()) if ids is None else [table.rows[one] for one in ids]
            table.load([{**row, "SystemModstamp": stamp} for row in rows])
            return len(rows)

    def _sobject(self, name: str) -> SObject:
        found = self._org.schema.find(name)
        if found is None:
            raise ValueError(f"There is no object {name!r} in the simulated org.")
        return found

    def _sobject_of(self, record_id: str) -> SObject:
        found = self._org.schema.of_id(record_id)
        if found is None:
            raise ValueError(f"{record_id!r} is not the id of anything in the simulated org.")
        return found

    def _live(self, record_id: str) -> Row:
        row = self._org.store.get(record_id)
        if row is None or row.get("IsDeleted"):
            raise ValueError(f"There is no record {record_id!r} in the simulated org.")
        return row


def _as(actor: Actor, *, unchecked: bool = False, at: datetime | None = None) -> Terms:
    return Terms(actor=actor, auto_assign=False, unchecked=unchecked, at=at)
