"""`signalbox demo`: two simulated CRMs, the real daemon, and a story on the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.frame import ExitCode, JsonOption, examples
from daemon.cli.printing import Printer

if TYPE_CHECKING:
    from daemon.offline.demo.play import Play
    from daemon.offline.demo.stage import Plan
    from daemon.offline.demo.training import Learned

EXAMPLES = examples("signalbox demo --once", "signalbox demo --once --leads 100 --json")


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End when every lead is routed and confirmed.")
    ] = False,
    leads: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="Leads that arrive.")
    ] = 500,
    rate: Annotated[
        float, typer.Option(metavar="PER_S", min=0.1, max=200, help="New leads a second.")
    ] = 14.0,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed, the same company.")] = 1,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="DIR",
            help="Where settings, ledger and logs go.",
            show_default="new",
        ),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Run the whole thing on this machine: simulated CRMs, real daemon, real HTTP.

    Ends with 0 only if, by the CRMs' own journals, no lead was lost, none was assigned twice,
    nobody was overwritten and no person has two owners. Without --once it goes on until Ctrl-C.
    """
    from tempfile import mkdtemp

    from daemon.offline.demo.stage import DemoFailed, Plan

    plan = Plan(leads, rate, seed, (folder or Path(mkdtemp(prefix="signalbox-demo-"))).resolve())
    printer = Printer(as_json=json)
    try:
        return _run(plan, printer, once=once)
    except DemoFailed as error:
        typer.echo(f"Error: {error}", err=True)
        return ExitCode.FOUND


def _run(plan: "Plan", printer: Printer, *, once: bool) -> int:
    from daemon.base.clock import RandomIds, SystemClock
    from daemon.offline.demo.play import Play
    from daemon.offline.demo.stage import Stage
    from daemon.offline.demo.story import Storyteller
    from daemon.offline.demo.summary import adds_up, ranking_of
    from daemon.offline.demo.training import go_to_school
    from models.ledger import open_ledger

    clock = SystemClock()
    printer.heading(f"A simulated Salesforce and HubSpot, the real daemon, {plan.leads} leads")
    printer.say(f"Settings, ledger and logs: {plan.folder}")
    printer.say("First it learns from the company's past, and from one whose reps are all alike.")
    company, control = go_to_school(plan.folder, plan.people, plan.seed, clock)
    printer.say(f"  {company.rows:,} past leads: {_verdict(company)}")
    printer.say(f"  {control.rows:,} where reps are alike: {_verdict(control)}")
    started_at = clock.now().replace(microsecond=0)  # the CRM's stamps know whole seconds only
    with Stage(plan, started_at) as stage:
        story = Storyteller(printer.say, stage.companies.values(), started_at)
        url = f"sqlite:///{stage.ledger}"
        play = Play(
            stage,
            story,
            clock,
            lambda: open_ledger(url, ids=RandomIds(), now=clock.now, migrate_schema=False),
            started_at,
        )
        try:
            _watch(play, once=once)
            summary = play.summary() | {"ranking": ranking_of(company, control, play.uplift())}
            _print(summary, printer)
            _explain_one(play, printer)
        finally:
            play.close()
    return ExitCode.DONE if adds_up(summary) else ExitCode.FOUND


def _verdict(learned: "Learned") -> str:
    if learned.ranks:
        return "the gate lets it rank"
    return f"the gate does not let it rank ({learned.why})"


def _watch(play: "Play", *, once: bool) -> None:
    if once:
        play.until_settled()
        return
    try:
        play.until_interrupted()
    except KeyboardInterrupt:
        return


def _print(summary: dict[str, Any], printer: Printer) -> None:
    if printer.as_json:
        printer.value({key: value for key, value in summary.items() if key != "details"})
        return
    printer.say()
    printer.heading("Summary")
    counts = ("leads", "decided", "confirmed", "conflicts", "not_routed", "waiting", "dead")
    more = ("fallback", "recalled", "refused")
    printer.table(["", ""], [(name.replace("_", " "), summary[name]) for name in (*counts, *more)])
    printer.say()
    printer.table(["method", "leads"], summary["methods"].items())
    printer.say()
    pools = summary["pools"].items()
    rows = [(name, *pool.values()) for name, pool in pools]
    printer.table(["pool", "leads", "reps", "furthest from a fair share, in leads"], rows)
    speed = summary["speed_to_owner_s"]
    printer.say()
    printer.say(f"Speed to owner: p50 {speed['p50']} s, p99 {speed['p99']} s")
    wrong = ", ".join(f"{name} {summary[name]}" for name in ("lost", "doubled", "overwritten"))
    _print_ranking(summary["ranking"], printer)
    pairs = summary["pairs"]
    printer.say(
        f"In both CRMs: {pairs['synced']} synced, {pairs['unsynced']} unsynced; "
        f"persons with two owners: {pairs['two_owners']}"
    )
    printer.heading(f"The CRMs' own journals against the ledger: {wrong}")
    for detail in summary["details"]:
        printer.say(f"  {detail}")


def _print_ranking(ranking: dict[str, Any], printer: Printer) -> None:
    captured = ranking.get("uplift_captured")
    if captured is None:
        printer.say("Ranking: no lead was ranked.")
        return
    wins = ranking["expected_wins"]
    printer.say(
        f"Ranking: {ranking['ranked']} leads ranked, {ranking['left_to_chance']} left to chance; "
        f"expected wins {wins['as_ranked']}, by round robin {wins['by_round_robin']}, by an oracle "
        f"{wins['by_an_oracle']}: {captured:.0%} of the possible uplift"
    )


def _explain_one(play: "Play", printer: Printer) -> None:
    if printer.as_json:
        return
    told = [
        row for row in play.told().rows if row.method == "round_robin" and row.state == "confirmed"
    ]
    if not told:
        return
    row = told[len(told) // 2]
    printer.say()
    printer.heading(f"$ signalbox explain {row.record} --settings {play.stage.settings}")
    for line in play.stage.command("explain", row.record).rstrip().splitlines():
        printer.say(line)
