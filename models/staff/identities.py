"""Which CRM user a rep is: the join of now, with the history of joins beside it.

A rep has one user in a CRM, and a user is one rep. What is no longer so is taken away and what is
new is added, in one transaction with what hangs on it: open leads are with whoever their owner's
user is now. Who was which user, since when and until when, stays known as an attribute of the rep
(`identity.CONNECTION`), so that ids never stand in the journal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from models.journal.entries import ENTER, Act, EntryKind, entered
from models.store.statements import changing, deleting, inserting
from models.store.writes import Writes
from models.tables import LeadRow, RegisterRow, RepAttribute, RepIdentity
from routing.life.register import OWNER

HISTORY = "identity."  #: before a connection's name: the attribute that keeps who was which user

_JOIN = inserting(RepIdentity)
_PART = deleting(RepIdentity, ("connection", "crm_user"))
_SINCE = inserting(RepAttribute)
_UNTIL = changing(RepAttribute, ("seq",), ("forgotten_at",))
_HELD = changing(LeadRow, ("id",), ("owner_rep", "holder"))


@dataclass(frozen=True, slots=True)
class Identity:
    """A rep's user in a CRM."""

    rep: str
    connection: str
    crm_user: str
    joined_by: str  #: `email` or `roster`


def rep_by_user(database: Connection, connection: str) -> dict[str, str]:
    """Rep by CRM user, of one connection."""
    c = RepIdentity.__table__.c
    query = select(c.crm_user, c.rep_id).where(c.connection == connection)
    return {row.crm_user: row.rep_id for row in database.execute(query)}


def rejoin(
    database: Connection, connection: str, identities: Iterable[Identity], act: Act
) -> tuple[str, ...]:
    """Make these a connection's identities, and no others; the users that changed hands."""
    known = rep_by_user(database, connection)
    wanted = {each.crm_user: each for each in identities}
    parted = {user: rep for user, rep in known.items() if _rep(wanted, user) != rep}
    joined = {user: each for user, each in wanted.items() if known.get(user) != each.rep}
    writes = Writes()
    for user in parted:
        writes.add(_PART, {"key_connection": connection, "key_crm_user": user})
    for each in joined.values():
        writes.add(_JOIN, _identity_row(each, act))
    _keep_history(database, writes, connection, set(parted.values()), act)
    for each in joined.values():
        writes.add(_SINCE, _since(each, act))
    changed = sorted({*parted.values(), *(each.rep for each in joined.values())})
    for rep in changed:
        about: dict[str, Any] = {"changed": ["identity"], "connection": connection}
        writes.add(ENTER, entered(act, EntryKind.ROSTER, rep, source="join", **about))
    users = tuple(sorted({*parted, *joined}))
    _follow(database, writes, connection, {user: _rep(wanted, user) for user in users})
    writes.flush(database)
    return users


def _rep(wanted: Mapping[str, Identity], user: str) -> str | None:
    return wanted[user].rep if user in wanted else None


def _keep_history(
    database: Connection, writes: Writes, connection: str, reps: set[str], act: Act
) -> None:
    """What was known until now is forgotten at this instant, and stays readable."""
    c = RepAttribute.__table__.c
    query = select(c.seq).where(
        c.name == f"{HISTORY}{connection}", c.rep_id.in_(sorted(reps)), c.forgotten_at.is_(None)
    )
    for row in database.execute(query) if reps else ():
        writes.add(_UNTIL, {"key_seq": row.seq, "forgotten_at": act.at})


def _follow(
    database: Connection, writes: Writes, connection: str, users: Mapping[str, str | None]
) -> None:
    """Open leads of these users are with the reps they are now, or with somebody we do not know."""
    lead, owned = LeadRow.__table__.c, RegisterRow.__table__.c
    is_main = and_(owned.record_id == lead.record_id, owned.slot == OWNER)
    query = (
        select(lead.id, owned.owner, lead.owner_rep)
        .join_from(LeadRow.__table__, RegisterRow.__table__, is_main)
        .where(
            lead.open,
            lead.connection == connection,
            or_(lead.owner_rep.is_not(None), lead.holder.in_(users)),
            owned.owner.in_(users),
        )
    )
    for row in database.execute(query) if users else ():
        rep = users[row.owner]
        if rep != row.owner_rep:
            writes.add(_HELD, {"key_id": row.id, "owner_rep": rep, "holder": rep or row.owner})


def _identity_row(each: Identity, act: Act) -> dict[str, Any]:
    return {
        "rep_id": each.rep,
        "connection": each.connection,
        "crm_user": each.crm_user,
        "joined_by": each.joined_by,
        "known_at": act.at,
    }


def _since(each: Identity, act: Act) -> dict[str, Any]:
    return {
        "rep_id": each.rep,
        "name": f"{HISTORY}{each.connection}",
        "value": each.crm_user,
        "valid_from": None,
        "valid_to": None,
        "known_at": act.at,
        "forgotten_at": None,
        "source": f"joined by {each.joined_by}",
    }
