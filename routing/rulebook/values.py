"""Raw values of a lead as the facts that rules may use.

What does not fit its field is missing, with a code that says why; nothing a CRM or a file can
hold raises. E-mail addresses are cut to their host here, so that no mailbox goes any further.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from routing.facts import Fact, Value
from routing.rulebook.model import Book, Field, FieldType
from routing.rulebook.vocabulary import ACCOUNT, BUILT_IN

LONGEST_TEXT = 1_000  #: characters of a text fact that are kept
MOST_ELEMENTS = 200  #: elements of a set

_LARGEST = 10**15
_LONGEST_HOST = 253
_AMOUNT = re.compile(r"[-+]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].{1,30})?")
_NO_HOST = re.compile(r"[\s<>()\[\],;:\\/\"]")
_LEAD_BUILT_IN = ("company", "email")


class Problem(StrEnum):
    """Why a fact counts as missing, or what is odd about it. Add, never rename."""

    OUTSIDE_CHOICE = "outside_choice"
    WRONG_TYPE = "wrong_type"
    OUT_OF_BOUNDS = "out_of_bounds"
    EMPTY = "empty"
    UNSEEN_VALUE = "unseen_value"  # an open field's value that is not declared: kept, reported
    TOO_LONG = "too_long"


class Read(NamedTuple):
    """A value as its field's type, or what is wrong with it; both where it is kept but odd."""

    value: Value | None
    problem: Problem | None = None


def normalise(
    book: Book,
    raw: Mapping[str, object],
    *,
    sources: Mapping[str, str] | None = None,
    observed_at: datetime | None = None,
) -> dict[str, Fact]:
    """The lead's own facts: declared fields, and those that need no declaration.

    Args:
        book: Says which fields there are, and of which type.
        raw: JSON-like values by fact name; what the book does not know is left out.
        sources: Where each came from, such as `sf.Lead.Country`.
        observed_at: When they were read.

    Returns:
        One fact for every value that is there and not null, in the order of the book. A value that
        does not fit is None, with a problem.

    Examples:
        >>> book = Book("b", {"score": Field("score", FieldType.INTEGER, max=100)}, {}, (), None)
        >>> facts = normalise(book, {"score": 400.0, "email": "Kim@Acme.com", "else": 1})
        >>> facts["score"].value, str(facts["score"].problem), facts["email"].value
        (None, 'out_of_bounds', 'acme.com')
    """
    fields = [field for name, field in book.fields.items() if "." not in name]
    fields += [BUILT_IN[name] for name in _LEAD_BUILT_IN if name not in book.fields]
    return _facts(fields, raw, sources or {}, observed_at)


def normalise_account(
    book: Book,
    raw: Mapping[str, object],
    *,
    sources: Mapping[str, str] | None = None,
    observed_at: datetime | None = None,
) -> dict[str, Fact]:
    """An account's facts, with `account.` before their names; `raw` has them without."""
    given = {ACCOUNT + name: value for name, value in raw.items()}
    names = [name for name in (*BUILT_IN, *book.fields) if name.startswith(ACCOUNT)]
    fields = [book.fields.get(name) or BUILT_IN[name] for name in dict.fromkeys(names)]
    return _facts(fields, given, sources or {}, observed_at)


def read_value(field: Field, raw: object) -> Read:
    """One raw value, not None, as the field's type.

    Examples:
        >>> read_value(Field("n", FieldType.INTEGER), 400.0)
        Read(value=400, problem=None)
        >>> read_value(Field("c", FieldType.CHOICE, ("US",)), " US ")
        Read(value='US', problem=None)
        >>> read_value(Field("c", FieldType.CHOICE, ("US",)), "us").problem
        <Problem.OUTSIDE_CHOICE: 'outside_choice'>
    """
    return _READERS[field.type](field, raw)


def host_of(address: object) -> str | None:
    """The host of an e-mail address in lower case, or of a bare host; None where there is none."""
    read = _email(BUILT_IN["email"], address)
    return read.value if isinstance(read.value, str) else None


def _facts(
    fields: Iterable[Field],
    raw: Mapping[str, object],
    sources: Mapping[str, str],
    observed_at: datetime | None,
) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for field in fields:
        name = field.name
        given = raw.get(name)
        if given is not None:
            value, problem = _READERS[field.type](field, given)
            facts[name] = Fact(value, sources.get(name, ""), observed_at, problem)
    return facts


def _composed(raw: str) -> str:
    """NFC and without outer white space: how values are compared."""
    return (raw if raw.isascii() else unicodedata.normalize("NFC", raw)).strip()


def _clean(raw: str) -> str:
    """As compared, and without what no database and no JSON can hold."""
    whole = raw if raw.isascii() else raw.encode("utf-8", "replace").decode("utf-8")
    return _composed(whole.replace("\0", ""))


def _choice(field: Field, raw: object) -> Read:
    if not isinstance(raw, str):
        return Read(None, Problem.WRONG_TYPE)
    return _element(field, raw)


def _element(field: Field, raw: str) -> Read:
    if raw in field.values:
        return Read(raw)
    if len(raw) > LONGEST_TEXT:
        return Read(None, Problem.OUTSIDE_CHOICE)
    value = _composed(raw)
    if value in field.values:
        return Read(value)
    kept = _clean(value) if field.open else value
    if not kept:
        return Read(None, Problem.EMPTY)
    if field.open:
        return Read(kept, Problem.UNSEEN_VALUE if field.values else None)
    return Read(None, Problem.OUTSIDE_CHOICE)


def _set(field: Field, raw: object) -> Read:
    parts = raw.split(";", MOST_ELEMENTS + 1) if isinstance(raw, str) else raw
    if not isinstance(parts, (list, tuple, set, frozenset)):
        return Read(None, Problem.WRONG_TYPE)
    if len(parts) > MOST_ELEMENTS:
        return Read(None, Problem.TOO_LONG)
    if not all(isinstance(part, str) for part in parts):
        return Read(None, Problem.WRONG_TYPE)
    read = [_element(field, part) for part in parts]
    values = sorted({str(each.value) for each in read if each.value is not None})
    problems = {each.problem for each in read} - {Problem.EMPTY, None}
    if not values:
        return Read(None, Problem.OUTSIDE_CHOICE if problems else Problem.EMPTY)
    for problem in (Problem.OUTSIDE_CHOICE, Problem.UNSEEN_VALUE):
        if problem in problems:
            return Read(tuple(values), problem)
    return Read(tuple(values))


def _boolean(_field: Field, raw: object) -> Read:
    return Read(raw) if isinstance(raw, bool) else _wrong(raw)


def _number(raw: object) -> Decimal | None:
    """An exact number; None for anything else, NaN, infinity and what is out of all proportion."""
    if isinstance(raw, bool):
        return None
    try:
        if isinstance(raw, (int, Decimal)):
            number = Decimal(raw)
        elif isinstance(raw, float):
            number = Decimal(repr(raw))
        else:
            return None
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def _integer(field: Field, raw: object) -> Read:
    if type(raw) is int and -_LARGEST < raw < _LARGEST:
        return _bounded(field, raw)
    number = _number(raw)
    if number is None:
        return _wrong(raw)
    if abs(number) >= _LARGEST:
        return Read(None, Problem.OUT_OF_BOUNDS)
    if number != number.to_integral_value():
        return Read(None, Problem.WRONG_TYPE)
    return _bounded(field, int(number))


def _money(field: Field, raw: object) -> Read:
    is_amount = isinstance(raw, str) and len(raw) <= 50 and _AMOUNT.fullmatch(raw.strip())
    number = Decimal(str(raw).strip()) if is_amount else _number(raw)
    if number is None:
        return _wrong(raw)
    if abs(number) >= _LARGEST:
        return Read(None, Problem.OUT_OF_BOUNDS)
    return _bounded(field, number)


def _bounded(field: Field, number: int | Decimal) -> Read:
    if field.min is not None and number < field.min:
        return Read(None, Problem.OUT_OF_BOUNDS)
    if field.max is not None and number > field.max:
        return Read(None, Problem.OUT_OF_BOUNDS)
    return Read(number)


def _date(_field: Field, raw: object) -> Read:
    if isinstance(raw, datetime):
        return Read((raw.astimezone(UTC) if raw.tzinfo else raw).date())
    if isinstance(raw, date):
        return Read(raw)
    if not isinstance(raw, str) or not _DAY.fullmatch(raw.strip()):
        return _wrong(raw)
    try:
        return _date(_field, datetime.fromisoformat(raw.strip()))
    except (ValueError, OverflowError):
        return _wrong(raw)


def _text(_field: Field, raw: object) -> Read:
    if not isinstance(raw, str):
        return Read(None, Problem.WRONG_TYPE)
    value = _clean(raw[: LONGEST_TEXT * 4])
    if not value:
        return Read(None, Problem.EMPTY)
    if len(value) > LONGEST_TEXT:
        return Read(value[:LONGEST_TEXT], Problem.TOO_LONG)
    return Read(value)


def _email(_field: Field, raw: object) -> Read:
    if not isinstance(raw, str):
        return Read(None, Problem.WRONG_TYPE)
    if len(raw) > LONGEST_TEXT:
        return Read(None, Problem.TOO_LONG)
    address = _clean(raw)
    if not address:
        return Read(None, Problem.EMPTY)
    host = address.rpartition("@")[2].lower().rstrip(".")
    is_host = 0 < len(host) <= _LONGEST_HOST and not _NO_HOST.search(host)
    return Read(host) if is_host and host.isprintable() else Read(None, Problem.WRONG_TYPE)


def _wrong(raw: object) -> Read:
    """Wrong type; but blank text stands for a value that is not there."""
    is_blank = isinstance(raw, str) and len(raw) <= LONGEST_TEXT and not raw.strip()
    return Read(None, Problem.EMPTY if is_blank else Problem.WRONG_TYPE)


_READERS: Mapping[FieldType, Callable[[Field, object], Read]] = {
    FieldType.CHOICE: _choice,
    FieldType.SET: _set,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.TEXT: _text,
    FieldType.EMAIL: _email,
}
