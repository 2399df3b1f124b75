"""Remembers which row versions the ledger has stored, so that overlaps do not hand them out again.

A page counts as stored when the daemon comes back with that page's own bookmark. With any other
bookmark (the transaction failed, another process took over, a backup was restored) everything is
forgotten: handing a row out twice is cheap, keeping one back would lose it. Nothing depends on
this memory; it starts empty and is cut to the overlap.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

import orjson


class Version(NamedTuple):
    """A row as it was read: two edits within a second share a stamp, not a digest."""

    key: str  #: object and id
    stamp: str
    digest: bytes


def version_of(object: str, id: str, row: Mapping[str, Any], *, stamp: str) -> Version:
    """The identity of what was read.

    Examples:
        >>> one = version_of("Lead", "00Q1", {"City": "Bonn", "Zip": None}, stamp="")
        >>> one == version_of("Lead", "00Q1", {"Zip": None, "City": "Bonn"}, stamp="")
        True
    """
    whole = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return Version(f"{object}:{id}", stamp, blake2b(whole, digest_size=16).digest())


class Delivered:
    """The memory of one stream, of the `most` versions that were stored last."""

    def __init__(self, *, most: int = 500_000) -> None:
        self._most = most
        self._stored: dict[str, tuple[str, bytes]] = {}
        self._handed_out: list[Version] = []
        self._bookmark: Mapping[str, Any] | None = None

    def came_back(self, position: Mapping[str, Any]) -> bool:
        """The daemon asks on from this bookmark; whether it is the one handed out last."""
        is_ours = position == self._bookmark
        if is_ours:
            self._stored.update({v.key: (v.stamp, v.digest) for v in self._handed_out})
            for key in list(islice(self._stored, max(0, len(self._stored) - self._most))):
                del self._stored[key]
        else:
            self._stored.clear()
        self._handed_out = []
        return is_ours

    def is_new(self, version: Version) -> bool:
        """Whether this version was not stored yet, as far as we remember."""
        return self._stored.get(version.key) != (version.stamp, version.digest)

    def hand_out(self, versions: Iterable[Version], position: Mapping[str, Any]) -> None:
        """These versions go out with a page that carries this bookmark."""
        self._handed_out = list(versions)
        self._bookmark = position

    def forget_before(self, stamp: str) -> None:
        """Rows below the safe watermark are not read again."""
        kept = {key: value for key, value in self._stored.items() if value[0] >= stamp}
        self._stored = kept
