"""/crm/owners: who may own records, active or archived, never both in one list."""

from itertools import islice
from typing import Final

from connectors.simulator.exchange import Reply
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.desk import Desk
from connectors.simulator.hubspot.refusals import invalid, not_found
from connectors.simulator.hubspot.singles import cursor_value, next_page

_MOST: Final = 500


def listed(desk: Desk, call: Call) -> Reply:
    """Answer GET /crm/owners."""
    limit = call.number_param("limit", 100, _MOST)
    last, email = cursor_value(call.param("after")), call.param("email").lower()
    wanted = (
        owner
        for owner in desk.portal.owners
        if owner.id > last
        and owner.archived is call.flag("archived")
        and (not email or (owner.email or "").lower() == email)
    )
    rows = list(islice(wanted, limit + 1))
    answer: dict[str, object] = {"results": [owner.as_json() for owner in rows[:limit]]}
    if len(rows) > limit:
        answer["paging"] = next_page(desk, call, rows[limit - 1].id)
    return Reply(200, answer)


def read(desk: Desk, call: Call, owner_id: str) -> Reply:
    """Answer GET /crm/owners/{id}, which may be the id of a user if the call says so."""
    by = call.param("idProperty", "id")
    if by not in ("id", "userId"):
        raise invalid(f"idProperty must be id or userId, not {by}.")
    owners = desk.portal.owners
    owner = owners.get(owner_id) if by == "id" else owners.of_user(owner_id)
    if owner is None or owner.archived is not call.flag("archived"):
        raise not_found()
    return Reply(200, owner.as_json())
