"""The native sync between the simulated Salesforce and the simulated HubSpot.

It pairs a Salesforce Lead or Contact with a HubSpot contact, and an Account with a company:
the HubSpot record carries the Salesforce ids. It carries owners both ways after a delay,
under an identity of its own, and who changed an owner last wins. Users are mapped by e-mail;
an owner the other side does not have (a queue, a placeholder) leaves a contact without one
and a lead as it is. A record that is marked for the sync when it is created (or soon after)
appears on the other side, or finds the one there that has its address.

What it writes is in both truth journals under the client `sync`, and it never carries
that back.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from connectors.simulator.exchange import Refusal
from connectors.simulator.hubspot.properties import OWNER
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.saving import Terms as PortalTerms
from connectors.simulator.hubspot.translation import as_contact, as_lead
from connectors.simulator.hubspot_server import HubSpotSimulator
from connectors.simulator.salesforce.dml import Terms as OrgTerms
from connectors.simulator.salesforce.schema import Row
from connectors.simulator.server import SalesforceSimulator
from connectors.simulator.truth import SYNC, Actor, Entry, Happening

LEAD_ID: Final = "salesforceleadid"
CONTACT_ID: Final = "salesforcecontactid"
ACCOUNT_ID: Final = "salesforceaccountid"
MARK: Final = "Sync_to_HubSpot__c"  #: set on a lead or contact that is to appear in HubSpot
INCLUDED: Final = "salesforce_inclusion"  #: set on a HubSpot contact that is to appear there
_PARTNERS: Final = {
    "Lead": ("contacts", LEAD_ID),
    "Contact": ("contacts", CONTACT_ID),
    "Account": ("companies", ACCOUNT_ID),
}
_APPEARING: Final = ("Lead", "Contact", "contacts")
_ORG, _PORTAL = "salesforce", "hubspot"
Side = tuple[str, str, str]  #: CRM, object and id


@dataclass(slots=True)
class SyncReport:
    """What the sync has done so far."""

    appeared: int = 0  #: records it created on the other side
    linked: int = 0  #: records it found there by their e-mail
    carried: int = 0  #: owners it wrote
    outdone: int = 0  #: owner changes it did not carry because a later one won
    refused: int = 0  #: writes that a CRM refused


class NativeSync:
    """Carries records and owners between one org and one portal.

    Args:
        org: The simulated Salesforce.
        hub: The simulated HubSpot.
        delay_s: How long after a change it is carried over.
        on: Whether it runs; what happens while it does not is never carried.
    """

    def __init__(
        self, org: SalesforceSimulator, hub: HubSpotSimulator, *, delay_s: float, on: bool
    ) -> None:
        self._org = org
        self._hub = hub
        self.delay_s = delay_s
        self.on = on
        self.report = SyncReport()
        self._pairs: dict[Side, Side] = {}
        self._changed_at: dict[Side, str] = {}  #: the last owner change that was not ours
        self._seen = [len(org.org.truth), len(hub.portal.truth)]
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbered = 0

    def pair(self, sobject: str, salesforce_id: str, record: Record) -> None:
        """Link two records that stand for the same, as if the sync had found them long ago."""
        name, link = _PARTNERS[sobject]
        here, there = (_ORG, sobject, salesforce_id), (_PORTAL, name, str(record.id))
        self._pairs[here] = there
        self._pairs[there] = here
        record.values[link] = salesforce_id

    def pairs(self, sobject: str) -> list[tuple[str, str]]:
        """Salesforce and HubSpot ids of all pairs of one kind."""
        return [
            (here[2], there[2])
            for here, there in self._pairs.items()
            if here[:2] == (_ORG, sobject)
        ]

    def switch(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Turn the sync on or off, or change its delay: `{"on": false, "delay_s": 5}`."""
        if "on" in given:
            self.on = bool(given["on"])
        if "delay_s" in given:
            self.delay_s = float(given["delay_s"])
        return {"on": self.on, "delay_s": self.delay_s, "pairs": len(self._pairs) // 2}

    def tick(self) -> None:
        """Notice what has changed, and carry what is due."""
        with self._org.org.lock, self._hub.portal.lock:
            self._notice(_ORG, 0, self._org.org.truth.since(self._seen[0]))
            self._notice(_PORTAL, 1, self._hub.portal.truth.since(self._seen[1]))
            now = self._org.clock.now()
            while self._due and self._due[0][0] <= now:
                carry = heapq.heappop(self._due)[2]
                try:
                    carry()
                except (Refusal, ValueError):
                    self.report.refused += 1

    def _notice(self, crm: str, place: int, entries: list[Entry]) -> None:
        self._seen[place] += len(entries)
        for entry in entries:
            if entry.client == SYNC or not self.on:
                continue
            side = (crm, entry.sobject, entry.id)
            if entry.what is Happening.OWNER_CHANGED:
                self._changed_at[side] = entry.at
                self._plan(entry, partial(self._carry, side, entry))
            elif entry.what is Happening.CREATED and entry.sobject in _APPEARING:
                self._plan(entry, partial(self._appear, side))
            elif entry.what is Happening.CONVERTED:
                self._plan(entry, partial(self._convert, entry))
            elif entry.what is Happening.MERGED:
                self._follow(side, entry)
            elif entry.what is Happening.DELETED:
                self._part(side)

    def _plan(self, entry: Entry, carry: Callable[[], None]) -> None:
        self._numbered += 1
        due = datetime.fromisoformat(entry.at) + timedelta(seconds=self.delay_s)
        heapq.heappush(self._due, (due, self._numbered, carry))

    def _carry(self, side: Side, entry: Entry) -> None:
        """Carry an owner over, unless a later change on either side has made it history.

        Of two changes in the same instant Salesforce's is the later one.
        """
        other = self._pairs.get(side)
        if other is None:
            return
        mine, theirs = (entry.at, side[0]), (self._changed_at.get(other, ""), other[0])
        if self._changed_at.get(side) != entry.at or theirs > mine:
            self.report.outdone += 1
            return
        if side[0] == _ORG:
            self._own_in_portal(other, self.owner_in_portal(entry.after))
        else:
            self._own_in_org(other, self._owner_in_org(entry.after))

    def _own_in_portal(self, there: Side, owner: str) -> None:
        record = self._record(there)
        if record is not None and (record.owner or "") != owner:
            self._hub.desk.saver.update(record, {OWNER: owner}, self._as_portal())
            self.report.carried += 1

    def _own_in_org(self, there: Side, owner: str | None) -> None:
        _, sobject, record_id = there
        row = self._org.org.store.get(record_id)
        if owner is not None and row is not None and row["OwnerId"] != owner:
            self._save(sobject, record_id, {"OwnerId": owner})
            self.report.carried += 1

    def _appear(self, side: Side) -> None:
        """Let a marked record appear on the other side, or find itself there."""
        if side in self._pairs:
            return
        if side[0] == _ORG:
            row = self._org.org.store.get(side[2])
            if row is not None and row.get(MARK) and not row.get("IsDeleted"):
                self._appear_in_portal(side[1], row)
        else:
            record = self._record(side)
            if record is not None and record.values.get(INCLUDED) == "true":
                self._appear_in_org(record)

    def _appear_in_portal(self, sobject: str, row: Row) -> None:
        record_id = str(row["Id"])
        table = self._hub.portal.tables["contacts"]
        found = table.with_value("email", str(row.get("Email") or ""))
        link = {_PARTNERS[sobject][1]: record_id, INCLUDED: "true"}
        if row.get("AccountId"):
            link[ACCOUNT_ID] = str(row["AccountId"])
        if found is not None:
            self._hub.desk.saver.update(found, link, self._as_portal())
            self.report.linked += 1
        else:
            owner = self.owner_in_portal(row["OwnerId"])
            properties = {**as_contact(row), **link, OWNER: owner}
            found = self._hub.desk.saver.create(
                self._hub.portal.objects["contacts"], properties, self._as_portal()
            )
            self.report.appeared += 1
        self.pair(sobject, record_id, found)

    def _appear_in_org(self, record: Record) -> None:
        org = self._org
        lead_id = self._lead_with_email(record.values.get("email", ""))
        if lead_id is None:
            owner = self._owner_in_org(record.owner) or org.world.marketing_user_id
            fields = {**as_lead(record.values), "OwnerId": owner, MARK: True}
            lead = org.org.schema.find("Lead")
            if lead is None:
                raise ValueError("The schema has no Lead.")
            lead_id = org.org.dml.insert(lead, fields, self._as_org())
            self.report.appeared += 1
        else:
            self.report.linked += 1
        self._hub.desk.saver.update(record, {LEAD_ID: lead_id}, self._as_portal())
        self.pair("Lead", lead_id, record)

    def _lead_with_email(self, email: str) -> str | None:
        if not email:
            return None
        for row in self._org.org.store.table("Lead").rows.values():
            if str(row.get("Email") or "").lower() == email.lower() and not row.get("IsDeleted"):
                return str(row["Id"])
        return None

    def _convert(self, entry: Entry) -> None:
        """A lead that became a contact: the HubSpot contact belongs to that from now on."""
        there = self._pairs.get((_ORG, entry.sobject, entry.id))
        record = None if there is None else self._record(there)
        if record is None or there is None:
            return
        made: Mapping[str, str] = entry.after
        ids = {CONTACT_ID: made["contact"], ACCOUNT_ID: made["account"]}
        self._hub.desk.saver.update(record, ids, self._as_portal())
        here = (_ORG, "Contact", made["contact"])
        self._pairs[here] = there
        self._pairs[there] = here

    def _follow(self, side: Side, entry: Entry) -> None:
        """A record that was merged away: its partner belongs to the survivor."""
        other = self._pairs.pop(side, None)
        survivor = (side[0], side[1], str(entry.after))
        if other is not None and survivor not in self._pairs:
            self._pairs[survivor] = other
            self._pairs[other] = survivor
        elif other is not None:
            self._pairs.pop(other, None)

    def _part(self, side: Side) -> None:
        other = self._pairs.pop(side, None)
        if other is not None:
            self._pairs.pop(other, None)

    def _record(self, side: Side) -> Record | None:
        record = self._hub.portal.tables[side[1]].rows.get(int(side[2]))
        return record if record is not None and record.living else None

    def owner_in_portal(self, user_id: Any) -> str:
        """The HubSpot owner with a Salesforce user's address, empty if there is none."""
        user = self._org.org.store.get(user_id) or {}
        owner = self._hub.portal.owners.with_email(str(user.get("Email") or "-"))
        return "" if owner is None else str(owner.id)

    def _owner_in_org(self, owner_id: Any) -> str | None:
        """The Salesforce user with a HubSpot owner's address."""
        owner = self._hub.portal.owners.get(str(owner_id or ""))
        if owner is None or not owner.email:
            return None
        for row in self._org.org.store.table("User").rows.values():
            if str(row["Email"]).lower() == owner.email.lower():
                return str(row["Id"])
        return None

    def _save(self, sobject: str, record_id: str, values: Mapping[str, object]) -> None:
        found = self._org.org.schema.find(sobject)
        if found is not None:
            self._org.org.dml.update(found, record_id, values, self._as_org())

    def _as_org(self) -> OrgTerms:
        """On what terms it writes in Salesforce: as its own user, without assignment rules."""
        actor = Actor(self._org.world.marketing_user_id, SYNC, "native sync")
        return OrgTerms(actor=actor, auto_assign=False)

    def _as_portal(self) -> PortalTerms:
        return PortalTerms(Actor("0", SYNC, "native sync"))
