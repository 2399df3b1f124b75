"""A corpus on disk: records, what they name by hash, and a manifest with the hash of each file."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from daemon.ranker.artifacts import tables_of
from models.rankers.versions import Artifact
from routing.engine import guide_to
from routing.facts import Value
from routing.facts.crm import Mapped
from routing.ranker import TableRanker
from routing.record import Opened
from routing.rulebook.book import read_book
from routing.shortlist import Guide

HERE = Path(__file__).parent
RECORDS, NAMED, MANIFEST = "records.jsonl.gz", "named.json.gz", "manifest.json"


class Stored(NamedTuple):
    """One decision: where it comes from, what is special about it, and its exact bytes."""

    origin: str
    kinds: tuple[str, ...]
    record: bytes


@dataclass(slots=True)
class Named:
    """What records name, as JSON can hold it."""

    books: dict[str, dict[str, Any]] = field(default_factory=dict)  #: hash -> text, mapped
    models: dict[str, dict[str, str]] = field(default_factory=dict)  #: as records call it
    salts: dict[str, str] = field(default_factory=dict)  #: hash -> hex
    personal: dict[str, dict[str, str]] = field(default_factory=dict)  #: commitment -> body, salt


def save(folder: Path, stored: list[Stored], named: Named, about: Mapping[str, Any]) -> None:
    """Write a corpus; the same one gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"origin": o, "kinds": k, "record": r.decode()}, ensure_ascii=False)
        for o, k, r in stored
    ]
    kept = {name: getattr(named, name) for name in ("books", "models", "salts", "personal")}
    files = {
        RECORDS: "\n".join(lines).encode(),
        NAMED: json.dumps(kept, sort_keys=True, ensure_ascii=False).encode(),
    }
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in files.items()}
    for name, text in files.items():
        (folder / name).write_bytes(gzip.compress(text, mtime=0))
    kinds: dict[str, int] = {}
    for each in stored:
        for kind in each.kinds:
            kinds[kind] = kinds.get(kind, 0) + 1
    said = {**about, "records": len(stored), "sha256": hashes, "kinds": dict(sorted(kinds.items()))}
    (folder / MANIFEST).write_text(json.dumps(said, indent=1) + "\n")


class Corpus:
    """A corpus as it lies there; finds what its records name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        self._guides: dict[str, Guide | None] = {}
        self._rankers: dict[str, TableRanker] = {}

    def hashes(self) -> dict[str, str]:
        """Of what the files hold, unpacked."""
        return {
            name: hashlib.sha256(self._text(name)).hexdigest() for name in self.manifest["sha256"]
        }

    def stored(self) -> Iterator[Stored]:
        """The decisions, in order."""
        for line in self._text(RECORDS).split(b"\n"):
            said = json.loads(line)
            yield Stored(said["origin"], tuple(said["kinds"]), said["record"].encode())

    @cached_property
    def named(self) -> Named:
        """What the records name."""
        return Named(**json.loads(self._text(NAMED)))

    def guide(self, rulebook: str) -> Guide | None:
        """A rulebook, read again from its text."""
        if rulebook not in self._guides:
            self._guides[rulebook] = self._read(rulebook)
        return self._guides[rulebook]

    def ranker(self, route: str, model: str) -> TableRanker | None:
        """A model version, read again from its bytes."""
        del route
        kept = self.named.models.get(model)
        if kept is None:
            return None
        if model not in self._rankers:
            document, tables = (base64.b64decode(kept[name]) for name in ("document", "tables"))
            hashes = (hashlib.sha256(body).hexdigest() for body in (document, tables))
            version = model.partition("/")[0]
            self._rankers[model] = TableRanker(
                tables_of(Artifact(document, tables, *hashes)), version
            )
        return self._rankers[model]

    def salt(self, sha256: str) -> bytes | None:
        """A salt of chance."""
        kept = self.named.salts.get(sha256)
        return None if kept is None else bytes.fromhex(kept)

    def facts(self, commitment: str) -> Opened | None:
        """Personal facts."""
        kept = self.named.personal.get(commitment)
        if kept is None:
            return None
        body = kept["body"].encode()
        seal = hmac.digest(bytes.fromhex(kept["salt"]), body, "sha256").hex()
        return Opened(seal, {name: _value(said) for name, said in json.loads(body).items()})

    def _read(self, rulebook: str) -> Guide | None:
        kept = self.named.books.get(rulebook)
        if kept is None:
            return None
        mapped = [Mapped(*each) for each in kept["mapped"]]
        book = read_book(kept["text"], name=rulebook, mapped=mapped).book
        return None if book is None else guide_to(book)

    def _text(self, name: str) -> bytes:
        return gzip.decompress((self.folder / name).read_bytes())


def _value(said: Any) -> Value:
    return tuple(said) if isinstance(said, list) else str(said)


def corpora() -> list[Corpus]:
    """All that are kept, oldest engine first."""
    return [Corpus(path.parent) for path in sorted(HERE.glob(f"engine*/{MANIFEST}"))]
