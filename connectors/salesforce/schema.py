"""What the org's own description says about the fields we need, asked once and kept.

A field that the integration user may not see is absent from the description, and one absent field
fails a whole query; so everything is looked up before anything is asked, and all that is missing
is named in one message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from connectors.errors import NeedsOperator
from connectors.port import ObjectCheck
from connectors.salesforce.needs import CURSOR, Need
from connectors.salesforce.refusals import CRM, Refusal, Silence
from connectors.salesforce.wire import Wire

_ABSENT: Final = frozenset(
    {"NOT_FOUND", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "FUNCTIONALITY_NOT_ENABLED"}
)

Described = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Schema:
    """The objects of one connection as this key sees them."""

    needs: tuple[Need, ...]
    described: Mapping[str, Described | None]  #: None: the object is not there for us

    def fields(self, sobject: str) -> tuple[str, ...]:
        """The fields to select: all that is required, and what there is of the rest."""
        need, seen = self._need(sobject), self.described[sobject] or {}
        return (*need.required, *(name for name in need.optional if name in seen))

    def has(self, sobject: str) -> bool:
        """Whether the object can be read as needed."""
        return self.described.get(sobject) is not None and not self._missing(self._need(sobject))

    def length(self, sobject: str, field: str) -> int | None:
        """How many characters a text field holds; None where it is no text."""
        found = (self.described.get(sobject) or {}).get(field) or {}
        length = found.get("length")
        return length if isinstance(length, int) and length > 0 else None

    def checks(self) -> tuple[ObjectCheck, ...]:
        """One line for each object."""
        return tuple(
            ObjectCheck(
                need.sobject,
                needed=need.needed,
                readable=self.described[need.sobject] is not None,
                fields=self.fields(need.sobject) if self.described[need.sobject] else (),
                missing=self._missing(need),
            )
            for need in self.needs
        )

    def would_write(self) -> tuple[str, ...]:
        """Every field that may be written."""
        return tuple(f"{need.sobject}.{name}" for need in self.needs for name in need.written)

    def cannot_write(self) -> tuple[str, ...]:
        """Those of them that this key may not change."""
        return tuple(
            f"{need.sobject}.{name}"
            for need in self.needs
            for name in need.written
            if not ((self.described[need.sobject] or {}).get(name) or {}).get("updateable", False)
        )

    def problems(self) -> tuple[str, ...]:
        """Everything a person must grant before anything can run."""
        return tuple(
            problem for need in self.needs if need.needed for problem in self._problems(need)
        )

    def warnings(self) -> tuple[str, ...]:
        """What will be done without."""
        return tuple(
            f"{need.sobject} is done without: {'; '.join(self._problems(need))}"
            for need in self.needs
            if not need.needed and self._problems(need)
        )

    def require(self) -> None:
        """Raise everything that is missing at once."""
        problems = self.problems()
        if problems:
            raise NeedsOperator(
                CRM,
                "the integration user cannot use " + "; ".join(problems) + ".",
                "Grant read access (permission set, field-level security) or mend the field"
                " mapping; bookmarks stay where they are.",
                code="INVALID_FIELD",
            )

    def _need(self, sobject: str) -> Need:
        return next(need for need in self.needs if need.sobject == sobject)

    def _missing(self, need: Need) -> tuple[str, ...]:
        seen = self.described[need.sobject]
        if seen is None:
            return ()
        absent = [name for name in need.required if name not in seen]
        return (*absent, *(name for name in CURSOR if need.cursor and _unusable(seen, name)))

    def _problems(self, need: Need) -> tuple[str, ...]:
        seen = self.described[need.sobject]
        if seen is None:
            return (f"object {need.sobject} (not visible)",)
        return tuple(
            f"{need.sobject}.{name} ({'not visible' if name not in seen else 'not filterable'})"
            for name in self._missing(need)
        )


def _unusable(seen: Described, name: str) -> bool:
    found = seen.get(name)
    return found is not None and not (found.get("filterable") and found.get("sortable"))


def describe(wire: Wire, sobject: str) -> Described | None:
    """The object's fields by name, or None if the object is not there for this key."""
    try:
        body = wire.get(f"sobjects/{sobject}/describe").body
    except Refusal as refusal:
        if refusal.code in _ABSENT or refusal.status == 404:
            return None
        raise
    fields = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(fields, list):
        raise Silence(f"the description of {sobject} has no fields.")
    if body.get("queryable") is False:
        return None
    return {str(field.get("name")): field for field in fields}


class SchemaKeeper:
    """Looks once, and again after somebody found that the org has changed."""

    def __init__(self, look: Callable[[], Schema]) -> None:
        self._look = look
        self._lock = Lock()
        self._schema: Schema | None = None

    def current(self) -> Schema:
        """The schema, with everything required in place.

        Raises:
            NeedsOperator: Something required is missing; the message names it all.
        """
        with self._lock:
            if self._schema is None:
                schema = self._look()
                schema.require()
                self._schema = schema
            return self._schema

    def forget(self) -> None:
        """Look again before the next call."""
        with self._lock:
            self._schema = None
