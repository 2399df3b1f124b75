"""What a record is linked to: the company of a contact, the contact of a deal or a call.

Links are told apart by the number of their type, never by their label. A record may be linked to
many: the primary one counts, else the one with the smallest id, and that there was a choice is
noted.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot.refusals import Refusal
from connectors.hubspot.wire import Wire

_IDS_A_CALL: Final = 1000
#: The number of the primary link, by kinds.
PRIMARY: Final[Mapping[tuple[str, str], int]] = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "companies"): 5,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a record."""

    to: str
    types: frozenset[int]


def linked(wire: Wire, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[Link]]:
    """The links of these records to records of another kind; none where this key may not look."""
    found: dict[str, list[Link]] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _IDS_A_CALL):
        try:
            answer = wire.associations(kind, to, wanted[start : start + _IDS_A_CALL])
        except Refusal as refusal:
            if not (refusal.missing or refusal.unknown):
                raise
            return {}
        for result in answer.body["results"]:
            source, links = _links_in(result)
            if source is not None:
                found.setdefault(source, []).extend(links)
    return found


def chosen(links: Sequence[Link], kind: str, to: str) -> tuple[str | None, Sequence[str]]:
    """The one link that counts, and the others that could have.

    Examples:
        >>> links = [Link("9", frozenset({279})), Link("12", frozenset({279, 1}))]
        >>> chosen(links, "contacts", "companies"), chosen(links[:1], "contacts", "companies")
        (('12', []), ('9', []))
    """
    primary = PRIMARY.get((kind, to))
    best = [link.to for link in links if primary in link.types] or [link.to for link in links]
    several = sorted(set(best), key=_number)
    return (several[0], several[1:]) if several else (None, [])


def the_links(wire: Wire, kind: str, to: str, ids: Sequence[str]) -> dict[str, str]:
    """For each of these records the one of another kind that counts."""
    found = linked(wire, kind, to, ids) if ids else {}
    counted: dict[str, str] = {}
    for id, links in found.items():
        link, others = chosen(links, kind, to)
        if link is not None:
            counted[id] = link
        if others:
            about = {"record": id, "kind": kind, "to": to, "took": link, "others": others[:5]}
            log.info("link_ambiguous", extra=about)
    return counted


def _links_in(result: Any) -> tuple[str | None, list[Link]]:
    if not isinstance(result, Mapping):
        return None, []
    source = result.get("from")
    id = source.get("id") if isinstance(source, Mapping) else None
    if id is None:
        return None, []
    return str(id), list(_each(result.get("to")))


def _each(listed: Any) -> Iterator[Link]:
    for one in listed if isinstance(listed, list) else ():
        to = one.get("toObjectId", one.get("id")) if isinstance(one, Mapping) else None
        if isinstance(to, str | int):
            yield Link(str(to), frozenset(_types(one.get("associationTypes"))))


def _types(listed: Any) -> Iterator[int]:
    for one in listed if isinstance(listed, list) else ():
        number = one.get("typeId") if isinstance(one, Mapping) else None
        if isinstance(number, int) or (isinstance(number, str) and number.isdigit()):
            yield int(number)


def _number(id: str) -> tuple[int, str]:
    return (int(id), id) if id.isascii() and id.isdigit() else (2**63, id)
