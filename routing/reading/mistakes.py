"""A mistake in a file is a value: where it stands, what is wrong, and what to do about it.

Readers collect mistakes and go on, so that an author sees all of them at once, in file order.
A warning is the same value in another list: the file is usable, but somebody should look.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple, Protocol

_SHOWN_CHARACTERS = 60
_COMPARED_NAMES = 2_000


class Place(NamedTuple):
    """A spot in a file. Lines and columns count from 1."""

    file: str
    line: int
    column: int


class Placed(Protocol):
    """Anything that knows where in a file it stands."""

    @property
    def place(self) -> Place:
        """Where it begins."""
        ...


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file, or only doubtful where it is a warning."""

    file: str
    line: int
    column: int
    message: str  #: what happened, with the values, then what to do

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class Mistakes:
    """Collects the mistakes and warnings of one reading, of one file or of several.

    Examples:
        >>> mistakes = Mistakes()
        >>> mistakes.add(Place("a.yaml", 2, 1), "second")
        >>> mistakes.add(Place("a.yaml", 1, 5), "first")
        >>> [str(mistake) for mistake in mistakes.found]
        ['a.yaml:1:5: first', 'a.yaml:2:1: second']
    """

    def __init__(self) -> None:
        self._mistakes: list[Mistake] = []
        self._warnings: list[Mistake] = []

    def add(self, where: Place | Placed, message: str) -> None:
        """Note a mistake: the file cannot be used before it is mended."""
        self._mistakes.append(_mistake(where, message))

    def warn(self, where: Place | Placed, message: str) -> None:
        """Note a warning: the file can be used as it is."""
        self._warnings.append(_mistake(where, message))

    def extend(self, found: Iterable[Mistake], *, warnings: Iterable[Mistake] = ()) -> None:
        """Take over what another reading found."""
        self._mistakes.extend(found)
        self._warnings.extend(warnings)

    @property
    def found(self) -> tuple[Mistake, ...]:
        """All mistakes, each once, in file order; files in the order they were first heard of."""
        return _in_file_order(self._mistakes)

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """All warnings, each once, in file order."""
        return _in_file_order(self._warnings)

    def __bool__(self) -> bool:
        """Whether there is a mistake; warnings do not count."""
        return bool(self._mistakes)

    def __len__(self) -> int:
        return len(self._mistakes)


def shown(text: str) -> str:
    r"""Text in double quotes as a message may carry it: short, and with nothing invisible in it.

    Examples:
        >>> print(shown("DE"), shown("a" * 100)[-5:], shown("x\x00"))
        "DE" aaa…" "x\x00"
    """
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    visible = (char if char.isprintable() else ascii(char)[1:-1] for char in cut)
    return f'"{"".join(visible)}"'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that proposes the nearest known word, with a leading space, or nothing.

    Examples:
        >>> did_you_mean("contry", ["country", "industry"])
        ' Did you mean "country"?'
        >>> did_you_mean("zebra", ["country", "industry"])
        ''
    """
    names = list(islice(known, _COMPARED_NAMES))
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    near = get_close_matches(word[:_SHOWN_CHARACTERS].casefold(), list(folded), n=1, cutoff=0.6)
    return f" Did you mean {shown(folded[near[0]])}?" if near else ""


def listed(words: Sequence[str], *, at_most: int = 12) -> str:
    """Words as a list for a message, cut after `at_most`.

    Examples:
        >>> listed(["a", "b", "c"], at_most=2)
        'a, b and 1 more'
    """
    if len(words) <= at_most:
        return ", ".join(words)
    return f"{', '.join(words[:at_most])} and {len(words) - at_most} more"


def _mistake(where: Place | Placed, message: str) -> Mistake:
    place = where if isinstance(where, Place) else where.place
    return Mistake(place.file, place.line, place.column, message)


def _in_file_order(mistakes: Sequence[Mistake]) -> tuple[Mistake, ...]:
    files = {file: n for n, file in enumerate(dict.fromkeys(each.file for each in mistakes))}
    unique = dict.fromkeys(mistakes)
    return tuple(sorted(unique, key=lambda each: (files[each.file], each.line, each.column)))
