"""Skill layer: a rep brings every skill that the rule asks for or the lead's own facts name.

Whether a missing skill is waited for and then waived is the rule's `relax_after`, which is
settled where the layers are run; this layer only knows what is needed now.
"""

from collections.abc import Collection, Sequence

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


def keep_skilled_reps(
    reps: Sequence[Candidate], needed: Sequence[str], *, sayable: Collection[str] = ()
) -> Verdict:
    """Keep the reps who bring all of the needed skills.

    What only the lead names is not said: an open field may hold what anybody typed.

    Args:
        reps: Candidates in roster order.
        needed: Sorted.
        sayable: Skills that may be named though none of these reps brings them.

    Examples:
        >>> reps = [Candidate("ada", skills=("api",)), Candidate("bob", skills=("german",))]
        >>> keep_skilled_reps(reps, ["api", "german"]).drops[0].detail
        'lacks german'
        >>> keep_skilled_reps(reps, ["api", "Kim's own words"]).drops[0].detail
        'lacks 1 that nobody here brings'
    """
    if not needed:
        return Verdict(tuple(reps))
    known = {skill for rep in reps for skill in rep.skills}.union(sayable)

    def why_not(rep: Candidate) -> Drop | None:
        lacking = [skill for skill in needed if skill not in rep.skills]
        if not lacking:
            return None
        said = [skill for skill in lacking if skill in known]
        if len(said) < len(lacking):
            said.append(f"{len(lacking) - len(said)} that nobody here brings")
        return Drop(rep.id, Layer.SKILL, Code.SKILL, f"lacks {', '.join(said)}")

    return sift(reps, why_not)
