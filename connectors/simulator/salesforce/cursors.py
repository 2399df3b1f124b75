"""Query locators: what is left of a result whose first page has been served.

A cursor remembers which rows it will serve, not what is in them: a later page shows the
values of its own time. Locators live for two days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.simulator.salesforce.ids import IdMint
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Row
from connectors.simulator.salesforce.soql.engine import Answer

_LIVES = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A result being paged through."""

    id: str
    answer: Answer
    page_rows: int
    made_at: datetime
    user_id: str


class Cursors:
    """The locators of an org that are still good."""

    def __init__(self, mint: IdMint) -> None:
        self._mint = mint
        self._cursors: dict[str, Cursor] = {}

    def open(self, answer: Answer, *, page_rows: int, now: datetime, user_id: str) -> Cursor:
        """Remember a result for its later pages."""
        cursor = Cursor(self._mint.mint("0r8"), answer, page_rows, now, user_id)
        self._cursors[cursor.id] = cursor
        for old in [one.id for one in self._cursors.values() if now - one.made_at > _LIVES]:
            del self._cursors[old]
        return cursor

    def find(self, locator: str, *, now: datetime, user_id: str) -> tuple[Cursor, int]:
        """The cursor of a locator and the position it names.

        Raises:
            Refused: INVALID_QUERY_LOCATOR, the locator is unknown, too old or another user's.
        """
        name, _, position = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or not position.isdigit() or cursor.user_id != user_id:
            raise invalid_locator()
        if now - cursor.made_at > _LIVES or int(position) > len(cursor.answer.rows):
            raise invalid_locator()
        return cursor, int(position)

    def find_any(self, locator: str) -> tuple[Cursor | None, int]:
        """The cursor of a locator, whoever asks."""
        name, _, position = locator.rpartition("-")
        return self._cursors.get(name), int(position) if position.isdigit() else 0

    def forget(self, locator: str) -> None:
        """Let a locator die."""
        self._cursors.pop(locator.rpartition("-")[0], None)


def invalid_locator() -> Refused:
    """400: there is no such locator any more."""
    return Refused("INVALID_QUERY_LOCATOR", "invalid query locator")


def current(rows: Sequence[Row], tables: Any) -> list[Row]:
    """The rows as they are now; those that are gone for good are left out."""
    found = (tables.get(row["Id"]) for row in rows)
    return [row for row in found if row is not None]
