"""What an error on one record means for the effect that was to be written to it.

By code first; what HubSpot says of a wrong value is JSON inside of a message. A value that is
refused for the owner's property is the rep's fault: they left, or have no seat. A code nobody
knows is the record's fault: dead, with an alert, is better than a retry for ever.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectors.hubspot.refusals import CrmError
from routing.facts.crm import Applied

_GONE: Final = frozenset({"OBJECT_NOT_FOUND", "NOT_FOUND", "OBJECT_ALREADY_DELETED"})
_LATER: Final = frozenset({"RATE_LIMITS", "RATE_LIMIT", "LOCKED", "OBJECT_LOCKED"})
_FLAWS: Final = re.compile(r"\[.*\]", re.DOTALL)
_OWNER_CODES: Final = frozenset({"INVALID_OWNER", "INVALID_OWNER_ID", "OWNER_NOT_FOUND"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an error says. `applied` None: it cannot be told; the record has to be read again."""

    applied: Applied | None
    code: str | None = None
    detail: str = ""


def verdict_on(error: CrmError, owner_field: str, *, is_owner: bool = True) -> Verdict:
    """Judge one error.

    Args:
        error: As HubSpot worded it.
        owner_field: The property of the owner.
        is_owner: Whether the owner was to be written.

    Examples:
        >>> said = 'Property values were not valid: [{"name":"hubspot_owner_id"}]'
        >>> verdict_on(CrmError("VALIDATION_ERROR", said), "hubspot_owner_id").applied.value
        'refused_rep'
        >>> missing = CrmError("MISSING_CONDITIONAL_REQUIRED_PROPERTY", "industry is required")
        >>> verdict_on(missing, "hubspot_owner_id").applied.value
        'refused_record'
    """
    detail = error.message
    if error.code in _GONE:
        return Verdict(Applied.GONE, error.code, detail)
    if error.code in _LATER:
        return Verdict(Applied.LATER, error.code, detail)
    flaws = flaws_in(error.message)
    about_owner = error.code in _OWNER_CODES or any(f.get("name") == owner_field for f in flaws)
    if is_owner and (about_owner or (not flaws and owner_field in detail)):
        return Verdict(Applied.REFUSED_REP, _code(flaws, owner_field) or error.code, detail)
    return Verdict(Applied.REFUSED_RECORD, _code(flaws, None) or error.code, detail)


def flaws_in(message: str) -> list[dict[str, Any]]:
    """The wrong values that a message lists.

    Examples:
        >>> flaws_in('Property values were not valid: [{"error":"INVALID_OPTION","name":"a"}]')
        [{'error': 'INVALID_OPTION', 'name': 'a'}]
        >>> flaws_in("You have reached your daily limit.")
        []
    """
    listed = _FLAWS.search(message)
    try:
        found = orjson.loads(listed[0]) if listed else []
    except orjson.JSONDecodeError:
        return []
    return [flaw for flaw in found if isinstance(flaw, dict)]


def _code(flaws: list[dict[str, Any]], name: str | None) -> str | None:
    of_it = (flaw for flaw in flaws if name is None or flaw.get("name") == name)
    code = next((flaw.get("error") for flaw in of_it), None)
    return code if isinstance(code, str) else None
