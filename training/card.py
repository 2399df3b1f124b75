"""A model card that somebody can review who did not build the model.

Generated from the report alone, so that it cannot say more than was found. Text in Markdown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 5  #: reps at either end of a long list
_VERDICTS = {
    "promote": "It may rank reps.",
    "scores_only": "It may score leads; who gets a lead is decided by round robin.",
    "refuse": "It may not be used; the version in force stays.",
}

_PURPOSE = """\
The version estimates, for one lead and each rep whom the rules left eligible, the probability
that the lead closes within the horizon. It orders those reps, and only those; territory, skill,
hours, capacity and caps are decided before it is asked. It is not made to evaluate people, to
set targets or pay, or to decide about anybody's employment, and must not be used for that."""

_LAW = """\
Allocating work on the basis of individual behaviour or personal traits may fall under Annex III,
point 4(b) of the EU AI Act (Regulation (EU) 2024/1689), which makes such a system high-risk.
Whether it does in your case is a legal question that this card does not answer. What Signalbox
provides towards it: every decision is logged with its inputs and can be reproduced; records are
kept as long as you set; people can reassign any lead and switch the model off at any time; reps
can be shown why a lead was theirs or not; and this notice for them:

> New leads are offered to those of you who are eligible by territory, skill, hours and capacity.
> Among these, a statistical model of past results may choose. It looks at the lead's own fields
> and at how similar leads ended with each of you; it does not look at your personal data, mail or
> calls. A share of leads is dealt out by chance, everybody's share is limited, and your manager
> can reassign any lead. Ask to see why a lead went where it went."""

_LIMITS = """\
- It learns from leads that were not dealt out by chance. Where managers gave better leads to
  some reps for reasons that no field holds, it takes that for the reps' own merit. The permanent
  holdout is what shows whether routing by it helps; its own estimate is no proof.
- It does not know why a rep wins more, and nothing here says that a rep is better.
- Reps and values that training did not see start at the population's mean.
- It is as current as its newest matured lead; younger leads are left out, wins too."""


def model_card(report: Mapping[str, Any]) -> str:
    """The card of one version, from its report."""
    parts = [
        "# Model card: lead ranker",
        _VERDICTS[report["verdict"]],
        *_section("What it is for", _PURPOSE),
        *_section("What it learned from", _data(report)),
        *_section("What it may see", _contract(report)),
    ]
    if "metrics" in report:
        parts += _section("How good it is", _quality(report))
        parts += _section("Who gets the leads", _shares(report))
    parts += _section("The gate", _gate(report))
    parts += _section("What it cannot do", _LIMITS)
    parts += _section("The law", _LAW)
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str) -> list[str]:
    return [f"## {title}", text]


def _data(report: Mapping[str, Any]) -> str:
    rows = report["rows"]
    said = (
        f"{rows['matured']:,} decided leads whose horizon of {report['horizon_days']} days has "
        f"passed, of {rows['given']:,} known; {rows['wins']:,} of them closed.\n"
    )
    if "period" in report:
        first, last = report["period"]
        said += (
            f"Decided from {first[:10]} to {last[:10]}; judged on the newest "
            f"{report['window']['leads']:,} by models that had not seen them.\n"
        )
    return said + f"SHA-256 of the rows: `{report['data_sha256']}`."


def _contract(report: Mapping[str, Any]) -> str:
    lines = [
        [line["field"], line["type"], line["known_at"], line["use"]] for line in report["contract"]
    ]
    return "Facts as the decision recorded them, and who had the lead.\n\n" + _table(
        ["field", "type", "known at", "use"], lines
    )


def _quality(report: Mapping[str, Any]) -> str:
    metrics = report["metrics"]
    names = sorted(metrics["ranker"])
    lines = [
        [name, *(_interval(metrics[model].get(name)) for model in ("ranker", "lead_score"))]
        for name in names
    ]
    losses = [[model, _interval(found["log_loss"])] for model, found in sorted(metrics.items())]
    return "\n\n".join(
        [
            "On leads it had not seen, with 95 % intervals:",
            _table(["measure", "with reps", "lead score alone"], lines),
            "Log loss beside others:",
            _table(["model", "log loss"], losses),
            "Spread of reps on the log odds: "
            + ", ".join(f"{name} {tau:.2f}" for name, tau in report["taus"])
            + f". Chance of such differences if there were none: {report['signal_p']:.3f}.",
        ]
    )


def _shares(report: Mapping[str, Any]) -> str:
    lines = [
        [line["rep"], line["leads"], line["even"], line["multiple"]] for line in report["shares"]
    ]
    parts = [
        "Of the newest leads, as they would be routed, beside an even split:",
        _table(["rep", "leads", "even split", "multiple"], _ends(lines)),
        f"Concentration is {report['concentration']} times that of the even split.",
    ]
    for name, groups in report["disparity"].items():
        compared = [
            [line["group"], line["multiple"], line["ratio"], "yes" if line["adverse"] else "no"]
            for line in groups
        ]
        parts += [f"By {name}:", _table(["group", "multiple", "ratio", "below 4/5"], compared)]
    return "\n\n".join(parts)


def _ends(lines: list[list[Any]]) -> list[list[Any]]:
    """Who gets most and who gets least, where there are many."""
    return lines if len(lines) <= 2 * _SHOWN else lines[:_SHOWN] + lines[-_SHOWN:]


def _gate(report: Mapping[str, Any]) -> str:
    lines = [
        [line["check"], line["measured"], line["wanted"], "yes" if line["holds"] else "NO"]
        for line in report["gate"]
    ]
    return _table(["check", "measured", "wanted", "holds"], lines)


def _table(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows)


def _cell(value: object) -> str:
    """Names come from outside; a bar or a line break in one must not break the table."""
    return " ".join(str(value).split()).replace("|", "\\|")


def _interval(found: Mapping[str, float] | None) -> str:
    if found is None:
        return ""
    return f"{found['estimate']:.4f} ({found['low']:.4f} to {found['high']:.4f})"
