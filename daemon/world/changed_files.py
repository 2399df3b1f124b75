"""The rulebook's and the roster's file, looked at while the daemon runs.

A file counts as changed once it looks other than when it was last read and has looked so twice in
a row, so that one which is just being written is not read by halves. Whoever asks (SIGHUP) need
not wait for that. What is read is read whole: with a mistake anywhere, nothing of it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daemon.world.in_force import InForce, read_files
from routing.facts import Mapped

_Look = tuple[tuple[int, int, int] | None, ...]


@dataclass(slots=True)
class Files:
    """Both files, and what they looked like when they were last read."""

    rulebook: Path
    roster: Path
    mapped: Sequence[Mapped]
    _read: _Look = field(init=False, repr=False)
    _seen: _Look = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._read = self._seen = self._look()

    def have_changed(self) -> bool:
        """Whether there is something to read that has come to rest."""
        before, self._seen = self._seen, self._look()
        return self._seen == before and self._seen != self._read

    def read(self) -> InForce:
        """Both, read anew and checked against one another.

        Raises:
            WrongFiles: Either has mistakes; all of both are in the message.
            UnreadableFile: One cannot be read at all.
        """
        self._read = self._seen = self._look()  # before reading: what changes meanwhile is news
        return read_files(self.rulebook, self.roster, mapped=self.mapped)

    def _look(self) -> _Look:
        return tuple(_look_of(path) for path in (self.rulebook, self.roster))


def _look_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
