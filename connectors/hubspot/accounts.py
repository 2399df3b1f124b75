"""Companies, which are the accounts. How many deals are open is a property of theirs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.hubspot.reading import Batch, Source
from connectors.hubspot.records import MERGED
from connectors.hubspot.rows import (
    Row,
    at,
    created_at,
    fields_of,
    flag,
    several,
    text,
    version_mark,
    whole,
)
from connectors.hubspot.settings import HubSpotSettings
from routing.facts.crm import AccountSeen

MODIFIED: Final = "hs_lastmodifieddate"
_FROM_THE_BEGINNING: Final = "1970-01-01T00:00:00.000Z"
_READ: Final = (
    "hs_object_id",
    MERGED,
    MODIFIED,
    "createdate",
    "name",
    "domain",
    "hs_additional_domains",
    "hubspot_owner_id",
    "hs_parent_company_id",
    "numberofemployees",
    "hs_num_open_deals",
)


def account_sources(settings: HubSpotSettings) -> tuple[Source, ...]:
    """All companies."""
    named = (settings.named_field,) if settings.named_field else ()
    noted = settings.salesforce_ids.get("sf.account")
    read = (*_READ, *named, *settings.mapped_fields("hs.company"), *((noted,) if noted else ()))
    return (
        Source(
            key="hs.company",
            kind="companies",
            properties=tuple(dict.fromkeys(read)),
            seen=AccountReader(settings),
            since=_FROM_THE_BEGINNING,
            archived=True,
            needed=False,
        ),
    )


@dataclass(frozen=True, slots=True)
class AccountReader:
    """Reads rows of companies."""

    settings: HubSpotSettings

    def __call__(self, batch: Batch) -> Iterable[AccountSeen]:
        """One account for each row, and one for each that it swallowed."""
        for row in batch.rows:
            yield self._account(row)
            yield from _swallowed(row)

    def _account(self, row: Row) -> AccountSeen:
        deals = whole(row, "hs_num_open_deals")
        named = self.settings.named_field
        return AccountSeen(
            id=str(row["id"]),
            name=text(row, "name") or "",
            version=version_mark(row, MODIFIED),
            owner=text(row, "hubspot_owner_id"),
            domain=(text(row, "domain") or "").lower() or None,
            domains=tuple(host.lower() for host in several(row, "hs_additional_domains")),
            parent=text(row, "hs_parent_company_id"),
            named=flag(row, named) if named else None,
            employees=whole(row, "numberofemployees"),
            open_opportunity=None if deals is None else deals > 0,
            created_at=created_at(row, "createdate"),
            fields=fields_of(row),
            deleted=row.get("archived") is True,
        )


def _swallowed(row: Row) -> Iterator[AccountSeen]:
    survivor = str(row["id"])
    for id in several(row, MERGED):
        if id != survivor:
            yield AccountSeen(
                id=id,
                name="",
                version=f"merged into {survivor}",
                created_at=at(row, "createdate"),
                deleted=True,
                merged_into=survivor,
            )
