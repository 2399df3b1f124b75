"""What a search may ask for: groups of filters, read strictly and made into tests of a copy.

Filters on the id and on the time of the last modification are kept apart as ranges, so that
a search walks through the index instead of through every record.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from connectors.simulator.hubspot.index import Copy
from connectors.simulator.hubspot.properties import ObjectType, Property
from connectors.simulator.hubspot.refusals import Refused, bad_input, invalid
from connectors.simulator.hubspot.stamps import read_time

MOST_GROUPS: Final = 5
MOST_FILTERS: Final = 6
MOST_IN_ALL: Final = 18
_FOREVER: Final = 1 << 62

Test = Callable[[Copy], bool]
Key = float | str


@dataclass(slots=True)
class Group:
    """Filters that must all hold: two ranges, and tests for the rest."""

    since_ms: int = 0
    before_ms: int = _FOREVER
    after_id: int = 0
    tests: tuple[Test, ...] = ()

    def holds(self, copy: Copy) -> bool:
        """Whether the tests hold; the ranges are the index's business."""
        return all(test(copy) for test in self.tests)


def read_groups(kind: ObjectType, given: Any, *, spill_ms: int = 0) -> list[Group]:
    """The filter groups of a search; none at all is one that everything fits.

    Args:
        kind: The object type that is searched.
        given: `filterGroups` as it came over the wire.
        spill_ms: How far beyond the asked window the service answers, if it is off today.

    Raises:
        Refused: 400, there are too many, or one of them makes no sense.
    """
    if given in (None, []):
        return [Group()]
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise bad_input("filterGroups must be a list of objects.")
    filters = [one.get("filters") or [] for one in given]
    _check_sizes(filters)
    return [_group(kind, one, spill_ms) for one in filters]


def _check_sizes(filters: list[Any]) -> None:
    if not all(isinstance(one, list) for one in filters):
        raise bad_input("filters must be a list of objects.")
    if len(filters) > MOST_GROUPS:
        raise invalid(f"There may be {MOST_GROUPS} filterGroups at most, not {len(filters)}.")
    if any(len(one) > MOST_FILTERS for one in filters):
        raise invalid(f"There may be {MOST_FILTERS} filters in a group at most.")
    if sum(len(one) for one in filters) > MOST_IN_ALL:
        raise invalid(f"There may be {MOST_IN_ALL} filters in all at most.")


def _group(kind: ObjectType, filters: list[Any], spill_ms: int) -> Group:
    group = Group()
    tests = []
    for one in filters:
        if not isinstance(one, dict):
            raise bad_input("A filter must be an object.")
        if not _narrow(group, kind, one, spill_ms):
            tests.append(_test(kind, one))
    group.tests = tuple(tests)
    return group


def _narrow(group: Group, kind: ObjectType, given: dict[str, Any], spill_ms: int) -> bool:
    """Make a filter part of the ranges, if it is one of those that can be."""
    name, operator = given.get("propertyName"), given.get("operator")
    if name == kind.modified and operator in ("GT", "GTE", "LT", "LTE", "BETWEEN"):
        low, high = _time_range(kind.properties[kind.modified], given, operator)
        group.since_ms = max(group.since_ms, low - spill_ms)
        group.before_ms = min(group.before_ms, high + spill_ms)
        return True
    if name == "hs_object_id" and operator in ("GT", "GTE"):
        bound = int(_key(kind.properties["hs_object_id"], _value(given)))
        group.after_id = max(group.after_id, bound - (operator == "GTE"))
        return True
    return False


def _time_range(definition: Property, given: dict[str, Any], operator: str) -> tuple[int, int]:
    at_ms = int(_key(definition, _value(given)))
    if operator == "BETWEEN":
        return at_ms, int(_key(definition, _value(given, "highValue"))) + 1
    low = at_ms + (operator == "GT") if operator in ("GT", "GTE") else 0
    high = at_ms + (operator == "LTE") if operator in ("LT", "LTE") else _FOREVER
    return low, high


def _test(kind: ObjectType, given: dict[str, Any]) -> Test:
    name, operator = str(given.get("propertyName")), str(given.get("operator"))
    definition = kind.properties.get(name)
    if definition is None:
        raise _no_property(name)
    if operator == "HAS_PROPERTY":
        return lambda copy: name in copy.values
    if operator == "NOT_HAS_PROPERTY":
        return lambda copy: name not in copy.values
    if operator in ("IN", "NOT_IN"):
        wanted = frozenset(_key(definition, one) for one in _values(given))
        inside = operator == "IN"
        return lambda copy: (
            name in copy.values and (_key_of(definition, copy.values[name]) in wanted) is inside
        )
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return _token_test(name, _value(given), inside=operator == "CONTAINS_TOKEN")
    return _comparison(kind, definition, given, operator)


def _comparison(
    kind: ObjectType, definition: Property, given: dict[str, Any], operator: str
) -> Test:
    name, bound = definition.name, _key(definition, _value(given))
    high = _key(definition, _value(given, "highValue")) if operator == "BETWEEN" else bound
    compare: dict[str, Callable[[Any], bool]] = {
        "EQ": lambda key: bool(key == bound),
        "NEQ": lambda key: bool(key != bound),
        "LT": lambda key: bool(key < bound),
        "LTE": lambda key: bool(key <= bound),
        "GT": lambda key: bool(key > bound),
        "GTE": lambda key: bool(key >= bound),
        "BETWEEN": lambda key: bool(bound <= key <= high),
    }
    if operator not in compare:
        raise invalid(f"Invalid operator {operator!r}; expected one of {sorted(compare)}.")
    holds = compare[operator]
    if name == kind.created:
        return lambda copy: holds(copy.created_ms)

    def test(copy: Copy) -> bool:
        value = copy.values.get(name)
        key = None if value is None else _key_of(definition, value)
        return key is not None and holds(key)

    return test


def _token_test(name: str, token: str, *, inside: bool) -> Test:
    wanted = token.strip("*").lower()
    return lambda copy: (wanted in copy.values.get(name, "").lower()) is inside


def _value(given: dict[str, Any], name: str = "value") -> str:
    value = given.get(name)
    if value is None:
        raise invalid(f"A filter with operator {given.get('operator')} needs a {name}.")
    if isinstance(value, dict | list):
        raise bad_input(f"{name} must be a string.")
    return str(value)


def _values(given: dict[str, Any]) -> Iterable[str]:
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise invalid(f"A filter with operator {given.get('operator')} needs values.")
    return (str(one) for one in values)


def _key(definition: Property, text: str) -> Any:
    """What a given value is compared as.

    Raises:
        Refused: 400, the value is none of the property's type.
    """
    key = _key_of(definition, text)
    if key is None:
        raise invalid(f"{text!r} is not a valid value for {definition.name}.")
    return key


def _key_of(definition: Property, text: str) -> Key | None:
    if definition.type == "number":
        try:
            return int(text) if text.isdigit() else float(text)
        except ValueError:
            return None
    if definition.type in ("datetime", "date"):
        return read_time(text)
    return text.lower()


def _no_property(name: str) -> Refused:
    message = f"There was a problem with the request. Property {name!r} does not exist."
    return invalid(message)


def sort_key(kind: ObjectType, name: str) -> Callable[[Copy], tuple[bool, Any, int]]:
    """What the copies of an object type are ordered by; who has no value comes last."""
    definition = kind.properties.get(name)
    if definition is None:
        raise _no_property(name)
    if name == kind.modified:
        return lambda copy: (False, copy.modified_ms, copy.record.id)
    if name in (kind.created, "hs_object_id"):
        at_id = name == "hs_object_id"
        return lambda copy: (False, 0 if at_id else copy.created_ms, copy.record.id)

    def key(copy: Copy) -> tuple[bool, Any, int]:
        value = copy.values.get(name)
        found = None if value is None else _key_of(definition, value)
        return found is None, 0 if found is None else found, copy.record.id

    return key
