"""Accounts as read, with the one fact that lives elsewhere: whether an opportunity is open.

An opportunity that opens or closes leaves no stamp on its account, so the accounts of changed
opportunities are read again too.
"""

from collections.abc import Iterable
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


def account_sources(settings: SalesforceSettings, schema: Schema, wire: Wire) -> tuple[Source, ...]:
    """The accounts, and those whose opportunities changed."""
    reader = AccountReader(settings, schema, wire)
    accounts = Source("sf.account", "Account", schema.fields("Account"), seen=reader)
    if not schema.has("Opportunity"):
        return (accounts,)
    touched = Source(
        "sf.account.opportunity",
        "Opportunity",
        ("Id", "SystemModstamp", "AccountId", "IsClosed", "IsDeleted"),
        seen=reader.of_opportunities,
        where="AccountId != null",
        since=literal(settings.route_from),
    )
    return (accounts, touched)


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Reads account rows."""

    settings: SalesforceSettings
    schema: Schema
    wire: Wire

    def __call__(self, batch: Batch) -> Iterable[AccountSeen]:
        """One account for each row."""
        return self._accounts(batch.rows)

    def of_opportunities(self, batch: Batch) -> Iterable[AccountSeen]:
        """The accounts of these opportunities, as they are now."""
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
        open_ones = self._with_open_opportunity(ids)
        return [self._account(row, open_ones) for row in known]

    def _with_open_opportunity(self, ids: list[str]) -> frozenset[str] | None:
        if not self.schema.has("Opportunity"):
            return None
        found: set[str] = set()
        for start in range(0, len(ids), _IDS_A_QUERY):
            of_these = one_of("AccountId", ids[start : start + _IDS_A_QUERY])
            soql = select("Opportunity", ("AccountId",), "IsClosed = false", of_these)
            found |= {id for row in all_rows(self.wire, soql) if (id := id_in(row, "AccountId"))}
        return frozenset(found)

    def _account(self, row: Row, open_ones: frozenset[str] | None) -> AccountSeen:
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
            open_opportunity=None if open_ones is None else id in open_ones,
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
