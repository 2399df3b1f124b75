"""Users and queues: who may own a lead, and who stands behind a queue.

Users are read by cursor. Frozen ones are another object without a stamp of its own, so the whole
list is compared with the last one; a frozen user counts as inactive. Queues and their members are
few and change without a trace in any stamp: they are read whole each time and handed out when
they differ from what was stored. Members may be users, groups or roles, in any depth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, at, flag, id_in, text
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import one_of, select
from connectors.salesforce.wire import Wire
from routing.facts.crm import QueueSeen, UserSeen

#: User types whose licence can own a lead. Chatter, portal, guest and automated users cannot.
_OWNERS: Final = frozenset({"Standard", "PowerPartner"})
_ROLE_GROUPS: Final = frozenset({"Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"})
_IDS_A_QUERY: Final = 300


def user_source(schema: Schema, frozen: frozenset[str]) -> Source:
    """All users, the inactive ones included."""
    return Source("sf.user", "User", schema.fields("User"), seen=UserReader(frozen))


@dataclass(frozen=True, slots=True)
class UserReader:
    """Reads user rows, knowing who is frozen."""

    frozen: frozenset[str]

    def __call__(self, batch: Batch) -> Iterable[UserSeen]:
        """One user for each row."""
        return (self._user(row) for row in batch.rows)

    def _user(self, row: Row) -> UserSeen:
        id = id_in(row, "Id") or ""
        kind = text(row, "UserType")
        return UserSeen(
            id=id,
            active=flag(row, "IsActive") and id not in self.frozen,
            name=text(row, "Name") or id,
            email=text(row, "Email"),
            manager=id_in(row, "ManagerId"),
            timezone=text(row, "TimeZoneSidKey"),
            can_own=kind is None or kind in _OWNERS,
            modified_at=at(row, "LastModifiedDate") or at(row, "SystemModstamp"),
        )


@dataclass(frozen=True, slots=True)
class People:
    """What is read whole: the frozen, and the queues."""

    wire: Wire
    schema: Schema
    settings: SalesforceSettings

    def frozen(self) -> frozenset[str]:
        """Users who are locked out for now; nobody where this key may not look."""
        if not self.schema.has("UserLogin"):
            return frozenset()
        rows = all_rows(self.wire, select("UserLogin", ("UserId",), "IsFrozen = true"))
        return frozenset(id for row in rows if (id := id_in(row, "UserId")))

    def users(self, ids: Iterable[str]) -> list[Row]:
        """These users as they are now."""
        fields, wanted = self.schema.fields("User"), sorted(ids)
        found: list[Row] = []
        for start in range(0, len(wanted), _IDS_A_QUERY):
            chunk = one_of("Id", wanted[start : start + _IDS_A_QUERY])
            found += all_rows(self.wire, select("User", fields, chunk))
        return found

    def queues(self) -> list[QueueSeen]:
        """Every queue with its objects and members, by id."""
        groups = self._groups()
        queues = [row for row in groups.values() if row.get("Type") == "Queue"]
        if not queues:
            return []
        objects = self._objects()
        members = self._members(groups)
        return [
            QueueSeen(
                id=id,
                name=text(row, "DeveloperName") or "",
                label=text(row, "Name") or "",
                objects=tuple(sorted(objects.get(id, ()))),
                members=tuple(sorted(members.of(id))),
            )
            for id, row in sorted((id_in(row, "Id") or "", row) for row in queues)
        ]

    def _groups(self) -> dict[str, Row]:
        soql = select("Group", self.schema.fields("Group"), "Type != 'Organization'")
        return {id: row for row in all_rows(self.wire, soql) if (id := id_in(row, "Id"))}

    def _objects(self) -> dict[str, list[str]]:
        ours = {routed.sobject: routed.object for routed in self.settings.routed}
        objects: dict[str, list[str]] = {}
        for row in all_rows(self.wire, select("QueueSobject", ("QueueId", "SobjectType"))):
            id, sobject = id_in(row, "QueueId"), text(row, "SobjectType")
            if id is not None and sobject is not None:
                objects.setdefault(id, []).append(ours.get(sobject, f"sf.{sobject.lower()}"))
        return objects

    def _members(self, groups: Mapping[str, Row]) -> "Membership":
        direct: dict[str, list[str]] = {}
        for row in all_rows(self.wire, select("GroupMember", ("GroupId", "UserOrGroupId"))):
            id, member = id_in(row, "GroupId"), id_in(row, "UserOrGroupId")
            if id is not None and member is not None:
                direct.setdefault(id, []).append(member)
        roles = any(row.get("Type") in _ROLE_GROUPS for row in groups.values())
        return Membership(groups, direct, *(self._roles() if roles else ({}, {})))

    def _roles(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Users by role, and roles by the role above them."""
        users: dict[str, list[str]] = {}
        below: dict[str, list[str]] = {}
        for row in all_rows(self.wire, select("User", ("Id", "UserRoleId"), "UserRoleId != null")):
            users.setdefault(id_in(row, "UserRoleId") or "", []).append(id_in(row, "Id") or "")
        for row in all_rows(self.wire, select("UserRole", ("Id", "ParentRoleId"))):
            below.setdefault(id_in(row, "ParentRoleId") or "", []).append(id_in(row, "Id") or "")
        return users, below


@dataclass(frozen=True, slots=True)
class Membership:
    """Who belongs to a group, however deep."""

    groups: Mapping[str, Row]
    direct: Mapping[str, Sequence[str]]
    users_by_role: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roles_below: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, id: str) -> set[str]:
        """The users of a group; groups that contain each other are followed once."""
        users: set[str] = set()
        seen: set[str] = set()
        waiting = [id]
        while waiting:
            member = waiting.pop()
            if member in seen:
                continue
            seen.add(member)
            if member.startswith("005"):
                users.add(member)
            waiting += self.direct.get(member, ())
            users |= self._by_role(self.groups.get(member, {}))
        return users

    def _by_role(self, group: Row) -> set[str]:
        role = id_in(group, "RelatedId")
        if role is None or group.get("Type") not in _ROLE_GROUPS:
            return set()
        users: set[str] = set()
        roles, seen = [role], {""}
        while roles:
            role = roles.pop()
            if role in seen:
                continue
            seen.add(role)
            users.update(self.users_by_role.get(role, ()))
            if group.get("Type") != "Role":
                roles += self.roles_below.get(role, ())
        return users


def all_rows(wire: Wire, soql: str) -> list[dict[str, Any]]:
    """Every row of a query that is small by nature."""
    answer = wire.query(soql, all_rows=False)
    rows = answer.rows()
    while not answer.body["done"]:
        answer = wire.more(str(answer.body.get("nextRecordsUrl")))
        rows += answer.rows()
    return rows
