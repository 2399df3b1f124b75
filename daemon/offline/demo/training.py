"""Before leads arrive, the demo's company learns from its past.

So does a second one, the control, in which reps do not differ: a ranker that finds something there
would find it anywhere. Both pasts are generated with a known truth, and learned from by the command
that users have.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from connectors.simulator.people import Person
from connectors.simulator.strengths import PastLead, Strengths, past_leads
from daemon.base.clock import Clock
from daemon.crm.connectors import Unreached
from daemon.main import Parts, build
from daemon.offline.demo.files import write_files
from daemon.offline.demo.settings import FACTS, HISTORY, settings_before
from daemon.offline.demo.stage import OURSELVES, DemoFailed
from daemon.offline.one_shot import Quiet
from daemon.settings import load_settings

PAST_LEADS: Final = 10_000
_HORIZON: Final = timedelta(days=90)
_CONTROL: Final = "control"  #: the folder of the company whose reps do not differ
_LONGEST_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning from one past."""

    version: str
    verdict: str  #: of the gate: `promote`, `scores_only` or `refuse`
    why: str
    rows: int

    @property
    def ranks(self) -> bool:
        """Whether the gate let it rank reps."""
        return self.verdict == "promote"


def go_to_school(
    folder: Path, people: list[Person], seed: int, clock: Clock
) -> tuple[Learned, Learned]:
    """Learn from the company's past, and from one in which reps do not differ.

    Args:
        folder: Where the demo stands; its ledger is made here, with the version that passed.
        people: The company's reps.
        seed: Of the company.
        clock: The past ends before now.

    Raises:
        DemoFailed: Training did not come to an end.
    """
    ends_at = clock.now() - _HORIZON
    pupils = [
        _Pupil(place, Strengths(seed, people, differ=differ))
        for place, differ in ((folder, True), (folder / _CONTROL, False))
    ]
    for pupil in pupils:
        pupil.prepare(people, seed, ends_at, clock)
    company, control = [_ended(process) for process in [pupil.train() for pupil in pupils]]
    return company, control


@dataclass(frozen=True, slots=True)
class _Pupil:
    """One company: its folder, and the truth about its reps."""

    folder: Path
    strengths: Strengths

    def prepare(self, people: list[Person], seed: int, ends_at: datetime, clock: Clock) -> None:
        """Files and a ledger that has the rulebook and the roster in force."""
        self.folder.mkdir(parents=True, exist_ok=True)
        past = past_leads(seed, people, self.strengths, PAST_LEADS, ends_at=ends_at)
        with (self.folder / HISTORY).open("w", encoding="utf-8") as lines:
            lines.writelines(f"{json.dumps(told)}\n" for told in _lines(past))
        write_files(self.folder, people, settings_before(clock.now(), people[0].slug))
        told = load_settings(self.folder / "signalbox.yaml", with_secrets=False)
        nobody = {name: Unreached(name, "no CRM is up yet.") for name in told.connections}
        app = build(told, Parts(clock=clock, tell=Quiet(), connect=nobody))
        try:
            app.hold_lease(clock.now())
        finally:
            app.close()

    def train(self) -> subprocess.Popen[str]:
        """Start `signalbox train` here."""
        words = ["train", "--json", f"--wait={_LONGEST_S}"]
        return subprocess.Popen(  # noqa: S603 - our own command line
            [*OURSELVES, *words, f"--settings={self.folder / 'signalbox.yaml'}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _lines(past: Iterable[PastLead]) -> Iterator[dict[str, Any]]:
    for lead in past:
        yield {
            "lead": lead.id,
            "at": lead.at.isoformat(),
            "rep": lead.rep,
            "eligible": list(lead.eligible),
            "facts": _facts(lead.fields),
            "won": lead.won_at is not None,
            "outcome_at": None if lead.won_at is None else lead.won_at.isoformat(),
        }


def _facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Under the rulebook's names, as the connector would read them."""
    facts = {fact: fields.get(field) for fact, (field, _) in FACTS.items()}
    facts["products"] = str(facts["products"] or "").split(";") if facts["products"] else None
    return {fact: value for fact, value in facts.items() if value is not None}


def _ended(process: subprocess.Popen[str]) -> Learned:
    out, err = process.communicate(timeout=_LONGEST_S)
    lines = out.splitlines()
    said: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if "verdict" not in said:
        raise DemoFailed(f"Learning from the past failed: {(err or out).strip()[-400:]}")
    return Learned(said["version"], said["verdict"], said["why"], said["rows"])
