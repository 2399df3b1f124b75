"""Two CRMs that know the same people, as the settings describe it: who assigns, and who follows."""

from typing import Annotated

from pydantic import Field

from daemon.settings.parts import Part

Name = Annotated[str, Field(min_length=1)]


class Pairs(Part):
    """The connections whose records are tied to one another as one person.

    With `synced`, the two CRMs keep one another's owners in step by themselves: a record that a
    CRM itself ties to its partner is observed and not written. Without, both are written.
    """

    connections: Annotated[
        tuple[Name, ...],
        Field(min_length=2, max_length=2, description="two names, [salesforce, hubspot]"),
    ]
    synced: bool = False
    assigns: Name | None = None  #: None: the first of the two
    wait_s: Annotated[float, Field(ge=0, le=86_400)] = 60
    #: synced only: how long a person waits for their record in the connection that assigns

    @property
    def assigner(self) -> str:
        """The connection that assigns."""
        return self.assigns or self.connections[0]
