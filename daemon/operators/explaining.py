"""One lead's story from the ledger: what happened, why, and why not somebody else.

Told from the records alone, which hold everything a decision was made from, and from the rulebooks
that they name; nothing is decided again. People are named by their roster ids.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from daemon.base.decision_text import headline, turn, waiting, what_would_change, why_not
from daemon.operators.rule_misses import PassedBy
from models.reports.lookups import Stored, Story
from routing.canonical import parse, stamp
from routing.decision import Code, Decision, Drop, Layer, Method, Pick, TurnCharge, Wait, WaitFor
from routing.facts import Cause
from routing.facts.rep import Candidate
from routing.record.people import read_people

Named = Callable[[str], str]

_MOST_RULES = 6  #: told of those that did not match

#: Why something was decided, where the cause's own name does not say it.
_CAUSES = {Cause.HELD_ELSEWHERE.value: "somebody took the same person's other record"}
#: Why a lead is not routed at all, for people.
_PASSED_OVER = {
    "older": "it was created before the moment from which leads are routed here",
    "undone": "the owner we wrote was undone again and again; it is left to those who do that",
    "off": "its connection is off in the settings",
    "joined": "it turned out to be the same person as another lead, which goes on in its place",
}

_CLAIM = "a larger claim in the pool"
#: What would have brought a lead to another one of those who were left.
_HELPS = {
    Method.MODEL: "a higher chance, less the price of their load, in the model's eyes",
    Method.EXPLORATION: "the lot, which fell on somebody else",
    Method.HOLDOUT: "the lot, which fell on somebody else",
    Method.LEAST_LOADED: "fewer open leads",
}

#: An id inside a link to a record: `.../lightning/r/Lead/00Q.../view`, `.../00Q...`.
_IN_HUBSPOT_LINK = re.compile(r"/contacts/\d+/(?:record/[\w-]+|contact|lead)/(\d+)")
_IN_LINK = re.compile(r"(?<![A-Za-z0-9])([A-Za-z0-9]{18}|[A-Za-z0-9]{15})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as its record tells it."""

    id: str
    cause: str
    mode: str
    decision: Decision
    members: tuple[Candidate, ...]  #: of the pool that was selected, as they stood
    turn: TurnCharge | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rulebook of the last decision says of those that did not match."""

    passed_by: tuple[PassedBy, ...] = ()
    reaching: Collection[str] = ()  #: rules that can bring a lead to the rep who is asked about


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a rep did not get a lead, and what would have changed it."""

    rep: str
    chosen: bool
    said: str
    code: str | None = None
    layer: str | None = None
    would_help: str | None = None


def wanted_id(text: str) -> str:
    """The id in a link to a CRM record, or the text itself.

    Examples:
        >>> wanted_id("https://acme.lightning.force.com/lightning/r/Lead/00Q5g00000AbCdEEAV/view")
        '00Q5g00000AbCdEEAV'
        >>> wanted_id("https://app.hubspot.com/contacts/20301/record/0-1/4711?x=1")
        '4711'
        >>> wanted_id("l06d5x")
        'l06d5x'
    """
    if "/" not in text:
        return text.strip()
    hubspot = _IN_HUBSPOT_LINK.search(text)
    if hubspot is not None:
        return hubspot[1]
    found = [
        word for word in _IN_LINK.findall(unquote(text)) if any(each.isdigit() for each in word)
    ]
    return found[-1] if found else text.strip()


def decisions_of(story: Story) -> tuple[Told, ...]:
    """The decisions about a lead, in the order in which they were made."""
    return tuple(_told(row, story.turns) for row in story.decisions)


def lines_of(
    story: Story,
    named: Named,
    rules: Rules = Rules(),
    *,
    ranks: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Iterator[str]:
    """The story for people, a line at a time, in the order in which it happened.

    Args:
        story: What the ledger holds.
        named: Internal id to the name people know.
        rules: What the rulebook of the last decision says.
        ranks: What a model said, by decision.
    """
    assignments = {row["decision_id"]: row for row in story.assignments}
    made = decisions_of(story)
    blocks = [(told.decision.at, [*_decided(told, named)]) for told in made]
    for told, (_, lines) in zip(made, blocks, strict=True):
        lines.extend(f"    {line}" for line in ranks.get(told.id, ()))
        if told.id in assignments:
            lines.append(f"    {_written(assignments[told.id])}")
    if made and made[-1].decision.pool is None and made[-1].decision.method is Method.FALLBACK:
        blocks[-1][1].extend(_not_matched(rules.passed_by))
    seen = [(row["observed_at"], [_changed(row, named)]) for row in _by_others(story.ownership)]
    for _, lines in sorted((*seen, *blocks), key=lambda block: block[0]):
        yield from lines
    yield from _as_it_stands(story, named)


def _not_matched(rules: tuple[PassedBy, ...]) -> Iterator[str]:
    yield from (f"    {each.said}" for each in rules[:_MOST_RULES])
    if len(rules) > _MOST_RULES:
        more = len(rules) - _MOST_RULES
        yield f"    {more} more rule{'s' if more > 1 else ''} did not match either."


def _by_others(ownership: Iterable[Stored]) -> Iterator[Stored]:
    """Owners that somebody else set; one that was seen twice is told once, with who did it."""
    before: object = None
    for row in ownership:
        if not row["ours"] and row["owner"] != before:
            yield row
        before = row["owner"]


def _as_it_stands(story: Story, named: Named) -> Iterator[str]:
    lead = story.lead
    if story.wait is not None:
        wait = _stored_wait(story.wait)
        yield f"It waits{waiting(wait)}."
    if story.recall is not None:
        yield (
            f'It is in the queue "{story.recall["queue"]}", and is recalled as soon as somebody '
            "can take it."
        )
    if lead.passed_over is not None:
        yield f"It is not routed: {_PASSED_OVER.get(lead.passed_over, lead.passed_over)}."
    if not lead.open:
        yield f"It is closed: {_closed(story)}."
    elif not story.decisions and lead.passed_over is None:
        holder = "nobody" if lead.holder is None else named(lead.holder)
        stage = "no stage" if lead.stage is None else f'stage "{lead.stage}"'
        yield (
            f"Nothing was decided: its route did not take it, held by {holder} and in {stage}. "
            f"`signalbox decide {lead.id}` says what would be decided now."
        )


def _closed(story: Story) -> str:
    if any(record.converted for record in story.records):
        return "it was converted in the CRM"
    if any(record.deleted for record in story.records):
        return "its record was deleted or merged in the CRM"
    return "the CRM says so"


def _stored_wait(row: Stored) -> Wait:
    return Wait(WaitFor(row["reason"]), row["until"], tuple(row["fields"]))


def _decided(told: Told, named: Named) -> Iterator[str]:
    decision = told.decision
    yield f"{stamp(decision.at)}  {headline(decision, named)}"
    shadow = "" if told.mode == "live" else f", {told.mode}: nothing was written"
    cause = _CAUSES.get(told.cause) or told.cause.replace("_", " ")
    yield f"    decision {told.id}, because: {cause}{shadow}"
    for drop in decision.drops:
        yield f"    {_dropped(drop, named)}"
    if decision.pick.refusal is not None:
        yield f"    The model did not rank: {decision.pick.refusal}."
    if told.turn is not None:
        yield f"    {turn(told.turn, named)}"


def _dropped(drop: Drop, named: Named) -> str:
    if not drop.person:
        return f"Not decided by its rules ({drop.code.value}); the log of that moment says more."
    return f"{why_not(drop, named)} Would help: {what_would_change(drop)}."


def why_not_rep(story: Story, rep: str, named: Named, rules: Rules = Rules()) -> WhyNot:
    """Why the last decision did not choose a rep.

    Args:
        story: The lead's story.
        rep: The rep's internal id.
        named: Internal id to the name people know.
        rules: What the rulebook of that decision says.
    """
    made = decisions_of(story)
    if not made:
        return WhyNot(rep, chosen=False, said="Nothing has been decided about this lead.")
    told = made[-1]
    decision = told.decision
    if decision.owner == rep:
        return WhyNot(rep, chosen=True, said=headline(decision, named))
    drop = next((drop for drop in decision.drops if drop.person == rep), None)
    if drop is not None:
        return WhyNot(
            rep,
            chosen=False,
            said=why_not(drop, named),
            code=drop.code.value,
            layer=drop.layer.value,
            would_help=what_would_change(drop),
        )
    if any(member.id == rep for member in told.members):
        who = "nobody" if decision.owner is None else named(decision.owner)
        said = f"{named(rep)} could have taken it; {who} was chosen. {turn(told.turn, named)}"
        return WhyNot(rep, chosen=False, said=said, would_help=_HELPS.get(decision.method, _CLAIM))
    return _not_reached(rep, decision, named, rules)


def _not_reached(rep: str, decision: Decision, named: Named, rules: Rules) -> WhyNot:
    """Nobody asked about them: another pool was selected, or none."""
    reaching = [each for each in rules.passed_by if each.rule in rules.reaching]
    unmet = " ".join(each.said for each in reaching[:_MOST_RULES])
    others = "; or, for another rule: " + unmet if unmet else ""
    if decision.pool is not None:
        code = Code.NOT_IN_POOL
        said = (
            f'{named(rep)} was not in pool "{decision.pool}", to which rule "{decision.rule}" sent '
            "this lead."
        )
        help_ = f'being a member of pool "{decision.pool}"{others}'
        return _not(rep, said, code, help_)
    code = Code.RULE_NOT_MATCHED
    said = f"No rule brought this lead to {named(rep)}: {_what_decided(decision)}."
    help_ = unmet or what_would_change(Drop(rep, Layer.RULES, code))
    if decision.rule is not None and not unmet:
        help_ = f'rule "{decision.rule}" not taking it first'
    if not rules.reaching:
        help_ = "a rule or a pool that reaches them: the rulebook has none"
    return _not(rep, said, code, help_)


def _what_decided(decision: Decision) -> str:
    if decision.method is Method.MANUAL:
        return "it was given by hand"
    return f'rule "{decision.rule}" decided' if decision.rule else "no rule matched"


def _not(rep: str, said: str, code: Code, would_help: str) -> WhyNot:
    layer, help_ = Layer.RULES.value, would_help.removesuffix(".")
    return WhyNot(rep, chosen=False, said=said, code=code.value, layer=layer, would_help=help_)


def _told(row: Stored, turns: tuple[Stored, ...]) -> Told:
    record: Any = parse(row["record"])
    result = record["result"]
    pools = dict(read_people(record["inputs"]["people"]).pools)
    members = pools.get(result["pool"] or "", ())
    decision = Decision(
        lead=row["lead_id"],
        occasion=row["occasion_id"],
        route=row["route"],
        at=row["decided_at"],
        method=Method(result["method"]),
        owner=result["owner"],
        queue=result["queue"],
        wait=_wait(result.get("wait")),
        nobody=result.get("nobody"),
        rule=result["rule"],
        pool=result["pool"],
        drops=tuple(sorted(_drops(result["drops"], members), key=lambda drop: drop.person)),
        recall=result.get("recall", False),
        pick=Pick(refusal=result.get("refusal")),
    )
    charged = (t for t in turns if t["decision_id"] == row["id"] and t["why"] == "rotation")
    turn_ = next((_turn(charge) for charge in charged), None)
    return Told(row["id"], row["cause"], row["mode"], decision, members, turn_)


def _drops(groups: Any, members: tuple[Candidate, ...]) -> Iterator[Drop]:
    for layer, code, people in groups:
        for person in people:
            rep = members[person] if isinstance(person, int) else None
            name = person if rep is None else rep.id
            yield Drop(name, Layer(layer), Code(code), "" if rep is None else _detail(code, rep))


def _detail(code: str, rep: Candidate) -> str:
    """The value that decided, from the rep as they stood."""
    if code == Code.CAPACITY_FULL:
        return f"{rep.open_leads} open leads of {rep.capacity}"
    if code == Code.PTO and rep.away_until is not None:
        return f"until {stamp(rep.away_until)}"
    if code == Code.CAP_REACHED:
        full = [cap for cap in rep.caps if cap.used >= cap.limit]
        return ", ".join(f"{cap.used} of {cap.limit} in a {cap.window}" for cap in full)
    if code == Code.OUT_OF_HOURS and rep.next_on_at is not None:
        return f"on again {stamp(rep.next_on_at)}"
    return rep.holiday or "" if code == Code.HOLIDAY else ""


def _turn(row: Stored) -> TurnCharge:
    amounts = {rep: units for units, reps in row["amounts"] for rep in reps}
    amounts[row["chosen"]] = amounts.get(row["chosen"], 0) + row["cost"]
    return TurnCharge(
        pool=row["pool"],
        chosen=row["chosen"],
        gains=tuple(sorted(amounts.items())),
        cost=row["cost"],
        claim_before=row["claim_before"],
        claim_after=row["claim_after"],
        served_only=row["served_only"],
    )


def _wait(said: Mapping[str, Any] | None) -> Wait | None:
    if said is None:
        return None
    until = None if said["until"] is None else datetime.fromisoformat(said["until"])
    return Wait(WaitFor(said["reason"]), until, tuple(said["fields"]))


def _written(row: Stored) -> str:
    settled = row["settled_at"]
    when = "" if settled is None else f" {stamp(settled)}"
    took = "" if settled is None else f", {_seconds(settled - row['created_at'])} after it"
    why = f" ({row['code']})" if row["code"] else ""
    return f"in the CRM: {row['state'].replace('_', ' ')}{when}{took}{why}"


def _changed(row: Stored, named: Named) -> str:
    owner = named(row["rep_id"]) if row["rep_id"] else row["owner"] or "nobody"
    seen = f"{stamp(row['observed_at'])}  The owner was seen to be {owner}"
    if row["changed_by"] is None:
        return f"{seen}, which was not our doing."
    return f"{seen}, changed by {row['changed_by']}, not by us."


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"
