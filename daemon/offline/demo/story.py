"""Tells the demo while it runs: one line a lead, one for what people and the CRM do meanwhile."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from daemon.offline.demo.witness import SYNC
from models.reports.reconciliation import RollRow
from routing.facts import Cause

_METHODS = {
    "account_owner": "account owner",
    "round_robin": "round robin",
    "least_loaded": "least loaded",
    "fallback": "fallback",
    "model": "model",
}


class Storyteller:
    """Knows everybody's name and says what is new."""

    def __init__(
        self,
        say: Callable[[str], None],
        companies: Iterable[Mapping[str, Any]],
        started_at: datetime,
    ) -> None:
        self._print = say
        self._started_at = started_at
        self._names: dict[str, str] = {}
        self._teams: dict[str, str] = {}
        for company in companies:
            people = company["people"]
            self._names |= {str(each["crm_id"]): str(each["id"]) for each in people}
            self._teams |= {str(each["crm_id"]): str(each["team"]) for each in people}
            self._names |= {crm_id: f"queue {name}" for name, crm_id in company["queues"].items()}
            self._names[str(company.get("marketing_user"))] = "nobody"
        self._told: dict[tuple[str, str | None], str] = {}

    def rows(self, rows: Iterable[RollRow]) -> None:
        """Decisions that came to an end since the last call."""
        for row in rows:
            key = (row.record, row.decision)
            if row.decision is None or row.state in ("pending", "sent"):
                continue
            if self._told.get(key) != row.state:
                self._told[key] = row.state
                self._say(row.written_at or row.decided_at, _line(row, self._name(row.value)))

    def happenings(self, entries: Iterable[Mapping[str, Any]], *, ours: Collection[str]) -> None:
        """What others did in a CRM."""
        for entry in entries:
            at = datetime.fromisoformat(entry["at"])
            match entry["what"]:
                case "owner_changed" if entry["client"] not in (*ours, "world", SYNC):
                    who = self._name(entry["after"])
                    self._say(at, f"{entry['id']}  {who} takes it by hand")
                case "active_changed" if not entry["after"] and entry["sobject"] == "User":
                    self._say(at, f"{self._name(entry['id'])} leaves the company")
                case "converted":
                    self._say(at, f"{entry['id']}  converted")

    def note(self, at: datetime, text: str) -> None:
        """A line of the narrator's own."""
        self._say(at, text)

    def name(self, crm_id: str) -> str:
        """What a user is called here."""
        return self._name(crm_id)

    def _name(self, crm_id: str | None) -> str:
        if crm_id is None:
            return "nobody"
        team = self._teams.get(crm_id)
        name = self._names.get(crm_id, crm_id)
        return name if team is None else f"{name} ({team})"

    def _say(self, at: datetime | None, text: str) -> None:
        passed_s = 0.0 if at is None else (at - self._started_at).total_seconds()
        self._print(f"{passed_s:6.1f} s  {text}")


def _line(row: RollRow, name: str) -> str:
    method = _METHODS.get(row.method or "", (row.method or "").replace("_", " "))
    recalled = ", recalled" if row.cause == "recalled" else ""
    rule = "no rule matched" if row.rule is None else f"rule {row.rule}"
    said = f"{row.record}  -> {name}  {method}{recalled}, {rule}"
    if row.cause == Cause.HELD_ELSEWHERE:
        said = f"{row.record}  {name} has it: the same person's other record follows"
    match row.state:
        case "confirmed":
            return said
        case "conflict":
            return f"{row.record}  somebody was faster than {name}: left alone (conflict)"
        case "refused_by_crm":
            return f"{row.record}  the CRM refused {name}: decided again"
        case _:
            return f"{said}  [{row.state}]"
