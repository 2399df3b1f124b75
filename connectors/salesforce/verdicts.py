"""What an error on one record means for the effect that was to be written to it.

By code, as the reference's table says; the message is looked at for one thing only: whether an
automation's failure was a lock. A code nobody knows is the record's fault: dead, with an alert,
is better than a retry for ever or another rep.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.salesforce.refusals import CrmError, errors_in
from routing.facts.crm import Applied

#: The rep (or queue) cannot own it, or cannot be given it.
_REP: Final = frozenset(
    {
        "INACTIVE_OWNER_OR_USER",
        "OP_WITH_INVALID_USER_TYPE_EXCEPTION",
        "INVALID_CROSS_REFERENCE_KEY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "TRANSFER_REQUIRES_READ",
        "MALFORMED_ID",
        "INVALID_OPERATION",  # a queue that does not serve this object
    }
)
_GONE: Final = frozenset({"CANNOT_UPDATE_CONVERTED_LEAD", "ENTITY_IS_DELETED", "NOT_FOUND"})
_LATER: Final = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "PROCESSING_HALTED",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_SESSION_ID",
    }
)
#: Not the record's fault and not the rep's: our key may not write a field any more.
DRIFT: Final = frozenset({"INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"})
_STALE: Final = "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one element of a composite answer says.

    `applied` None: it cannot be told from here; the row has to be read again. `stale` says that
    the guard held: somebody changed the row after we read it.
    """

    applied: Applied | None
    code: str | None = None
    detail: str = ""
    stale: bool = False


def verdict_on(element: Any) -> Verdict:
    """Judge one element of a composite answer.

    Examples:
        >>> verdict_on({"httpStatusCode": 204, "body": None}).applied.value
        'confirmed'
        >>> verdict_on({"httpStatusCode": 412, "body": None}).stale
        True
        >>> body = [{"errorCode": "INACTIVE_OWNER_OR_USER", "message": "inactive user"}]
        >>> verdict_on({"httpStatusCode": 400, "body": body}).applied.value
        'refused_rep'
    """
    status = element.get("httpStatusCode") if isinstance(element, Mapping) else None
    if not isinstance(status, int):
        return Verdict(None, detail="the answer for this row cannot be read")
    errors = errors_in(element.get("body"))
    if status == 412 or any(error.code == _STALE for error in errors):
        return Verdict(None, code=_STALE, stale=True)
    if 200 <= status < 300 and not errors:
        return Verdict(Applied.CONFIRMED)
    if not errors:
        return Verdict(None, code=f"HTTP_{status}", detail="refused without a word")
    return _verdict_of(errors[0], status)


def _verdict_of(error: CrmError, status: int) -> Verdict:
    about = f" [{', '.join(error.fields)}]" if error.fields else ""
    detail = error.message + about
    if error.code in _REP:
        return Verdict(Applied.REFUSED_REP, error.code, detail)
    if error.code in _GONE:
        return Verdict(Applied.GONE, error.code, detail)
    if error.code in DRIFT or error.code in _LATER or "UNABLE_TO_LOCK_ROW" in error.message:
        return Verdict(Applied.LATER, error.code, detail)
    if status >= 500:
        return Verdict(None, error.code, detail)
    return Verdict(Applied.REFUSED_RECORD, error.code, detail)
