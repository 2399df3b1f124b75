"""Conditions as values: a closed set of operators over named facts, combined by all, any, not.

Two-valued: a missing value matches nothing but `is_null`, and `not` is the exact complement.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from routing.facts import Value


class Operator(StrEnum):
    """What a test may ask of a fact. Add, never rename."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    ANY_OF = "any_of"
    ALL_OF = "all_of"
    NONE_OF = "none_of"
    DOMAIN_IN = "domain_in"
    ENDS_WITH = "ends_with"
    STARTS_WITH = "starts_with"
    WITHIN_LAST = "within_last"
    IS_NULL = "is_null"


@dataclass(frozen=True, slots=True)
class Test:
    """One question about one fact. `operand` has the fact's own type, or a tuple of it."""

    fact: str
    operator: Operator
    operand: Value | timedelta | tuple[Value, ...]
    or_missing: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is; true when empty."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is; false when empty."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The exact complement of its part."""

    part: "Condition"


Condition = Test | All | AnyOf | Not
