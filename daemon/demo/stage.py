"""The stage of the demo: a simulated CRM and the real daemon, each a process of its own.

Everything stands in one folder that stays behind: settings, rulebook, roster, ledger and logs. The
key to the simulated CRM is handed over in the environment, as a real one would be.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import yaml

from connectors.simulator.remote import SimulatorRemote
from daemon.starter import starter_folder

SECRET = "SIGNALBOX_DEMO_SECRET"  # noqa: S105 - the name of a variable, not what it holds
DESK = "healthcare-desk"  #: the team whose two reps go away while the demo runs
_STOP_S = 30.0
_READY_S = 30.0


class DemoFailed(RuntimeError):
    """A part of the demo did not start or ended by itself; the message says where its log is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played."""

    leads: int
    rate: float  #: leads a second
    seed: int
    folder: Path


class Stage:
    """Both processes; stopped, whatever happens, at the end of the `with`."""

    def __init__(self, plan: Plan, started_at: datetime) -> None:
        self.plan = plan
        self.settings = plan.folder / "signalbox.yaml"
        self.ledger = plan.folder / "signalbox.db"
        self._started_at = started_at
        self._running: list[tuple[str, subprocess.Popen[bytes], BufferedWriter]] = []
        self._secret = ""
        self.client_id = ""  #: the name under which the daemon writes

    def __enter__(self) -> Self:
        try:
            self._raise_curtain()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the daemon, then the CRM, with SIGTERM; what does not end in time is killed."""
        while self._running:
            _, process, log = self._running.pop()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()

    def check(self) -> None:
        """Raise if one of the processes ended by itself.

        Raises:
            DemoFailed: One did.
        """
        for name, process, _ in self._running:
            if process.poll() is not None:
                raise self._failed(name, f"ended with {process.returncode}")

    def command(self, *words: str) -> str:
        """What a signalbox command says about this stage."""
        done = subprocess.run(  # noqa: S603 - our own command line
            [*_ourselves(), *words, "--settings", str(self.settings)],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout or done.stderr

    def _raise_curtain(self) -> None:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        address = self._start_crm()
        self._secret = address["client_secret"]
        self.client_id = address["client_id"]
        self.remote = SimulatorRemote(address["base_url"])
        self.company = self.remote.company()
        self._write_files(address)
        self._start("daemon", ["run", "--settings", str(self.settings)])

    def _start_crm(self) -> Mapping[str, str]:
        options = {"seed": self.plan.seed, "leads": self.plan.leads, "rate": self.plan.rate}
        words = [f"--{name}={value}" for name, value in options.items()]
        faults = starter_folder() / "demo" / "faults.yaml"
        process = self._start("simulator", ["simulator", *words, f"--faults={faults}"], piped=True)
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise self._failed("simulator", "did not start")
        address: Mapping[str, str] = orjson.loads(line)["salesforce"]
        return address

    def _start(
        self, name: str, words: Sequence[str], *, piped: bool = False
    ) -> subprocess.Popen[bytes]:
        log = self._log(name).open("wb")
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [*_ourselves(), *words],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        self._running.append((name, process, log))
        return process

    def _log(self, name: str) -> Path:
        return self.plan.folder / f"{name}.log"

    def _failed(self, name: str, what: str) -> DemoFailed:
        return DemoFailed(f"The {name} {what}. Its log: {self._log(name)}")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, SECRET: self._secret}

    def _write_files(self, address: Mapping[str, str]) -> None:
        home = starter_folder() / "demo"
        rulebook = (home / "rulebook.yaml").read_text(encoding="utf-8")
        (self.plan.folder / "rulebook.yaml").write_text(rulebook, encoding="utf-8")
        people = _with_desk(self.remote.roster(), self.company["people"])
        self._write("roster.yaml", {"people": people})
        self._write("signalbox.yaml", self._settings(address))

    def _write(self, name: str, content: object) -> None:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (self.plan.folder / name).write_text(text, encoding="utf-8")

    def _settings(self, address: Mapping[str, str]) -> dict[str, Any]:
        """A live connection that asks often, because a demo has no time."""
        return {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": self._started_at.isoformat(),
            "ledger": {"url": f"sqlite:///{self.ledger.name}"},
            "connections": {"salesforce": _connection(address, self.company)},
            "timing": {"poll_s": 0.5, "recall_s": 1},
            "http": {"port": 0},
            "log": {"format": "json"},
        }


def desk_reps(company: Mapping[str, Any]) -> list[str]:
    """CRM ids of the two who sit at the healthcare desk."""
    here = [
        person
        for person in company["people"]
        if person["team"] == "us" and not (person["away"] or person["left"] or person["full"])
    ]
    return [str(person["crm_id"]) for person in here[1:3]]


def _with_desk(
    roster: list[dict[str, Any]], people: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    at_desk = set(desk_reps({"people": people}))
    slugs = {person["id"] for person in people if person["crm_id"] in at_desk}
    for entry in roster:
        if entry["id"] in slugs:
            entry["teams"] = [*entry["teams"], DESK]
    return roster


def _connection(address: Mapping[str, str], company: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        "country": "Country",
        "state": "State",
        "industry": "Industry",
        "employees": "NumberOfEmployees",
        "score": "Score__c",
        "products": "Product_Interest__c",
        "email": "Email",
    }
    written = ("decision", "reason", "rule", "pool", "at")
    return {
        "kind": "salesforce",
        "mode": "live",
        "base_url": address["base_url"],
        "auth": {
            "type": "client_credentials",
            "client_id": address["client_id"],
            "client_secret_env": SECRET,
        },
        "objects": {"sf.lead": {"owner": "OwnerId", "stage": "Status", "company": "Company"}},
        "facts": {fact: f"sf.lead.{field}" for fact, field in facts.items()},
        "written": {what: f"sf.lead.Signalbox_{what.capitalize()}__c" for what in written},
        "queues": {name: name.replace("-", "_") for name in ("inbound-triage", "us-overflow")},
        "placeholders": {"marketing-sync": company["marketing_user"]},
        "poll": {"people_s": 5, "absences_s": 1, "touches_s": 5, "outcomes_s": 10},
        "overlap_s": 60,
    }


def _ourselves() -> list[str]:
    return [sys.executable, "-m", "daemon.cli"]
