"""Where chance is wanted, it is a hash: the same lead draws the same number, for everybody.

Holdout leads are drawn from H(salt, lead), once for all their occasions; exploration from
H(salt, lead, attempt). The drawn integer is in the record, the salt's hash in the journal.
"""

import hashlib
import hmac
from dataclasses import dataclass

from routing.decision import MILLION

DRAW_BITS = 48  #: below 2**53, so that a record can hold it


@dataclass(frozen=True, slots=True)
class Shares:
    """How many leads are routed uniformly among the eligible, in millionths, and the salt."""

    holdout_ppm: int = 0
    exploration_ppm: int = 0
    salt: bytes = b""

    def salt_hash(self) -> str:
        """SHA-256 of the salt, which the journal may show."""
        return hashlib.sha256(self.salt).hexdigest()


def draw(salt: bytes, *parts: str) -> int:
    """An integer in [0, 2**48), uniform over leads, fixed for the same salt and parts.

    Examples:
        >>> draw(b"salt", "L1") == draw(b"salt", "L1")
        True
    """
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return int.from_bytes(hmac.digest(salt, message, "sha256")[: DRAW_BITS // 8], "big")


def falls_within(drawn: int, share_ppm: int) -> bool:
    """Whether a drawn integer falls in the first `share_ppm` millionths of its range."""
    return drawn * MILLION < share_ppm << DRAW_BITS


def place(drawn: int, of: int) -> int:
    """The place in a list of `of` that a drawn integer picks, independent of `falls_within`.

    The low 32 bits decide, the share is decided by the high ones.
    """
    return (drawn & 0xFFFFFFFF) % of
