"""What an error on one record means for the effect that was to be written to it.

By code first, then by what HubSpot lists as wrong. A value that is refused for the owner's
property is the rep's fault: they left, or have no seat. A code nobody knows is the record's fault:
dead, with an alert, is better than a retry for ever.
"""

from dataclasses import dataclass
from typing import Final

from connectors.hubspot.refusals import CrmError, Flaw
from routing.facts.crm import Applied

_GONE: Final = frozenset({"OBJECT_NOT_FOUND", "NOT_FOUND", "OBJECT_ALREADY_DELETED"})
_LATER: Final = frozenset({"RATE_LIMITS", "RATE_LIMIT", "LOCKED", "OBJECT_LOCKED"})
_OWNER_CODES: Final = frozenset({"INVALID_OWNER", "INVALID_OWNER_ID", "OWNER_NOT_FOUND"})
_NO_OPTION: Final = "was not one of the allowed options"


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
        >>> flaw = Flaw("hubspot_owner_id", "INVALID_OPTION", "77 was not one of the allowed")
        >>> verdict_on(CrmError("VALIDATION_ERROR", "", (flaw,)), "hubspot_owner_id").applied.value
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
    about_owner = [flaw for flaw in error.flaws if flaw.name == owner_field]
    if is_owner and (about_owner or error.code in _OWNER_CODES or _reads_so(error, owner_field)):
        return Verdict(Applied.REFUSED_REP, _code(about_owner) or error.code, detail)
    return Verdict(Applied.REFUSED_RECORD, _code(error.flaws) or error.code, detail)


def _reads_so(error: CrmError, owner_field: str) -> bool:
    """A message that lists nothing readable, and still speaks of the owner."""
    return not error.flaws and (owner_field in error.message or _NO_OPTION in error.message)


def _code(flaws: list[Flaw] | tuple[Flaw, ...]) -> str | None:
    return next((flaw.code for flaw in flaws if flaw.code), None)
