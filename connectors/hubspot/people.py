"""Owners: who may hold a record, and where and when they work.

An owner's id is not the user's id. Active owners and archived ones are two lists, and the archived
ones tell no user id of now. Neither list leaves a trace when a user changes, so both are read
whole each time and handed out where they differ from what was stored; who is in neither keeps the
last word, because a page that misses somebody has been seen. Time zones and working hours stand on
HubSpot's user objects, which know the owner they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from connectors.delivered import Version, version_of
from connectors.hubspot.availability import hours_in, is_away, times_in
from connectors.hubspot.refusals import Refusal, Silence
from connectors.hubspot.rows import Row, properties_of, text
from connectors.hubspot.stamps import moment
from connectors.hubspot.wire import Answer, Query, Wire
from routing.facts.crm import QueueSeen, UserSeen

OWNER: Final = "hubspot_owner_id"
_ALWAYS: Final = "9999-12-31T23:59:59.999Z"  # read whole each time, so never below a watermark
_OWNERS_A_PAGE: Final = "100"
_USERS_A_PAGE: Final = "100"
_MOST_PAGES: Final = 1000
USER_PROPERTIES: Final = (
    OWNER,
    "hs_email",
    "hs_standard_time_zone",
    "hs_working_hours",
    "hs_availability_status",
    "hs_out_of_office_hours",
    "hs_is_out_of_office",
)


@dataclass(frozen=True, slots=True)
class People:
    """What is read whole."""

    wire: Wire

    def owners(self) -> list[UserSeen | QueueSeen]:
        """Every owner, those who left included, by id."""
        users = _by_owner(self.users() or ())
        found: dict[str, UserSeen | QueueSeen] = {}
        for archived in ("true", "false"):  # who is in both lists is active
            for row in self._listed(archived):
                owner = _owner(row, users, active=archived == "false")
                found[owner.id] = owner
        return [found[id] for id in sorted(found)]

    def users(self) -> list[Row] | None:
        """Every user object; None where this key may not read them."""
        names = tuple(("properties", name) for name in USER_PROPERTIES)
        query = (("limit", _USERS_A_PAGE), *names)
        try:
            return list(paged(lambda after: self.wire.listing("users", (*query, *after))))
        except Refusal as refusal:
            if not (refusal.missing or refusal.unknown):
                raise
            return None

    def _listed(self, archived: str) -> Iterator[Row]:
        query = (("archived", archived), ("limit", _OWNERS_A_PAGE))
        return paged(lambda after: self.wire.owners((*query, *after)))


def paged(ask: Callable[[Query], Answer]) -> Iterator[Row]:
    """Every row of a listing.

    Args:
        ask: Makes the call for a page, given where to go on: an empty query at first.
    """
    after: Query = ()
    for _ in range(_MOST_PAGES):
        answer = ask(after)
        yield from answer.rows()
        following = answer.after()
        if following is None:
            return
        if after == (("after", following),):
            break
        after = (("after", following),)
    raise Silence("a listing has no end.")


def version_of_owner(owner: UserSeen | QueueSeen) -> Version:
    """The identity of an owner as read; HubSpot stamps no change of theirs."""
    seen = {name: value for name, value in asdict(owner).items() if name != "modified_at"}
    return version_of("owners", owner.id, seen, stamp=_ALWAYS)


def address(email: str | None) -> str:
    """An e-mail address as it is compared.

    Examples:
        >>> address(" Kim@Acme.com ")
        'kim@acme.com'
    """
    return (email or "").strip().casefold()


def _by_owner(rows: Iterable[Row]) -> dict[str, Row]:
    """User objects by owner id, and by e-mail address where they name no owner."""
    named = ((text(row, OWNER) or address(text(row, "hs_email")), row) for row in rows)
    return {who: row for who, row in named if who}


def _owner(row: Row, users: Mapping[str, Row], *, active: bool) -> UserSeen | QueueSeen:
    id = str(row["id"])
    email = _text(row.get("email"))
    names = (_text(row.get("firstName")), _text(row.get("lastName")))
    name = " ".join(part for part in names if part) or email or id
    if row.get("type") == "QUEUE":
        return QueueSeen(id=id, name=name, label=name, objects=())
    user = users.get(id) or users.get(address(email)) or {}
    hours = hours_in(text(user, "hs_working_hours"))
    return UserSeen(
        id=id,
        active=active and row.get("archived") is not True,
        name=name,
        email=email,
        timezone=text(user, "hs_standard_time_zone"),
        modified_at=moment(row.get("updatedAt")),
        hours=hours or None,
        unreadable=tuple(_unreadable(user, hours)),
    )


def _unreadable(user: Row, hours: Mapping[str, str] | None) -> Iterator[str]:
    if hours is None:
        yield "hours"
    if times_in(properties_of(user).get("hs_out_of_office_hours")) is None or is_away(user) is None:
        yield "absences"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def owner_of_user(row: Row, by_email: Mapping[str, str]) -> str | None:
    """The owner id behind a user object: what it says itself, else by its address."""
    said = text(row, OWNER)
    return said or by_email.get(address(str(properties_of(row).get("hs_email") or "")))
