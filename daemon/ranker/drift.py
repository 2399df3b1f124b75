"""Whether the leads of now still look like those that the model in force learned from.

Compared are the newest decisions' recorded facts and scores with what the version says it saw:
the population stability index of each, the share of values it had not seen, and the rate of wins
among the newest leads that had their time. Chance alone moves all three, the more the fewer leads
there are, so what chance would do is taken off first; too few leads say nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from math import exp, log, sqrt
from typing import Final

from daemon.ranker.serving import Ranking
from daemon.settings import Drift, Settings
from models.journal.entries import Act
from models.ledger import Ledger
from models.rankers.training_rows import DecidedRow, Wanted, decided_rows, newest_since
from models.rankers.versions import Cause
from routing.facts import Fact, Lead, Value
from routing.ranker import RankTables
from routing.ranker.scoring import lead_log_odds

_FEWEST: Final = 200  #: leads that can say anything
_SURE: Final = 3.0  #: standard errors by which the rate of wins must be off
_OTHER: Final = 1  #: the place of values that training saw rarely or never
_MILLION: Final = 1_000_000
_HALF: Final = 0.5  #: added to every count, so that none is nothing


@dataclass(frozen=True, slots=True)
class Seen:
    """What is compared with the version's own account."""

    recent: Sequence[DecidedRow]
    ripe: Sequence[DecidedRow]  #: the newest that had their time


def alarms(tables: RankTables, seen: Seen, told: Drift) -> tuple[str, ...]:
    """What no longer looks as it did, each in a sentence with its figures."""
    found: list[str] = []
    if len(seen.recent) >= _FEWEST:
        found.extend(_facts_moved(tables, seen.recent, told))
        found.extend(_scores_moved(tables, seen.recent, told))
    if len(seen.ripe) >= _FEWEST:
        found.extend(_wins_moved(tables, seen.ripe, told))
    return tuple(found)


def stability(before: Sequence[int], now: Sequence[int]) -> float:
    """The population stability index of two histograms, less what chance alone would give.

    Args:
        before: Counts by place, as learned from.
        now: Counts by place, of the same places.

    Examples:
        >>> stability([500, 500], [50, 50])
        0.0
        >>> stability([900, 100], [100, 900]) > 1
        True
    """
    total_before = sum(before) + _HALF * len(before)
    total_now = sum(now) + _HALF * len(now)
    index = 0.0
    for one, other in zip(before, now, strict=True):
        share, new = (one + _HALF) / total_before, (other + _HALF) / total_now
        index += (new - share) * log(new / share)
    by_chance = (len(before) - 1) * (1 / total_before + 1 / total_now)
    return max(index - by_chance, 0.0)


def _facts_moved(tables: RankTables, rows: Sequence[DecidedRow], told: Drift) -> Iterator[str]:
    known = dict(tables.reference.counts)
    for table in tables.lead:
        feature = table.feature
        before = known.get(feature.name)
        if before is None:
            continue
        now = [0] * feature.size
        for row in rows:
            for place in feature.places(row.facts.get(feature.name)):
                now[place] += 1
        index = stability(before, now)
        if index > told.psi:
            yield f"{feature.name} has moved (PSI {index:.2f}, limit {told.psi:g})"
        unseen = now[_OTHER] / len(rows) - before[_OTHER] / max(tables.reference.rows, 1)
        if unseen > told.unseen:
            yield f"{unseen:.0%} more leads than learned from have a {feature.name} it had not seen"


def _scores_moved(tables: RankTables, rows: Sequence[DecidedRow], told: Drift) -> Iterator[str]:
    edges = tables.reference.score_edges_ppm
    now = [0] * (len(edges) + 1)
    for row in rows:
        now[bisect_right(edges, lead_score_ppm(tables, row.facts))] += 1
    index = stability(tables.reference.score_counts, now)
    if index > told.psi:
        yield f"its scores have moved (PSI {index:.2f}, limit {told.psi:g})"


def _wins_moved(tables: RankTables, rows: Sequence[DecidedRow], told: Drift) -> Iterator[str]:
    before = tables.reference.base_rate_ppm / _MILLION
    horizon = timedelta(days=tables.horizon_days)
    wins = sum(1 for row in rows if _is_won(row, horizon))
    now = wins / len(rows)
    doubt = sqrt(before * (1 - before) * (1 / len(rows) + 1 / max(tables.reference.rows, 1)))
    if abs(now - before) > max(told.base_rate * before, _SURE * doubt):
        yield f"the rate of wins went from {before:.1%} to {now:.1%}"


def lead_score_ppm(tables: RankTables, facts: Mapping[str, Value | None]) -> int:
    """The close probability of a lead with a rep of whom nothing is known, in millionths."""
    lead = Lead("", {name: Fact(value) for name, value in facts.items()})
    return round(_MILLION / (1 + exp(-lead_log_odds(tables, lead))))


def _is_won(row: DecidedRow, horizon: timedelta) -> bool:
    return bool(row.won) and row.outcome_at is not None and row.outcome_at <= row.at + horizon


class DriftWatch:
    """Compares every so often, and stops the version in force where it has to."""

    def __init__(self, ledger: Ledger, ranking: Ranking, settings: Settings) -> None:
        self._ledger = ledger
        self._ranking = ranking
        self._settings = settings
        self._look_at: datetime | None = None

    def tick(self, now: datetime, token: int) -> bool:
        """Look if it is time; whether an alarm was raised."""
        serving, standing = self._ranking.serving, self._ranking.standing
        if serving is None or standing.holds or (self._look_at is not None and now < self._look_at):
            return False
        told = self._settings.ranker.drift
        self._look_at = now + timedelta(seconds=told.check_s)
        found = alarms(serving.tables, self._seen(now, serving.tables), told)
        if found:
            why = "; ".join(found)
            self._ranking.stop(Cause.DRIFT, serving.version, why=why, act=Act(now, token))
            self._ranking.tick(now, token)
        return bool(found)

    def _seen(self, now: datetime, tables: RankTables) -> Seen:
        ripe_at = now - timedelta(days=tables.horizon_days)
        return Seen(self._newest(None), self._newest(ripe_at))

    def _newest(self, until: datetime | None) -> tuple[DecidedRow, ...]:
        store, limit = self._ledger.store, self._settings.ranker.drift.leads
        wins = self._settings.training.wins
        wanted = Wanted(self._ranking.name, wins=wins, until=until)
        since = newest_since(store, wanted, limit=limit)
        return tuple(islice(decided_rows(store, replace(wanted, since=since)), limit * 2))
