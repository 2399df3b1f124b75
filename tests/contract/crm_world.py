"""The CRM that the contract asks for: its humans, its faults, and the connector under test."""

from typing import Protocol

from connectors.port import Connector


class CrmWorld(Protocol):
    """A CRM, its humans, and the connector under test."""

    connector: Connector
    object: str  #: `sf.lead`
    field: str  #: the owner field, `OwnerId`
    text_field: str  #: a plain field, `Country`
    unrouted: str | None  #: who holds a lead that nobody was given yet

    def lead(self) -> str:
        """A new lead, settled: it may be written at once."""
        ...

    def rep(self) -> str:
        """A user who may own leads."""
        ...

    def human_gives(self, record: str, owner: str) -> None:
        """A human sets the owner; settled again afterwards."""
        ...

    def human_gives_between_read_and_write(self, record: str, owner: str) -> None:
        """A human is faster: between the connector's next read and its write."""
        ...

    def delete(self, record: str) -> None:
        """A human deletes a lead."""
        ...

    def merge(self, loser: str, winner: str) -> None:
        """A human merges one lead into another."""
        ...

    def convert(self, record: str) -> None:
        """A human converts a lead."""
        ...

    def deactivate(self, rep: str) -> None:
        """A user leaves."""
        ...

    def owner(self, record: str) -> str | None:
        """Who holds the record, asked of the CRM itself."""
        ...

    def writes(self) -> int:
        """How many owner changes the CRM's truth says that our key made."""
        ...

    def lose_the_answer(self) -> None:
        """The next write lands; its answer does not."""
        ...

    def go_away(self) -> None:
        """The CRM answers nothing but 503 from now on."""
        ...

    def come_back(self) -> None:
        """The CRM answers again."""
        ...

    def lock_out(self) -> None:
        """Our key is refused from now on."""
        ...
