"""The figures of a run: what the gate decides by, and what a person reads beside it."""

from collections import Counter

import numpy as np

from training.batch import MILLION, Batch, even, routed
from training.data import Data
from training.encode import Floats
from training.fitting import Judged
from training.gate import Evidence
from training.judging.shares import Shares, shares_of
from training.measures import (
    MEASURES,
    Interval,
    bootstrap,
    calibration_slope,
    expected_calibration_error,
    log_loss,
    losses,
    mean_interval,
    resamples,
)
from training.references import expected_of_leads
from training.signal import MOST, Past, rep_signal_p
from training.terms import TrainingTerms
from training.version import Version

_DRAWS = 100  #: of the intervals that nothing depends on


def evidence(data: Data, judged: Judged, probability: Floats, terms: TrainingTerms) -> Evidence:
    """What the window says about these probabilities, reps apart."""
    won = data.won[data.window]
    draws = resamples(len(won), terms.resamples, terms.seed)
    ones = np.ones(len(won))
    own = losses(won, probability)
    against = None
    if judged.champion is not None:
        theirs = losses(won, judged.champion)
        against = mean_interval((theirs - own) / theirs.mean(), draws)
    return Evidence(
        decided=len(data.won),
        wins=int(data.won.sum()),
        gain_on_prior=mean_interval(losses(won, judged.prior) - own, draws),
        gain_on_champion=against,
        ece=expected_calibration_error(won, probability, ones),
        slope=bootstrap(calibration_slope, won, probability, draws=draws[:_DRAWS]),
    )


def signal(data: Data, terms: TrainingTerms) -> float:
    """Whether reps differ by more than chance, among the newest leads."""
    layout, newest = data.layout, slice(-MOST, None)
    matrix, won = data.matrix[newest], data.won[newest]
    past = Past(
        won=won,
        expected=expected_of_leads(layout, matrix, won, terms.seed),
        rep=matrix[:, layout.rep].astype(np.intp),
        segments=[matrix[:, column].astype(np.intp) for column in layout.segments],
        eligible=data.eligible[newest],
        reps=layout.reps,
    )
    return rep_signal_p(past, shuffles=terms.shuffles, seed=terms.seed)


def shares(version: Version) -> Shares:
    """Who would get the reference sample's leads."""
    batch, tables = version.batch, version.tables
    got = routed(batch, tables.prices_ppm, tables.tie_milli)
    return shares_of(batch.reps, got, even(batch))


def metrics(data: Data, judged: Judged, terms: TrainingTerms) -> dict[str, dict[str, object]]:
    """Every model beside the others, on the window."""
    won = data.won[data.window]
    draws = resamples(len(won), min(_DRAWS, terms.resamples), terms.seed + 1)
    told: dict[str, dict[str, object]] = {
        "ranker": _all(won, judged.ranker, draws),
        "lead_score": _all(won, judged.lead_score, draws),
    }
    others = {"boosted": judged.boosted, "prior": judged.prior, "champion": judged.champion}
    for name, probability in others.items():
        if probability is not None:
            told[name] = {"log_loss": bootstrap(log_loss, won, probability, draws=draws).as_dict()}
    by_reps = losses(won, judged.lead_score) - losses(won, judged.ranker)
    told["ranker"]["gain_from_reps"] = mean_interval(by_reps, draws).as_dict()
    return told


def own_estimate(version: Version) -> dict[str, int]:
    """What the model itself expects, in millionths: no lift to publish, but to compare later."""
    batch, tables = version.batch, version.tables
    return {
        "routed_ppm": _value(batch, routed(batch, tables.prices_ppm, tables.tie_milli)),
        "even_ppm": _value(batch, even(batch)),
    }


def leads_by_rep(data: Data) -> list[list[object]]:
    """Leads and wins of each rep."""
    leads = Counter(data.had)
    wins = Counter(rep for rep, won in zip(data.had, data.won, strict=True) if won)
    return [[rep, leads[rep], wins[rep]] for rep in sorted(leads)]


def _value(batch: Batch, shares: Floats) -> int:
    return round(float((batch.probabilities * shares).sum()) / len(batch) * MILLION)


def _all(won: Floats, probability: Floats, draws: Floats) -> dict[str, object]:
    found: dict[str, Interval] = {
        name: bootstrap(measure, won, probability, draws=draws)
        for name, measure in MEASURES.items()
    }
    return {name: interval.as_dict() for name, interval in found.items()}
