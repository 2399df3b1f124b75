"""Generated worlds whose truth is known: what the ranker is measured against.

Reps close better or worse, and better with some leads than with others; managers of the past
gave good leads to reps they favoured. Every number follows from the seed. Nothing here is a
claim about a real sales floor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routing.facts import Value
from training.rows import DecidedLead

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: The lead's fields with their values; skill is what the rules ask a rep for.
FIELDS: dict[str, tuple[str, ...]] = {
    "country": ("CA", "DE", "FR", "GB", "NL", "US"),
    "industry": (
        *("agriculture", "education", "energy", "finance", "healthcare"),
        *("media", "public", "retail", "software", "transport"),
    ),
    "size": ("enterprise", "large", "medium", "micro", "small"),
    "source": ("ads", "event", "organic", "partner", "referral", "webinar"),
    "skill": ("analytics", "api", "support"),
}
SCORES = 101  #: the lead's own score runs from 0 to 100
SEGMENTS = ("industry", "size", "source")
STARTS_AT = datetime(2025, 1, 1, tzinfo=UTC)
ROUTE = "inbound"

_LEAD_SPREAD = {"country": 0.2, "industry": 0.4, "size": 0.4, "source": 0.4, "skill": 0.1}
_ODD_SPREAD = 0.35  #: of what no table of one field can show: industry with source


@dataclass(frozen=True, slots=True)
class WorldTerms:
    """How a world is made.

    `spreads` are the standard deviations of the reps' effects on the log odds of a win: of the
    reps themselves, and of each rep by industry, size and source.
    """

    seed: int = 0
    reps: int = 50
    cold: int = 4  #: reps without a past
    spreads: tuple[float, float, float, float] = (0.30, 0.30, 0.20, 0.15)
    base_rate: float = 0.125
    favouritism: float = 1.0  #: how strongly the past gave good leads to favoured reps
    hidden: float = 0.0  #: spread of a quality of leads that managers saw and no field holds
    days: int = 300  #: the length of its past
    decay_days: float = 20.0  #: wins come this late on average


MEDIUM = (0.30, 0.30, 0.20, 0.15)
LOW = (0.15, 0.15, 0.10, 0.075)
NULL = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Leads:
    """Leads of a world as columns: the place of each value among its field's values."""

    codes: Mapping[str, Places]
    score: Places
    hidden: Floats

    def __len__(self) -> int:
        return len(self.score)

    def facts(self, place: int) -> dict[str, Value | None]:
        """One lead as a decision records it; a field in fifty is missing."""
        facts: dict[str, Value | None] = {
            name: values[int(self.codes[name][place])] for name, values in FIELDS.items()
        }
        facts["score"] = int(self.score[place])
        if place % 50 == 7:
            facts["size"] = None
        return facts


class World:
    """The truth: who closes what, and who may get what."""

    def __init__(self, terms: WorldTerms) -> None:
        self.terms = terms
        chance = np.random.default_rng([terms.seed, 1])
        self.reps = tuple(f"rep-{place:03d}" for place in range(terms.reps))
        self._lead_effects = {
            name: chance.normal(0, _LEAD_SPREAD[name], len(values))
            for name, values in FIELDS.items()
        }
        self._odd = chance.normal(0, _ODD_SPREAD, (len(FIELDS["industry"]), len(FIELDS["source"])))
        self._turn = chance.uniform(0, 2 * np.pi)
        rep, *by_segment = terms.spreads
        self._rep = chance.normal(0, 1, terms.reps) * rep
        self._by_segment = {
            name: chance.normal(0, 1, (terms.reps, len(FIELDS[name]))) * spread
            for name, spread in zip(SEGMENTS, by_segment, strict=True)
        }
        self._favour = 0.5 * _standard(self._rep) + chance.normal(0, 0.8, terms.reps)
        self.may_take = _territories(chance, terms.reps)
        self._intercept = 0.0
        self._intercept = self._level(self.leads(4_000, stream=2))

    def leads(self, count: int, *, stream: int) -> Leads:
        """Fresh leads; another stream, other leads."""
        chance = np.random.default_rng([self.terms.seed, 3, stream])
        codes = {
            name: chance.choice(len(values), count, p=_uneven(len(values)))
            for name, values in FIELDS.items()
        }
        hidden = chance.normal(0, 1, count) * self.terms.hidden
        return Leads(codes, chance.integers(0, SCORES, count), hidden)

    def eligible(self, leads: Leads) -> NDArray[np.bool_]:
        """Who may take which lead: shape (leads, reps)."""
        return self.may_take[leads.codes["country"], leads.codes["skill"]]

    def probabilities(self, leads: Leads) -> Floats:
        """The true probability of a win with each rep: shape (leads, reps)."""
        log_odds = self._lead_log_odds(leads)[:, None] + self._rep[None, :]
        for name, effects in self._by_segment.items():
            log_odds += effects.T[leads.codes[name]]
        return _sigmoid(log_odds)

    def history(
        self, count: int, *, stream: int = 0, until: datetime | None = None
    ) -> list[DecidedLead]:
        """The past, as managers made it: favoured reps got good leads.

        Args:
            count: Decided leads, evenly over the world's days.
            stream: Another stream, other leads.
            until: When the last was decided; by default the world's last day.
        """
        leads = self.leads(count, stream=stream)
        chance = np.random.default_rng([self.terms.seed, 4, stream])
        quality = _standard(self._lead_log_odds(leads))
        pull = self.terms.favouritism * (quality[:, None] * self._favour + 0.5 * self._favour)
        pull = np.where(self.eligible(leads), pull, -np.inf)
        pull[:, self.terms.reps - self.terms.cold :] = -np.inf
        chosen = np.argmax(pull + chance.gumbel(size=pull.shape), axis=1)
        ends = until or STARTS_AT + timedelta(days=self.terms.days)
        return self.decided(leads, chosen, chance=chance, until=ends)

    def decided(
        self,
        leads: Leads,
        chosen: Places,
        *,
        chance: np.random.Generator,
        until: datetime,
        picks: Sequence[tuple[str, int | None]] | None = None,
    ) -> list[DecidedLead]:
        """What became of leads once these reps had them.

        Args:
            leads: The leads.
            chosen: The rep of each, by place.
            chance: Draws who wins, and when that is known.
            until: When the last was decided.
            picks: Method and recorded probability of each pick; by default those of a manager.
        """
        count = len(leads)
        rows = np.arange(count)
        won = chance.random(count) < self.probabilities(leads)[rows, chosen]
        delays = chance.exponential(self.terms.decay_days, count)
        step = timedelta(days=self.terms.days) / max(count, 1)
        sets = _sets(self.may_take, self.reps)
        country, skill = leads.codes["country"], leads.codes["skill"]
        return [
            DecidedLead(
                decision=f"d{row:07d}",
                lead=f"l{row:07d}",
                route=ROUTE,
                at=(at := until - step * (count - 1 - row)),
                rep=self.reps[int(chosen[row])],
                method="manual" if picks is None else picks[row][0],
                eligible=sets[country[row]][skill[row]],
                pick_probability_ppm=None if picks is None else picks[row][1],
                facts=leads.facts(row),
                won=True if won[row] else None,
                outcome_at=at + timedelta(days=float(delays[row])) if won[row] else None,
            )
            for row in range(count)
        ]

    def _lead_log_odds(self, leads: Leads) -> Floats:
        log_odds = self._intercept + leads.hidden
        for name, effects in self._lead_effects.items():
            log_odds = log_odds + effects[leads.codes[name]]
        log_odds = log_odds + self._odd[leads.codes["industry"], leads.codes["source"]]
        curve = 0.6 * np.sin(leads.score / SCORES * 5 + self._turn)
        summed: Floats = log_odds + curve
        return summed

    def _level(self, leads: Leads) -> float:
        """The intercept that gives the base rate when leads go to anybody eligible."""
        open_to = self.eligible(leads)
        low, high = -12.0, 6.0
        for _ in range(50):
            self._intercept = (low + high) / 2
            rate = _even(self.probabilities(leads), open_to).mean()
            low, high = (
                (self._intercept, high) if rate < self.terms.base_rate else (low, self._intercept)
            )
        return self._intercept


def even_value(world: World, leads: Leads) -> float:
    """The win rate that an even split among the eligible would have."""
    return float(_even(world.probabilities(leads), world.eligible(leads)).mean())


def _even(probabilities: Floats, open_to: NDArray[np.bool_]) -> Floats:
    kept: Floats = (probabilities * open_to).sum(axis=1) / open_to.sum(axis=1)
    return kept


def _territories(chance: np.random.Generator, reps: int) -> NDArray[np.bool_]:
    """Shape (countries, skills, reps): two countries a rep, two skills in three."""
    countries, skills = len(FIELDS["country"]), len(FIELDS["skill"])
    serves = np.zeros((countries, reps), dtype=bool)
    for rep in range(reps):
        serves[[rep % countries, (rep + 1 + rep // countries) % countries], rep] = True
    knows = chance.random((skills, reps)) < 0.7
    knows[chance.integers(0, skills, reps), np.arange(reps)] = True
    both: NDArray[np.bool_] = serves[:, None, :] & knows[None, :, :]
    return both


def _sets(may_take: NDArray[np.bool_], reps: Sequence[str]) -> list[list[tuple[str, ...]]]:
    return [
        [tuple(reps[int(place)] for place in np.flatnonzero(who)) for who in by_skill]
        for by_skill in may_take
    ]


def _uneven(size: int) -> Floats:
    """Some values are three times as frequent as others."""
    weights = np.linspace(1.5, 0.5, size)
    shares: Floats = weights / weights.sum()
    return shares


def _standard(numbers: Floats) -> Floats:
    spread = numbers.std()
    return numbers * 0.0 if spread == 0.0 else (numbers - numbers.mean()) / spread


def _sigmoid(log_odds: Floats) -> Floats:
    probability: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return probability
