"""The kinds of fault a simulated HubSpot knows.

What a kind does to a call is in bends.py (the wire) and drifts.py (the shape of answers),
to a record in interference.py, and by the clock in occurrences.py.
"""

from typing import Final

from connectors.simulator.faults import Kind, Stage
from connectors.simulator.hubspot.drifts import DRIFTS

_SEARCH: Final = "*/search"
_OWNERS: Final = "/crm/*owners*"
_TOKEN: Final = "/oauth/*"  # noqa: S105 - a path
_API: Final = "/[ca]*"  #: /crm and /account-info, not /oauth
_LOSSES: Final = ("reset", "timeout", "headers_only", "truncated", "bad_gateway")
_GARBAGE: Final = (
    "html", "truncated_json", "truncated_body", "null_results", "accepted", "empty", "list",
)  # fmt: skip
_WRITES: Final = ("POST", "PATCH")

KINDS: Final[dict[str, Kind]] = {
    "index_lag": Kind(Stage.INDEX, {"min_s": 0.2, "max_s": 30.0}),
    "index_disorder": Kind(Stage.INDEX, {"held_s": 10.0}),
    "boundary_spill": Kind(Stage.REQUEST, {"spill_ms": 1000}, _SEARCH),
    "same_instant": Kind(Stage.CLOCK, {"count": 25_000, "properties": {}}),
    "mass_touch": Kind(Stage.CLOCK, {"object": "contacts"}),
    "mutate_mid_scan": Kind(Stage.REPLY, {"rows": 2}, _SEARCH),
    "ten_secondly": Kind(Stage.REQUEST, {"for_s": 0.0}, path=_API),
    "secondly": Kind(Stage.REQUEST, {}, _SEARCH),
    "daily": Kind(Stage.REQUEST, {"for_s": None}, path=_API, once=True),
    "retry_after": Kind(Stage.REQUEST, {"value": "30", "policy": "TEN_SECONDLY_ROLLING"}, _API),
    "input_not_found": Kind(Stage.SAVE),
    "input_ignored": Kind(Stage.SAVE),
    "input_refused": Kind(Stage.SAVE, {"property": "country", "error": None}),
    "owner_archived": Kind(Stage.SAVE),
    "lost_response": Kind(
        Stage.REPLY, {"how": "reset", "delay_s": 30.0}, _API, _WRITES, choices={"how": _LOSSES}
    ),
    "human_edit": Kind(Stage.SAVE, {"owner": None}),
    "human_edit_before_read": Kind(Stage.READ, {"owner": None}),
    "human_edit_after": Kind(Stage.SAVED, {"owner": None}),
    "garbage": Kind(Stage.REQUEST, {"variant": "html"}, _API, choices={"variant": _GARBAGE}),
    "merged": Kind(Stage.SAVE, {"new_id": False}),
    "gone": Kind(Stage.SAVE, {"how": "archived"}, choices={"how": ("archived", "erased")}),
    "token_expiry": Kind(Stage.REQUEST, {}, _API, once=True),
    "token_refused": Kind(Stage.REQUEST, {}, _TOKEN),
    "missing_scope": Kind(Stage.VIEW, {"scopes": ["crm.objects.leads.read"]}),
    "server_error": Kind(Stage.REQUEST, {"status": 503, "retry_after": None, "delay_s": 0.0}, _API),
    "no_answer": Kind(Stage.REQUEST, {"delay_s": 3600.0}, _API),
    "slow": Kind(Stage.REQUEST, {"delay_s": 30.0}),
    "drift": Kind(
        Stage.REQUEST, {"variants": ["extra_fields"]}, _API, choices={"variants": DRIFTS}
    ),
    "owner_missing": Kind(Stage.REPLY, {"owner": None}, _OWNERS, ("GET",)),
    "date_skew": Kind(Stage.CLOCK, {"seconds": 300.0}),
}
