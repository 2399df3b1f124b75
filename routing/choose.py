"""The last step: one of the few, by the rule's own way of choosing.

The model ranks where the rule asks for it and the model does not refuse; rotation decides
everywhere else, also among those whom the model cannot tell apart. Only rotation picks charge a
turn, unless the rule says that others count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Required, TypedDict, Unpack

from routing.chance import Shares, draw, falls_within, place
from routing.decision import MILLION, Decision, Method, Pick, TurnCharge, Wait
from routing.facts import Candidate, CapUse
from routing.ranking import NoScores, Scores
from routing.rotation import charge_as_if_rotated, least_loaded, rotate
from routing.rulebook.model import Choose, TargetKind
from routing.shortlist import Conclusion, Shortlist

#: Why the rotation decided although the model ranked. In records: add, never rename.
CANNOT_TELL_APART = "cannot tell apart"
EQUAL_SCORES = "equal scores"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """How one of the eligible was chosen."""

    owner: str
    method: Method
    pick: Pick = Pick()
    charge: TurnCharge | None = None


def wants_scores(found: Shortlist) -> bool:
    """Whether this lead is one for the model: more than one rep left and a rule that asks."""
    return (
        found.conclusion is Conclusion.RANK
        and found.rule is not None
        and found.rule.choose is Choose.MODEL
        and len(found.eligible) > 1
    )


def choose(found: Shortlist, scores: Scores | NoScores | None, shares: Shares) -> Decision:
    """Pick who takes the lead, or write down what else the rules came to.

    Args:
        found: The shortlist.
        scores: The model's answer; None where nobody asked it.
        shares: How many leads are left to chance while a model ranks.
    """
    match found.conclusion:
        case Conclusion.RANK:
            return _taken_by(_pick(found, scores, shares), found)
        case Conclusion.DIRECT:
            return _direct(found)
        case Conclusion.QUEUE:
            return _decision(found, method=Method.QUEUE, queue=found.queue)
        case Conclusion.NOBODY:
            return _decision(found, method=Method.NOBODY, nobody=found.nobody)
        case Conclusion.WAIT:
            return _decision(found, method=Method.WAITING, wait=found.wait)
        case Conclusion.FALLBACK:
            return _decision(
                found,
                method=Method.FALLBACK,
                owner=found.direct,
                queue=found.queue,
                recall=found.recall,
            )


class _Choice(TypedDict, total=False):
    """What choosing adds to the shortlist."""

    method: Required[Method]
    owner: str | None
    queue: str | None
    wait: Wait | None
    nobody: str | None
    charge: TurnCharge | None
    pick: Pick
    recall: bool
    caps: tuple[CapUse, ...]


def _decision(found: Shortlist, **choice: Unpack[_Choice]) -> Decision:
    question, rule = found.question, found.rule
    members = tuple(
        [rep.id for pool, reps in found.answers.pools if pool == found.pool for rep in reps]
    )
    eligible = tuple([rep.id for rep in found.eligible])
    also = {drop.person for drop in found.drops}.union(
        () if found.direct is None else (found.direct,)
    )
    return Decision(
        lead=question.lead.id,
        occasion=question.occasion.id,
        route=question.occasion.route,
        at=question.at,
        rule=None if rule is None else rule.name,
        pool=found.pool,
        members=members,
        candidates=tuple(sorted(also.union(members))) if also else members,
        eligible=members if eligible == members else eligible,
        drops=found.drops,
        flags=found.flags,
        sla=None if rule is None or rule.sla is None else rule.sla.respond_within,
        **choice,
    )


def _direct(found: Shortlist) -> Decision:
    named = found.rule is not None and found.rule.to.kind is TargetKind.PERSON
    owner = found.direct
    turn = found.turn
    charge = None
    if turn is not None and owner is not None:
        charge = charge_as_if_rotated(turn.pool, turn.eligible, owner)
    method = Method.PERSON if named else Method.ACCOUNT_OWNER
    return _decision(found, method=method, owner=owner, charge=charge)


def _taken_by(chosen: _Chosen, found: Shortlist) -> Decision:
    charge = chosen.charge
    is_turn = charge is not None and not charge.served_only
    if not is_turn and found.rule is not None and found.rule.counts_as_turn and found.pool:
        charge = charge_as_if_rotated(found.pool, found.eligible, chosen.owner)
    return _decision(
        found,
        owner=chosen.owner,
        method=chosen.method,
        pick=chosen.pick,
        charge=charge,
        caps=next(rep.caps for rep in found.eligible if rep.id == chosen.owner),
    )


def _pick(found: Shortlist, scores: Scores | NoScores | None, shares: Shares) -> _Chosen:
    pool, eligible = found.pool or "", found.eligible
    way = Choose.ROUND_ROBIN if found.rule is None else found.rule.choose
    if way is Choose.LEAST_LOADED:
        charge = least_loaded(pool, eligible)
        return _Chosen(charge.chosen, Method.LEAST_LOADED, charge=charge)
    if way is Choose.MODEL and isinstance(scores, Scores):
        return _by_scores(found, scores, shares)
    charge = rotate(pool, eligible)
    refusal = scores.reason if isinstance(scores, NoScores) else None
    return _Chosen(charge.chosen, Method.ROUND_ROBIN, Pick(refusal=refusal), charge)


def _by_scores(found: Shortlist, scores: Scores, shares: Shares) -> _Chosen:
    """The model's word, but for the leads that are left to chance.

    The chance of a pick is what an estimate of another policy needs: the even share of exploration,
    and of the rest what the rep had of it. A rotation comes round to everybody, so each of those it
    turns among had their share of the weight, one in m where m weigh the same.
    """
    best, among = _best(found, scores)
    if len(among) == len(found.eligible) and not scores.top:
        return _with_share(best, among, 0)  # it scores the lead and ranks nobody: nothing to try
    by_chance = _by_chance(found, scores, shares)
    chosen = best if by_chance is None else by_chance
    if chosen.method is Method.HOLDOUT:
        return chosen
    even_ppm = shares.exploration_ppm // len(found.eligible)
    explored = _with_share(chosen, among, shares.exploration_ppm)
    pick = explored.pick
    return replace(explored, pick=replace(pick, probability_ppm=pick.probability_ppm + even_ppm))


def _with_share(chosen: _Chosen, among: Sequence[Candidate], left_ppm: int) -> _Chosen:
    """With the chance of this pick in what is not left to chance: a share of the weight."""
    weight = sum(rep.weight for rep in among if rep.id == chosen.owner)
    share_ppm = (MILLION - left_ppm) * weight // sum(rep.weight for rep in among)
    return replace(chosen, pick=replace(chosen.pick, probability_ppm=share_ppm))


def _by_chance(found: Shortlist, scores: Scores, shares: Shares) -> _Chosen | None:
    lead, attempt = found.question.lead.id, str(found.question.occasion.attempt)
    ways = (
        (Method.HOLDOUT, shares.holdout_ppm, (lead,)),
        (Method.EXPLORATION, shares.exploration_ppm, (lead, attempt)),
    )
    for method, share_ppm, parts in ways:
        drawn = draw(shares.salt, method.value, *parts)
        if falls_within(drawn, share_ppm):
            owner = found.eligible[place(drawn, len(found.eligible))].id
            even_ppm = MILLION // len(found.eligible)
            return _Chosen(
                owner, method, replace(_said(scores), probability_ppm=even_ppm, drawn=drawn)
            )
    return None


def _best(found: Shortlist, scores: Scores) -> tuple[_Chosen, Sequence[Candidate]]:
    """The choice without chance, and among whom it was made: the rotation turns among several.

    Where the model names nobody as the top, equal ones there go by claim, weight, last served and
    id, as in the rotation.
    """
    tied, why = _tied(found.eligible, scores)
    if len(tied) > 1:
        charge = rotate(found.pool or "", tied)
        pick = replace(_said(scores), refusal=why)
        return _Chosen(charge.chosen, Method.ROUND_ROBIN, pick, charge), tied
    gain = _gains(scores)
    best = min(
        tied or found.eligible,
        key=lambda rep: (-gain.get(rep.id, 0), -rep.claim, -rep.weight, rep.served, rep.id),
    )
    return _Chosen(best.id, Method.MODEL, _said(scores)), (best,)


def _tied(eligible: Sequence[Candidate], scores: Scores) -> tuple[Sequence[Candidate], str]:
    """Those at the top as far as the model tells, and why they are more than one."""
    top = [rep for rep in eligible if rep.id in scores.top]
    if top:
        return top, CANNOT_TELL_APART
    gain = _gains(scores)
    all_equal = len({gain.get(rep.id, 0) for rep in eligible}) == 1
    return (eligible if all_equal else ()), EQUAL_SCORES


def _gains(scores: Scores) -> dict[str, int]:
    """Probability less price, by rep."""
    prices = dict(scores.price_ppm)
    return {rep: ppm - prices.get(rep, 0) for rep, ppm in scores.ppm}


def _said(scores: Scores) -> Pick:
    return Pick(scores_ppm=scores.ppm, model=scores.model)
