"""Working hours as written in a roster, `mon-fri: "09:00-17:30"`, as blocks of a week.

Pure text and numbers: where a block falls in the world depends on a time zone and its clock
changes, which is the shell's business. A block belongs to the day it starts on, so `fri:
"22:00-06:00"` ends on Saturday morning. Start included, end excluded.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = {name: n for names in (DAYS, _FULL) for n, name in enumerate(names)}
_BLOCK = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)
_DAY = 24 * 60
_ADVICE = 'Write "09:00-17:30", or several blocks as "09:00-12:00, 13:00-17:30".'


class HoursMistake(ValueError):
    """Hours that cannot be read; the message says what to write instead."""


class Block(NamedTuple):
    """One stretch of work: minutes after midnight of a weekday (0 is Monday).

    `end` may pass 1440, into the next day.
    """

    weekday: int
    start: int
    end: int


Week = tuple[Block, ...]  #: sorted, never overlapping on the day they start


def read_days(text: str) -> tuple[int, ...]:
    """Weekdays named by `mon`, `mon-fri`, `sat-mon` or `mon, wed`, Monday first.

    Raises:
        HoursMistake: A part is not a day.

    Examples:
        >>> read_days("mon-wed"), read_days("sat-mon"), read_days("Tuesday")
        ((0, 1, 2), (0, 5, 6), (1,))
    """
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = (word.strip().casefold() for word in part.partition("-"))
        start = _day(first, text)
        end = _day(last, text) if dash else start
        days.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def read_blocks(text: str) -> tuple[tuple[int, int], ...]:
    """Minutes of `09:00-12:00, 13:00-17:30`, in the order written; overnight ends pass 1440.

    Raises:
        HoursMistake: A block is no pair of times, or is empty.

    Examples:
        >>> read_blocks("09:00-12:00, 13:00-17:30")
        ((540, 720), (780, 1050))
        >>> read_blocks("22:00-06:00")
        ((1320, 1800),)
    """
    return tuple(_block(part.strip()) for part in text.split(","))


def week_of(days: Mapping[int, Iterable[tuple[int, int]]]) -> Week:
    """A week of blocks; what touches or overlaps on one day becomes one block.

    Examples:
        >>> week_of({0: [(780, 1050), (540, 720), (700, 780)]})
        (Block(weekday=0, start=540, end=1050),)
    """
    blocks: list[Block] = []
    for weekday in sorted(days):
        for start, end in sorted(days[weekday]):
            last = blocks[-1] if blocks else None
            if last is not None and last.weekday == weekday and start <= last.end:
                blocks[-1] = Block(weekday, last.start, max(last.end, end))
            else:
                blocks.append(Block(weekday, start, end))
    return tuple(blocks)


def read_week(hours: Mapping[str, str]) -> Week:
    """A week from plain text, `{"mon-fri": "09:00-17:30"}`, as a CRM or a spreadsheet gives it.

    Raises:
        HoursMistake: A day or a block cannot be read, a day is given twice, or nothing is left.
    """
    days: dict[int, tuple[tuple[int, int], ...]] = {}
    for names, text in hours.items():
        for weekday in read_days(names):
            if weekday in days:
                raise HoursMistake(given_twice(weekday))
            days[weekday] = read_blocks(text)
    week = week_of(days)
    if not week:
        raise HoursMistake(NO_BLOCK)
    return week


NO_BLOCK = (
    "hours name no block, so this person would never be on. Leave hours out for always, "
    "or set `paused: true`."
)


def given_twice(weekday: int) -> str:
    """The message for a day that two keys name."""
    return f"{DAYS[weekday]} is given twice. Name each day once, e.g. `mon-thu:` and `fri:`."


def _day(word: str, text: str) -> int:
    if word not in _NUMBER:
        raise HoursMistake(f'"{text}" is not a day. Write mon, tue, ... sun, or mon-fri.')
    return _NUMBER[word]


def _block(text: str) -> tuple[int, int]:
    found = _BLOCK.fullmatch(text)
    if found is None:
        raise HoursMistake(f'"{text}" is not a block of hours. {_ADVICE}')
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= _DAY or end > _DAY:
        raise HoursMistake(f'"{text}" has a time outside 00:00 to 24:00. {_ADVICE}')
    if start == end:
        raise HoursMistake(f'"{text}" is empty. Write "00:00-24:00" for the whole day.')
    return (start, end) if end > start else (start, end + _DAY)
