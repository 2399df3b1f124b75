"""What a trained ranker is to the decision: a few tables of effects on the log odds of a win.

The log odds of a lead with a rep are the intercept, one effect for each feature of the lead, one
for the rep, and one for the rep in each of the lead's segments. A rep or a level that training
did not see has no effect: they start at the population's mean.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from routing.facts import Value

MISSING = 0  #: the place of a missing value in every table
OTHER = 1  #: the place of all values that training saw rarely or never
FIRST = 2  #: the place of the first level of a feature

NUMERIC = ("integer", "money")


@dataclass(frozen=True, slots=True)
class Feature:
    """A field of the lead as a table: its levels, or the edges of its bins.

    `levels` are the values of a choice or the elements of a set, sorted; a boolean has `false`
    and `true`. `edges` are the ascending lower bounds of the second and later bins of a number.
    """

    name: str
    type: str  #: the rulebook's: `choice`, `boolean`, `integer`, `money` or `set`
    levels: tuple[str, ...] = ()
    edges: tuple[Decimal, ...] = ()

    @property
    def size(self) -> int:
        """How many places its table has."""
        bins = len(self.edges) + 1 if self.type in NUMERIC else len(self.levels)
        return FIRST + bins

    def place(self, value: Value | None) -> int:
        """Where in its table a value stands; a set has `places`.

        Examples:
            >>> Feature("employees", "integer", edges=(Decimal(50), Decimal(200))).place(50)
            3
            >>> Feature("country", "choice", levels=("DE", "US")).place("FR") == OTHER
            True
        """
        if value is None:
            return MISSING
        if self.type in NUMERIC:
            if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
                return OTHER
            return FIRST + bisect_right(self.edges, value)
        if isinstance(value, bool):
            value = "true" if value else "false"
        return self._level(value)

    def places(self, value: Value | None) -> tuple[int, ...]:
        """The places whose effects add up for a value: one, or one for each element of a set.

        Elements that training did not see count once together; an empty set is missing.
        """
        if self.type != "set":
            return (self.place(value),)
        if not isinstance(value, tuple) or not value:
            return (MISSING,)
        return tuple(sorted({self._level(element) for element in value}))

    def label(self, place: int) -> str:
        """A place in words, as far as data can be words."""
        if place == MISSING:
            return "missing"
        if place == OTHER:
            return "not seen in training"
        if self.type not in NUMERIC:
            return self.levels[place - FIRST]
        return self._bin(place - FIRST)

    def _bin(self, place: int) -> str:
        if not self.edges:
            return "any"
        if place == 0:
            return f"below {self.edges[0]:f}"
        if place == len(self.edges):
            return f"{self.edges[-1]:f} or more"
        return f"{self.edges[place - 1]:f} to below {self.edges[place]:f}"

    def _level(self, value: object) -> int:
        """By bisection: levels are sorted."""
        if not isinstance(value, str):
            return OTHER
        found = bisect_right(self.levels, value) - 1
        return FIRST + found if found >= 0 and self.levels[found] == value else OTHER


@dataclass(frozen=True, slots=True)
class LeadTable:
    """The effects of one feature, whoever the rep is; by place."""

    feature: Feature
    effects: tuple[float, ...]
    sds: tuple[float, ...]  #: posterior standard deviations


@dataclass(frozen=True, slots=True)
class Block:
    """The effects of reps: of each by themselves, or of each in every place of a segment.

    `effects[place][rep]`, the rep by their place in `RankTables.reps`; the block of the reps
    themselves has one place.
    """

    name: str  #: `rep`, or `rep x FIELD`
    segment: Feature | None
    effects: tuple[tuple[float, ...], ...]
    variances: tuple[tuple[float, ...], ...]  #: posterior variances, shaped like `effects`
    tau: float  #: the standard deviation of effects among reps that training estimated

    def place(self, value: Value | None) -> int:
        """Where in the block a lead with this value stands."""
        return 0 if self.segment is None else self.segment.place(value)


@dataclass(frozen=True, slots=True)
class Reference:
    """What training saw, for the drift alarm to compare with: the newest matured window."""

    rows: int
    base_rate_ppm: int
    counts: tuple[tuple[str, tuple[int, ...]], ...]  #: (feature, leads by place), sorted
    score_edges_ppm: tuple[int, ...]  #: lower bounds of the second and later bins of the score
    score_counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RankTables:
    """One trained version, read and checked."""

    hash: str  #: SHA-256 of the document, which itself names the hash of its arrays
    arrays_sha256: str  #: of the npz file that the arrays came in
    intercept: float
    lead: tuple[LeadTable, ...]
    blocks: tuple[Block, ...]  #: the reps themselves first; none: lead scores only
    reps: tuple[str, ...]  #: sorted
    prices_ppm: tuple[tuple[str, int], ...]  #: (rep, price in millionths), sorted, none of zero
    tie_milli: int  #: see `routing.ranking.Scores.top`, in thousandths of a standard deviation
    horizon_days: int  #: a win counts within so many days of the decision
    trained_at: datetime
    data_sha256: str  #: digest of the rows it was trained on
    rulebook: str  #: hash of the book in force when it was trained
    rows: int
    wins: int
    reference: Reference
