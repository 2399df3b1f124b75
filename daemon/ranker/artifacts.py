"""From a version's bytes to tables: hashes first, then numbers, never an object.

The file of arrays is read with pickling forbidden; whatever is wrong with it comes out as one
error that says what to do.
"""

from collections.abc import Sequence
from io import BytesIO
from zipfile import BadZipFile

from models.rankers.versions import Artifact
from routing.ranker import RankTables, WrongTables, read_tables


class DamagedModel(Exception):
    """A version that is missing, or whose bytes are not those that were kept."""


def tables_of(artifact: Artifact | None) -> RankTables:
    """The tables of a version.

    Raises:
        DamagedModel: It cannot rank; the message says why.
    """
    if artifact is None:
        raise DamagedModel("it is not in the ledger any more")
    if not artifact.is_whole:
        raise DamagedModel("its bytes are not those that were kept (SHA-256 differs)")
    try:
        tables = read_tables(artifact.document, _arrays(artifact.tables))
    except WrongTables as error:
        raise DamagedModel(str(error)) from error
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        raise DamagedModel(f"its arrays cannot be read ({error})") from error
    if tables.arrays_sha256 != artifact.tables_sha256:
        raise DamagedModel("its document names other arrays")
    return tables


def _arrays(body: bytes) -> dict[str, Sequence[float]]:
    import numpy as np  # noqa: PLC0415 - only where there is a model

    with np.load(BytesIO(body), allow_pickle=False) as found:
        return {name: found[name].astype(float).ravel().tolist() for name in found.files}
