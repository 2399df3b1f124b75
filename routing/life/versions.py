"""Which of two versions of a record is the newer one, in whichever order they were handed in.

The CRM's stamp of the last change decides, then the instant of reading: a search that lags behind
shows an old version late, and a record that is joined with another one changes without a stamp.
Whether a record is gone is told by the reading alone, because a restored record and the trace of
a merged one may bear the stamps of long ago.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A record as it was read at some instant."""

    modified_at: datetime  #: the CRM's own stamp
    read_at: datetime  #: the CRM's clock
    is_gone: bool  #: deleted, merged or converted


def is_overtaken(found: Version, known: Version) -> bool:
    """Whether what was found is older than what is known; equal ones are not.

    Examples:
        >>> from datetime import UTC
        >>> noon, later = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (12, 13))
        >>> known = Version(later, read_at=later, is_gone=False)
        >>> is_overtaken(Version(noon, read_at=later, is_gone=False), known)
        True
        >>> is_overtaken(Version(noon, read_at=later, is_gone=True), known)
        False
    """
    if found.is_gone != known.is_gone:
        return found.read_at < known.read_at
    return (found.modified_at, found.read_at) < (known.modified_at, known.read_at)
