"""A simulated Salesforce that lives in real time, and daemons to set on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from connectors.simulator.options import SimulatorOptions
from connectors.simulator.server import SalesforceSimulator
from daemon.base.clock import RandomIds, SystemClock
from daemon.offline.demo.truth import LedgerRow, Truth, check_truth
from daemon.offline.starter import starter_folder
from models.ledger import Ledger, open_ledger
from models.reports.reconciliation import Roll, RollRow
from models.store.errors import LedgerError
from tests.acceptance.cli.process import Ended, signalbox

SECRET = "SIGNALBOX_TEST_SECRET"
SETTLED = ("confirmed", "conflict", "dead", "not_routed")


class Company:
    """The CRM, the files of an installation, and whatever processes were started."""

    def __init__(self, folder: Path, url: str, *, leads: int, rate: float, seed: int = 1) -> None:
        self.folder = folder
        self.url = url
        self.leads = leads
        self.started_at = SystemClock().now().replace(microsecond=0)
        options = SimulatorOptions(seed=seed, people=20, accounts=50, leads=leads, rate=rate)
        self.simulator = SalesforceSimulator(options)
        placeholder = self.simulator.world.marketing_user_id
        self.people = [
            str(user["Id"])
            for user in self.simulator.org.store.table("User").rows.values()
            if user["IsActive"] and user["Id"] != placeholder
        ]
        self.address = self.simulator.start()
        self.processes: list[subprocess.Popen[bytes]] = []
        self._write_files()

    def daemon(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a daemon; its log goes to a file of its own."""
        log = (self.folder / f"daemon-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "daemon.cli",
                    "run",
                    "--settings",
                    str(self.settings),
                    *options,
                ],
                env={**os.environ, SECRET: self.address.client_secret},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def command(self, *words: str) -> Ended:
        """Run another command on the same settings, with the CRM's key."""
        key = {SECRET: self.address.client_secret}
        settings = ["--settings", str(self.settings)]
        return signalbox(*words, *settings, cwd=self.folder, env=key)

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "signalbox.yaml"

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """What a daemon wrote."""
        number = self.processes.index(process)
        return (self.folder / f"daemon-{number}.log").read_text()

    def ledger(self) -> Ledger:
        """The ledger, for reading."""
        clock = SystemClock()
        return open_ledger(self.url, ids=RandomIds(), now=clock.now, migrate_schema=False)

    def roll(self) -> tuple[RollRow, ...]:
        """Every lead with its decisions; none before the daemon has made the ledger."""
        try:
            ledger = self.ledger()
        except LedgerError:
            return ()
        try:
            return Roll(ledger.store).rows(self.started_at)
        finally:
            ledger.close()

    def arrived(self) -> list[str]:
        """Leads that came, by the CRM's own journal."""
        return [
            entry["id"]
            for entry in self.simulator.truth()
            if entry["what"] == "created" and entry["sobject"] == "Lead"
        ]

    def settles(self, *, within_s: float) -> None:
        """Wait until every lead has arrived and come to its end."""
        until(self._is_settled, within_s=within_s, what="the leads were settled")

    def verdict(self) -> Truth:
        """The CRM's own journal beside the ledger."""
        rows = [LedgerRow(r.record, r.state, r.decision, r.expected, r.value) for r in self.roll()]
        return check_truth(
            self.simulator.truth(), rows, ours=[self.address.client_id], people=self.people
        )

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.simulator.stop()

    def _is_settled(self) -> bool:
        arrived = self.arrived()
        last = {row.record: row.state for row in self.roll()}
        settled = all(last.get(each) in SETTLED for each in arrived)
        return len(arrived) >= self.leads and settled

    def _write_files(self) -> None:
        book = (starter_folder() / "demo" / "rulebook.yaml").read_text()
        book = book.replace("pool: healthcare-desk", "pool: us")
        book = book.replace("  healthcare-desk: {team: healthcare-desk}\n", "")
        (self.folder / "rulebook.yaml").write_text(book)
        self._write("roster.yaml", {"people": self.simulator.roster()})
        self._write("signalbox.yaml", self._settings())

    def _settings(self) -> dict[str, Any]:
        world = self.simulator.world
        facts = {
            "country": "Country",
            "state": "State",
            "industry": "Industry",
            "employees": "NumberOfEmployees",
        }
        return {
            "rulebook": "rulebook.yaml",
            "roster": "roster.yaml",
            "route_from": self.started_at.isoformat(),
            "ledger": {"url": self.url.replace("postgresql://", "postgresql+psycopg://")},
            "connections": {
                "salesforce": {
                    "kind": "salesforce",
                    "mode": "live",
                    "base_url": self.address.base_url,
                    "auth": {
                        "type": "client_credentials",
                        "client_id": self.address.client_id,
                        "client_secret_env": SECRET,
                    },
                    "facts": {fact: f"sf.lead.{field}" for fact, field in facts.items()},
                    "written": {"decision": "sf.lead.Signalbox_Decision__c"},
                    "placeholders": {"marketing-sync": world.marketing_user_id},
                    "overlap_s": 60,
                }
            },
            "timing": {"poll_s": 0.3, "recall_s": 1, "lease_ttl_s": 3, "lease_renew_s": 1},
            "http": {"port": 0},
            "log": {"format": "json"},
        }

    def _write(self, name: str, content: Any) -> None:
        (self.folder / name).write_text(yaml.safe_dump(content, sort_keys=False))


def until(is_so: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Wait for something, not longer than that."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes], *, within_s: float = 25.0) -> int:
    """SIGTERM; the exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(within_s)
