"""Which version is put in force by itself, by what the gate said of it and of the one that is."""

from models.rankers.versions import Verdict


def goes_in_force(new: Verdict, now: Verdict | None) -> bool:
    """Whether a version is put in force where nobody is asked.

    One that may rank is; one that only scores leads is where none ranks: reps take turns, and the
    lead's chance stands in the records.

    Args:
        new: What the gate said of it.
        now: What the gate said of the version in force; None where there is none.
    """
    scores = new is Verdict.SCORES_ONLY and now in (None, Verdict.SCORES_ONLY)
    return new is Verdict.PROMOTE or scores
