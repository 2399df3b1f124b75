"""What can go wrong with the ledger itself: one family, each error with what to do about it.

    LedgerError
    |- LedgerUnavailable   something outside is away; the same call may succeed later
    |  |- LedgerBusy       somebody else holds the lock for too long
    |  `- LedgerFull       no room left
    |- LedgerUnusable      a person must act first
    |  |- LedgerMissing, LedgerReadOnly, LedgerDamaged
    |  |- LedgerNotDurable settings under which an acknowledged decision could be lost
    |  |- LedgerTooNew, LedgerTooOld
    |  `- LedgerInUse      another daemon has the file
    |- Fenced              another process holds the lease now; nothing was written
    `- BatchCutShort       one lead of a batch could not be stored

Nothing was written by the call that raised, `BatchCutShort` apart, which says what was.
"""


class LedgerError(Exception):
    """Base of all errors of the ledger."""


class LedgerUnavailable(LedgerError):
    """The database cannot be reached, or broke off. Try again later."""


class LedgerBusy(LedgerUnavailable):
    """Another process or thread kept the database locked for longer than we wait."""


class LedgerFull(LedgerUnavailable):
    """There is no room left where the ledger lies."""


class LedgerUnusable(LedgerError):
    """The ledger cannot be used until a person has acted."""


class LedgerMissing(LedgerUnusable):
    """There is no place for the ledger at this address."""


class LedgerReadOnly(LedgerUnusable):
    """The ledger may be read but not written."""


class LedgerDamaged(LedgerUnusable):
    """What lies there is not a ledger, or no longer."""


class LedgerNotDurable(LedgerUnusable):
    """Settings under which a decision that was acknowledged could be lost."""


class LedgerTooNew(LedgerUnusable):
    """A newer version of Signalbox has written this ledger."""


class LedgerTooOld(LedgerUnusable):
    """The ledger must be migrated first, and this caller does not migrate."""


class LedgerInUse(LedgerUnusable):
    """Another daemon works on this file."""

    def __init__(self, path: str, pid: str) -> None:
        super().__init__(
            f"{path} is in use by another daemon (process {pid}). Stop that one first, or "
            "let this command send it a request; two daemons on one file would assign twice."
        )
        self.pid = pid


class Fenced(LedgerError):
    """Somebody else took the lease; what this process wanted to write was not written."""

    def __init__(self, lease: str, *, ours: int, current: int | None) -> None:
        super().__init__(
            f"The lease {lease!r} is no longer ours (token {ours}, now {current}). Nothing was "
            "written; stop working and stand by until the lease can be taken again."
        )
        self.current = current


class BatchCutShort(LedgerError):
    """One lead's rows were refused: those before it are stored, it and those after are not.

    The caller's state has run ahead of the ledger: load it again, record the fallback for the
    lead, go on with the others.
    """

    def __init__(self, lead: str, cause: Exception, *, undone: tuple[str, ...]) -> None:
        super().__init__(
            f"Lead {lead} could not be stored ({type(cause).__name__}); it and {len(undone)} "
            "leads after it were rolled back. Load the state again and record its fallback."
        )
        self.lead = lead
        self.cause = cause
        self.undone = undone
