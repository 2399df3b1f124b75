"""Rules layer, for members of a pool: who cannot own this lead at all.

A rep without a user in the lead's CRM cannot be written there. A rep whom this occasion must not
pick again (the CRM refused them, or the lead was taken from them) is passed over.
"""

from collections.abc import Sequence
from operator import itemgetter

from routing.decision import Code, Drop, Layer
from routing.facts import Candidate
from routing.layers.verdict import Verdict, sift

_crm_identity = itemgetter(Candidate._fields.index("crm_identity"))


def keep_reps_who_can_own(reps: Sequence[Candidate], *, without: Sequence[str]) -> Verdict:
    """Keep the reps with an identity in the lead's CRM who are not excluded.

    Examples:
        >>> verdict = keep_reps_who_can_own([Candidate("ada")], without=["ada"])
        >>> verdict.drops[0].code
        <Code.PREVIOUS_OWNER: 'previous_owner'>
    """
    if not without and all(map(_crm_identity, reps)):
        return Verdict(tuple(reps))
    return sift(reps, lambda rep: why_cannot_own(rep, without))


def why_cannot_own(rep: Candidate, without: Sequence[str]) -> Drop | None:
    """Say why this rep cannot own the lead, or None."""
    if not rep.crm_identity:
        return Drop(rep.id, Layer.RULES, Code.NO_CRM_IDENTITY, "no user in the lead's CRM")
    if rep.id in without:
        return Drop(rep.id, Layer.RULES, Code.PREVIOUS_OWNER, "not again for this occasion")
    return None
