"""Which records bear the same e-mail address, without an address in clear.

The key of an address is its hash under a secret of this ledger: the whole address, in one case,
and nothing cleverer. Keys lie in rows of their own that go with the person; once a row is gone,
nothing tells that its record ever bore that address.
"""

import hmac
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from models.journal.entries import Act
from models.leads.known import KnownRecord, known_record
from models.leads.registers import with_register
from models.store.ids import InternalIds
from models.store.statements import chunks
from models.store.transactions import Store
from models.tables import AddressRow, Record, SecretRow

_NAME: Final = "addresses"
_KEY_BYTES: Final = 16

_a, _r = AddressRow.__table__, Record.__table__
_BEARERS = (
    with_register(
        select(_a.c.key.label("address_key"), _r).join_from(_a, _r, _r.c.id == _a.c.record_id)
    )
    .where(_a.c.key.in_(bindparam("values", expanding=True)))
    .order_by(_r.c.id)
)


def key_of(address: str | None, secret: bytes) -> bytes | None:
    """The key of an address; None where there is none.

    Examples:
        >>> key_of(" Kim@Acme.test", b"s") == key_of("kim@acme.test", b"s")
        True
        >>> key_of("kim@acme.test", b"s") == key_of("kim@acme.test", b"t")
        False
    """
    whole = "" if address is None else address.strip().casefold()
    if "@" not in whole:
        return None
    return hmac.digest(secret, whole.encode("utf-8", "surrogatepass"), "sha256")[:_KEY_BYTES]


def bearers_of(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, list[KnownRecord]]:
    """The records that bear each of these addresses, in all connections."""
    found: dict[bytes, list[KnownRecord]] = {}
    for portion in chunks(sorted(set(keys))):
        for row in connection.execute(_BEARERS, {"values": portion}):
            found.setdefault(row.address_key, []).append(known_record(row))
    return found


class Addresses:
    """Keeps the secret under which addresses are hashed."""

    def __init__(self, store: Store, ids: InternalIds) -> None:
        self._store = store
        self._ids = ids

    def secret(self, act: Act) -> bytes:
        """The secret, made where there is none yet."""
        c = SecretRow.__table__.c
        query = select(c.secret).where(c.name == _NAME)
        with self._store.write(act.token) as database:
            known: bytes | None = database.scalar(query)
            if known is not None:
                return known
            made = self._ids.salt() + self._ids.salt()
            row = {"name": _NAME, "secret": made, "made_at": act.at}
            database.execute(SecretRow.__table__.insert(), row)
        return made
