"""Salesforce ids: 15 case-sensitive characters, 18 with a checksum that survives case folding.

The first three characters name the object. Ids are minted in ascending order, so that
ordering by Id is ordering by birth, as it nearly always is in a real org.
"""

from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def checksum(short: str) -> str:
    """The three characters that make an 18-character id of a 15-character one.

    Examples:
        >>> checksum("00QHs00000000Ab")
        'MAI'
    """
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _SUFFIX[sum(1 << bit for bit, letter in enumerate(group) if "A" <= letter <= "Z")]
        for group in groups
    )


def canonical(text: str) -> str | None:
    """The 18-character form of an id, or None if the text is no id at all.

    With 18 characters given, the last three say which letters are capitals, so an id that
    lost its case on the way is repaired.

    Examples:
        >>> canonical("00qhs00000000abMAI")
        '00QHs00000000AbMAI'
        >>> canonical("00QHs00000000Ab") == "00QHs00000000Ab" + checksum("00QHs00000000Ab")
        True
        >>> canonical("not an id") is None
        True
    """
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        return None
    if len(text) == 15:
        return text + checksum(text)
    marks = [_SUFFIX.find(letter) for letter in text[15:].upper()]
    if -1 in marks:
        return None
    letters = (
        letter.upper() if marks[at // 5] >> at % 5 & 1 else letter.lower()
        for at, letter in enumerate(text[:15])
    )
    short = "".join(letters)
    return short + checksum(short)


class IdMint:
    """Mints ids, ascending per prefix, from a start that depends only on the seed."""

    def __init__(self, seed: int) -> None:
        self._start = 62**3 + seed % 9_973 * 62
        self._minted: dict[str, int] = {}

    def mint(self, prefix: str) -> str:
        """The next id of the object with this three-character prefix."""
        count = self._minted.get(prefix, 0) + 1
        self._minted[prefix] = count
        short = prefix + "Hs0000" + _base62(self._start + count, width=6)
        return short + checksum(short)


def _base62(number: int, *, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
