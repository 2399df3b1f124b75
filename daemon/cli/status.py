"""`signalbox status`: how things stand, from the ledger."""

from typing import TYPE_CHECKING

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, JsonOption, SettingsOption, examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from daemon.cli.printing import Printer
    from daemon.settings import Settings
    from models.governance.connections import DeclaredConnection
    from models.ledger import Ledger
    from models.reports.lookups import Standing

EXAMPLES = examples("signalbox status", "signalbox status --json")


def status(settings: SettingsOption = DEFAULT_SETTINGS, json: JsonOption = False) -> int:
    """Show how things stand.

    Who routes, what ranks, each connection, writes under way, leads that wait and leads left
    alone. Reads the ledger only; the daemon need not run.
    """
    from dataclasses import asdict

    from daemon.base.clock import SystemClock
    from daemon.cli.opening import opened_ledger
    from daemon.cli.printing import Printer
    from daemon.settings import load_settings

    now = SystemClock().now()
    told = load_settings(settings, with_secrets=False)
    with opened_ledger(told) as ledger:
        holder = _holder(ledger, now)
        connections = [connection for _, connection in sorted(ledger.connections.all().items())]
        standing = ledger.reading.standing()
        strays = sum(
            len(leads) for connection in connections for leads in _strays(ledger, connection.name)
        )
        older = {connection.name: _older(ledger, connection.name) for connection in connections}
        pairs = ledger.pairs.counts()
        ranking = _ranking(ledger, told)
    printer = Printer(as_json=json)
    if json:
        daemon = {"running": holder is not None, "holder": holder}
        shown = [{**asdict(each), "older_unowned": older[each.name]} for each in connections]
        said = asdict(standing)
        said |= {"owner_unknown": strays, "pairs": pairs, "ranking": ranking}
        printer.value({"at": now, "daemon": daemon, "connections": shown, **said})
    else:
        _show(holder, connections, older, printer)
        printer.say()
        ranks = [] if ranking is None else [("leads are ranked by", ranking["ranks"])]
        printer.table(("what", "now"), [*ranks, *_counts(standing, strays), *_pairs(pairs)])
    return ExitCode.DONE


def _ranking(ledger: "Ledger", told: "Settings") -> "dict[str, Any] | None":
    """What ranks now, and what holds it back; None where no rule in force asks for a model."""
    from dataclasses import asdict

    from daemon.ranker.serving import ranked_route, ranks_by, wants_ranking
    from daemon.world.in_force import stored_book

    stored = ledger.governance.book_in_force()
    book = None if stored is None else stored_book(ledger, stored.book.hash)
    if book is None or not wants_ranking(book):
        return None
    route = ranked_route(book)
    standing = ledger.rankers.standing(route)
    in_force = standing.in_force
    return {
        "route": route,
        "ranks": ranks_by(standing, told.ranker),
        "in_force": None if in_force is None else in_force.version,
        "since": None if in_force is None else in_force.since,
        "holds": [asdict(hold) for hold in standing.holds],
    }


def _pairs(pairs: "Mapping[str, int]") -> list[tuple[str, object]]:
    """Persons with records in two CRMs; nothing where there are none."""
    said = {
        "native": "persons in two CRMs: linked there",
        "email": "persons in two CRMs: by e-mail",
        "in_doubt": "records whose partner would be a guess",
    }
    return [(said[name], count) for name, count in sorted(pairs.items()) if count]


def _holder(ledger: "Ledger", now: "datetime") -> str | None:
    lease = ledger.leases.holder(at=now)
    return None if lease is None else lease.holder


def _strays(ledger: "Ledger", connection: str) -> "Iterable[tuple[str, ...]]":
    """Leads whose owner is nobody in their CRM."""
    return ledger.reading.strays(connection).values()


def _older(ledger: "Ledger", connection: str) -> int | None:
    """Leads from before routing began that are with nobody, as last counted; None: not yet."""
    from daemon.crm.older_leads import OLDER

    found = ledger.jobs.last(f"{OLDER}{connection}")
    return None if found is None else int(found[0])


def _show(
    holder: str | None,
    connections: "Iterable[DeclaredConnection]",
    older: "Mapping[str, object]",
    printer: "Printer",
) -> None:
    if holder is None:
        printer.heading("No daemon runs. Start it with: signalbox run")
    else:
        printer.heading(f"The daemon runs ({holder}).")
    columns = ("connection", "kind", "mode", "routes from", "older, with nobody", "paused since")
    printer.table(
        (*columns, "paused by"),
        [
            (e.name, e.kind, e.mode, e.route_from, older[e.name], e.paused_at, e.paused_by)
            for e in connections
        ],
    )


def _counts(standing: "Standing", strays: int) -> list[tuple[str, object]]:
    return [
        ("versions nobody looked at", standing.inbox),
        *((f"of those: {lane}", each.inbox) for lane, each in standing.lanes.items()),
        ("leads that wait", standing.waiting),
        ("leads in a fallback queue", standing.recallable),
        ("leads whose owner is nobody in the CRM", strays),
        ("oldest write under way", standing.oldest_pending_at),
        *((f"of those writes: {lane}", each.writes) for lane, each in standing.lanes.items()),
        *((f"assignments: {state}", n) for state, n in sorted(standing.assignments.items())),
        *((f"writes: {state}", n) for state, n in sorted(standing.effects.items())),
        *((f"not routed: {why}", n) for why, n in sorted(standing.passed_over.items())),
    ]
