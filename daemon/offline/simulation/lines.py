"""One line per decision, for machines and for people, and the check of golden cases."""

from collections.abc import Iterable, Mapping
from typing import Any

from routing.canonical import stamp
from routing.decision import Decision
from routing.scenario.model import QUEUE, Expected


def line(decision: Decision) -> dict[str, Any]:
    """A decision as `simulate --json` prints it.

    `dropped` holds every member of the selected pool who was removed, inactive ones included.
    """
    return {
        "lead": decision.lead,
        "at": stamp(decision.at),
        "owner": decision.owner,
        "queue": decision.queue,
        "method": decision.method.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "route": decision.route,
        "dropped": [
            {"person": drop.person, "layer": drop.layer.value, "code": drop.code.value}
            for drop in decision.drops
            if drop.person in decision.members
        ],
    }


def misses(expected: Iterable[Expected], last: dict[str, dict[str, Any]]) -> list[str]:
    """What golden cases wanted and did not get, one sentence each.

    Args:
        expected: The cases.
        last: The last line of each lead that has one.
    """
    return [
        f"{case.place.file}:{case.place.line}:{case.place.column}: {case.lead} {said}"
        for case in expected
        for said in _miss(case.wants, last.get(case.lead))
    ]


def _miss(wants: Mapping[str, str | None] | None, got: dict[str, Any] | None) -> list[str]:
    if wants is None:
        if got is None or (got["owner"] is None and got["queue"] is None):
            return []
        return [f"should not be routed, but went to {_holder(got)}."]
    if got is None:
        missing = [f"{name} {wanted}" for name, wanted in wants.items() if wanted is not None]
        return [f"should have {', '.join(missing)}, but was not routed."] if missing else []
    return [
        f"should have {name} {wanted or 'null'}, but has {_found(got, name) or 'null'}."
        for name, wanted in wants.items()
        if _found(got, name) != wanted
    ]


def _found(got: dict[str, Any], name: str) -> str | None:
    found: str | None = _holder(got) if name == "owner" else got[name]
    return found


def _holder(got: dict[str, Any]) -> str | None:
    holder: str | None = got["owner"] if got["queue"] is None else f"{QUEUE}{got['queue']}"
    return holder
