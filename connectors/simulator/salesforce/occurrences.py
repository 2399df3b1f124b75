"""Faults that need no request: late commits, floods in one second, drifting clocks, failovers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connectors.simulator.faults import Fault, FaultBook
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.org import Org

LeadMaker = Callable[[], dict[str, Any]]


class Occurrences:
    """Lets what is due happen."""

    def __init__(self, org: Org, book: FaultBook, acts: Acts, new_lead: LeadMaker) -> None:
        self._org = org
        self._book = book
        self._acts = acts
        self._new_lead = new_lead
        self._happenings = {
            "late_commit": self._commit_late,
            "same_second": self._flood,
            "assignment_rule": self._assign,
            "date_skew": self._skew,
            "mass_touch": self._touch,
            "failover": self._fail_over,
            "limit_jitter": self._jitter,
        }

    def tick(self) -> None:
        """Let everything happen that is due now."""
        for fault in self._book.due(self._org.clock.now()):
            self._happenings[fault.kind](fault)

    def _commit_late(self, fault: Fault) -> None:
        self._create(fault, held_s=float(fault.settings["held_s"]))

    def _flood(self, fault: Fault) -> None:
        self._create(fault, held_s=0.0)

    def _create(self, fault: Fault, *, held_s: float) -> None:
        for _ in range(int(fault.settings["count"])):
            fields = {**self._new_lead(), **fault.settings["fields"]}
            owner = str(fields["OwnerId"])
            by = owner if owner.startswith("005") else None
            self._acts.create("Lead", fields, by=by, held_s=held_s)

    def _assign(self, fault: Fault) -> None:
        owner = fault.settings["owner"]
        self._org.rules.assign_leads_to = owner or self._acts.admin_id

    def _skew(self, fault: Fault) -> None:
        self._org.clock.skew = timedelta(seconds=float(fault.settings["seconds"]))

    def _touch(self, fault: Fault) -> None:
        self._acts.touch(str(fault.settings["object"]))

    def _fail_over(self, fault: Fault) -> None:
        url = fault.settings["instance_url"]
        base = self._org.settings.base_url
        self._org.settings.instance_url = url or base.replace("127.0.0.1", "localhost")
        self._org.sessions.end_all()

    def _jitter(self, fault: Fault) -> None:
        self._org.usage.jitter = int(fault.settings["calls"])
