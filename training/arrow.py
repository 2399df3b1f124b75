"""Shrunken effects of leads and reps, fitted together: a mixed logistic regression.

Every table of effects has a normal prior of its own width. Newton steps find the most likely
effects for given widths; the widths follow from the effects and their posterior variances, until
neither moves. Reps meet one another only through the effects of the lead, so the system is an
arrow: one small block a rep and a thin border. A pass costs milliseconds, whatever the number
of rows, and two hundred of them cost less than reading the rows once.

Source:
    MacKay (1992), "Bayesian Interpolation", Neural Computation 4, for the update of the widths;
    Breslow and Clayton (1993), JASA 88, for the quadratic approximation that it works on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_NARROW = 1e-4  #: variance below which a table has no effects to speak of
_LEAD_WEIGHT = 1.0  #: levels that the width expected of a lead's table counts for
_BLOCK_WEIGHT = 5.0  #: the same for a block of reps: few leads say little about their spread
_LOOSE = 1e-6  #: precision of the intercept, which is not shrunken


@dataclass(frozen=True, slots=True)
class Column:
    """One table's place for each row."""

    codes: Places
    size: int


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of the lead; the rep; and which of the lead's columns are segments."""

    lead: Sequence[Column]
    rep: Column | None = None
    segments: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Widths:
    """Variances of the priors: one for each of the lead's tables and of the reps' blocks."""

    lead: Floats
    blocks: Floats


@dataclass(frozen=True, slots=True)
class Effects:
    """Border first: the intercept and the lead's tables; then a row of blocks for each rep."""

    border: Floats  #: shape (1 + sizes of the lead's tables,)
    arms: Floats  #: shape (reps, 1 + sizes of the segments)


@dataclass(frozen=True, slots=True)
class Fit:
    """Effects, their posterior variances, and the widths at which they stand."""

    effects: Effects
    variances: Effects
    widths: Widths
    passes: int
    converged: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """When to stop."""

    passes: int = 200  #: of the widths, at each Newton step
    tolerance: float = 1e-3  #: relative change of a standard deviation
    steps: int = 25  #: Newton steps, each of which reads the rows


class Arrow:
    """The design as an arrow: sums over rows by the places they stand in."""

    def __init__(self, design: Design) -> None:
        self.design = design
        starts = np.cumsum([1, *(column.size for column in design.lead)])
        self.spans = [
            slice(int(start), int(start) + column.size)
            for start, column in zip(starts[:-1], design.lead, strict=True)
        ]
        self.border = int(starts[-1])
        self.reps = 0 if design.rep is None else design.rep.size
        sizes = [1, *(design.lead[place].size for place in design.segments)]
        ends = np.cumsum(sizes)
        self.arms = [
            slice(int(end) - size, int(end))
            for end, size in zip(ends, sizes, strict=True)
            if self.reps
        ]
        self.width = int(ends[-1]) if self.reps else 0

    def log_odds(self, effects: Effects) -> Floats:
        """What the effects add up to, for each row."""
        rows = len(self.design.lead[0].codes) if self.design.lead else 0
        if self.design.rep is not None:
            rows = len(self.design.rep.codes)
        total = np.full(rows, effects.border[0])
        for column, span in zip(self.design.lead, self.spans, strict=True):
            total += effects.border[span][column.codes]
        rep = self.design.rep
        if rep is not None:
            total += effects.arms[:, 0][rep.codes]
            for place, arm in zip(self.design.segments, self.arms[1:], strict=True):
                total += effects.arms[:, arm][rep.codes, self.design.lead[place].codes]
        return total

    def sums(self, weights: Floats) -> Effects:
        """Weights by place."""
        border = np.empty(self.border)
        border[0] = weights.sum()
        for column, span in zip(self.design.lead, self.spans, strict=True):
            border[span] = np.bincount(column.codes, weights, column.size)
        arms = np.zeros((self.reps, self.width))
        rep = self.design.rep
        if rep is not None:
            arms[:, 0] = np.bincount(rep.codes, weights, rep.size)
            for place, arm in zip(self.design.segments, self.arms[1:], strict=True):
                arms[:, arm] = _crossed(rep, self.design.lead[place], weights)
        return Effects(border, arms)

    def products(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Weights by pairs of places: border with border, arms with border, arms with arms."""
        joint = np.zeros((self.reps, self.width, self.border))
        lead, rep = self.design.lead, self.design.rep
        if rep is not None:
            joint[:, 0, 0] = np.bincount(rep.codes, weights, rep.size)
            for column, span in zip(lead, self.spans, strict=True):
                joint[:, 0, span] = _crossed(rep, column, weights)
            for place, arm in zip(self.design.segments, self.arms[1:], strict=True):
                joint[:, arm, 0] = joint[:, 0, self.spans[place]]
                both = Column(
                    rep.codes * lead[place].size + lead[place].codes, joint[:, arm, 0].size
                )
                for other, span in zip(lead, self.spans, strict=True):
                    crossed = _crossed(both, other, weights)
                    joint[:, arm, span] = crossed.reshape(self.reps, lead[place].size, other.size)
        segments = [slice(0, 1), *(self.spans[place] for place in self.design.segments)]
        own = np.concatenate([joint[:, :, span] for span in segments], axis=2)
        return self._border(weights, joint), joint, own[:, :, : self.width]

    def _border(self, weights: Floats, joint: Floats) -> Floats:
        """Pairs with a segment are already counted, by rep."""
        known = set(self.design.segments)
        square = np.zeros((self.border, self.border))
        square[0, 0] = weights.sum()
        for place, arm in zip(self.design.segments, self.arms[1:], strict=True):
            square[self.spans[place], :] = joint[:, arm, :].sum(axis=0)
            square[:, self.spans[place]] = square[self.spans[place], :].T
        for place, column in enumerate(self.design.lead):
            if place in known:
                continue
            span = self.spans[place]
            square[span, 0] = square[0, span] = np.bincount(column.codes, weights, column.size)
            for other in range(place + 1):
                if other in known:
                    continue
                crossed = _crossed(column, self.design.lead[other], weights)
                square[span, self.spans[other]] = crossed
                square[self.spans[other], span] = crossed.T
        return square


def fit_effects(design: Design, won: Floats, patience: Patience, *, start: Widths) -> Fit:
    """Find effects and widths.

    Args:
        design: Where each row stands in every table.
        won: 1 or 0 for each row, both present.
        patience: When to stop.
        start: Widths to begin with. They are also believed a little, with the weight of one
            level of a lead's table and of five of a block of reps: with few leads the most
            likely width is often zero, and reps would look alike in every segment.
    """
    arrow = Arrow(design)
    rate = won.mean()
    border = np.zeros(arrow.border)
    border[0] = np.log(rate / (1 - rate))
    effects = Effects(border, np.zeros((arrow.reps, arrow.width)))
    fit = Fit(effects, effects, start, 0, converged=False)
    for _ in range(patience.steps):
        fit = _step(arrow, won, fit, patience, start)
        if fit.converged:
            break
    return fit


def _step(arrow: Arrow, won: Floats, fit: Fit, patience: Patience, start: Widths) -> Fit:
    """One Newton step, and the widths that belong to it; with no passes left they stay."""
    chance = 1.0 / (1.0 + np.exp(-arrow.log_odds(fit.effects)))
    system = _System(arrow, fit.effects, won - chance, chance * (1 - chance))
    solved, widths, took = system.settle(start, fit.widths, patience)
    moved = _moved(fit.effects, solved.effects)
    return Fit(
        effects=_nearer(fit.effects, solved.effects, moved),
        variances=solved.variances,
        widths=widths,
        passes=fit.passes + took,
        converged=moved < patience.tolerance and took <= 2,
    )


@dataclass(frozen=True, slots=True)
class _Solved:
    effects: Effects
    variances: Effects


class _System:
    """The quadratic that stands for the likelihood near some effects."""

    def __init__(self, arrow: Arrow, at: Effects, residual: Floats, weights: Floats) -> None:
        self._arrow = arrow
        self._square, self._joint, self._own = arrow.products(weights)
        pull = arrow.sums(residual)
        arms = at.arms[:, :, None]
        flat = self._joint.reshape(-1, arrow.border)
        self._border_pull = pull.border + self._square @ at.border + flat.T @ at.arms.ravel()
        own = (self._own @ arms)[:, :, 0] if arrow.reps else at.arms
        self._arm_pull = pull.arms + own + self._joint @ at.border

    def settle(
        self, start: Widths, widths: Widths, patience: Patience
    ) -> tuple[_Solved, Widths, int]:
        """Solve and widen or narrow by turns, until the widths stand still."""
        solved = self.solve(widths)
        for took in range(1, patience.passes + 1):
            wider = self._widths(solved, start, widths)
            change = _change(widths, wider)
            widths = wider
            solved = self.solve(widths)
            if change < patience.tolerance:
                return solved, widths, took
        return solved, widths, patience.passes

    def solve(self, widths: Widths) -> _Solved:
        """Effects and their variances for given widths, by eliminating the arms."""
        arrow = self._arrow
        sizes = [column.size for column in arrow.design.lead]
        loose = np.concatenate([[_LOOSE], np.repeat(1.0 / widths.lead, sizes)])
        border = self._square + np.diag(loose)
        if not arrow.reps:
            inverse = np.linalg.inv(border)
            mode = Effects(inverse @ self._border_pull, np.zeros((0, 0)))
            return _Solved(mode, Effects(np.diag(inverse).copy(), np.zeros((0, 0))))
        tight = np.repeat(1.0 / widths.blocks, [arm.stop - arm.start for arm in arrow.arms])
        arms = np.linalg.inv(self._own + np.diag(tight))
        through = arms @ self._joint
        flat, through_flat = (each.reshape(-1, arrow.border) for each in (self._joint, through))
        inverse = np.linalg.inv(border - flat.T @ through_flat)
        arm_pull = (arms @ self._arm_pull[:, :, None])[:, :, 0]
        at_border = inverse @ (self._border_pull - flat.T @ arm_pull.ravel())
        at_arms = arm_pull - through @ at_border
        spread = np.diagonal(arms, axis1=1, axis2=2) + (
            (through_flat @ inverse) * through_flat
        ).sum(axis=1).reshape(arrow.reps, arrow.width)
        return _Solved(Effects(at_border, at_arms), Effects(np.diag(inverse).copy(), spread))

    def _widths(self, solved: _Solved, start: Widths, widths: Widths) -> Widths:
        """MacKay's update: squared effects over the number of effects that the data determine."""
        effects, variances = solved.effects, solved.variances
        lead = [
            (np.square(effects.border[span]).sum() + _LEAD_WEIGHT * expected)
            / (_determined(variances.border[span], width) + _LEAD_WEIGHT)
            for span, width, expected in zip(
                self._arrow.spans, widths.lead, start.lead, strict=True
            )
        ]
        blocks = [
            (np.square(effects.arms[:, arm]).sum() + _BLOCK_WEIGHT * expected)
            / (_determined(variances.arms[:, arm], width) + _BLOCK_WEIGHT)
            for arm, width, expected in zip(
                self._arrow.arms, widths.blocks, start.blocks, strict=True
            )
        ]
        return Widths(_floored(lead), _floored(blocks))


def _determined(variances: Floats, width: float) -> float:
    return float(np.maximum(1.0 - variances / width, 0.0).sum())


def _floored(widths: Sequence[float]) -> Floats:
    return np.maximum(np.asarray(widths, dtype=np.float64), _NARROW)


def _change(before: Widths, after: Widths) -> float:
    """The largest relative change of a standard deviation."""
    old = np.concatenate([before.lead, before.blocks])
    new = np.concatenate([after.lead, after.blocks])
    return float(np.abs(np.sqrt(new / old) - 1.0).max()) if len(old) else 0.0


def _moved(before: Effects, after: Effects) -> float:
    border = np.abs(after.border - before.border).max()
    return float(max(border, np.abs(after.arms - before.arms).max(initial=0.0)))


def _nearer(before: Effects, after: Effects, moved: float) -> Effects:
    """No effect moves by more than two in one step: far from the mode the quadratic misleads."""
    share = min(1.0, 2.0 / moved) if moved else 1.0
    return Effects(
        before.border + share * (after.border - before.border),
        before.arms + share * (after.arms - before.arms),
    )


def _crossed(one: Column, other: Column, weights: Floats) -> Floats:
    """Weights by the places of two columns: shape (one.size, other.size)."""
    both = one.codes * other.size + other.codes
    counted = np.bincount(both, weights, one.size * other.size).astype(np.float64, copy=False)
    return counted.reshape(one.size, other.size)
