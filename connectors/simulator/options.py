"""What a simulator is started with, checked whole before anything is built."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import yaml

from connectors.simulator.faults import mistakes_in
from connectors.simulator.hubspot import faults as hubspot
from connectors.simulator.salesforce import faults as salesforce

_KINDS: Final = {"salesforce": salesforce.KINDS, "hubspot": hubspot.KINDS}
_ENDLESS: Final = 1_000
_LIMITS: Final = {
    "salesforce_port": (0, 65_535),
    "hubspot_port": (0, 65_535),
    "people": (1, 2_000),
    "accounts": (0, 200_000),
    "leads": (0, 1_000_000),
    "rate": (0, 1_000),
}


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """How large the world is, how it lives and where it listens."""

    salesforce_port: int = 0  #: 0 picks a free one
    hubspot_port: int = 0
    seed: int = 1
    people: int = 60
    accounts: int = 2_000
    leads: int = 500  #: there at the start; with a rate, so many arrive, 0 being without end
    rate: float = 0.0  #: leads a second; 0 means all are there at the start
    faults: Path | None = None
    daily_limit: int = 150_000  #: Salesforce's, in a rolling day
    session_s: float = 7_200.0
    hubspot_daily_limit: int = 650_000
    hubspot_burst: int = 190  #: calls of a private app in ten seconds
    searches_per_s: int = 5
    hubspot_leads: int = 0  #: of the leads, those that are in HubSpot only
    synced_pairs: int = 0  #: of the leads, those that the native sync carries over
    unsynced_pairs: int = 0  #: of the leads, those in both CRMs without any link
    sync: bool = True  #: whether the native sync runs
    sync_delay_s: float = 2.0
    search_lag_s: tuple[float, float] = (0.2, 2.0)  #: from a write to when a search finds it
    certificate: tuple[Path, Path] | None = None  #: certificate and key, to speak TLS

    @property
    def dealt(self) -> int:
        """Of how many leads the pairs are a part: all, or each thousand of those without end."""
        return self.leads or _ENDLESS

    def __post_init__(self) -> None:
        mistakes = [
            f"{name} is {getattr(self, name)}; it must be from {low} to {high}."
            for name, (low, high) in _LIMITS.items()
            if not low <= getattr(self, name) <= high
        ]
        beside = self.hubspot_leads + self.synced_pairs + self.unsynced_pairs
        if min(self.hubspot_leads, self.synced_pairs, self.unsynced_pairs) < 0:
            mistakes.append("hubspot_leads, synced_pairs and unsynced_pairs must not be negative.")
        if beside > self.dealt:
            mistakes.append(
                f"hubspot_leads, synced_pairs and unsynced_pairs are parts of the leads, and"
                f" {beside} are more than {self.dealt}; lower them or raise leads."
            )
        if mistakes:
            raise ValueError("The simulator cannot start. " + " ".join(mistakes))


def read_faults(path: Path, crm: str = "salesforce") -> list[dict[str, Any]]:
    """Read a file of scripted faults: a list, or a mapping with the key `faults`.

    A fault is Salesforce's unless it says `crm: hubspot`; the file is checked whole.

    Returns:
        The faults of the given CRM, without the key `crm`.

    Raises:
        ValueError: The file cannot be read or a fault is wrong; every mistake is named.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"The faults file {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise ValueError(f"The faults file {path} is neither YAML nor JSON: {error}.") from error
    scripts = given.get("faults") if isinstance(given, dict) else given
    if not isinstance(scripts, list) or not all(isinstance(one, dict) for one in scripts):
        raise ValueError(
            f"The faults file {path} must be a list of faults, or a mapping with the key `faults`"
            " that holds one. A fault looks like {kind: token_expiry, match: {nth: 3}}."
        )
    mistakes = [
        f"fault {at}: {mistake}"
        for at, one in enumerate(scripts, 1)
        for mistake in _mistakes_in(one)
    ]
    if mistakes:
        raise ValueError(f"The faults file {path} has mistakes. " + "; ".join(mistakes))
    return [_without_crm(one) for one in scripts if one.get("crm", "salesforce") == crm]


def _mistakes_in(script: dict[str, Any]) -> list[str]:
    crm = str(script.get("crm", "salesforce"))
    if crm not in _KINDS:
        return [f"there is no CRM {crm!r}; known are {sorted(_KINDS)}"]
    return mistakes_in(_without_crm(script), _KINDS[crm])


def _without_crm(script: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in script.items() if key != "crm"}


def option_names() -> list[str]:
    """The names of all options, for whoever offers them on a command line."""
    return [field.name for field in fields(SimulatorOptions)]
