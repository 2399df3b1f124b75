"""The kinds of fault a simulated Salesforce knows.

What a kind does to a call is in bends.py (the wire), interference.py (a save) and
occurrences.py (what happens by the clock).
"""

from typing import Final

from connectors.simulator.faults import Kind, Stage

_DATA: Final = "/services/data/*"
_QUERIES: Final = "/services/data/*/quer*"
_LOCATORS: Final = "/services/data/*/query/*"
_JOBS: Final = "/services/data/*/jobs/query*"
_WRITES: Final = ("PATCH", "POST")

KINDS: Final[dict[str, Kind]] = {
    "late_commit": Kind(Stage.CLOCK, {"count": 1, "held_s": 45.0, "fields": {}}),
    "same_second": Kind(Stage.CLOCK, {"count": 5000, "fields": {}}),
    "page_shrink": Kind(Stage.REQUEST, {"rows": 137}, _QUERIES),
    "dead_locator": Kind(Stage.REQUEST, {}, _LOCATORS),
    "token_expiry": Kind(Stage.REQUEST, once=True, path=_DATA),
    "session_policy": Kind(Stage.REQUEST, path=_DATA),
    "token_refused": Kind(
        Stage.REQUEST, {"variant": "not_approved"}, "/services/oauth2/token", ("POST",)
    ),
    "daily_quota": Kind(Stage.REQUEST, {"for_s": 1200.0}, once=True, path=_DATA),
    "concurrent_limit": Kind(Stage.REQUEST, {"for_s": 10.0}, once=True, path=_DATA),
    "row_lock": Kind(Stage.SAVE, {"delay_s": 10.0}),
    "inactive_owner": Kind(Stage.SAVE),
    "human_edit": Kind(Stage.SAVE, {"owner": None, "second": "other", "body": "empty"}),
    "gone": Kind(Stage.SAVE, {"how": "deleted"}),
    "ambiguous_write": Kind(Stage.REPLY, {"how": "reset", "delay_s": 30.0}, _DATA, _WRITES),
    "row_refused": Kind(
        Stage.SAVE, {"variant": "validation", "code": None, "message": None, "fields": None}
    ),
    "duplicate": Kind(Stage.SAVE),
    "garbage": Kind(Stage.REQUEST, {"variant": "login_page"}, path=_DATA),
    "assignment_rule": Kind(Stage.CLOCK, {"owner": None}),
    "drift": Kind(
        Stage.VIEW, {"fields": [], "objects": [], "rows": [], "unfilterable": [], "frozen": []}
    ),
    "version_gone": Kind(Stage.REQUEST, path=_DATA),
    "bulk_failed": Kind(
        Stage.REQUEST, {"message": "InternalServerError : retry the job"}, _JOBS, ("GET",)
    ),
    "bulk_stuck": Kind(Stage.REQUEST, {}, _JOBS, ("GET",)),
    "bulk_results_error": Kind(Stage.REQUEST, {}, f"{_JOBS}/results", ("GET",)),
    "bulk_limit": Kind(Stage.REQUEST, {}, "/services/data/*/jobs/*", ("POST",)),
    "query_timeout": Kind(Stage.REQUEST, {}, _QUERIES),
    "server_error": Kind(Stage.REQUEST, path=_DATA),
    "slow": Kind(Stage.REQUEST, {"delay_s": 30.0}, path=_DATA),
    "duplicate_page": Kind(Stage.REQUEST, {}, _LOCATORS),
    "next_url_host": Kind(Stage.REPLY, {"host": "https://na1.salesforce.test"}, _QUERIES, ("GET",)),
    "date_skew": Kind(Stage.CLOCK, {"seconds": 300.0}),
    "mass_touch": Kind(Stage.CLOCK, {"object": "Lead"}),
    "failover": Kind(Stage.CLOCK, {"instance_url": None}),
    "limit_jitter": Kind(Stage.CLOCK, {"calls": 50}),
}
