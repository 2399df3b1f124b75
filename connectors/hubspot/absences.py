"""Who is away: out-of-office times, and users who set themselves away.

Both are properties of user objects, read whole each time; what is no longer there is handed out
once more as withdrawn. An absence that was known stays while the text that could end it cannot be
read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connectors.hubspot.availability import is_away, times_in
from connectors.hubspot.people import owner_of_user
from connectors.hubspot.rows import Row, properties_of
from connectors.hubspot.stamps import instant, stamp
from routing.facts.crm import AbsenceSeen

_AWAY: Final = "away"

#: id -> [owner, start, end or None]: the absences that were handed out, as a bookmark keeps them.
Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Away:
    """What one user object says of absence; None: it cannot be told."""

    owner: str
    times: tuple[tuple[datetime, datetime | None], ...] | None
    now: bool | None  #: away until further notice


def absences_in(
    rows: list[Row], known: Known, by_email: Mapping[str, str], now: datetime
) -> tuple[list[AbsenceSeen], dict[str, Any]]:
    """The absences that user objects tell, and what to keep of them.

    Args:
        rows: Every user object.
        known: What was kept last time.
        by_email: Owner ids by address, for users who name no owner.
        now: The server's time.
    """
    seen = [away for row in rows if (away := _away(row, by_email)) is not None]
    kept = {id: value for away in seen for id, value in _told(away, known, now)}
    unsure = {away.owner for away in seen if away.times is None}
    found = [_absence(id, value, enabled=True) for id, value in kept.items()]
    for id, value in known.items():
        if id in kept:
            continue
        if value[0] in unsure and not id.endswith(_AWAY):
            kept[id] = value
        else:
            found.append(_absence(id, value, enabled=False))
    return found, kept


def _away(row: Row, by_email: Mapping[str, str]) -> Away | None:
    owner = owner_of_user(row, by_email)
    if owner is None:
        return None
    return Away(owner, times_in(properties_of(row).get("hs_out_of_office_hours")), is_away(row))


def _told(away: Away, known: Known, now: datetime) -> Iterator[tuple[str, Any]]:
    for starts_at, ends_at in away.times or ():
        id = f"{away.owner}:{stamp(starts_at)}"
        yield id, [away.owner, stamp(starts_at), None if ends_at is None else stamp(ends_at)]
    id = f"{away.owner}:{_AWAY}"
    if away.now is True or (away.now is None and id in known):
        yield id, known.get(id) or [away.owner, stamp(now), None]


def _absence(id: str, kept: Any, *, enabled: bool) -> AbsenceSeen:
    owner, starts, ends = kept
    return AbsenceSeen(
        id=id,
        user=owner,
        starts_at=instant(starts),
        ends_at=None if ends is None else instant(ends),
        enabled=enabled,
    )
