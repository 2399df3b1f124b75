"""Company names are equal when nothing but case, punctuation and the legal form differs.

Exact after that: no likeness, no threshold. A name of which nothing is left ("GmbH") matches
nobody. Legal forms are taken from the end, where nearly everyone writes them; in front only those
that are never part of a name, so that "SAS Institute" keeps its first word.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_LONGEST_NAME = 1_000  #: longer is no company name
_INSIDE_WORDS = re.compile("['\u2019`\u00b4.]")  # "McDonald's", "S.A."
_GLUED_FORMS = re.compile(
    "株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|\\(株\\)|\\(주\\)"
)
_LONGEST_FORM = 6  #: words
_LINKS = frozenset({"and", "und", "et"})  # left behind by "& Co."
_FRONT = "front: "


@cache
def _forms() -> tuple[frozenset[tuple[str, ...]], frozenset[str]]:
    """Legal forms as words, and those that stand in front; read from the list beside this file."""
    lines = (files(__package__) / "legal_forms.txt").read_text("utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    front = frozenset(line.removeprefix(_FRONT) for line in listed if line.startswith(_FRONT))
    return frozenset(tuple(line.removeprefix(_FRONT).split()) for line in listed), front


def name_key(name: str | None) -> str | None:
    """What all spellings of one company's name have in common; None where nothing is left.

    Examples:
        >>> name_key("ACME, Inc."), name_key("Acme S.A.S."), name_key("Müller & Sohn GmbH & Co. KG")
        ('acme', 'acme', 'müller and sohn')
        >>> name_key("GmbH") is None
        True
    """
    if name is None or len(name) > _LONGEST_NAME:
        return None
    plain = _GLUED_FORMS.sub(" ", unicodedata.normalize("NFKC", name).casefold())
    joined = _INSIDE_WORDS.sub("", plain.replace("&", " and ").replace("+", " plus "))
    words = _without_forms("".join(map(_kept, joined)).split())
    if words and words[0] in _forms()[1]:
        words = words[1:]
    return unicodedata.normalize("NFKC", " ".join(words)) or None


def _kept(char: str) -> str:
    """Letters, marks and digits stay; what cannot be seen goes; the rest parts words."""
    if char.isalnum():
        return char
    category = unicodedata.category(char)
    if category[0] == "M":
        return char
    return "" if category == "Cf" else " "


def _without_forms(words: list[str]) -> list[str]:
    end = len(words)
    while end and (form := _form_length(words[:end])):
        end -= form
        while end and words[end - 1] in _LINKS:
            end -= 1
    return words[:end]


def _form_length(words: list[str]) -> int:
    """How many words at the end are a legal form: the longest one that fits."""
    forms, _ = _forms()
    lengths = range(min(_LONGEST_FORM, len(words)), 0, -1)
    return next((n for n in lengths if tuple(words[-n:]) in forms), 0)
