"""The stage of the demo: two simulated CRMs and the real daemon, in processes of their own.

Everything stands in one folder that stays behind: settings, rulebook, roster, ledger and logs. The
keys to the simulated CRMs are handed over in the environment, as real ones would be.
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

from connectors.simulator.people import Person, hire
from connectors.simulator.remote import SimulatorRemote
from daemon.offline.demo.files import write_files
from daemon.offline.demo.settings import KEYS, LEDGER, PROPERTIES, settings_of
from daemon.offline.starter import starter_folder

OURSELVES = (sys.executable, "-m", "daemon.cli")
PEOPLE = 60
_STOP_S = 30.0
_READY_S = 30.0


class DemoFailed(RuntimeError):
    """A part of the demo did not start or ended by itself; the message says where its log is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played. Of the leads, so many are in HubSpot only, and so many in both CRMs."""

    leads: int
    rate: float  #: leads a second
    seed: int
    folder: Path

    @property
    def people(self) -> list[Person]:
        """Everybody who sells, the same for the same seed."""
        return hire(self.seed, PEOPLE)

    @property
    def shares(self) -> Mapping[str, int]:
        """How many leads are elsewhere than in Salesforce alone, as the simulator is told."""
        synced, unsynced = self.leads * 3 // 10, self.leads // 25
        hubspot = (self.leads - synced - unsynced) * 2 // 5
        return {"hubspot-leads": hubspot, "synced-pairs": synced, "unsynced-pairs": unsynced}


class Stage:
    """Both processes; stopped, whatever happens, at the end of the `with`."""

    def __init__(self, plan: Plan, started_at: datetime) -> None:
        self.plan = plan
        self.settings = plan.folder / "signalbox.yaml"
        self.ledger = plan.folder / LEDGER
        self._started_at = started_at
        self._running: list[tuple[str, subprocess.Popen[bytes], BufferedWriter]] = []
        self._secrets: dict[str, str] = {}
        self.clients: tuple[str, ...] = ()  #: the names under which the daemon writes
        self.remotes: dict[str, SimulatorRemote] = {}  #: by CRM
        self.companies: dict[str, dict[str, Any]] = {}  #: by CRM

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
            [*OURSELVES, *words, "--settings", str(self.settings)],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout or done.stderr

    def _raise_curtain(self) -> None:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        addresses = self._start_crms()
        self._secrets = {KEYS[crm].variable: addresses[crm][KEYS[crm].found_as] for crm in KEYS}
        self.clients = tuple(address["client_id"] for address in addresses.values())
        self.remotes = {crm: SimulatorRemote(addresses[crm]["base_url"]) for crm in KEYS}
        for name in PROPERTIES.values():
            self.remotes["hubspot"].act({"act": "define_property", "name": name})
        self.companies = {crm: remote.company() for crm, remote in self.remotes.items()}
        told = settings_of(addresses, self.companies, self._started_at)
        write_files(self.plan.folder, self.plan.people, told)
        self._start("daemon", ["run", "--settings", str(self.settings)])

    def _start_crms(self) -> Mapping[str, Mapping[str, str]]:
        plan = self.plan
        options = {"seed": plan.seed, "people": PEOPLE, "leads": plan.leads, "rate": plan.rate}
        options |= plan.shares
        words = [f"--{name}={value}" for name, value in options.items()]
        faults = starter_folder() / "demo" / "faults.yaml"
        process = self._start("simulator", ["simulator", *words, f"--faults={faults}"], piped=True)
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise self._failed("simulator", "did not start")
        addresses: Mapping[str, Mapping[str, str]] = orjson.loads(line)
        return addresses

    def _start(
        self, name: str, words: Sequence[str], *, piped: bool = False
    ) -> subprocess.Popen[bytes]:
        log = self._log(name).open("wb")
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [*OURSELVES, *words],
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
        return {**os.environ, **self._secrets}
