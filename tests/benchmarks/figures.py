"""What the benchmarks measured, told once, in one table at the end of the run."""

from collections.abc import Iterable
from dataclasses import dataclass

_HEAD = ("what", "measured", "wanted", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and what it was held to."""

    what: str
    measured: float
    unit: str
    limit: float | None = None  #: None: reported, held to nothing
    is_floor: bool = False  #: the figure must not be below the limit; else not above it

    @property
    def holds(self) -> bool:
        """Whether it is within its limit."""
        if self.limit is None:
            return True
        return self.measured >= self.limit if self.is_floor else self.measured <= self.limit

    def cells(self) -> tuple[str, ...]:
        """The figure as a line of the table."""
        said = f"{_digits(self.measured)} {self.unit}".rstrip()
        if self.limit is None:
            return (self.what, said, "", "")
        word = "at least" if self.is_floor else "at most"
        return (self.what, said, f"{word} {_digits(self.limit)}", "ok" if self.holds else "MISSED")


class Figures:
    """Collects the figures of one test; `missed` says which of them are out of bounds."""

    def __init__(self, told: list[Figure]) -> None:
        self._told = told
        self._own: list[Figure] = []

    def at_least(self, what: str, measured: float, unit: str, *, floor: float) -> None:
        """A figure that should be large."""
        self._tell(Figure(what, measured, unit, floor, is_floor=True))

    def at_most(self, what: str, measured: float, unit: str, *, limit: float) -> None:
        """A figure that should be small."""
        self._tell(Figure(what, measured, unit, limit))

    def seen(self, what: str, measured: float, unit: str) -> None:
        """A figure to be known, held to nothing."""
        self._tell(Figure(what, measured, unit))

    @property
    def missed(self) -> list[str]:
        """What is out of bounds, with its figure."""
        return [" ".join(figure.cells()[:3]) for figure in self._own if not figure.holds]

    def _tell(self, figure: Figure) -> None:
        self._told.append(figure)
        self._own.append(figure)


def table(figures: Iterable[Figure]) -> list[str]:
    """The figures in columns."""
    rows = [_HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    ]


def _digits(number: float) -> str:
    """Three digits that count; whole numbers from a hundred on."""
    size = abs(number)
    if size >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if size >= 10 else f"{number:.2f}"
