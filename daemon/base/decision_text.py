"""A decision in sentences: who takes the lead, how, and for every other rep why not.

Shared by `decide` on files and `explain` on the ledger, so that a rehearsal and the real thing
read alike. Names are handed in; the decision itself holds ids only.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from routing.canonical import stamp
from routing.decision import Code, Decision, Drop, Method, TurnCharge, Wait, WaitFor
from routing.rotation import LEAD

Named = Callable[[str], str]

_METHODS: Mapping[Method, str] = MappingProxyType(
    {
        Method.ACCOUNT_OWNER: "because of the account they belong to",
        Method.MODEL: "ranked first by the model",
        Method.ROUND_ROBIN: "by round robin",
        Method.LEAST_LOADED: "with the fewest open leads",
        Method.EXPLORATION: "drawn by lot, to learn",
        Method.HOLDOUT: "drawn by lot, as a yardstick for the model",
        Method.FALLBACK: "as the fallback",
        Method.MANUAL: "by hand",
        Method.PERSON: "whom the rule names",
    }
)

_WAITS: Mapping[WaitFor, str] = MappingProxyType(
    {
        WaitFor.FIELDS: "for the facts it needs",
        WaitFor.SKILL: "for a rep with the skills it needs",
        WaitFor.HOURS: "for the first rep to come on",
        WaitFor.HOLD: "because the rule holds it",
        WaitFor.PARTNER: "for the same person's record in the CRM that assigns",
    }
)

_CHANGES: Mapping[Code, str] = MappingProxyType(
    {
        Code.INACTIVE: "being active again",
        Code.PTO: "being back from the absence",
        Code.HOLIDAY: "the holiday being over",
        Code.OUT_OF_HOURS: "being on hours, or nobody else in the pool being on",
        Code.PAUSED: "no longer being paused",
        Code.SKILL: "bringing the missing skill",
        Code.CAPACITY_FULL: "closing open leads until fewer than the capacity are left",
        Code.CAP_REACHED: "the oldest assignment leaving the cap's window",
        Code.WEIGHT_ZERO: "a weight above 0",
        Code.PREVIOUS_OWNER: "a new occasion: this one must not return to them",
        Code.NO_CRM_IDENTITY: "a user in the lead's CRM, joined to the roster",
        Code.NOT_IN_POOL: "being a member of the pool",
        Code.RULE_NOT_MATCHED: "facts that match another rule",
    }
)


def headline(decision: Decision, named: Named = str) -> str:
    """One sentence: where the lead goes and how that was found.

    Examples:
        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 1, 5, 9, tzinfo=UTC)
        >>> headline(Decision("L1", "o1", "inbound", at, Method.QUEUE, queue="vip", rule="vips"))
        'L1 goes to the queue "vip", as rule "vips" says.'
    """
    by_rule = "no rule matched" if decision.rule is None else f'rule "{decision.rule}"'
    lead = decision.lead
    if decision.wait is not None:
        asked = decision.wait.reason not in (WaitFor.FIELDS, WaitFor.PARTNER)
        rule = f" ({by_rule})" if asked else ""
        return f"{lead} waits{waiting(decision.wait)}{rule}."
    if decision.nobody is not None:
        return f'{lead} goes to nobody ("{decision.nobody}"), as {by_rule} says.'
    if decision.method is Method.QUEUE:
        return f'{lead} goes to the queue "{decision.queue}", as {by_rule} says.'
    if decision.queue is not None:
        return f'{lead} falls back to the queue "{decision.queue}" ({by_rule}).'
    pool = "" if decision.pool is None else f', pool "{decision.pool}"'
    owner = named(decision.owner or "")
    if decision.method is Method.MANUAL:
        return f"{lead} goes to {owner} {_METHODS[decision.method]}."
    return f"{lead} goes to {owner} {_METHODS[decision.method]} ({by_rule}{pool})."


def waiting(wait: Wait) -> str:
    """What a lead waits for, and how long at most: what follows "waits".

    Examples:
        >>> waiting(Wait(WaitFor.HOURS, None))
        ' for the first rep to come on'
    """
    until = "" if wait.until is None else f" until {stamp(wait.until)}"
    if wait.fields:
        return f"{until} for {', '.join(wait.fields)} to be filled in"
    return f"{until} {_WAITS[wait.reason]}"


def why_not(drop: Drop, named: Named = str) -> str:
    """Why a rep was removed, with the value that decided."""
    detail = f": {drop.detail}" if drop.detail else ""
    return f"{named(drop.person)} was passed over ({drop.code.value}){detail}."


def what_would_change(drop: Drop) -> str:
    """The least that would have kept this rep in at that layer."""
    return _CHANGES.get(drop.code, "another answer of this layer")


def turn(charge: TurnCharge | None, named: Named = str) -> str:
    """What the rotation did, in leads."""
    if charge is None:
        return "No turn was charged."
    if charge.served_only:
        return f'{named(charge.chosen)} counts as served in pool "{charge.pool}"; no claim moved.'
    before, after = in_leads(charge.claim_before), in_leads(charge.claim_after)
    sharers = len(charge.gains)
    return (
        f'Pool "{charge.pool}": {sharers} could have taken it; '
        f"{named(charge.chosen)}'s claim went from {before} to {after} leads."
    )


def in_leads(units: int) -> str:
    """A claim in leads, with a sign and two places.

    Examples:
        >>> in_leads(LEAD // 2)
        '+0.50'
    """
    return f"{units / LEAD:+.2f}"


def how_long(span: timedelta) -> str:
    """A span in the shortest words.

    Examples:
        >>> how_long(timedelta(minutes=90))
        '1h 30m'
    """
    seconds = int(span.total_seconds())
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"))
    said = [f"{count}{unit}" for count, unit in parts if count]
    return " ".join(said) or f"{seconds}s"
