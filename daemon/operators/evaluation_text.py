"""What judging found, in sentences: did ranking help, and what would a version have won."""

from collections.abc import Iterator, Mapping
from typing import Any

Said = Mapping[str, Any]


def lines(said: Said) -> Iterator[str]:
    """What the process that judges said, for people."""
    yield from _helped(said["holdout"])
    yield from _would(said["version"], said["estimate"])
    yield from _favours(said["shares"])


def _helped(found: Said) -> Iterator[str]:
    yield (
        f"{found['routed']['leads']:,} leads that a model ranked, "
        f"{_rate(found['routed']['rate'])} won; {found['holdout']['leads']:,} of the holdout, by "
        f"lot, {_rate(found['holdout']['rate'])} won."
    )
    gap = found["difference"]
    if gap is None:
        yield f"Whether ranking helped cannot be said: {found['reason']}"
        return
    if gap["low"] > 0:
        answer = "Ranking helped"
    elif gap["high"] < 0:
        answer = "Ranking did harm"
    else:
        answer = "Whether ranking helped cannot be told from chance yet"
    yield f"{answer}: {_points(gap['estimate'])} points of won leads ({_span(gap)})."


def _would(version: str, found: Said) -> Iterator[str]:
    if found["snips"] is None:
        yield f"What {version} would have won cannot be said: {found['reason']}"
        return
    snips, robust = found["snips"], found["doubly_robust"]
    yield (
        f"{version}, had it routed these {found['leads']:,} leads: {_rate(snips['estimate'])} won "
        f"({_rate(snips['low'])} to {_rate(snips['high'])}), against {_rate(found['logged'])} as "
        f"they were routed; it rests on effectively {found['ess']:,.0f} of them."
    )
    yield (
        f"A second way to reckon (doubly robust): {_rate(robust['estimate'])} "
        f"({_rate(robust['low'])} to {_rate(robust['high'])})."
    )


def _favours(found: Said) -> Iterator[str]:
    if found["largest"] is not None:
        rep, multiple = found["largest"]
        yield f"Most leads by its ranking: {rep}, {multiple:.2f} times an even split."
    for name, groups in found["disparity"].items():
        for group in groups:
            if group.get("adverse"):
                yield (
                    f"{name} {group['group']} gets {group['ratio']:.0%} of what the group that "
                    "fares best gets: below four fifths."
                )


def _rate(rate: float) -> str:
    return f"{rate:.1%}"


def _points(rate: float) -> str:
    return f"{rate * 100:+.1f}"


def _span(gap: Said) -> str:
    return f"95 % interval {_points(gap['low'])} to {_points(gap['high'])}"
