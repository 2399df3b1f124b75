"""Scripted faults: which there are, when they strike, and how often.

A fault is a kind, a match and settings. Counting, windows and chance are settled here;
which kinds there are, and what each does to a call, each CRM says itself. Chance is
drawn from the seed, so a script strikes the same requests in every run that makes them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final, Protocol


class Stage(StrEnum):
    """When a fault gets its chance."""

    REQUEST = "request"  #: before the call is looked at
    READ = "read"  #: before a record is read by its id, once for each record
    SAVE = "save"  #: before a record is saved, once for each record
    SAVED = "saved"  #: after a record was saved, once for each record
    INDEX = "index"  #: after a record was saved, before a search can find it so
    REPLY = "reply"  #: after the call was answered and took effect
    VIEW = "view"  #: when it is settled what the caller may see
    CLOCK = "clock"  #: when its time has come, without any call


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: when it strikes, which settings it knows, where it strikes by default."""

    stage: Stage
    settings: Mapping[str, Any] = field(default_factory=dict)  #: with their defaults
    path: str = "*"
    methods: tuple[str, ...] = ()
    once: bool = False  #: strikes once unless `times` says otherwise
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: what a setting may be


_MATCHES: Final = {
    "method", "path", "object", "id", "nth", "every", "probability", "from_s", "until_s", "client",
}  # fmt: skip


Kinds = Mapping[str, Kind]


class Strikable(Protocol):
    """What a fault must know of a call."""

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        ...

    @property
    def path(self) -> str:
        """The path, without the query."""
        ...

    @property
    def client_id(self) -> str:
        """The client that calls, empty before it is known."""
        ...

    @property
    def about(self) -> str:
        """The object the call is about, in lower case; empty if it names none."""
        ...


@dataclass(slots=True)
class Fault:
    """One scripted fault and how often it has struck."""

    number: int
    kind: str
    nature: Kind
    match: Mapping[str, Any]
    settings: Mapping[str, Any]
    times: int | None
    added_at: datetime
    seen: int = 0
    fired: int = 0

    def open_at(self, now: datetime) -> bool:
        """Whether the fault's window is open and it has not struck often enough."""
        if self.times is not None and self.fired >= self.times:
            return False
        since = now - self.added_at
        if since < timedelta(seconds=float(self.match.get("from_s", 0))):
            return False
        until = self.match.get("until_s")
        return until is None or since < timedelta(seconds=float(until))

    def as_json(self) -> dict[str, Any]:
        """The fault as the control endpoint shows it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "match": dict(self.match),
            "times": self.times,
            **self.settings,
            "seen": self.seen,
            "fired": self.fired,
        }


class FaultBook:
    """The faults in force at one CRM."""

    def __init__(self, seed: int, kinds: Kinds) -> None:
        self._chance = Random(seed)
        self._kinds = kinds
        self._faults: list[Fault] = []
        self._numbers = 0

    def add(self, script: Mapping[str, Any], now: datetime) -> Fault:
        """Put a fault in force.

        Raises:
            ValueError: The script has a mistake; the message names each of them.
        """
        mistakes = mistakes_in(script, self._kinds)
        if mistakes:
            raise ValueError("; ".join(mistakes))
        self._numbers += 1
        kind = self._kinds[script["kind"]]
        match = dict(script.get("match") or {})
        settings = {key: script.get(key, default) for key, default in kind.settings.items()}
        times = script.get("times", 1 if kind.once or kind.stage is Stage.CLOCK else None)
        fault = Fault(self._numbers, script["kind"], kind, match, settings, times, now)
        self._faults.append(fault)
        return fault

    def remove(self, number: int | None = None) -> None:
        """Lift one fault, or all of them."""
        self._faults = [one for one in self._faults if number not in (None, one.number)]

    def listed(self) -> list[dict[str, Any]]:
        """All faults, spent ones included."""
        return [fault.as_json() for fault in self._faults]

    def due(self, now: datetime) -> Iterator[Fault]:
        """Faults that happen by the clock and whose time has come."""
        for fault in self._faults:
            if fault.nature.stage is Stage.CLOCK and fault.open_at(now):
                fault.fired += 1
                yield fault

    def striking(
        self, stage: Stage, call: Strikable, now: datetime, *, record: tuple[str, str] | None = None
    ) -> Iterator[Fault]:
        """Faults that strike this call at this stage, or this record (object and id) of it."""
        for fault in list(self._faults):
            concerned = fault.nature.stage is stage and fault.open_at(now)
            if concerned and _fits(fault, call, record) and self._strikes(fault):
                yield fault

    def _strikes(self, fault: Fault) -> bool:
        fault.seen += 1
        nth, every = fault.match.get("nth"), fault.match.get("every")
        if nth is not None and fault.seen not in (nth if isinstance(nth, list) else [nth]):
            return False
        if every is not None and fault.seen % int(every):
            return False
        probability = fault.match.get("probability")
        if probability is not None and self._chance.random() >= float(probability):
            return False
        fault.fired += 1
        return True


def mistakes_in(script: Mapping[str, Any], kinds: Kinds) -> list[str]:
    """What is wrong with a fault's script, in words; empty if nothing is."""
    kind = kinds.get(str(script.get("kind")))
    if kind is None:
        known = ", ".join(sorted(kinds))
        return [f"There is no fault of kind {script.get('kind')!r}; known kinds are: {known}"]
    name = script["kind"]
    match = script.get("match") or {}
    if not isinstance(match, Mapping):
        return [f"{name}: match must be a mapping, not {match!r}"]
    unknown = sorted(set(script) - {"kind", "match", "times"} - set(kind.settings))
    mistakes = [
        f"{name}: unknown setting {one!r}; it has {sorted(kind.settings)}" for one in unknown
    ]
    mistakes += [
        f"{name}: cannot match on {one!r}; only on {sorted(_MATCHES)}"
        for one in sorted(set(match) - _MATCHES)
    ]
    mistakes += [
        f"{name}: {one} must be a number, not {match[one]!r}"
        for one in ("from_s", "until_s", "every", "probability")
        if one in match and not isinstance(match[one], int | float)
    ]
    mistakes += [
        f"{name}: {setting} must be among {sorted(allowed)}, not {one!r}"
        for setting, allowed in kind.choices.items()
        for one in _listed(script.get(setting, kind.settings[setting]))
        if one not in allowed
    ]
    times = script.get("times")
    if times is not None and (not isinstance(times, int) or times < 1):
        mistakes.append(f"{name}: times must be a whole number from 1, not {times!r}")
    return mistakes


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _fits(fault: Fault, call: Strikable, record: tuple[str, str] | None) -> bool:
    kind, match = fault.nature, fault.match
    methods = [match["method"].upper()] if "method" in match else kind.methods
    if methods and call.method not in methods:
        return False
    if not fnmatchcase(call.path, match.get("path") or kind.path):
        return False
    if "client" in match and call.client_id != match["client"]:
        return False
    sobject, record_id = record or (call.about, "")
    if "object" in match and str(match["object"]).lower() != sobject.lower():
        return False
    return "id" not in match or match["id"] in (record_id, record_id[:15])
