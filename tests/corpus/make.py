"""Makes the corpus of this engine: `python -m tests.corpus.make COMMIT`, once, when it is new.

Decisions of all worlds are made in a fixed order; of those of one world that are alike in kind a
few are kept.
The folder of an engine that has one is never made again.
"""

import sys
from collections import Counter

from routing.decision import ENGINE
from routing.rulebook.book import read_book
from routing.rulebook.model import Book
from tests.corpus.kinds import kinds_of
from tests.corpus.stored import HERE, MANIFEST, Named, Stored, save
from tests.corpus.worlds import all_records

MOST_ALIKE = 4


def chosen(named: Named) -> list[Stored]:
    """A few of each kind, in the order in which they were made."""
    books: dict[str, Book] = {}
    alike: Counter[tuple[str, ...]] = Counter()  #: by world and kinds
    kept = []
    for origin, record in all_records(named):
        kinds = kinds_of(record, _book(record, named, books))
        alike[origin, *kinds] += 1
        if alike[origin, *kinds] <= MOST_ALIKE:
            kept.append(Stored(origin, kinds, record))
    return kept


def _book(record: bytes, named: Named, books: dict[str, Book]) -> Book:
    for hash_ in named.books.keys() - books.keys():
        found = read_book(named.books[hash_]["text"], name=hash_).book
        assert found is not None
        books[hash_] = found
    return next(book for hash_, book in books.items() if hash_.encode() in record)


def used(named: Named, kept: list[Stored]) -> Named:
    """What the kept records name, and nothing else."""
    text = b"".join(each.record for each in kept)

    def those(of: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        return {name: what for name, what in sorted(of.items()) if name.encode() in text}

    salts = {name: salt for name, salt in named.salts.items() if name.encode() in text}
    return Named(those(named.books), those(named.models), salts, those(named.personal))


def main(commit: str) -> None:
    """Make it, unless it is there."""
    folder = HERE / f"engine{ENGINE}"
    if (folder / MANIFEST).exists():
        sys.exit(f"{folder.name} is there, and a corpus is written once. See tests/corpus.")
    named = Named()
    kept = chosen(named)
    save(folder, kept, used(named, kept), {"engine": ENGINE, "commit": commit})


if __name__ == "__main__":
    main(sys.argv[1])
