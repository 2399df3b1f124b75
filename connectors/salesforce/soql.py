"""Queries as text. Names come from settings that were checked against the org's description.

Values are stamps and ids that were checked where they came in; nothing a human typed into a
record ever becomes part of a query.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from connectors.salesforce.cursor import Scan

_NAME: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*\Z", re.ASCII)
_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z", re.ASCII)
_ID: Final = re.compile(r"[0-9A-Za-z]{15,18}\Z", re.ASCII)


def select(sobject: str, fields: Sequence[str], *conditions: str, order: str = "") -> str:
    """A query over one object; empty conditions are left out.

    Examples:
        >>> select("Lead", ("Id",), "IsConverted = true", "", order="Id ASC")
        'SELECT Id FROM Lead WHERE IsConverted = true ORDER BY Id ASC'
    """
    for name in (sobject, *fields):
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is no field or object name; mend the field mapping.")
    given = [condition for condition in conditions if condition]
    where = f" WHERE {' AND '.join(given)}" if given else ""
    ordered = f" ORDER BY {order}" if order else ""
    return f"SELECT {', '.join(fields)} FROM {sobject}{where}{ordered}"  # noqa: S608 - names checked


def count(sobject: str, *conditions: str) -> str:
    """How many rows of one object; empty conditions are left out.

    Examples:
        >>> count("Lead", "IsConverted = false", "")
        'SELECT COUNT() FROM Lead WHERE IsConverted = false'
    """
    return select(sobject, ("Id",), *conditions).replace("SELECT Id ", "SELECT COUNT() ", 1)


def in_range(scan: Scan, *, by: str = "SystemModstamp") -> str:
    """The condition for a scan's range.

    Examples:
        >>> from connectors.salesforce.cursor import Mark
        >>> in_range(Scan(after=Mark("2026-01-05T09:00:00Z", "00Q5g00000AbCdEEAV")))[:50]
        "((SystemModstamp = 2026-01-05T09:00:00Z AND Id > '"
    """
    parts = []
    if scan.after is not None:
        at, last = _checked(_STAMP, scan.after.stamp), _checked(_ID, scan.after.id)
        parts.append(f"(({by} = {at} AND Id > '{last}') OR {by} > {at})")
    elif scan.low is not None:
        parts.append(f"{by} >= {_checked(_STAMP, scan.low)}")
    if scan.high is not None:
        parts.append(f"{by} <= {_checked(_STAMP, scan.high)}")
    return " AND ".join(parts)


def one_of(field: str, ids: Iterable[str]) -> str:
    """The condition that a field holds one of these ids.

    Examples:
        >>> one_of("Id", ["00Q5g00000AbCdEEAV"])
        "Id IN ('00Q5g00000AbCdEEAV')"
    """
    quoted = ", ".join(f"'{_checked(_ID, id)}'" for id in ids)
    return f"{field} IN ({quoted})"


def _checked(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.match(text):
        raise ValueError(f"{text!r} cannot stand in a query: {pattern.pattern} is expected.")
    return text
