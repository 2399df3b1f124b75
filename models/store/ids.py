"""Internal ids: random, meaningless outside the ledger, and short enough for a record.

A rep's id is `r` and eight random characters: fifty of them stand in one record. All others
begin with the instant they were made and grow within it, so that new rows land beside each
other in every index; with wholly random ids a ledger of a million leads writes a page per row.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # base 32 without i, l, o, u
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TIME_CHARS = 9  # 45 bits of milliseconds: a thousand years
_CHANCE_CHARS = 10  # 50 bits
_SALT_BYTES = 16


class Chance(Protocol):
    """Where randomness comes from: the machine, or a seeded world."""

    def secret(self) -> bytes:
        """32 random bytes."""
        ...


class InternalIds:
    """Makes ids and salts from a clock and a source of chance that are handed in."""

    def __init__(self, chance: Chance, now: Callable[[], datetime]) -> None:
        self._chance = chance
        self._now = now
        self._last_ms = -1
        self._last = 0
        self._head = ""

    def new(self, prefix: str) -> str:
        """A new id: the prefix, nine characters of time, ten of chance, all in base 32."""
        elapsed_ms = (self._now() - _EPOCH) // _MILLISECOND
        if elapsed_ms > self._last_ms:
            self._last_ms = elapsed_ms
            self._last = self._drawn(48)  # of 50 bits: room to count up
            self._head = _text(elapsed_ms, _TIME_CHARS)
        self._last += 1
        return prefix + self._head + _text(self._last, _CHANCE_CHARS)

    def rep(self) -> str:
        """A rep's id: random, without time; the roster checks that it is new."""
        return "r" + _text(self._drawn(40), 8)

    def salt(self) -> bytes:
        """A salt for one row."""
        return self._chance.secret()[-_SALT_BYTES:]

    def _drawn(self, bits: int) -> int:
        drawn = hashlib.blake2b(self._chance.secret(), digest_size=8).digest()
        return int.from_bytes(drawn, "big") >> (64 - bits)


def _text(number: int, length: int) -> str:
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(10 * (length // 2) - 10, -1, -10)]
    head = _ALPHABET[(number >> (5 * length - 5)) & 31] if length % 2 else ""
    return head + "".join(pairs)
