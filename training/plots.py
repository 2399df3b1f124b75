"""The pictures of a version: calibration, lift and shares, as PNG bytes."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

_INK, _LIGHT, _WARM = "#22577a", "#b8c4cc", "#c8553d"


def calibration_plot(table: Sequence[Mapping[str, float]]) -> bytes:
    """What was promised beside what closed, by tenths of the leads."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    promised = [100 * line["promised"] for line in table]
    closed = [100 * line["closed"] for line in table]
    most = max(*promised, *closed, 1.0) * 1.08
    axes.plot([0, most], [0, most], color=_LIGHT, linestyle="--", label="honest")
    axes.plot(promised, closed, color=_INK, marker="o", label="tenths of the leads")
    axes.set(xlim=(0, most), ylim=(0, most), aspect="equal")
    axes.set(xlabel="promised, % of leads", ylabel="closed, % of leads", title="Calibration")
    axes.legend(frameon=False)
    return _png(figure)


def lift_plot(table: Sequence[Mapping[str, float]]) -> bytes:
    """Win rate by tenths of the leads, highest scores first, beside everybody's."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    rates = [100 * line["closed"] for line in reversed(table)]
    leads = [line["leads"] for line in table]
    mean = 100 * sum(line["leads"] * line["closed"] for line in table) / max(sum(leads), 1)
    axes.bar(range(1, len(rates) + 1), rates, color=_INK)
    axes.axhline(mean, color=_WARM, linestyle="--", label=f"all leads: {mean:.1f} %")
    axes.set(xlabel="tenth of the leads, highest scores first", ylabel="closed, %", title="Lift")
    axes.set_xticks(range(1, len(rates) + 1))
    axes.legend(frameon=False)
    return _png(figure)


def shares_plot(shares: Sequence[Mapping[str, Any]], cap: float) -> bytes:
    """Leads by rep as a multiple of an even split."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    multiples = sorted((float(line["multiple"]) for line in shares), reverse=True)
    axes.bar(range(1, len(multiples) + 1), multiples, color=_INK)
    axes.axhline(1.0, color=_LIGHT, linestyle="--", label="even split")
    axes.axhline(cap, color=_WARM, linestyle="--", label=f"cap of the prices: {cap:g}")
    axes.set(xlabel="reps, most leads first", ylabel="multiple of an even split")
    axes.set_title("Who would get the leads")
    axes.legend(frameon=False)
    return _png(figure)


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    return file.getvalue()
