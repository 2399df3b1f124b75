"""Salesforce ids are 18 characters in this house; 15 are accepted and completed.

The last three characters carry which of the first fifteen are capitals, so that ids survive
tools that fold case. Ids are never folded and never compared across lengths.
"""

from typing import Final

_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def canonical(text: str) -> str | None:
    """The 18-character form, or None if the text is no Salesforce id.

    Examples:
        >>> canonical("00Q5g00000AbCdE")
        '00Q5g00000AbCdEEAV'
        >>> canonical("00Q5g00000AbCdEEAV")
        '00Q5g00000AbCdEEAV'
        >>> canonical("00Q5g00000abcdeEAV") is None
        True
        >>> canonical("' OR Name != '") is None
        True
    """
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        return None
    whole = text[:15] + _checksum(text[:15])
    return whole if len(text) == 15 or whole == text else None


def _checksum(short: str) -> str:
    return "".join(
        _SUFFIX[
            sum(1 << bit for bit, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")
        ]
        for start in (0, 5, 10)
    )
