"""Faults between a request and its save: locks, other people, the customer's own rules.

Where the real cause is a change of the org (a rep deactivated, a lead merged), the change
is really made, by a human, and the refusal follows from it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from connectors.simulator.faults import Fault, FaultBook, Stage
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import PreconditionFailed, Refused
from connectors.simulator.salesforce.rules import duplicate_refusal
from connectors.simulator.salesforce.schema import SObject
from connectors.simulator.salesforce.stamps import moment

Values = Mapping[str, Any]

_LOCKED_IN_A_TRIGGER: Final = (
    "LeadTrigger: execution of AfterUpdate caused by: System.DmlException: Update failed."
    " First exception on row 0; first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive"
    " access to this record"
)
_REFUSALS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "validation": (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "A lead in this country needs a state.",
        ("State",),
    ),
    "flow": (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "LeadTrigger: execution of BeforeUpdate caused by: System.NullPointerException",
        (),
    ),
    "flow_lock": (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        _LOCKED_IN_A_TRIGGER,
        (),
    ),
    "email": ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: kim@@acme", ("Email",)),
    "access": (
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "insufficient access rights on object id",
        (),
    ),
    "locked": (
        "ENTITY_IS_LOCKED",
        "This record is locked. If you need to edit it, contact your admin.",
        (),
    ),
}


class Interference:
    """Applies save faults to the saves of one org."""

    def __init__(self, org: Org, book: FaultBook, acts: Acts) -> None:
        self._org = org
        self._book = book
        self._acts = acts
        self._strikes = {
            "row_lock": self._lock,
            "inactive_owner": self._deactivate,
            "human_edit": self._edit,
            "gone": self._remove,
            "row_refused": self._refuse,
            "duplicate": self._duplicate,
        }

    def before_save(self, call: Call, sobject: SObject, record_id: str, values: Values) -> None:
        """Let faults strike a record about to be saved.

        Raises:
            Refused: A fault refuses the save, or what it did makes the save impossible.
        """
        record = (sobject.name, record_id)
        now = self._org.clock.now()
        for fault in self._book.striking(Stage.SAVE, call, now, record=record):
            self._strikes[fault.kind](call, fault, record_id, values)

    def _lock(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        del values
        call.delay_s += float(fault.settings["delay_s"])
        message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
        raise Refused("UNABLE_TO_LOCK_ROW", message, fields=())

    def _deactivate(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        del call, fault, record_id
        owner = canonical(str(values.get("OwnerId") or ""))
        if owner and owner.startswith("005"):
            self._acts.set_active(owner, active=False)

    def _edit(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        row = self._org.store.get(record_id)
        if row is None:
            return
        taken = {row.get("OwnerId"), canonical(str(values.get("OwnerId") or ""))}
        owner = fault.settings["owner"] or self._somebody_but(taken)
        at: datetime | None = None
        if fault.settings["second"] == "same":
            at = call.terms().unmodified_since or moment(str(row["LastModifiedDate"]))
        self._acts.change_owner(record_id, owner, at=at)
        if fault.settings["body"] == "list" and fault.settings["second"] != "same":
            message = "The record has been modified since the given time."
            raise PreconditionFailed([{"errorCode": "PRECONDITION_FAILED", "message": message}])

    def _remove(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        del call, values
        how = fault.settings["how"]
        if how == "converted":
            owner = self._somebody_but(set())
            self._acts.convert(record_id, by=owner, owner_id=owner)
        elif how == "merged":
            row = self._org.store.get(record_id) or {}
            twin = {name: row.get(name) for name in ("FirstName", "LastName", "Company")}
            winner = self._acts.create("Lead", twin)
            self._acts.merge(str(winner), [record_id])
        else:
            self._acts.delete(record_id)

    def _refuse(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        del call, record_id, values
        variant = str(fault.settings["variant"])
        code, message, fields = _REFUSALS.get(variant, (variant, variant, ()))
        given = fault.settings["fields"]
        raise Refused(
            fault.settings["code"] or code,
            fault.settings["message"] or message,
            fields=fields if given is None else tuple(given),
        )

    def _duplicate(self, call: Call, fault: Fault, record_id: str, values: Values) -> None:
        del fault, record_id, values
        if not call.terms().allow_duplicates:
            contacts = self._org.store.table("Contact").rows
            raise duplicate_refusal("Lead", next(iter(contacts.values()), {}), "Contact")

    def _somebody_but(self, taken: set[Any]) -> str:
        for row in self._org.store.table("User").rows.values():
            standard = row["UserType"] == "Standard" and row["IsActive"]
            if standard and row["Id"] not in taken and row["Department"] == "Sales":
                return str(row["Id"])
        return self._acts.admin_id
