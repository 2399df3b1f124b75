"""Faults between a request and the records it reads or writes: other people, and the index.

Where the real cause is a change of the portal (an owner removed, a record merged), the
change is really made, by a human, and the answer follows from it.
"""

from collections.abc import Mapping
from typing import Any

from connectors.simulator.faults import Fault, FaultBook, Stage
from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.properties import OWNER, ObjectType
from connectors.simulator.hubspot.records import Record
from connectors.simulator.hubspot.refusals import Flaw, Refused, not_valid


class Interference:
    """Applies faults to the records of one portal."""

    def __init__(self, desk: Desk, book: FaultBook, acts: PortalActs) -> None:
        self._desk = desk
        self._portal = desk.portal
        self._book = book
        self._acts = acts
        self._strikes = {
            "input_not_found": self._hide,
            "input_refused": self._refuse,
            "owner_archived": self._archive_owner,
            "human_edit": self._edit,
            "human_edit_before_read": self._edit,
            "merged": self._merge,
            "gone": self._remove,
        }
        desk.before_read = self.before_read
        desk.before_save = self.before_save
        desk.after_save = self.after_save
        desk.portal.lag_of = self.lag_of

    def before_read(self, call: Call, kind: ObjectType, asked: str) -> None:
        """Let faults strike a record about to be read by its id."""
        for fault in self._striking(Stage.READ, call, kind, asked):
            self._strikes[fault.kind](fault, kind, asked, {})

    def before_save(
        self, call: Call, kind: ObjectType, asked: str, values: Mapping[str, Any]
    ) -> str:
        """Let faults strike a record about to be saved; says whether to pass it over.

        Raises:
            Refused: A fault refuses this input.
        """
        for fault in self._striking(Stage.SAVE, call, kind, asked):
            if fault.kind == "input_ignored":
                return "ignored"
            self._strikes[fault.kind](fault, kind, asked, values)
        return ""

    def after_save(self, call: Call, record: Record) -> None:
        """Let faults strike a record that was just saved."""
        for fault in self._striking(Stage.SAVED, call, record.type, str(record.id)):
            self._edit(fault, record.type, str(record.id), {})

    def lag_of(self, record: Record) -> tuple[float, float] | None:
        """How late a write reaches the index, if a fault has a say in it."""
        lag: tuple[float, float] | None = None
        call = _Writing(record.type.name)
        subject = (record.type.name, str(record.id))
        now = self._portal.clock.now()
        for fault in self._book.striking(Stage.INDEX, call, now, record=subject):
            if fault.kind == "index_lag":
                lag = float(fault.settings["min_s"]), float(fault.settings["max_s"])
            elif fault.fired % 2:  # the first of two waits for the second
                held_s = float(fault.settings["held_s"])
                lag = held_s, held_s
        return lag

    def _striking(self, stage: Stage, call: Call, kind: ObjectType, asked: str) -> list[Fault]:
        now = self._portal.clock.now()
        return list(self._book.striking(stage, call, now, record=(kind.name, asked)))

    def _hide(self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]) -> None:
        del fault, values
        raise Refused(404, "OBJECT_NOT_FOUND", f"{kind.singular} {asked} does not exist.")

    def _refuse(
        self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]
    ) -> None:
        del kind, asked, values
        name = str(fault.settings["property"])
        error = str(fault.settings["error"] or "MISSING_CONDITIONAL_REQUIRED_PROPERTY")
        message = f'Property "{name}" is required by a validation rule.'
        raise not_valid([Flaw(name, error, message)])

    def _archive_owner(
        self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]
    ) -> None:
        del fault, kind, asked
        owner = self._portal.owners.get(str(values.get(OWNER) or ""))
        if owner is not None and not owner.archived:
            self._acts.archive_owner(str(owner.id))

    def _edit(self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]) -> None:
        record = self._desk.find(kind, asked)
        if record is None:
            return
        taken = {record.owner, str(values.get(OWNER) or "")}
        owner = fault.settings["owner"] or self._acts.somebody_but(taken)
        self._acts.change_owner(kind.name, record.id, str(owner))

    def _merge(self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]) -> None:
        del values
        record = self._desk.find(kind, asked)
        if record is None:
            return
        settings = self._portal.settings
        before, settings.survivor_gets_new_id = (
            settings.survivor_gets_new_id,
            bool(fault.settings["new_id"]),
        )
        twin = self._acts.create(kind.name, {"firstname": "Twin"})
        self._acts.merge(kind.name, twin, record.id)
        settings.survivor_gets_new_id = before

    def _remove(
        self, fault: Fault, kind: ObjectType, asked: str, values: Mapping[str, Any]
    ) -> None:
        del values
        record = self._desk.find(kind, asked)
        if record is None:
            return
        if fault.settings["how"] == "erased":
            self._acts.erase(kind.name, record.id)
        else:
            self._acts.archive(kind.name, record.id)


class _Writing:
    """A write on its way to the index, as a fault sees it."""

    method = ""
    path = ""
    client_id = ""

    def __init__(self, about: str) -> None:
        self.about = about
