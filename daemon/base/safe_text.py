"""Foreign text made harmless for terminals, log lines and spreadsheets.

A lead's name comes from a web form that anybody can fill in. It may hold escape sequences, text
that runs backwards, a formula, or 100 kB of either.
"""

LONGEST_SHOWN = 200

#: What a spreadsheet takes for the beginning of a formula; the wide forms count for some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def visible(text: str, *, at_most: int | None = LONGEST_SHOWN) -> str:
    r"""The text on one line with everything invisible spelled out, cut to a length.

    Controls, escape sequences, direction marks and line breaks become their escapes; letters of
    every script stay.

    Examples:
        >>> print(visible("Kim\x1b[2J\u202e"), visible("René"))
        Kim\x1b[2J\u202e René
        >>> visible("a" * 9, at_most=4)
        'aaa…'
    """
    cut = text if at_most is None or len(text) <= at_most else f"{text[: at_most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(_shown(character) for character in cut)


def csv_safe(value: object) -> str:
    """A value as one cell that no spreadsheet runs: formulas get a quote in front of them.

    Source:
        OWASP, "CSV Injection"; ASVS 5.0.0, 1.2.10.

    Examples:
        >>> csv_safe("=1+1"), csv_safe(-5), csv_safe(None), csv_safe("Kim")
        ("'=1+1", '-5', '', 'Kim')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\0", "\ufffd")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character in "\u00a0\u3000" else ascii(character)[1:-1]
