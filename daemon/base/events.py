"""What a round has to tell, kept back until its transaction is stored.

A line that says `lead_routed` must never stand in a log for a decision that was rolled back.
"""

from collections import Counter
from typing import Protocol


class Tell(Protocol):
    """Where events go: logs and metrics, or a list in a test."""

    def event(self, name: str, **fields: object) -> None:
        """Something happened that belongs to the ordinary course of a day."""
        ...

    def alert(self, name: str, **fields: object) -> None:
        """Something happened that a person should look at."""
        ...

    def polled(self, connection: str, stream: str) -> None:
        """A stream was read to its end."""
        ...


class Notes:
    """Events of one round."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._kept: list[tuple[bool, str, dict[str, object]]] = []
        self._counted: list[tuple[str, tuple[tuple[str, object], ...]]] = []

    def event(self, name: str, **fields: object) -> None:
        """Note something ordinary."""
        self._kept.append((False, name, fields))

    def alert(self, name: str, **fields: object) -> None:
        """Note something that a person should look at."""
        self._kept.append((True, name, fields))

    def count(self, name: str, **fields: object) -> None:
        """Note one more of something ordinary that is told once a round, with a `count`."""
        self._counted.append((name, tuple(fields.items())))

    def mark(self) -> tuple[int, int]:
        """How much is noted so far."""
        return len(self._kept), len(self._counted)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget what was noted since; its lead was rolled back."""
        kept, counted = mark
        del self._kept[kept:]
        del self._counted[counted:]

    def publish(self) -> None:
        """The transaction is stored: tell it all, in order."""
        for is_alert, name, fields in self._kept:
            (self._tell.alert if is_alert else self._tell.event)(name, **fields)
        for (name, about), count in Counter(self._counted).items():
            self._tell.event(name, **dict(about), count=count)
        self._kept.clear()
        self._counted.clear()
