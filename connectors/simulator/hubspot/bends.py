"""Faults on the wire: answers the service never meant, and answers that never arrive."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from connectors.simulator.exchange import HTML, Reply
from connectors.simulator.faults import Fault, FaultBook, Stage
from connectors.simulator.hubspot.account import bad_refresh_token
from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.calls import Call
from connectors.simulator.hubspot.portal import Portal
from connectors.simulator.hubspot.refusals import Refused, limit_reached

_MAINTENANCE: Final = b"<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"
_CUT_JSON: Final = b'{"total":3,"results":[{"id":"101","properties":{"email":"a'
_NOT_UTF8: Final = b"<html><body>\xff\xfe Bad Gateway</body></html>"
_SOON: Final = {"message": "Internal error", "status": "error", "category": "INTERNAL"}


@dataclass(slots=True)
class Bend:
    """What faults do to a call: another reply, a delay, a cut."""

    reply: Reply | None = None
    delay_s: float = 0.0
    cut: str = ""


class Bends:
    """Applies wire faults to calls of one portal."""

    def __init__(self, portal: Portal, book: FaultBook, acts: PortalActs) -> None:
        self._portal = portal
        self._book = book
        self._acts = acts
        self._before = {
            "boundary_spill": self._spill,
            "ten_secondly": self._limit_ten_seconds,
            "secondly": self._limit_second,
            "daily": self._exhaust_day,
            "retry_after": self._ask_to_wait,
            "garbage": self._garble,
            "token_expiry": self._expire_token,
            "token_refused": self._refuse_refresh,
            "server_error": self._fail,
            "no_answer": self._keep_silent,
            "slow": self._slow_down,
            "drift": self._drift,
        }

    def before(self, call: Call) -> Bend:
        """What faults do before the call is looked at."""
        bend = Bend()
        for fault in self._book.striking(Stage.REQUEST, call, self._portal.clock.now()):
            self._before[fault.kind](call, fault, bend)
            if bend.reply is not None or bend.cut:
                break
        return bend

    def after(self, call: Call, reply: Reply) -> Bend:
        """What faults do once the call has taken effect."""
        bend = Bend()
        for fault in self._book.striking(Stage.REPLY, call, self._portal.clock.now()):
            if fault.kind == "mutate_mid_scan":
                self._mutate(call, fault, reply)
            elif fault.kind == "owner_missing":
                self._remove_owner(fault)
            else:
                _lose_reply(fault, bend)
        return bend

    def withheld(self, call: Call) -> frozenset[str]:
        """Scopes that the app turns out not to have."""
        striking = self._book.striking(Stage.VIEW, call, self._portal.clock.now())
        return frozenset(scope for fault in striking for scope in fault.settings["scopes"])

    def _spill(self, call: Call, fault: Fault, bend: Bend) -> None:
        del bend
        call.spill_ms = int(fault.settings["spill_ms"])

    def _limit_ten_seconds(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        bend.reply = self._refusal(call, limit_reached("TEN_SECONDLY_ROLLING"))
        bend.reply.headers["X-HubSpot-RateLimit-Remaining"] = "0"

    def _limit_second(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        bend.reply = self._refusal(call, limit_reached("SECONDLY"))

    def _exhaust_day(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call, bend  # the count of the day refuses from here on
        now, for_s = self._portal.clock.now(), fault.settings["for_s"]
        until = self._portal.limits.resets_at(now)
        self._portal.limits.exhaust(until if for_s is None else now + timedelta(seconds=for_s))

    def _ask_to_wait(self, call: Call, fault: Fault, bend: Bend) -> None:
        bend.reply = self._refusal(call, limit_reached(str(fault.settings["policy"])))
        bend.reply.headers["Retry-After"] = str(fault.settings["value"])

    def _garble(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        bend.reply, bend.cut = _garbage(str(fault.settings["variant"]))

    def _expire_token(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        text = call.request.headers.get("authorization", "").partition(" ")[2].strip()
        self._portal.tokens.end(text, self._portal.clock.now())
        message = "The OAuth token used to make this call expired 0 second(s) ago."
        bend.reply = self._refusal(call, Refused(401, "EXPIRED_AUTHENTICATION", message))

    def _refuse_refresh(self, call: Call, fault: Fault, bend: Bend) -> None:
        del fault
        bend.reply = bad_refresh_token(call)

    def _fail(self, call: Call, fault: Fault, bend: Bend) -> None:
        bend.delay_s += float(fault.settings["delay_s"])
        bend.reply = self._failure(call, int(fault.settings["status"]))
        wait = fault.settings["retry_after"]
        if wait is None and bend.reply.status == 477:
            wait = 600
        if wait is not None:
            bend.reply.headers["Retry-After"] = str(wait)

    def _failure(self, call: Call, status: int) -> Reply:
        if status == 502:
            return Reply(502, _NOT_UTF8, media=HTML)
        if status in (423, 477):
            said = "This record is locked." if status == 423 else "A migration is in progress."
            category = "LOCKED" if status == 423 else "MIGRATION_IN_PROGRESS"
            return self._refusal(call, Refused(status, category, said))
        if status in (500, 503):
            return Reply(status, _SOON)
        return Reply(status, f"<html><body>{status}</body></html>".encode(), media=HTML)

    def _keep_silent(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        bend.delay_s += float(fault.settings["delay_s"])
        bend.cut = "reset"

    def _slow_down(self, call: Call, fault: Fault, bend: Bend) -> None:
        del call
        bend.delay_s += float(fault.settings["delay_s"])

    def _drift(self, call: Call, fault: Fault, bend: Bend) -> None:
        del bend
        call.drifts.update(str(one) for one in fault.settings["variants"])

    def _remove_owner(self, fault: Fault) -> None:
        """Remove an owner between two pages, by default the last person there is."""
        active = [one for one in self._portal.owners if not one.archived and one.user_id]
        self._acts.archive_owner(str(fault.settings["owner"] or active[-1].id))

    def _mutate(self, call: Call, fault: Fault, reply: Reply) -> None:
        """Let somebody edit the last rows of a page, which so move on in the order of edits."""
        rows = reply.body.get("results", []) if isinstance(reply.body, dict) else []
        for row in rows[-int(fault.settings["rows"]) :]:
            self._acts.update(call.about, int(row["id"]), {})

    def _refusal(self, call: Call, refused: Refused) -> Reply:
        correlation = f"{self._portal.id:08x}-0000-4000-9000-{call.number:012x}"
        return Reply(refused.status, refused.as_body(correlation))


def _garbage(variant: str) -> tuple[Reply, str]:
    bodies: dict[str, tuple[Reply, str]] = {
        "html": (Reply(200, _MAINTENANCE, media=HTML), ""),
        "truncated_json": (Reply(200, _CUT_JSON), ""),
        "truncated_body": (Reply(200, _CUT_JSON), "short"),
        "null_results": (Reply(200, {"results": None}), ""),
        "accepted": (Reply(202, {}), ""),
        "empty": (Reply(200, b""), ""),
        "list": (Reply(200, []), ""),
    }
    return bodies[variant]


def _lose_reply(fault: Fault, bend: Bend) -> None:
    how: Any = fault.settings["how"]
    if how == "bad_gateway":
        bend.reply = Reply(502, _NOT_UTF8, media=HTML)
        return
    bend.cut = {"truncated": "short", "headers_only": "headers"}.get(how, "reset")
    if how == "timeout":
        bend.delay_s += float(fault.settings["delay_s"])
