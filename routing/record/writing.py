"""Inputs and result of one decision, to canonical bytes and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from routing.candidates import Answers
from routing.canonical import canonical, parse, stamp
from routing.chance import Shares
from routing.decision import ENGINE, Decision, Wait
from routing.facts import Account, Cause, Evidence, Lead, Occasion, Value
from routing.question import Question
from routing.ranking import NoScores, Scores
from routing.record.facts import read_facts, write_facts
from routing.record.people import Spelled, read_people, write_people

_ALWAYS = ("drops", "method", "owner", "pool", "queue", "rule")
_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a decision was made from, but for the rulebook, which the hash names."""

    question: Question
    answers: Answers
    rulebook: str  #: the book's hash
    scores: Scores | NoScores | None = None
    shares: Shares = Shares()


def write(
    inputs: Inputs,
    decision: Decision,
    *,
    sealed: Mapping[str, str] = _NONE,
    spelled: Spelled | None = None,
) -> bytes:
    """The record's canonical bytes.

    Args:
        inputs: What the decision was made from.
        decision: What came out.
        sealed: Commitments that stand in place of personal facts, by fact name.
        spelled: Spares encoding again what the records of a pool share.
    """
    result = _result(decision, inputs.question.lead.object)
    people = write_people(inputs.answers, spelled or Spelled())
    return canonical({"inputs": {**_inputs(inputs, sealed), "people": people}, "result": result})


def read(record: bytes, *, opened: Mapping[str, Value | None] = _NONE, salt: bytes = b"") -> Inputs:
    """The inputs of a record.

    Args:
        record: Canonical bytes, as written.
        opened: Values of the facts that the record holds sealed.
        salt: The salt of the shares; only needed where chance was asked.

    Raises:
        KeyError: A sealed fact is not in `opened`: it was erased.
    """
    said: Any = parse(record)
    return read_inputs(said["inputs"], opened=opened, salt=salt)


def read_inputs(
    inputs: Mapping[str, Any], *, opened: Mapping[str, Value | None] = _NONE, salt: bytes = b""
) -> Inputs:
    """The inputs of a record that was parsed already; as `read` otherwise."""
    occasion = _read_occasion(inputs["occasion"])
    question = Question(
        occasion=occasion,
        lead=_read_lead(inputs["lead"], occasion.lead, opened),
        account=_read_account(inputs.get("account")),
        at=datetime.fromisoformat(inputs["decided_at"]),
        partner_until=_instant(inputs.get("partner_until")),
    )
    shares = inputs.get("shares")
    answers = read_people(inputs["people"])
    return Inputs(
        question=question,
        answers=answers,
        rulebook=inputs["rulebook"],
        scores=_read_scores(inputs.get("scores"), answers),
        shares=Shares() if shares is None else Shares(shares[0], shares[1], salt),
    )


def _inputs(inputs: Inputs, sealed: Mapping[str, str]) -> dict[str, Any]:
    question = inputs.question
    partner_until = question.partner_until
    said = {
        "partner_until": None if partner_until is None else stamp(partner_until),
        "account": _account(question.account),
        "decided_at": stamp(question.at),
        "engine": ENGINE,
        "lead": _lead(question.lead, sealed),
        "occasion": _occasion(question.occasion),
        "rulebook": inputs.rulebook,
        "scores": _scores(inputs.scores, inputs.answers),
        "shares": _shares(inputs.shares),
    }
    return _what_applies(said)


def _instant(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)


def _shares(shares: Shares) -> list[Any] | None:
    """Holdout and exploration in millionths and the salt's hash; null where chance has no say."""
    if shares == Shares():
        return None
    return [shares.holdout_ppm, shares.exploration_ppm, shares.salt_hash()]


def _occasion(occasion: Occasion) -> dict[str, Any]:
    said = {
        "attempt": occasion.attempt if occasion.attempt > 1 else None,
        "cause": occasion.cause.value,
        "id": occasion.id,
        "lead": occasion.lead,
        "n": occasion.n,
        "opened_at": stamp(occasion.opened_at),
        "route": occasion.route,
        "without": list(occasion.without),
    }
    return _what_applies(said)


def _read_occasion(said: dict[str, Any]) -> Occasion:
    return Occasion(
        id=said["id"],
        lead=said["lead"],
        route=said["route"],
        cause=Cause(said["cause"]),
        n=said["n"],
        opened_at=datetime.fromisoformat(said["opened_at"]),
        attempt=said.get("attempt", 1),
        without=tuple(said.get("without", ())),
    )


def _lead(lead: Lead, sealed: Mapping[str, str]) -> dict[str, Any]:
    said = {
        "domain": lead.domain,
        "email_host": lead.email_host,
        "facts": write_facts(lead.facts, sealed),
        "object": lead.object,
        "owner": lead.owner,
        "received_at": None if lead.received_at is None else stamp(lead.received_at),
        "stage": lead.stage,
    }
    return _what_applies(said)


def _read_lead(said: dict[str, Any], lead: str, opened: Mapping[str, Value | None]) -> Lead:
    received_at = said.get("received_at")
    return Lead(
        id=lead,
        facts=read_facts(said["facts"], opened),
        stage=said.get("stage"),
        owner=said.get("owner"),
        email_host=said.get("email_host"),
        domain=said.get("domain"),
        received_at=None if received_at is None else datetime.fromisoformat(received_at),
        object=said["object"],
    )


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    by = account.evidence
    said = {
        "evidence": None if by is None else [by.by, by.value, by.candidates, by.tie_break],
        "facts": write_facts(account.facts, {}),
        "id": account.id,
        "owner": account.owner,
        "roles": [list(pair) for pair in account.roles],
        "team": list(account.team),
    }
    return _what_applies(said)


def _read_account(said: dict[str, Any] | None) -> Account | None:
    if said is None:
        return None
    return Account(
        id=said["id"],
        owner=said.get("owner"),
        team=tuple(said.get("team", ())),
        roles=tuple((field, rep) for field, rep in said.get("roles", ())),
        facts=read_facts(said["facts"], {}),
        evidence=Evidence(*said["evidence"]) if said.get("evidence") else None,
    )


def _scores(scores: Scores | NoScores | None, answers: Answers) -> dict[str, Any] | None:
    """The model's answer: place, score, place, score ...; the places are those of all members.

    Prices alike; they and the top are left out where there are none.
    """
    match scores:
        case None:
            return None
        case NoScores(reason):
            return {"refusal": reason}
        case Scores(model, ppm):
            places: dict[str, int] = {rep: place for place, rep in enumerate(_ids(answers))}
            said: dict[str, Any] = {"model": model, "ppm": _placed(ppm, places)}
            if scores.price_ppm:
                said["price"] = _placed(scores.price_ppm, places)
            if scores.top:
                said["top"] = [places[rep] for rep in scores.top]
            return said


def _read_scores(said: dict[str, Any] | None, answers: Answers) -> Scores | NoScores | None:
    if said is None:
        return None
    if "refusal" in said:
        return NoScores(said["refusal"])
    ids = _ids(answers)
    return Scores(
        said["model"],
        _named(said["ppm"], ids),
        _named(said.get("price", ()), ids),
        tuple(ids[place] for place in said.get("top", ())),
    )


def _placed(pairs: Sequence[tuple[str, int]], places: Mapping[str, int]) -> list[int]:
    return [each for rep, value in pairs for each in (places[rep], value)]


def _named(said: Sequence[int], ids: Sequence[str]) -> tuple[tuple[str, int], ...]:
    pairs = zip(said[::2], said[1::2], strict=True)
    return tuple((ids[place], value) for place, value in pairs)


def _ids(answers: Answers) -> list[str]:
    return sorted({rep.id for _, members in answers.pools for rep in members})


def _result(decision: Decision, written: str) -> dict[str, Any]:
    """What came out. Who is not in `drops` was eligible; the values that decided are inputs.

    A drop names a member of the selected pool by their place among its rows, anybody else by id.
    Beside where the lead goes, what does not apply is left out.
    """
    pick = decision.pick
    said = {
        "drops": _grouped(decision),
        "effects": _effects(decision, written),
        "drawn": pick.drawn,
        "flags": [[rep, code.value] for rep, code in decision.flags],
        "method": decision.method.value,
        "nobody": decision.nobody,
        "owner": decision.owner,
        "pick_probability_ppm": None if decision.owner is None else pick.probability_ppm,
        "pool": decision.pool,
        "queue": decision.queue,
        "recall": decision.recall,
        "refusal": pick.refusal,
        "rule": decision.rule,
        "sla_s": None if decision.sla is None else int(decision.sla.total_seconds()),
        "turn": _turn(decision),
        "wait": _wait(decision.wait),
    }
    return {**_what_applies(said), **{name: said[name] for name in _ALWAYS}}


def _what_applies(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is null, false or an empty list is not written."""
    return {
        name: value
        for name, value in said.items()
        if value is not None and value is not False and value != []
    }


def _effects(decision: Decision, written: str) -> list[Any] | None:
    """What is to be written for it: kind, object and value; nothing for a lead from a file."""
    if decision.holder is None or not written:
        return None
    return [["owner", written, decision.holder]]


def _grouped(decision: Decision) -> list[Any]:
    places: dict[str, int] = {rep: place for place, rep in enumerate(decision.members)}
    groups: dict[tuple[str, str], list[str | int]] = {}
    for drop in decision.drops:
        group = groups.setdefault((drop.layer.value, drop.code.value), [])
        group.append(places.get(drop.person, drop.person))
    return [[layer, code, people] for (layer, code), people in sorted(groups.items())]


def _turn(decision: Decision) -> dict[str, Any] | None:
    """What the rotation did; whose turn it was and in which pool, where they are not the owner's.

    A pick by load moves no claim and costs nothing.
    """
    charge = decision.charge
    if charge is None:
        return None
    said: dict[str, Any] = {
        "after": charge.claim_after,
        "before": charge.claim_before,
        "cost": charge.cost,
    }
    if charge.chosen != decision.owner:
        said["chosen"] = charge.chosen
    if charge.pool != decision.pool:
        said["pool"] = charge.pool
    return said


def _wait(wait: Wait | None) -> dict[str, Any] | None:
    if wait is None:
        return None
    return {
        "fields": list(wait.fields),
        "reason": wait.reason.value,
        "until": None if wait.until is None else stamp(wait.until),
    }
