"""Owners: people and queues that records can belong to, and the numbers they are known by.

An owner has an id of its own, which is not the id of the user behind it. One who was
removed is archived: no longer listed unless asked for, without a user id, and refused as
the owner of anything, while records go on naming it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.simulator.hubspot.stamps import wire


@dataclass(slots=True)
class Owner:
    """Somebody, or a queue, who may own records."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    user_id: int | None
    created_ms: int
    kind: str = "PERSON"
    archived: bool = False
    teams: tuple[tuple[str, str], ...] = ()  #: id and name, the primary one first

    def as_json(self) -> dict[str, Any]:
        """The owner as the owners API shows it."""
        shown: dict[str, Any] = {
            "id": str(self.id),
            "email": self.email,
            "type": self.kind,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": wire(self.created_ms),
            "updatedAt": wire(self.created_ms),
            "archived": self.archived,
        }
        if self.teams:
            shown["teams"] = [
                {"id": team_id, "name": name, "primary": at == 0}
                for at, (team_id, name) in enumerate(self.teams)
            ]
        return shown


class Owners:
    """The owners of a portal, in the order of their ids."""

    def __init__(self) -> None:
        self._owners: dict[int, Owner] = {}
        self._by_email: dict[str, Owner] = {}

    def __iter__(self) -> Iterator[Owner]:
        return iter(self._owners.values())

    def add(self, owner: Owner) -> None:
        """Take in an owner; ids are given in ascending order."""
        self._owners[owner.id] = owner
        if owner.email:
            self._by_email[owner.email.lower()] = owner

    def get(self, owner_id: str) -> Owner | None:
        """The owner of this id, archived or not."""
        return (
            self._owners.get(int(owner_id)) if owner_id.isascii() and owner_id.isdigit() else None
        )

    def of_user(self, user_id: str) -> Owner | None:
        """The owner behind whom this user stands, archived or not."""
        return next((one for one in self if str(one.user_id) == user_id), None)

    def with_email(self, email: str) -> Owner | None:
        """The person with this address, archived or not."""
        return self._by_email.get(email.lower())

    def may_own(self, owner_id: str) -> bool:
        """Whether a record may be given to this owner."""
        owner = self.get(owner_id)
        return owner is not None and not owner.archived and owner.kind == "PERSON"
