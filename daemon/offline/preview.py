"""One decision about a lead that the ledger knows, as things stand, and nothing is written.

Rulebook in force, roster, absences, claims, loads and accounts are the daemon's own, put together
by the same parts, without its lease. The lead is asked about as if an operator asked for it: who
holds it now does not matter, and what it waited for it has waited for. A lead that waits is asked
about on the occasion that it waits for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from daemon.crm.connectors import Unreached
from daemon.leads.occasions import Cases
from daemon.leads.recorder import Case, DecisionRecorder
from daemon.main import Parts, assemble
from daemon.offline.one_shot import Quiet, as_declared
from daemon.operators.overrides import Overrides, read_overrides
from daemon.running.application import Application
from daemon.settings import Settings
from daemon.world.in_force import InForce, read_in_force
from models.leads.known import KnownLead
from models.leads.last_versions import LastSeen, StoredAccounts, last_seen
from models.ledger import Ledger
from routing.engine import Made
from routing.facts import Cause, Occasion
from routing.layers.entry import NotTaken


class CannotRehearse(ValueError):
    """The lead cannot be decided here; the message says why."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would be decided."""

    answer: Made | NotTaken
    lead: str
    holder: str | None  #: who holds it now, as rules see it
    overrides: Overrides
    unused: tuple[str, ...]  #: what was set and no rule looks at
    in_force: InForce
    names: dict[str, str]  #: roster id by internal id

    def named(self, rep: str) -> str:
        """A rep as people know them."""
        return self.names.get(rep, rep)


def rehearse(
    settings: Settings, ledger: Ledger, lead: str, *, given: Sequence[str], parts: Parts
) -> Rehearsed:
    """Decide a lead as things stand.

    Args:
        settings: The installation's; secrets may be missing.
        ledger: Opened for reading: without the daemon's lock.
        lead: The lead's internal id.
        given: Facts that are to be otherwise, `field=value`.
        parts: Clock and ids.

    Raises:
        CannotRehearse: Its connection is gone, or nothing of it was kept.
        WrongOverrides: A field is not known, or a value does not fit it.
        WrongFiles: The roster has mistakes.
    """
    settings = as_declared(settings, ledger)
    found = read_in_force(settings, ledger)
    overrides = read_overrides(given, found.book)
    silent = {name: Unreached(name, "it is not called here.") for name in settings.connections}
    app = assemble(settings, replace(parts, tell=Quiet(), connect=silent), found, ledger)
    now = app.clock.now()
    app.look_on(now)
    case = _case(app, lead)
    case = replace(case, seen=overrides.record(case.seen))
    recorder = DecisionRecorder(app.world, StoredAccounts(ledger.store), ledger.ids)
    used = case.connection.reading.used
    question = overrides.question(recorder.question(case, now), found.book, used)
    return Rehearsed(
        answer=app.world.router(case.connection).decide(question),
        lead=lead,
        holder=case.connection.holders.holder(case.owner),
        overrides=overrides,
        unused=tuple(sorted(set(overrides.given) - used - _MATTER_ANYWAY)),
        in_force=found,
        names={rep: name for name, rep in app.team.ids.items()},
    )


_MATTER_ANYWAY = {"stage", "email", "company", "test"}


def _case(app: Application, lead: str) -> Case:
    known = app.ledger.reading.leads((lead,)).get(lead)
    last = dict(last_seen(app.ledger.store, [lead])).get(lead)
    if known is None or last is None:
        raise CannotRehearse(f"Nothing is kept of {lead} that it could be decided from.")
    if known.connection not in app.world.connections:
        raise CannotRehearse(
            f"{lead} came from {known.connection}, which the settings do not name any more."
        )
    cases = Cases(app.world, app.ledger.ids, None, app.clock.now())
    return cases.again(known, last, _occasion(app, known, last))


def _occasion(app: Application, known: KnownLead, last: LastSeen) -> Occasion:
    waiting = app.world.router(app.world.connections[last.connection]).state.waits.get(known.id)
    if waiting is not None:
        found = app.ledger.reading.occasion(waiting.occasion)
        if found is not None:
            return found
    route, cause = app.in_force.book.routes[0].name, Cause.OPERATOR
    n = known.next_n(route, cause.value)
    id_ = app.ledger.ids.new("o")
    return Occasion(id_, known.id, route, cause, n, known.first_seen_at)
