"""What the YAML parser says, said again in words that tell an author what to do."""

import re

import yaml

from routing.reading.mistakes import Mistake, shown

_QUOTE = 'put quotes around text that holds ": "'
_KEY = (
    'a ": " stands where no key can be. Check the indentation here and on the line before,'
    f" and {_QUOTE}."
)
_MAPPING = (
    f'a mapping that began with "{{" goes wrong here. Check its commas and its "}}", and {_QUOTE}.'
)
_BLOCK = (
    "this line does not fit the ones above it. Check its indentation (spaces only), and put quotes"
    " around text that holds quotes, colons or brackets."
)
#: (pattern in the parser's problem or context, what to tell the author), first match wins
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"mapping values are not allowed", _KEY),
    (
        r"sequence entries are not allowed",
        'a "- " stands where no list can begin. Put the list on the next line, indented.',
    ),
    (r"quoted scalar.*end of stream", "a quoted text is never closed. Add the missing quote."),
    (
        r"escape c|escape code|unknown escape",
        r'an escape such as "\d" is not known. Use single quotes, or double the backslash.',
    ),
    (
        r"flow sequence",
        'a list that began with "[" goes wrong here. Check its commas and its "]".',
    ),
    (r"flow mapping", _MAPPING),
    (r"block (?:mapping|collection|sequence)", _BLOCK),
    (
        r"simple key|':'",
        'a key without ":" or with a line break in it. Write "key: value" on one line.',
    ),
    (
        r"document start",
        "the text goes on after the value has ended. Check the brackets above.",
    ),
)


def syntax_mistake(error: yaml.YAMLError, text: str, *, file: str) -> Mistake:
    """One mistake that says what is wrong with text that does not parse.

    Args:
        error: What the parser raised.
        text: The whole text, to look at the offending character.
        file: The file's name, for the mistake's place.
    """
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line if mark else 0
    column = mark.column if mark else 0
    lines = text.splitlines()
    current = lines[line] if line < len(lines) else ""
    problem = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or ''}"
    message = _message(problem.strip(), current, column)
    return Mistake(file, line + 1, column + 1, f"This is not valid YAML: {message}")


def _message(problem: str, current: str, column: int) -> str:
    indentation = current[: len(current) - len(current.lstrip(" \t"))]
    if "\t" in indentation or current[column : column + 1] == "\t":
        return "a tab is used as white space. Use spaces; YAML does not allow tabs here."
    if "cannot start any token" in problem:
        character = shown(current[column : column + 1])
        return f"a value cannot begin with {character}. Put the value in quotes."
    for pattern, advice in _ADVICE:
        if re.search(pattern, problem):
            return advice
    return f"{problem or 'it cannot be read'}. Check this line and the one before it."
