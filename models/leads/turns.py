"""The rotation's account: entries, of which a claim is the sum, and claims kept in step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.journal.entries import ENTER, Actor, Entry, EntryKind, row_of
from models.store.prepared import Values
from models.store.statements import inserting
from models.store.writes import Writes
from models.tables import TurnRow
from routing.decision import TurnCharge

_ENTRY = inserting(TurnRow)


class TurnReason(StrEnum):
    """Why a claim moved. Add, never rename."""

    ROTATION = "rotation"
    GAVE_BACK = "gave_back"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class Credit:
    """An operator moves a claim by hand."""

    pool: str
    rep: str
    units: int
    why: str
    actor: Actor


def charged(
    writes: Writes, charge: TurnCharge, *, decision: str, shadow: bool, at: tuple[datetime, int]
) -> None:
    """A rotation's charge, with its decision; `at` is its instant and sequence."""
    instant, sequence = at
    amounts = charge.amounts()
    writes.add(
        _ENTRY,
        _row(
            charge.pool,
            amounts,
            shadow=shadow,
            why=TurnReason.ROTATION,
            at=instant,
        )
        | {
            "decision_id": decision,
            "chosen": charge.chosen,
            "cost": charge.cost,
            "claim_before": charge.claim_before,
            "claim_after": charge.claim_after,
            "served_only": charge.served_only,
            "sequence": sequence,
        },
    )
    writes.charge(
        shadow=shadow, pool=charge.pool, amounts=amounts, served=charge.chosen, at=sequence
    )


def gave_back(
    writes: Writes, charge: TurnCharge, *, decision: str, lead: str, at: datetime
) -> None:
    """The opposite of a live charge, by an entry of its own; who was served stays served."""
    amounts = {rep: -units for rep, units in charge.amounts().items()}
    row = _row(charge.pool, amounts, shadow=False, why=TurnReason.GAVE_BACK, at=at)
    writes.add(_ENTRY, row | {"decision_id": decision})
    writes.charge(shadow=False, pool=charge.pool, amounts=amounts, served=None, at=0)
    about = {"decision": decision, "pool": charge.pool, "rep": charge.chosen, "why": "gave_back"}
    writes.add(ENTER, row_of(Entry(EntryKind.TURN, lead, about), at))


def credited(writes: Writes, credit: Credit, at: datetime) -> None:
    """A claim moved by hand, journalled with who did it and why."""
    amounts = {credit.rep: credit.units}
    writes.add(_ENTRY, _row(credit.pool, amounts, shadow=False, why=TurnReason.CREDITED, at=at))
    writes.charge(shadow=False, pool=credit.pool, amounts=amounts, served=None, at=0)
    about = {"pool": credit.pool, "units": str(credit.units), "why": credit.why}
    entry = Entry(EntryKind.TURN, credit.rep, about, actor=credit.actor)
    writes.add(ENTER, row_of(entry, at))


def charge_of(row: Any) -> TurnCharge:
    """The charge that an entry of a rotation stored."""
    net = amounts_of(row.amounts)
    gains = dict(net)
    if not row.served_only:
        gains[row.chosen] = gains.get(row.chosen, 0) + row.cost
    return TurnCharge(
        pool=row.pool,
        chosen=row.chosen,
        gains=tuple(sorted(gains.items())),
        cost=row.cost,
        claim_before=row.claim_before,
        claim_after=row.claim_after,
        served_only=row.served_only,
    )


def amounts_of(packed: list[list[Any]]) -> dict[str, int]:
    """What each rep's claim changed by, from an entry's `amounts`."""
    return {rep: int(units) for units, reps in packed for rep in reps}


def _packed(amounts: Mapping[str, int]) -> list[tuple[int, list[str]]]:
    """Reps by the units they share: most gain the same."""
    by_units: dict[int, list[str]] = {}
    for rep, units in amounts.items():
        sharing = by_units.get(units)
        if sharing is None:
            by_units[units] = [rep]
        else:
            sharing.append(rep)
    return sorted(by_units.items())


def _row(
    pool: str, amounts: Mapping[str, int], *, shadow: bool, why: TurnReason, at: datetime
) -> Values:
    return {
        "shadow": shadow,
        "pool": pool,
        "decision_id": None,
        "chosen": None,
        "amounts": _packed(amounts),
        "cost": 0,
        "claim_before": 0,
        "claim_after": 0,
        "served_only": False,
        "why": why,
        "sequence": 0,
        "at": at,
    }
