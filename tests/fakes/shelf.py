"""What records name, on a shelf: a book, perhaps a ranker, a salt and personal facts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.ranking import Ranker
from routing.record import Opened
from routing.shortlist import Guide


@dataclass
class Shelf:
    """Gives the one book, whichever is asked for; everything else only by its name."""

    book: Guide | None
    rankers: Mapping[str, Ranker] = field(default_factory=dict)  #: by what records call them
    own_salt: bytes | None = None
    personal: Mapping[str, Opened] = field(default_factory=dict)  #: by commitment

    def guide(self, rulebook: str) -> Guide | None:
        del rulebook
        return self.book

    def ranker(self, route: str, model: str) -> Ranker | None:
        del route
        return self.rankers.get(model)

    def salt(self, sha256: str) -> bytes | None:
        salt = self.own_salt
        return salt if salt is not None and hashlib.sha256(salt).hexdigest() == sha256 else None

    def facts(self, commitment: str) -> Opened | None:
        return self.personal.get(commitment)
