"""Faults on the wire: answers the service never meant, and answers that never arrive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from connectors.simulator.exchange import HTML, Reply
from connectors.simulator.faults import Fault, FaultBook, Stage
from connectors.simulator.salesforce.access import Access, access_from
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.cursors import invalid_locator
from connectors.simulator.salesforce.dispatch import session_refusal
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.usage import concurrent_limit_refusal

_LOGIN_PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>Login | Salesforce</title></head><body></body></html>"
)
_SETTING_UP: Final = b"<html><body><h1>We are setting things up</h1></body></html>"
_BAD_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>"
_DOWN: Final = b"<html><body><h1>Service Unavailable</h1></body></html>"
_CUT_JSON: Final = b'{"totalSize":3,"done":true,"records":[{"attributes":{"type":"Le'


@dataclass(slots=True)
class Bend:
    """What faults do to a call: another reply, a delay, a cut."""

    reply: Reply | None = None
    delay_s: float = 0.0
    cut: str = ""  #: "", "reset" or "truncated"


class Bends:
    """Applies wire faults to calls of one org."""

    def __init__(self, org: Org, book: FaultBook) -> None:
        self._org = org
        self._book = book
        self._concurrent_until: datetime | None = None
        self._before = {
            "page_shrink": self._shrink_page,
            "dead_locator": self._kill_locator,
            "token_expiry": self._expire_token,
            "session_policy": self._forbid_session,
            "token_refused": self._refuse_login,
            "daily_quota": self._exhaust_day,
            "concurrent_limit": self._limit_concurrency,
            "garbage": self._garble,
            "version_gone": self._retire_version,
            "bulk_failed": self._fail_job,
            "bulk_stuck": self._stick_job,
            "bulk_results_error": self._break_results,
            "bulk_limit": self._limit_jobs,
            "query_timeout": self._time_out_query,
            "server_error": self._break_results,
            "slow": self._slow_down,
            "duplicate_page": self._repeat_page,
        }

    def before(self, call: Call) -> Bend:
        """What faults do before the call is looked at."""
        bend = Bend()
        now = self._org.clock.now()
        if self._is_data(call) and self._concurrent_until and now < self._concurrent_until:
            bend.reply = _refusal(concurrent_limit_refusal())
            return bend
        for fault in self._book.striking(Stage.REQUEST, call, now):
            self._before[fault.kind](call, fault, bend)
            if bend.reply is not None or bend.cut:
                break
        return bend

    def after(self, call: Call, reply: Reply) -> Bend:
        """What faults do once the call has taken effect."""
        bend = Bend()
        for fault in self._book.striking(Stage.REPLY, call, self._org.clock.now()):
            if fault.kind == "next_url_host":
                _move_next_url(reply, str(fault.settings["host"]))
            else:
                _lose_reply(fault, bend)
        return bend

    def access(self, call: Call) -> Access:
        """What the caller may see, once drift has hidden what it hides."""
        access = call.access
        for fault in self._book.striking(Stage.VIEW, call, self._org.clock.now()):
            hidden = fault.settings
            drifted = access_from(
                {
                    "hidden_fields": hidden["fields"],
                    "hidden_objects": hidden["objects"],
                    "hidden_rows": hidden["rows"],
                    "unfilterable": hidden["unfilterable"],
                    "frozen_fields": hidden["frozen"],
                }
            )
            access = access.also_hiding(drifted)
        return access

    @staticmethod
    def _is_data(call: Call) -> bool:
        return call.path.startswith("/services/data/v")

    def _shrink_page(self, call: Call, fault: Fault, bend: Bend) -> None:
        del bend
        call.page_rows = int(fault.settings["rows"])

    def _kill_locator(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        self._org.cursors.forget(call.path.rpartition("/")[2])
        bend.reply = _refusal(invalid_locator())

    def _expire_token(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        self._org.sessions.end(call.headers.get("authorization", "").partition(" ")[2].strip())
        bend.reply = _refusal(session_refusal())

    def _forbid_session(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, fault
        bend.reply = _refusal(
            session_refusal("This session is not valid for use with the REST API")
        )

    def _refuse_login(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        variant = fault.settings["variant"]
        if variant == "down":
            bend.reply = Reply(503, _DOWN, media=HTML)
        elif variant == "bare":
            bend.reply = Reply(400, {"error": "invalid_grant"})
        else:
            why = "user hasn't approved this consumer"
            bend.reply = Reply(400, {"error": "invalid_grant", "error_description": why})

    def _exhaust_day(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, bend  # the usage count refuses from here on
        until = self._org.clock.now() + timedelta(seconds=float(fault.settings["for_s"]))
        self._org.usage.exhaust(until)

    def _limit_concurrency(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        span = timedelta(seconds=float(fault.settings["for_s"]))
        self._concurrent_until = self._org.clock.now() + span
        bend.reply = _refusal(concurrent_limit_refusal())

    def _garble(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        bend.reply, bend.cut = _garbage(str(fault.settings["variant"]))

    def _retire_version(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, fault
        message = "The requested API version has been retired. Please use a supported version."
        bend.reply = _refusal(Refused("UNSUPPORTED_API_VERSION", message, status=410))

    def _fail_job(self, call: Call, fault: Fault, bend: Bend) -> None:
        del bend
        job = self._org.jobs.find(call.path.rstrip("/").rpartition("/")[2], "query")
        if job is not None:
            job.state, job.error = "Failed", str(fault.settings["message"])

    def _stick_job(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault, bend
        job = self._org.jobs.find(call.path.rstrip("/").rpartition("/")[2], "query")
        if job is not None:
            job.polls = -1

    def _break_results(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, fault
        bend.reply = _refusal(_unexpected())

    def _limit_jobs(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, fault
        message = "ApiBatchItems Limit exceeded."
        bend.reply = _refusal(Refused("LIMIT_EXCEEDED", message))

    def _time_out_query(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, fault
        message = "Your query request was running for too long."
        bend.reply = _refusal(Refused("QUERY_TIMEOUT", message))

    def _slow_down(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        bend.delay_s += float(fault.settings["delay_s"])

    def _repeat_page(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault, bend
        locator = call.path.rpartition("/")[2]
        cursor, position = self._org.cursors.find_any(locator)
        if cursor is not None and position >= cursor.page_rows:
            earlier = position - cursor.page_rows
            call.path = call.path.replace(locator, f"{cursor.id}-{earlier}")


def _refusal(refused: Refused) -> Reply:
    return Reply(refused.status, refused.as_body())


def _unexpected() -> Refused:
    message = "An unexpected error occurred. Please include this ErrorId if you contact support: 1"
    return Refused("UNKNOWN_EXCEPTION", message, status=500)


def _garbage(variant: str) -> tuple[Reply, str]:
    unavailable = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Service unavailable"}]
    maintenance = {"Location": "https://maintenance.salesforce.test/sorry"}
    replies: dict[str, tuple[Reply, str]] = {
        "login_page": (Reply(200, _LOGIN_PAGE, media=HTML), ""),
        "truncated": (Reply(200, _CUT_JSON), "truncated"),
        "setting_up": (Reply(420, _SETTING_UP, media=HTML), ""),
        "not_acceptable": (Reply(406), ""),
        "unavailable": (Reply(503, unavailable), ""),
        "redirect": (Reply(302, None, maintenance), ""),
    }
    if variant not in replies:
        raise ValueError(f"No garbage of variant {variant!r}; known are {sorted(replies)}.")
    return replies[variant]


def _lose_reply(fault: Fault, bend: Bend) -> None:
    how = fault.settings["how"]
    if how == "bad_gateway":
        bend.reply = Reply(502, _BAD_GATEWAY, media=HTML)
        return
    bend.cut = "reset"
    if how == "timeout":
        bend.delay_s += float(fault.settings["delay_s"])


def _move_next_url(reply: Reply, host: str) -> None:
    if isinstance(reply.body, dict) and "nextRecordsUrl" in reply.body:
        reply.body = orjson.loads(orjson.dumps(reply.body))
        reply.body["nextRecordsUrl"] = host + reply.body["nextRecordsUrl"]
