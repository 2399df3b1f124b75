"""What the schema refuses, said in words that tell an operator what to do.

A value is shown only where it cannot be a secret: nothing that looks like one, and nothing under
a key that names one.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from daemon.settings.model import Settings
from daemon.settings.secrets import SECRET_KEYS, looks_secret
from daemon.settings.sign_ins import SIGN_INS
from routing.reading import did_you_mean, listed, shown

Loc = tuple[str | int, ...]

_HIDDEN_KEYS = SECRET_KEYS | {"url"} | {f"{key}_env" for key in SECRET_KEYS}


def explained(error: ErrorDetails, loc: Loc) -> str:
    """One mistake in a sentence or two, without the place where it stands.

    Args:
        error: As pydantic reports it.
        loc: Its keys, without those that pydantic adds for the kinds of a union.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"is missing. {_wanted(loc)}".strip()
    if kind == "extra_forbidden":
        return _unknown_key(loc)
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    value = _value(error.get("input"), loc)
    for beginning, say in _ANSWERS:
        if kind.startswith(beginning):
            return say(value, context)
    return f"is {value}: {error['msg']}."


def keys_at(loc: Loc) -> tuple[str, ...]:
    """The keys that may stand beside the last one of `loc`."""
    reached: list[Any] = [Settings]
    for key in loc[:-1]:
        reached = [inner for each in reached for inner in _inside(each, key)]
    return tuple(dict.fromkeys(key for each in reached for key in _keys(each)))


def _unknown_key(loc: Loc) -> str:
    known = keys_at(loc)
    key = str(loc[-1])
    hint = did_you_mean(key, known)
    if not hint and known:
        hint = f" Known here: {listed(known, at_most=20)}."
    return f"is not a setting.{hint}"


def _wanted(loc: Loc) -> str:
    for each in _reached(loc[:-1]):
        if isinstance(each, type) and issubclass(each, BaseModel):
            field = each.model_fields.get(str(loc[-1]))
            if field is not None and field.description:
                return f"Write {loc[-1]}: {field.description}."
    return ""


def _reached(loc: Loc) -> list[Any]:
    reached: list[Any] = [Settings]
    for key in loc:
        reached = [inner for each in reached for inner in _inside(each, key)]
    return reached


def _inside(annotation: Any, key: str | int) -> list[Any]:
    """What a key leads to: a field's type, or the values' type of a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(key))
        return [] if field is None else _models(field.annotation)
    if get_origin(annotation) is not None and get_args(annotation):
        return _models(get_args(annotation)[-1])
    return []


def _models(annotation: Any) -> list[Any]:
    """The models and mappings that an annotation allows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _models(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [model for each in get_args(annotation) for model in _models(each)]
    return [annotation]


def _keys(reached: Any) -> tuple[str, ...]:
    if isinstance(reached, type) and issubclass(reached, BaseModel):
        return tuple(reached.model_fields)
    arguments = get_args(reached)
    if arguments and get_origin(arguments[0]) is Literal:
        return tuple(str(key) for key in get_args(arguments[0]))
    return ()


def _value(given: object, loc: Loc) -> str:
    """A value as a message may carry it."""
    text = "" if given is None else str(given)
    if any(str(key) in _HIDDEN_KEYS for key in loc) or looks_secret(text):
        return "not shown here"
    if isinstance(given, Mapping):
        return "a mapping"
    if isinstance(given, Sequence) and not isinstance(given, str):
        return "a list"
    return "nothing" if given is None else shown(text)


def _one_of(value: str, context: Mapping[str, Any]) -> str:
    words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    known = [word.strip() for word in words.split(",")]
    return f"is {value}; it is one of {listed(known)}.{did_you_mean(value.strip(chr(34)), known)}"


def _tag(_: str, context: Mapping[str, Any]) -> str:
    known = str(context.get("expected_tags", ", ".join(SIGN_INS))).replace("'", "")
    return f"needs a type, one of {known}."


_ANSWERS: tuple[tuple[str, Callable[[str, Mapping[str, Any]], str]], ...] = (
    ("enum", _one_of),
    ("literal_error", _one_of),
    ("union_tag", _tag),
    ("int_", lambda value, _: f"is {value}; it must be a whole number."),
    ("float_", lambda value, _: f"is {value}; it must be a number."),
    ("finite_number", lambda value, _: f"is {value}; it must be a number."),
    ("bool_", lambda value, _: f"is {value}; it must be true or false."),
    ("timezone_aware", lambda value, _: f"is {value}, without a time zone. Add Z for UTC."),
    ("datetime", lambda value, _: f"is {value}; write a time such as 2027-03-01T09:00:00Z."),
    ("string_pattern", lambda value, context: f"is {value}; it must match {context['pattern']}"),
    ("string", lambda value, _: f"is {value}; it must be text."),
    ("path", lambda value, _: f"is {value}; it must be a path."),
    ("too_short", lambda _, __: "is empty; it needs at least one entry."),
    ("dict", lambda value, _: f"is {value}; it must be a mapping."),
    ("mapping", lambda value, _: f"is {value}; it must be a mapping."),
    ("model_", lambda value, _: f"is {value}; it must be a mapping."),
    ("tuple", lambda value, _: f"is {value}; it must be a list."),
    ("greater_than_equal", lambda value, context: f"is {value}; at least {context['ge']}."),
    ("greater_than", lambda value, context: f"is {value}; it must be above {context['gt']}."),
    ("less_than_equal", lambda value, context: f"is {value}; at most {context['le']}."),
)
