"""How many lives the proofs by chance live through, each from a seed of its own.

`make test` lives a few of each; SIGNALBOX_TEST_DEPTH=10 lives ten times as many.
"""

import os

_DEPTH = int(os.environ.get("SIGNALBOX_TEST_DEPTH", "1"))


def seeds(first: int, lives: int) -> range:
    """Seeds from `first` on, for so many lives at the depth of `make test`."""
    return range(first, first + lives * _DEPTH)
