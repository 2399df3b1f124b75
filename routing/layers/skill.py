"""Skill layer: a rep brings every skill that the rule asks for or the lead's own facts name.

Whether a missing skill is waited for and then waived is the rule's `relax_after`, which is
settled where the layers are run; this layer only knows what is needed now.
"""

from collections.abc import Sequence

from routing.decision import Code, Drop, Layer
from routing.facts import Candidate, Lead
from routing.layers.verdict import Verdict, sift
from routing.rulebook.model import Skills


def needed_skills(skills: Skills, lead: Lead) -> tuple[str, ...]:
    """The rule's skills and those its lead names, sorted; a missing fact names none."""
    needed = set(skills.required)
    for name in skills.taken_from:
        fact = lead.facts.get(name)
        if fact is None or fact.value is None:
            continue
        value = fact.value
        needed.update(value if isinstance(value, tuple) else (str(value),))
    return tuple(sorted(needed))


def keep_skilled_reps(reps: Sequence[Candidate], needed: Sequence[str]) -> Verdict:
    """Keep the reps who bring all of the needed skills.

    Examples:
        >>> verdict = keep_skilled_reps([Candidate("ada", skills=("api",))], ["api", "german"])
        >>> verdict.drops[0].detail
        'lacks german'
    """
    if not needed:
        return Verdict(tuple(reps))

    def why_not(rep: Candidate) -> Drop | None:
        lacking = [skill for skill in needed if skill not in rep.skills]
        if not lacking:
            return None
        return Drop(rep.id, Layer.SKILL, Code.SKILL, f"lacks {', '.join(lacking)}")

    return sift(reps, why_not)
