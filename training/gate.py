"""May this version rank, only score leads, or nothing? Every check with its figure.

A model that ranks must know more than the base rate, no less than the one in force, say
probabilities that come true, find a difference between reps that chance would not, and leave
every rep a fair share. Where only the last two fail, its lead scores are still worth having.

A calibration slope is known to a tenth or two only, so its interval counts: held to the estimate
itself, three of twenty honest versions were refused by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training.measures import Interval
from training.terms import Bounds, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found about one version, on leads it did not learn from."""

    decided: int
    wins: int
    gain_on_prior: Interval  #: log loss of the base rate, less that of the model
    gain_on_champion: Interval | None  #: the same against the version in force
    ece: float
    slope: Interval  #: calibration slope
    signal_p: float | None = None  #: None: a lead score, which knows no reps
    largest_share: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition."""

    name: str
    measured: str
    wanted: str
    holds: bool
    about_reps: bool = False

    @property
    def sentence(self) -> str:
        """For the journal."""
        return f"{self.name}: {self.measured}, wanted {self.wanted}"

    def as_dict(self) -> dict[str, object]:
        """For the report."""
        return {
            "check": self.name,
            "measured": self.measured,
            "wanted": self.wanted,
            "holds": self.holds,
        }


def enough(decided: int, wins: int, bounds: Bounds) -> tuple[Check, ...]:
    """Whether there is anything to learn from."""
    return (
        Check(
            "decided leads",
            f"{decided:,}",
            f"at least {bounds.least_decided:,}",
            decided >= bounds.least_decided,
        ),
        Check("wins", f"{wins:,}", f"at least {bounds.least_wins:,}", wins >= bounds.least_wins),
    )


def checks(found: Evidence, bounds: Bounds) -> tuple[Check, ...]:
    """All conditions, whether they hold or not."""
    low, high = bounds.slope
    prior, slope = found.gain_on_prior, found.slope
    listed = [
        *enough(found.decided, found.wins, bounds),
        Check(
            "log loss saved against the base rate",
            _interval(prior),
            "an interval above 0",
            prior.low > 0,
        ),
        Check(
            "calibration error",
            f"{found.ece:.4f}",
            f"at most {bounds.largest_ece}",
            found.ece <= bounds.largest_ece,
        ),
        Check(
            "calibration slope",
            f"{slope.estimate:.2f} ({slope.low:.2f} to {slope.high:.2f})",
            f"an interval that meets {low} to {high}",
            slope.low <= high and slope.high >= low,
        ),
    ]
    if found.gain_on_champion is not None:
        gain = found.gain_on_champion
        least = -bounds.worst_loss_change
        listed.append(
            Check(
                "share of the champion's log loss saved",
                _interval(gain),
                f"a lower bound of at least {least}",
                gain.low >= least,
            )
        )
    return (*listed, *_about_reps(found, bounds))


def _about_reps(found: Evidence, bounds: Bounds) -> list[Check]:
    listed = []
    if found.signal_p is not None:
        listed.append(
            Check(
                "chance of such differences between reps if there were none",
                f"{found.signal_p:.3f}",
                f"at most {bounds.largest_p}",
                found.signal_p <= bounds.largest_p,
                about_reps=True,
            )
        )
    if found.largest_share is not None:
        listed.append(
            Check(
                "most leads of one rep, as a multiple of an even split",
                f"{found.largest_share:.2f}",
                f"at most {bounds.largest_share}",
                found.largest_share <= bounds.largest_share,
                about_reps=True,
            )
        )
    return listed


def judge(ranker: Sequence[Check], lead_score: Sequence[Check]) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict, and a sentence for each check that failed.

    Args:
        ranker: Checks of the version with reps.
        lead_score: Checks of the same without them.
    """
    failed = tuple(check.sentence for check in ranker if not check.holds)
    if not failed:
        return Verdict.PROMOTE, ()
    if any(not check.holds and check.about_reps for check in ranker) and all(
        check.holds for check in lead_score
    ):
        return Verdict.SCORES_ONLY, failed
    return Verdict.REFUSE, failed


def _interval(interval: Interval) -> str:
    return f"{interval.estimate:.5f} ({interval.low:.5f} to {interval.high:.5f})"
