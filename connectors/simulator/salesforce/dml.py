"""Saving and deleting records, with the checks the service makes, in the order it makes them.

A save either changes the store and the truth journal, or raises `Refused` (or
`PreconditionFailed`) and changes nothing. What a request looked like is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.salesforce import owners
from connectors.simulator.salesforce.access import FULL, Access
from connectors.simulator.salesforce.derived import derive
from connectors.simulator.salesforce.refusals import PreconditionFailed, Refused, not_found
from connectors.simulator.salesforce.rules import OrgRules, duplicate_refusal
from connectors.simulator.salesforce.schema import Field, Row, SObject, Stored
from connectors.simulator.salesforce.stamps import moment, wire
from connectors.simulator.salesforce.store import Store
from connectors.simulator.salesforce.values import check_email, stored
from connectors.simulator.truth import Actor, Happening, TruthJournal


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a record is saved: by whom, with which rights and headers."""

    actor: Actor
    access: Access = FULL
    auto_assign: bool = True  #: Sforce-Auto-Assign; absent means TRUE
    unmodified_since: datetime | None = None
    allow_duplicates: bool = False
    at: datetime | None = None  #: the stamp, when it is not now (an old transaction)
    unchecked: bool = False  #: store what could not be saved today, as old data is


class Dml:
    """The save order of the simulated org."""

    def __init__(
        self, store: Store, truth: TruthJournal, clock: SimulatorClock, rules: OrgRules
    ) -> None:
        self._store = store
        self._truth = truth
        self._clock = clock
        self._rules = rules

    def insert(self, sobject: SObject, values: Mapping[str, object], terms: Terms) -> str:
        """Create a record and return its id."""
        self._refuse_unless_writable(sobject, terms, verb="create")
        given = self._read_values(sobject, values, terms, creating=True)
        row = {one.name: one.default for one in sobject.fields.values() if one.type != "address"}
        row.update(given)
        if not terms.unchecked:
            self._refuse_missing(sobject, row)
        if sobject.field("OwnerId") and row.get("OwnerId") is None:
            row["OwnerId"] = terms.actor.user_id
        self._check_row(sobject, row, set(given), terms)
        record_id = self._store.mint.mint(sobject.prefix)
        row |= self._birth_stamps(sobject, terms) | {"Id": record_id}
        if sobject.soft_deleted:
            row["IsDeleted"] = False
        asked = row.get("OwnerId")
        by_rule = self._assign_by_rule(sobject, row, terms)
        self._put(sobject, row)
        self._note(Happening.CREATED, row, (None, asked), terms)
        if by_rule:
            self._note(Happening.OWNER_CHANGED, row, (asked, row["OwnerId"]), terms, rule=True)
        return record_id

    def update(
        self, sobject: SObject, record_id: str, values: Mapping[str, object], terms: Terms
    ) -> None:
        """Change a record."""
        row = self.live_row(sobject, record_id, terms)
        if terms.unmodified_since is not None:
            modified_at = moment(str(row["LastModifiedDate"]))
            if modified_at > terms.unmodified_since:
                raise PreconditionFailed
        self._refuse_unless_writable(sobject, terms, verb="update")
        given = self._read_values(sobject, values, terms, creating=False)
        if row.get("IsConverted") and not terms.unchecked:
            raise Refused(
                "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=()
            )
        changed: Row = {**row, **given}
        self._refuse_missing(sobject, changed, only=set(given))
        self._check_row(sobject, changed, set(given), terms)
        self._stamp(changed, terms)
        asked = changed.get("OwnerId")
        by_rule = self._assign_by_rule(sobject, changed, terms)
        self._save_change(sobject, row, changed, terms)
        if asked != row.get("OwnerId"):
            self._note(Happening.OWNER_CHANGED, changed, (row.get("OwnerId"), asked), terms)
        if by_rule:
            self._note(
                Happening.OWNER_CHANGED, changed, (asked, changed["OwnerId"]), terms, rule=True
            )

    def delete(self, sobject: SObject, record_id: str, terms: Terms) -> None:
        """Move a record to the recycle bin, or remove it where there is none."""
        row = self.live_row(sobject, record_id, terms)
        self._refuse_unless_writable(sobject, terms, verb="delete")
        if sobject.name == "User":
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", "users cannot be deleted", fields=())
        if sobject.soft_deleted:
            changed = {**row, "IsDeleted": True}
            self._stamp(changed, terms)
            self._put(sobject, changed)
        else:
            self._store.table(sobject.name).drop(record_id, at=wire(self._clock.now()))
        self._note(Happening.DELETED, row, (row.get("OwnerId"), None), terms)

    def live_row(self, sobject: SObject, record_id: str, terms: Terms) -> Row:
        """The row of this id, refused if it is missing, deleted or not this user's to see."""
        row = self._store.table(sobject.name).rows.get(record_id)
        if row is None or record_id in terms.access.hidden_rows:
            if record_id in self._store.table(sobject.name).purged:
                raise Refused("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=())
            raise not_found()
        if row.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=())
        return row

    def _read_values(
        self, sobject: SObject, values: Mapping[str, object], terms: Terms, *, creating: bool
    ) -> Row:
        given: Row = {}
        for name, value in values.items():
            if name == "attributes":
                continue
            field = self._field(sobject, name, terms)
            if not terms.unchecked and not terms.access.may_write(
                sobject, field, creating=creating
            ):
                raise _not_writable(field)
            given[field.name] = value if terms.unchecked else stored(field, value)  # type: ignore[assignment]
        return given

    def _field(self, sobject: SObject, name: str, terms: Terms) -> Field:
        if name.lower() == "id":
            message = "The Id field should not be specified in the sobject data."
            raise Refused("INVALID_FIELD", message)
        field = terms.access.field(sobject, name)
        if field is None:
            message = f"No such column '{name}' on sobject of type {sobject.name}"
            raise Refused("INVALID_FIELD", message)
        return field

    def _refuse_unless_writable(self, sobject: SObject, terms: Terms, *, verb: str) -> None:
        if terms.access.read_only:
            message = "insufficient access rights on object id"
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", message, status=403, fields=())
        if not sobject.writable and not terms.unchecked:
            message = f"entity type {sobject.name} does not support {verb}"
            raise Refused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=())

    def _refuse_missing(self, sobject: SObject, row: Row, *, only: set[str] | None = None) -> None:
        missing = [
            one.name
            for one in sobject.fields.values()
            if one.required and row.get(one.name) is None and (only is None or one.name in only)
        ]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refused("REQUIRED_FIELD_MISSING", message, fields=tuple(missing))

    def _check_row(self, sobject: SObject, row: Row, given: set[str], terms: Terms) -> None:
        if terms.unchecked:
            return
        owners.check_references(self._store, sobject, row, given)
        for field in sobject.fields.values():
            if field.type == "email":
                check_email(field, row.get(field.name))
        for rule in self._rules.validations:
            rule.check(sobject.name, row)
        if self._rules.duplicates_by_email and sobject.name == "Lead":
            self._refuse_duplicate(row, terms)

    def _refuse_duplicate(self, row: Row, terms: Terms) -> None:
        email = row.get("Email")
        if not isinstance(email, str) or terms.allow_duplicates:
            return
        for contact in self._store.table("Contact").rows.values():
            if str(contact.get("Email") or "").lower() == email.lower():
                raise duplicate_refusal("Lead", contact, "Contact")

    def _assign_by_rule(self, sobject: SObject, row: Row, terms: Terms) -> bool:
        owner = self._rules.assign_leads_to
        if owner is None or not terms.auto_assign or sobject.name != "Lead":
            return False
        if row.get("OwnerId") == owner:
            return False
        row["OwnerId"] = owner
        return True

    def _birth_stamps(self, sobject: SObject, terms: Terms) -> Row:
        at = wire(terms.at or self._clock.now())
        by = terms.actor.user_id
        stamps: Row = {
            "CreatedDate": at,
            "CreatedById": by,
            "LastModifiedDate": at,
            "LastModifiedById": by,
            "SystemModstamp": at,
        }
        return {name: value for name, value in stamps.items() if sobject.field(name)}

    def _stamp(self, row: Row, terms: Terms) -> None:
        at = wire(terms.at or self._clock.now())
        changed: Row = {
            "LastModifiedDate": at,
            "LastModifiedById": terms.actor.user_id,
            "SystemModstamp": at,
        }
        row.update({name: value for name, value in changed.items() if name in row})

    def _save_change(self, sobject: SObject, row: Row, changed: Row, terms: Terms) -> None:
        if changed.get("OwnerId") != row.get("OwnerId"):
            self._hand_over(sobject, row, changed, terms)
        elif changed.get("OwnerId") == terms.actor.user_id and "IsUnreadByOwner" in changed:
            changed["IsUnreadByOwner"] = False
        if changed.get("IsActive") != row.get("IsActive"):
            change = (row.get("IsActive"), changed.get("IsActive"))
            self._note(Happening.ACTIVE_CHANGED, changed, change, terms)
        self._put(sobject, changed)

    def _hand_over(self, sobject: SObject, row: Row, changed: Row, terms: Terms) -> None:
        if sobject.name != "Lead":
            return
        changed["IsUnreadByOwner"] = changed["OwnerId"] != terms.actor.user_id
        changed["LastTransferDate"] = str(changed["LastModifiedDate"])[:10]
        history = self._store.schema.find("LeadHistory")
        for old, new in owners.history_values(self._store, row["OwnerId"], changed["OwnerId"]):
            line: Row = {
                "Id": self._store.mint.mint("017"),
                "IsDeleted": False,
                "LeadId": row["Id"],
                "Field": "Owner",
                "OldValue": old,
                "NewValue": new,
                "CreatedById": terms.actor.user_id,
                "CreatedDate": changed["LastModifiedDate"],
                "SystemModstamp": changed["SystemModstamp"],
            }
            if history is not None:
                self._put(history, line)

    def _put(self, sobject: SObject, row: Row) -> None:
        derive(self._store, sobject, row)
        self._store.table(sobject.name).put(row)

    def _note(
        self,
        what: Happening,
        row: Row,
        change: tuple[Stored, Stored],
        terms: Terms,
        *,
        rule: bool = False,
    ) -> None:
        actor = terms.actor
        if rule:
            actor = Actor(actor.user_id, actor.client, actor.request, rule=True)
        sobject = self._store.schema.of_id(str(row["Id"]))
        subject = (sobject.name if sobject else "", str(row["Id"]))
        self._truth.record(self._clock.now().isoformat(), what, subject, change, actor)


def _not_writable(field: Field) -> Refused:
    message = (
        f"Unable to create/update fields: {field.name}. Please check the security settings of"
        " this field and verify that it is read/write for your profile or permission set."
    )
    return Refused("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=(field.name,))
