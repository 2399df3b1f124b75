"""Which objects and fields a connection needs, before anyone has looked whether they are there.

Without a required field of a needed object nothing runs. An object that is not needed, and fields
that are not required, are done without where they are absent.
"""

from dataclasses import dataclass
from typing import Final

from connectors.salesforce.settings import RoutedObject, SalesforceSettings

#: The fields a cursor stands on: they must be there, filterable and sortable.
CURSOR: Final = ("Id", "SystemModstamp")


@dataclass(frozen=True, slots=True)
class Need:
    """One object, and what is read of it."""

    sobject: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needed: bool = True
    cursor: bool = True  #: read by cursor
    written: tuple[str, ...] = ()


_LEAD_LIKE: Final = ("CreatedDate", "LastModifiedDate", "LastModifiedById", "IsDeleted")
_LEAD_MORE: Final = (
    "MasterRecordId",
    "IsConverted",
    "ConvertedDate",
    "ConvertedAccountId",
    "ConvertedContactId",
    "ConvertedOpportunityId",
    "IsUnreadByOwner",
)


_PEOPLE: Final = (
    Need(
        "User",
        (*CURSOR, "Name", "IsActive"),
        ("Email", "UserType", "ManagerId", "TimeZoneSidKey", "UserRoleId", "LastModifiedDate"),
    ),
    Need("Group", ("Id", "Name", "DeveloperName", "Type"), ("RelatedId",), cursor=False),
    Need("QueueSobject", ("QueueId", "SobjectType"), cursor=False),
    Need("GroupMember", ("GroupId", "UserOrGroupId"), cursor=False),
    Need("UserLogin", ("UserId", "IsFrozen"), needed=False, cursor=False),
)
_ACTIVITY: Final = (*CURSOR, "WhoId", "CreatedDate", "CreatedById", "IsDeleted")
_DEAL: Final = ("AccountId", "OwnerId", "IsClosed", "IsWon", "CreatedDate", "IsDeleted")
_ABSENCE: Final = ("UserId", "StartDate", "EndDate", "IsEnabled")
_OTHERS: Final = (
    Need("AccountTeamMember", (*CURSOR, "AccountId", "UserId", "IsDeleted"), needed=False),
    Need(
        "Opportunity",
        (*CURSOR, *_DEAL),
        ("Amount", "CloseDate", "LastModifiedDate"),
        needed=False,
    ),
    Need("Task", _ACTIVITY, ("TaskSubtype", "OwnerId"), needed=False),
    Need("Event", _ACTIVITY, ("OwnerId",), needed=False),
    Need("OutOfOffice", (*CURSOR, *_ABSENCE), needed=False),
)


def needs_of(settings: SalesforceSettings) -> tuple[Need, ...]:
    """All that the connection reads and writes, in a fixed order."""
    routed = (_routed(settings, one) for one in settings.routed)
    return (*routed, *_PEOPLE, _account(settings), *_OTHERS)


def _routed(settings: SalesforceSettings, routed: RoutedObject) -> Need:
    own = (
        routed.owner_field,
        routed.stage_field,
        routed.email_field,
        routed.company_field,
        routed.account_field,
    )
    named = tuple(name for name in own if name)
    written = settings.written_fields(routed.object)
    fields = (*CURSOR, *_LEAD_LIKE, *named, *settings.mapped_fields(routed.object), *written)
    required = tuple(dict.fromkeys(fields))
    return Need(
        routed.sobject,
        required,
        tuple(name for name in _LEAD_MORE if name not in required),
        written=(routed.owner_field, *written),
    )


def _account(settings: SalesforceSettings) -> Need:
    extra = (settings.named_field,) if settings.named_field else ()
    fields = (
        *CURSOR,
        "Name",
        "OwnerId",
        "IsDeleted",
        *extra,
        *settings.mapped_fields("sf.account"),
    )
    required = tuple(dict.fromkeys(fields))
    more = ("ParentId", "Website", "NumberOfEmployees", "CreatedDate", "MasterRecordId")
    return Need("Account", required, tuple(name for name in more if name not in required))
