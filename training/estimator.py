"""The ranker as a scikit-learn estimator: leads and reps in tables, shrunken as the data say.

Any numeric matrix will do: a column becomes a table, of its values where they are few or named
as categories, else of quantile bins. One column may hold the rep, and some may be segments in
which reps may differ from themselves. Without a rep it is a plain lead score.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from training.arrow import Column, Design, Floats, Patience, Places, Widths, fit_effects

_LEAD_SD, _REP_SD = 0.5, 0.15  #: expected widths, on the logit scale
_DRIFT_SD = 0.15  #: by how much a base rate is believed to move, on the logit scale


class RepEffectsClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A logistic model of the lead with empirical-Bayes effects of reps and reps by segment.

    Args:
        rep: The column that says who had the lead; None fits the lead alone.
        segments: Columns, other than the rep's, in whose levels reps get effects of their own.
        categorical: Columns whose values are names and never binned, as the rep's.
        max_bins: A column with more distinct values than this is cut at its quantiles.
        passes: Updates of the variance components, at most.

    Attributes:
        classes_: The two classes; the second is the win.
        levels_: For each column its levels, or the edges of its bins.
        intercept_: Log odds of a lead of whom nothing is known.
        lead_effects_: For each column an effect by level; the rep's column has none.
        lead_sds_: Their posterior standard deviations, so shaped.
        rep_effects_: First of the reps, then of each segment: shape (reps, 1 or levels).
        rep_sds_: Their posterior standard deviations, so shaped.
        taus_: Standard deviation among effects, one for each of these blocks.
        converged_: Whether the components stood still.
    """

    def __init__(
        self,
        rep: int | None = None,
        segments: Sequence[int] = (),
        *,
        categorical: Sequence[int] = (),
        max_bins: int = 16,
        passes: int = 200,
    ) -> None:
        self.rep = rep
        self.segments = segments
        self.categorical = categorical
        self.max_bins = max_bins
        self.passes = passes

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803 - scikit-learn's names
        """Find effects, their variances and the widths of their priors.

        Raises:
            ValueError: There are not exactly two classes in y, or X does not fit.
        """
        matrix, target = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=False
        )
        check_classification_targets(target)
        self.classes_, won = np.unique(target, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(target)}."
            )
        if len(self.classes_) < 2:
            raise ValueError("y holds one class only; a lead must be able to be won or lost.")
        self._refuse_wrong_places(matrix.shape[1])
        self._learn_levels(matrix)
        lead = [place for place in range(matrix.shape[1]) if place != self.rep]
        columns = {place: self._column(matrix, place) for place in range(matrix.shape[1])}
        design = Design(
            [columns[place] for place in lead],
            None if self.rep is None else columns[self.rep],
            [lead.index(place) for place in self.segments] if self.rep is not None else [],
        )
        blocks = 0 if self.rep is None else 1 + len(self.segments)
        fit = fit_effects(
            design,
            won.astype(np.float64),
            Patience(self.passes),
            start=Widths(np.full(len(lead), _LEAD_SD**2), np.full(blocks, _REP_SD**2)),
        )
        sizes = [columns[place].size for place in lead]
        self.intercept_ = float(fit.effects.border[0])
        self.lead_effects_ = self._by_column(lead, sizes, fit.effects.border)
        self.lead_sds_ = self._by_column(lead, sizes, np.sqrt(fit.variances.border))
        self.lead_taus_ = np.sqrt(fit.widths.lead)
        arms = np.cumsum([1, *(columns[place].size for place in self.segments)])[:-1]
        self.rep_effects_ = np.split(fit.effects.arms, arms, axis=1) if blocks else []
        self.rep_sds_ = np.split(np.sqrt(fit.variances.arms), arms, axis=1) if blocks else []
        self.taus_ = np.sqrt(fit.widths.blocks)
        self.n_iter_, self.converged_ = fit.passes, fit.converged
        return self

    def recalibrate(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803
        """Shift the intercept towards as many wins as these rows have.

        Effects stay as they are: a newer window says what the base rate is now, and too little
        about anything else.
        """
        won = np.asarray(y) == self.classes_[1]
        log_odds = self.decision_function(X)
        self.intercept_ += intercept_shift(log_odds, won)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Log odds of a win; what training did not see has no effect."""
        check_is_fitted(self)
        matrix = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False
        )
        codes = [self._codes(matrix, place) for place in range(matrix.shape[1])]
        total = np.full(len(matrix), self.intercept_)
        for place, effects in enumerate(self.lead_effects_):
            if place != self.rep:
                total += np.append(effects, 0.0)[codes[place]]
        if self.rep is not None:
            places = [np.zeros(len(matrix), dtype=np.intp)]
            places += [codes[segment] for segment in self.segments]
            for effects, at in zip(self.rep_effects_, places, strict=True):
                padded = np.pad(effects, ((0, 1), (0, 1)))
                total += padded[codes[self.rep], at]
        return total

    def predict_proba(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Probability of each class."""
        won = 1.0 / (1.0 + np.exp(-self.decision_function(X)))
        return np.column_stack([1.0 - won, won])

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The likelier class."""
        likelier = (self.decision_function(X) > 0).astype(np.intp)
        classes: NDArray[Any] = self.classes_[likelier]
        return classes

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _refuse_wrong_places(self, columns: int) -> None:
        places = [*self.segments, *([] if self.rep is None else [self.rep])]
        if any(not 0 <= place < columns for place in places) or self.rep in self.segments:
            raise ValueError(
                f"rep={self.rep} and segments={tuple(self.segments)} must name different columns "
                f"of X, which has n_features={columns}."
            )

    def _learn_levels(self, matrix: Floats) -> None:
        exact = {self.rep, *self.categorical}
        self.levels_, self._exact = [], []
        for place, values in enumerate(matrix.T):
            known = np.unique(values)  # a NaN, once, comes last
            known = known[~np.isnan(known)]
            is_exact = place in exact or len(known) <= self.max_bins
            if not is_exact:
                cuts = np.linspace(0, 1, self.max_bins + 1)[1:-1]
                known = np.unique(np.quantile(values[~np.isnan(values)], cuts))
            self.levels_.append(known)
            self._exact.append(is_exact)

    def _column(self, matrix: Floats, place: int) -> Column:
        return Column(self._codes(matrix, place), self._size(place))

    def _size(self, place: int) -> int:
        """Levels or bins, and one for what is missing."""
        return len(self.levels_[place]) + (1 if self._exact[place] else 2)

    def _codes(self, matrix: Floats, place: int) -> Places:
        """Where each value stands in its table; after its end if training did not see it."""
        values, known = matrix[:, place], self.levels_[place]
        size = self._size(place)
        if self._exact[place]:
            codes = np.searchsorted(known, values)
            near = np.minimum(codes, max(len(known) - 1, 0))
            seen = known[near] == values if len(known) else np.zeros(len(values), dtype=bool)
            codes = np.where(seen, near, size)
        else:
            codes = np.searchsorted(known, values, side="right")
        return np.where(np.isnan(values), size - 1, codes).astype(np.intp)

    def _by_column(self, lead: list[int], sizes: list[int], border: Floats) -> list[Floats]:
        ends = np.cumsum([1, *sizes])
        parts = {
            place: border[end - size : end]
            for place, end, size in zip(lead, ends[1:], sizes, strict=True)
        }
        return [parts.get(place, np.zeros(0)) for place in range(len(self.levels_))]


def intercept_shift(log_odds: Floats, won: NDArray[np.bool_]) -> float:
    """What to add to the log odds so that their probabilities sum to the wins, or nearly.

    Few leads move it less than many: a base rate is not believed to have moved by much.

    Examples:
        >>> won = np.arange(40_000) % 4 == 0
        >>> [round(intercept_shift(np.zeros(n), won[:n]), 2) for n in (400, 40_000)]
        [-0.71, -1.09]
    """
    doubt, shift = 1.0 / _DRIFT_SD**2, 0.0
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-(log_odds + shift)))
        slope = won.sum() - chance.sum() - doubt * shift
        step = float(slope / ((chance * (1 - chance)).sum() + doubt))
        shift += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-12:
            break
    return shift
