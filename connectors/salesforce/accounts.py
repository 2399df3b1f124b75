"""Accounts as read, with what lives elsewhere: an open opportunity, and the account team.

An opportunity that opens and a team member who joins leave no stamp on the account, so the
accounts of changed opportunities and members are read again too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from connectors.salesforce.people import all_rows
from connectors.salesforce.reading import Batch, Source
from connectors.salesforce.rows import Row, at, exact, flag, id_in, text
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import one_of, select
from connectors.salesforce.stamps import literal
from connectors.salesforce.wire import Wire
from routing.facts.crm import AccountSeen

_IDS_A_QUERY: Final = 300  #: as many ids as an address may be long
_IDS_A_CALL: Final = 2000
#: Objects whose change changes what is known of an account, and their fields that matter.
_NEIGHBOURS: Final = {
    "Opportunity": ("IsClosed", "IsDeleted"),
    "AccountTeamMember": ("UserId", "IsDeleted"),
}


def account_sources(settings: SalesforceSettings, schema: Schema, wire: Wire) -> tuple[Source, ...]:
    """The accounts, and those whose opportunities changed."""
    reader = AccountReader(settings, schema, wire)
    accounts = Source("sf.account", "Account", schema.fields("Account"), seen=reader)
    neighbours = (
        Source(
            f"sf.account.{sobject.lower()}",
            sobject,
            ("Id", "SystemModstamp", "AccountId", *own),
            seen=reader.of_neighbours,
            where="AccountId != null",
            since=literal(settings.route_from),
        )
        for sobject, own in _NEIGHBOURS.items()
        if schema.has(sobject)
    )
    return (accounts, *neighbours)


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Reads account rows."""

    settings: SalesforceSettings
    schema: Schema
    wire: Wire

    def __call__(self, batch: Batch) -> Iterable[AccountSeen]:
        """One account for each row."""
        return self._accounts(batch.rows)

    def of_neighbours(self, batch: Batch) -> Iterable[AccountSeen]:
        """The accounts of these opportunities or team members, as they are now."""
        ids = sorted({id for row in batch.rows if (id := id_in(row, "AccountId"))})
        fields = self.schema.fields("Account")
        rows: list[Row] = []
        for start in range(0, len(ids), _IDS_A_CALL):
            answer = self.wire.retrieve("Account", ids[start : start + _IDS_A_CALL], fields)
            rows += [row for row in answer.body if row is not None]
        return self._accounts(rows)

    def _accounts(self, rows: Iterable[Row]) -> list[AccountSeen]:
        known = list(rows)
        ids = [id for row in known if (id := id_in(row, "Id"))]
        deals = self._neighbours("Opportunity", "Id", ids, "IsClosed = false")
        teams = self._neighbours("AccountTeamMember", "UserId", ids)
        return [self._account(row, deals, teams or {}) for row in known]

    def _neighbours(
        self, sobject: str, field: str, ids: list[str], *conditions: str
    ) -> dict[str, list[str]] | None:
        """One field of the rows that point to these accounts, by account; None: not readable."""
        if not self.schema.has(sobject):
            return None
        found: dict[str, list[str]] = {}
        for start in range(0, len(ids), _IDS_A_QUERY):
            of_these = one_of("AccountId", ids[start : start + _IDS_A_QUERY])
            fields = tuple(dict.fromkeys(("Id", "AccountId", field)))
            soql = select(sobject, fields, *conditions, of_these, order="Id ASC")
            for row in all_rows(self.wire, soql):
                account, value = id_in(row, "AccountId"), id_in(row, field)
                if account is not None and value is not None:
                    found.setdefault(account, []).append(value)
        return found

    def _account(
        self, row: Row, deals: Mapping[str, list[str]] | None, teams: Mapping[str, list[str]]
    ) -> AccountSeen:
        id = id_in(row, "Id") or ""
        staff = exact(row.get("NumberOfEmployees"))
        named = self.settings.named_field
        return AccountSeen(
            id=id,
            name=text(row, "Name") or "",
            version=str(row.get("SystemModstamp") or ""),
            owner=id_in(row, "OwnerId"),
            domain=host_of(text(row, "Website")),
            parent=id_in(row, "ParentId"),
            named=flag(row, named) if named else None,
            employees=staff if isinstance(staff, int) else None,
            open_opportunity=None if deals is None else id in deals,
            team=tuple(dict.fromkeys(teams.get(id, ()))),
            created_at=at(row, "CreatedDate"),
            fields=exact(row),
            deleted=flag(row, "IsDeleted"),
            merged_into=id_in(row, "MasterRecordId"),
        )


def host_of(website: str | None) -> str | None:
    """The host in what people type into a website field, in lower case.

    Examples:
        >>> host_of("HTTPS://Www.Acme.com/de"), host_of("acme.com"), host_of("n/a")
        ('www.acme.com', 'acme.com', None)
    """
    if website is None:
        return None
    typed = website.strip()
    try:
        host = urlsplit(typed if "//" in typed else f"//{typed}").hostname
    except ValueError:
        return None
    return host.lower() if host and "." in host else None
