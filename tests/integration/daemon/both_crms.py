"""The whole application between the two simulated CRMs, over their real wire protocols.

Time stands still but for `pass_time` and for whoever waits. Leads arrive in either CRM or in both,
the native sync carries owners to and fro, humans take leads in either CRM and between our reading
and our write, answers are lost, and the process may die between any two steps. In the end both
CRMs' own journals are held against the ledger.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from connectors.port import Connector
from connectors.simulator.clock import SimulatorClock
from connectors.simulator.crms import SimulatedCrms
from connectors.simulator.exchange import Refusal
from connectors.simulator.hubspot_server import HubSpotAddress
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.remote import SimulatorRemote
from connectors.simulator.server import SimulatorAddress
from daemon.main import Parts, build
from daemon.offline.demo.settings import KEYS, settings_of
from daemon.offline.demo.summary import Account, is_settled, verdict
from daemon.offline.demo.truth import Truth
from daemon.offline.demo.witness import SYNC, Witness
from daemon.offline.starter import starter_folder
from daemon.settings import load_settings
from models.reports.reconciliation import Roll
from routing.facts import Effect, EffectResult
from tests.fakes.clock import CountingIds, SettableClock
from tests.fakes.office import Told
from tests.integration.daemon.mortal import Crash, Dice, Fate, buried
from tests.integration.hubspot.world import NINE, PortalClock

LEADS = 24
SETTLING_S = 240
#: HubSpot has no guarded write: whoever is faster by a moment there is overwritten and
#: given back at once; the connector's own tests hold it to that.
_FAULTS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("salesforce", "ambiguous_write", {"match": {"path": "*/composite"}, "times": 1}),
    ("hubspot", "lost_response", {"match": {"path": "*/batch/update"}, "times": 1}),
    ("salesforce", "human_edit", {"match": {"object": "Lead"}, "times": 1}),
    ("salesforce", "row_lock", {"delay_s": 0.0, "match": {"object": "Lead"}, "times": 1}),
    ("hubspot", "server_error", {"times": 3}),
    ("salesforce", "garbage", {"times": 2}),
    ("hubspot", "secondly", {"times": 2}),
    ("hubspot", "garbage", {"times": 1}),
    ("salesforce", "token_expiry", {"times": 1}),
)


class Both:
    """Both CRMs of one company, its humans, and the application that may die."""

    def __init__(
        self,
        folder: Path,
        url: str,
        seed: int,
        *,
        fate: Fate | None = None,
        synced: bool = True,
        **options: Any,
    ) -> None:
        shares = {"hubspot_leads": 5, "synced_pairs": 10, "unsynced_pairs": 4}
        world = {"people": 14, "accounts": 8, "leads": LEADS, "rate": 0.5, **shares, **options}
        self.crms = SimulatedCrms(
            SimulatorOptions(seed=seed, sync=synced, **world), clock=SimulatorClock(NINE)
        )
        self.fate = fate
        self.dice = Dice(seed)
        self.told = Told()
        self.ids = CountingIds()
        self.clock: SettableClock = PortalClock(NINE, self.pass_time)
        self._folder, self._synced = folder, synced
        self._addresses: dict[str, SimulatorAddress | HubSpotAddress] = dict(
            zip(KEYS, self.crms.start(), strict=True)
        )
        self._remotes = {
            name: SimulatorRemote(address.base_url) for name, address in self._addresses.items()
        }
        self._companies = {name: remote.company() for name, remote in self._remotes.items()}
        self._write_files(url)
        self.app = self._opened()
        self._round()

    def live(self) -> None:
        """Let leads arrive and humans, faults and fate have their way; then let it settle."""
        while self.crms.life.arriving:
            self._something_happens()
            self._mortal_round()
        for crm in (self.crms.salesforce, self.crms.hubspot):
            crm.book.remove()
        until = self.clock.now() + timedelta(seconds=SETTLING_S)
        while self.clock.now() < until and not self.is_settled():
            self.pass_time(2)
            self._round()
        for _ in range(4):
            self.pass_time(4)
            self._round()

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self.crms.clock.advance(seconds)
        self.clock.advance(seconds)
        self.crms.tick()

    def close(self) -> None:
        """End everything."""
        self.app.close()
        for remote in self._remotes.values():
            remote.close()
        self.crms.stop()

    def witness(self) -> Witness:
        """What both CRMs' own journals say."""
        entries = [*self.crms.salesforce.truth(), *self.crms.hubspot.truth()]
        people = [person for each in self._companies.values() for person in each["people"]]
        return Witness(
            sorted(entries, key=lambda entry: str(entry["at"])),
            [address.client_id for address in self._addresses.values()],
            [str(person["crm_id"]) for person in people if not person["left"]],
            {str(person["crm_id"]): str(person["id"]) for person in people},
            self._remotes["salesforce"].pairs(),
        )

    def account(self) -> Account:
        """What the ledger says."""
        roll = Roll(self.app.ledger.store)
        return Account(roll.rows(NINE), roll.records(NINE))

    def is_settled(self) -> bool:
        """Whether everybody came to their end."""
        return is_settled(self.witness().persons(), self.account())

    def truth(self) -> Truth:
        """Both journals beside the ledger."""
        return verdict(self.witness(), self.account())

    def two_owners(self) -> list[str]:
        """Persons with two owners; of unsynced pairs those to whom we gave both.

        Nothing carries over what a human does to one of those, perhaps before we could see it.
        """
        witness = self.witness()
        last = {
            str(entry["id"]): entry["client"]
            for entry in witness.journal
            if entry["what"] == "owner_changed"
        }
        theirs = {
            str(lead)
            for lead, contact in witness.pairs["unsynced"]
            if not {last.get(str(lead)), last.get(str(contact))} <= {*witness.ours}
        }
        return [said for said in witness.with_two_owners() if said.split()[0] not in theirs]

    def outdone(self) -> list[str]:
        """Humans who had a record of a synced pair, and lost it to our write in the other CRM.

        Whoever took theirs before we wrote should have kept it, unless they left the company.
        """
        witness = self.witness()
        pairs = [(str(lead), str(contact)) for lead, contact in witness.pairs["synced"]]
        other = dict(pairs) | {contact: lead for lead, contact in pairs}
        ours: dict[str, tuple[str, str]] = {}  # record -> owner and time of our last write
        human: dict[str, tuple[str, str]] = {}
        said = []
        for entry in witness.journal:
            if entry["what"] == "active_changed":
                human = {one: took for one, took in human.items() if took[0] != entry["id"]}
            if entry["what"] != "owner_changed":
                continue
            record, after = str(entry["id"]), str(entry["after"])
            if entry["client"] in witness.ours:
                ours[record] = (after, str(entry["at"]))
            elif entry["client"] == SYNC and other.get(record) in ours and record in human:
                wrote, at = ours[other[record]]
                is_ours = witness.slugs.get(wrote) == witness.slugs.get(after)
                taken, taken_at = human[record]
                if is_ours and entry["before"] == taken and taken_at < at:
                    said.append(f"{record} was {taken}'s since {taken_at}; we gave it away at {at}")
            human.pop(record, None)
            if entry["client"] == "human" and after in witness.people:
                human[record] = (after, str(entry["at"]))
        return said

    def _something_happens(self) -> None:
        what = self.dice.below(8)
        if what == 0:
            crm, kind, script = self.dice.one_of(_FAULTS)
            getattr(self.crms, crm).fault(kind, **script)
        elif what in (1, 2, 3):
            self._somebody_takes()

    def _somebody_takes(self) -> None:
        """A human takes one of the last few who arrived, in either CRM, or gives it up."""
        witness = self.witness()
        person = self.dice.one_of(witness.persons()[-6:] or [()])
        if not person:
            return
        record = self.dice.one_of(person)
        rep = self.dice.one_of(self._companies["hubspot"]["people"][1:])
        gives_up = self.dice.below(4) == 0
        try:
            if record.isdigit():
                owner = "" if gives_up else str(self._crm_id("hubspot", rep["id"]))
                self.crms.hubspot.acts.change_owner("contacts", int(record), owner)
            else:
                queue = self._companies["salesforce"]["queues"]["web-inbound"]
                owner = queue if gives_up else str(self._crm_id("salesforce", rep["id"]))
                self.crms.salesforce.acts.change_owner(record, owner)
        except (Refusal, ValueError):
            return  # converted meanwhile, or whoever takes it has left

    def _crm_id(self, crm: str, slug: str) -> str:
        people = self._companies[crm]["people"]
        return next(str(each["crm_id"]) for each in people if each["id"] == slug)

    def _mortal_round(self) -> None:
        self.pass_time(0.3 + self.dice.below(15) / 10)
        if self.fate is not None:
            self.fate.armed = True
        try:
            self._round()
        except Crash:
            self._die()
        finally:
            if self.fate is not None:
                self.fate.armed = False

    def _die(self) -> None:
        if self.fate is not None:
            self.fate.armed = False
        buried(self)
        self.pass_time(self.dice.below(20))
        self.app = self._opened()

    def _round(self) -> None:
        self.app.tick(self.clock.now())

    def _opened(self) -> Any:
        parts = Parts(self.clock, self.ids, self.told)
        return build(load_settings(self._folder / "signalbox.yaml"), parts)

    def _write_files(self, url: str) -> None:
        addresses = {
            name: {key: getattr(address, key) for key in ("base_url", "client_id", "access_token")}
            for name, address in self._addresses.items()
        }
        started_at: datetime = NINE
        told = settings_of(addresses, self._companies, started_at)
        told["ledger"] = {"url": url.replace("postgresql://", "postgresql+psycopg://")}
        told["pairs"]["synced"] = self._synced
        written = {"decision": "hs.contact.signalbox_decision"}
        told["connections"]["hubspot"]["written"] = written
        del told["http"]
        for name, key in KEYS.items():
            auth = told["connections"][name]["auth"]
            place = next(each for each in auth if auth[each] == key.variable)
            auth[place.replace("_env", "_file")] = name
            del auth[place]
            (self._folder / name).write_text(getattr(self._addresses[name], key.found_as))
            (self._folder / name).chmod(0o600)
        book = (starter_folder() / "demo" / "rulebook.yaml").read_text(encoding="utf-8")
        people = self._remotes["salesforce"].roster()
        (self._folder / "rulebook.yaml").write_text(book, encoding="utf-8")
        for name, content in (("roster.yaml", {"people": people}), ("signalbox.yaml", told)):
            (self._folder / name).write_text(yaml.safe_dump(content, sort_keys=False))


def mortal_end(fate: Fate, kind: type[Connector]) -> Callable[..., Any]:
    """`apply` of a real connector, in a process that may die before and after it."""
    original = kind.apply

    def apply(self: Connector, effects: Sequence[Effect]) -> list[EffectResult]:
        fate.point()
        results = original(self, effects)
        fate.point()
        return list(results)

    return apply
