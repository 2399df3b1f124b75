"""`signalbox audit`: what somebody needs who must be able to check us."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import (
    DEFAULT_SETTINGS,
    ExitCode,
    JsonOption,
    SettingsOption,
    WaitOption,
    WrongUse,
    examples,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import TextIO

    from daemon.operators.audit import Query, Receipt
    from models.reports.journal_export import Export

app = typer.Typer(
    help="Export decisions and the journal.", no_args_is_help=True, rich_markup_mode=None
)


@app.command(
    epilog=examples(
        "signalbox audit export --since 2027-01-01 --until 2027-02-01 --out january.jsonl",
        "signalbox audit export --since 30d --what decisions --format csv --out decisions.csv",
    )
)
def export(
    *,
    since: Annotated[str, typer.Option(metavar="T", help="A time, a day, or how long ago.")],
    until: Annotated[
        str | None, typer.Option(metavar="T", help="The end, exclusive.", show_default="now")
    ] = None,
    what: Annotated[
        str, typer.Option(metavar="WHAT", help="journal, decisions, or both (JSONL only).")
    ] = "both",
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="jsonl, or csv for spreadsheets.")
    ] = "jsonl",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where it goes.", show_default="standard output"),
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Export a period, with a receipt that says how much there is and hashes it.

    JSONL begins with a header and ends with the receipt, which also stands beside FILE, in
    FILE.receipt.json. Cells of a CSV are never formulas. FILE appears whole or not at all. Without
    FILE the receipt goes to standard error. That it was made is entered in the journal; ends with
    3 where that could not be.
    """
    from daemon.base.clock import SystemClock
    from daemon.cli.opening import opened_ledger
    from daemon.operators.audit import act_of
    from daemon.settings import load_settings
    from models.reports.journal_export import export as view_of

    now = SystemClock().now()
    query = _query(since, until, what, now)
    if format_ not in ("jsonl", "csv"):
        raise WrongUse(f'--format "{format_}" is not known. Use jsonl or csv.')
    if format_ == "csv" and len(query.parts) > 1:
        raise WrongUse("A CSV has one kind of row: add --what journal or --what decisions.")
    with (
        opened_ledger(load_settings(settings, with_secrets=False)) as ledger,
        view_of(ledger.store, query.since, query.until) as view,
    ):
        receipt = _written(view, query, out, (format_, now))
    code, entered = _entered(settings, act_of(receipt, format_=format_), patience_s=wait)
    _tell(receipt, out, entered, as_json=json)
    return code


def _entered(settings: Path, act: "Mapping[str, object]", *, patience_s: float) -> tuple[int, str]:
    """Have the export entered in the journal; the exit code, and a sentence where it is not yet."""
    from daemon.cli.opening import ask_daemon
    from daemon.operators.orders import Order
    from models.store.errors import LedgerError

    try:
        outcome = ask_daemon(settings, Order("export", act), patience_s=patience_s)
    except LedgerError as error:
        return ExitCode.UNAVAILABLE, (
            f"This export is whole, but it is not in the journal: {error} Then make it again, so "
            "that the journal says who took it."
        )
    if outcome.is_open:
        why = "" if outcome.problem is None else f" {outcome.problem}"
        return ExitCode.UNAVAILABLE, (
            f"This export is whole; request {outcome.request} stays, and enters it in the journal "
            f"as soon as a daemon runs.{why}"
        )
    return ExitCode.DONE, ""


def _query(since: str, until: str | None, what: str, now: "datetime") -> "Query":
    from daemon.cli.opening import read_instant
    from daemon.operators.audit import Part, Query

    begins = read_instant(since, "--since", now=now) or now
    ends = read_instant(until, "--until", now=now) or now
    if ends <= begins:
        raise WrongUse(f"The period ends ({ends.isoformat()}) before it begins. Check --until.")
    if what != "both" and what not in list(Part):
        raise WrongUse(f'--what "{what}" is not known. Use journal, decisions or both.')
    return Query(begins, ends, tuple(Part) if what == "both" else (Part(what),))


def _written(
    view: "Export", query: "Query", out: Path | None, how: tuple[str, "datetime"]
) -> "Receipt":
    import sys

    from daemon.base.file_writing import written_atomically

    if out is None:
        return _exported(view, query, sys.stdout, how)
    with written_atomically(out) as file:
        return _exported(view, query, file, how)


def _exported(
    view: "Export", query: "Query", file: "TextIO", how: tuple[str, "datetime"]
) -> "Receipt":
    from daemon.operators.audit import export_csv, export_jsonl

    format_, at = how
    return (export_csv if format_ == "csv" else export_jsonl)(view, query, file, at=at)


def _tell(receipt: "Receipt", out: Path | None, entered: str, *, as_json: bool) -> None:
    """The receipt: in a file beside the table, and for whoever asked."""
    import sys

    from daemon.base.file_writing import write_all
    from daemon.cli.opening import counted
    from daemon.cli.printing import Printer, json_line

    said = receipt.as_object()
    if entered:
        sys.stderr.write(f"{entered}\n")
    if out is None:
        sys.stderr.write(json_line(said))
        return
    beside = out.with_name(f"{out.name}.receipt.json")
    write_all({beside: json_line(said)}, mode=0o600)
    printer = Printer(as_json=as_json)
    if as_json:
        where = {"file": str(out), "receipt": str(beside), "journalled": not entered}
        printer.value({**where, **said})
    for part, population in receipt.populations.items():
        printer.say(f"{part}: {counted(population.count, 'row')}")
    printer.say(f"wrote {out}, with its receipt in {beside}")
