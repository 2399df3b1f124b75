"""Personal facts, kept apart: records commit to them, and they can be deleted.

The commitment is HMAC-SHA256 under a random salt that belongs to one row. While the row is
there anybody can check that it is what the record meant; once it is gone nobody can guess it.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.store.ids import InternalIds
from models.store.prepared import Values
from models.store.statements import inserting
from models.tables import Personal
from routing.canonical import Json, canonical

#: Keeps personal facts.
KEEP = inserting(Personal)


@dataclass(frozen=True, slots=True)
class Kept:
    """Personal facts, ready to be committed to and stored."""

    commitment: str  #: hex; goes into the record
    row: Values


def commitment_of(body: bytes, salt: bytes) -> str:
    """What a record says of a body that it does not show."""
    return hmac.digest(salt, body, "sha256").hex()


def kept_apart(
    facts: Mapping[str, Json], *, subject: str, kind: str, ids: InternalIds, at: datetime
) -> Kept:
    """Facts about a subject as a row of their own, and the commitment to it."""
    body, salt = canonical(facts), ids.salt()
    commitment = commitment_of(body, salt)
    row: Values = {
        "commitment": commitment,
        "subject": subject,
        "kind": kind,
        "body": body,
        "salt": salt,
        "kept_at": at,
    }
    return Kept(commitment, row)
