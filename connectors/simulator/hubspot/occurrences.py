"""Faults that need no request: floods in one instant, jobs that touch everything, odd clocks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connectors.simulator.faults import Fault, FaultBook
from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.portal import Portal

ContactMaker = Callable[[], dict[str, Any]]


class Occurrences:
    """Lets what is due happen."""

    def __init__(
        self, portal: Portal, book: FaultBook, acts: PortalActs, new_contact: ContactMaker
    ) -> None:
        self._portal = portal
        self._book = book
        self._acts = acts
        self._new_contact = new_contact
        self._happenings = {
            "same_instant": self._flood,
            "mass_touch": self._touch,
            "date_skew": self._skew,
        }

    def tick(self) -> None:
        """Let everything happen that is due now."""
        for fault in self._book.due(self._portal.clock.now()):
            self._happenings[fault.kind](fault)

    def _flood(self, fault: Fault) -> None:
        made = []
        for _ in range(int(fault.settings["count"])):
            properties = {**self._new_contact(), **fault.settings["properties"]}
            made.append(self._acts.create("contacts", properties, unchecked=True))
        self._acts.touch("contacts", made)

    def _touch(self, fault: Fault) -> None:
        self._acts.touch(str(fault.settings["object"]))

    def _skew(self, fault: Fault) -> None:
        self._portal.clock.skew = timedelta(seconds=float(fault.settings["seconds"]))
