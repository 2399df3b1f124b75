"""Files read strictly: text in; values, or every mistake with file, line and column, out.

The layer under every file format of the house (rulebook, roster, scenario, lead). Pure: the text
is handed in, nothing is raised for a bad file. How to use it:

    mistakes = Mistakes()
    root = compose(text, file="roster.yaml", mistakes=mistakes)     # YAML or JSON -> nodes
    if root is not None:
        book = open_section(root, "the roster", known=("people",), mistakes=mistakes)
        for part in book.parts("people") if book else ():
            person = open_section(part, "a person", known=("id", "weight"), mistakes=mistakes)
            if person:
                id_ = person.require("id", name)                    # str | None
                weight = person.read_or("weight", integer(at_least=0, at_most=100), 1)
                skills = person.read_or("skills", unique_list_of(name), ())
                since = person.read("since", instant)               # aware, UTC
                owner = person.read_nullable("owner", text)         # `null` allowed
    if mistakes:
        return mistakes.found                                       # in file order, each once

Readers are `reader(node, what, mistakes) -> value | None`; write your own of that shape for a
format of yours (working hours, dated values) and hand it to `read`, `list_of` or `map_of`.
Null is a mistake except in `read_nullable`. `plain_value(node)` gives a JSON-like value where
only the rulebook knows the type. Use `mistakes.add(node_or_place, message)` for checks of your
own and `mistakes.warn` for doubts; `shown(text)` to quote foreign text in a message.
"""

from routing.reading.compose import compose, decode
from routing.reading.mistakes import (
    Mistake,
    Mistakes,
    Place,
    Placed,
    did_you_mean,
    listed,
    shown,
)
from routing.reading.nodes import Kind, ListNode, MapNode, Node, ScalarNode, described, kind_of
from routing.reading.plain import as_text, plain_value
from routing.reading.scalars import (
    Reader,
    boolean,
    day,
    decimal,
    duration,
    instant,
    instant_or_day,
    integer,
    is_null,
    list_of,
    map_of,
    name,
    one_of,
    text,
    trapped,
    unique_list_of,
    word_of,
)
from routing.reading.section import Section, open_section

__all__ = [
    "Kind",
    "ListNode",
    "MapNode",
    "Mistake",
    "Mistakes",
    "Node",
    "Place",
    "Placed",
    "Reader",
    "ScalarNode",
    "Section",
    "as_text",
    "boolean",
    "compose",
    "day",
    "decimal",
    "decode",
    "described",
    "did_you_mean",
    "duration",
    "instant",
    "instant_or_day",
    "integer",
    "is_null",
    "kind_of",
    "list_of",
    "listed",
    "map_of",
    "name",
    "one_of",
    "open_section",
    "plain_value",
    "shown",
    "text",
    "trapped",
    "unique_list_of",
    "word_of",
]
