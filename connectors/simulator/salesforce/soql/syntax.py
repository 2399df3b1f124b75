"""The parts of a SOQL query, as read. Nothing here is checked against a schema."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "number", "datetime", "date", "boolean", "null", "period"]


@dataclass(frozen=True, slots=True)
class Path:
    """A field, possibly through relationships: `Owner.Name`."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: COUNT(Id), MAX(SystemModstamp), toLabel(Status)."""

    function: str  #: upper case
    argument: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class TypeBranch:
    """`WHEN User THEN Name, Email`; the ELSE branch has no type."""

    sobject: str | None
    fields: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF Owner WHEN ... END`."""

    reference: Path
    branches: tuple[TypeBranch, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value in a condition, with the kind it was written as."""

    kind: Kind
    value: str | int | float | bool | None
    n: int | None = None  #: the number of a date literal such as LAST_N_DAYS:30


@dataclass(frozen=True, slots=True)
class Comparison:
    """`Field op value` or `Field op (values)`."""

    operand: Path | Call
    op: str  #: =, !=, <, <=, >, >=, LIKE, IN, NOT IN, INCLUDES, EXCLUDES
    values: tuple[Constant, ...]
    at: int


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`Field [NOT] IN (SELECT ...)`."""

    operand: Path
    negated: bool
    query: "Query"
    at: int


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts (AND)."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of the parts (OR)."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """NOT the part."""

    part: "Condition"


Condition = Comparison | SemiJoin | Both | Either | Negated


@dataclass(frozen=True, slots=True)
class Order:
    """One ORDER BY term."""

    operand: Path | Call
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    text: str
    select: tuple["Path | Call | TypeOf | Query", ...]
    sobject: str
    sobject_at: int
    alias: str | None
    where: Condition | None
    group_by: tuple[Path, ...]
    having: Condition | None
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int
