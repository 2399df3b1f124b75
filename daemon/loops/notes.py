"""What a round has to tell, kept back until its transaction is stored.

A line that says `lead_routed` must never stand in a log for a decision that was rolled back.
"""

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

    def event(self, name: str, **fields: object) -> None:
        """Note something ordinary."""
        self._kept.append((False, name, fields))

    def alert(self, name: str, **fields: object) -> None:
        """Note something that a person should look at."""
        self._kept.append((True, name, fields))

    def mark(self) -> int:
        """How much is noted so far."""
        return len(self._kept)

    def back_to(self, mark: int) -> None:
        """Forget what was noted since; its lead was rolled back."""
        del self._kept[mark:]

    def publish(self) -> None:
        """The transaction is stored: tell it all, in order."""
        for is_alert, name, fields in self._kept:
            (self._tell.alert if is_alert else self._tell.event)(name, **fields)
        self._kept.clear()
