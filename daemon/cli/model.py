"""`signalbox model`: which model ranks, how good it is, and its off switch."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.frame import (
    DEFAULT_SETTINGS,
    ExitCode,
    JsonOption,
    SettingsOption,
    Unavailable,
    WaitOption,
    WrongUse,
    examples,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.ledger import Ledger
    from models.rankers.versions import Standing, Told

app = typer.Typer(
    help="See which model ranks and how good it is; promote, roll back, switch off.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WhyOption = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="The reason, for the journal.")
]
VersionOption = Annotated[
    str | None,
    typer.Argument(
        metavar="VERSION", help="As `model list` shows it.", show_default="the one in force"
    ),
]


@app.command("list", epilog=examples("signalbox model list", "signalbox model list --json"))
def list_versions(settings: SettingsOption = DEFAULT_SETTINGS, json: JsonOption = False) -> int:
    """Show every version with the gate's verdict, and what ranks now."""
    from dataclasses import asdict

    from daemon.cli.printing import Printer

    printer = Printer(as_json=json)
    with _opened(settings) as (ledger, route):
        standing = ledger.rankers.standing(route)
        versions = ledger.rankers.versions(route)
    in_force = None if standing.in_force is None else standing.in_force.version
    if json:
        for each in versions:
            printer.value({**asdict(each), "in_force": each.version == in_force})
        return ExitCode.DONE
    printer.heading(_standing(standing))
    rows = [
        (e.version, e.version == in_force, e.verdict.value, e.rows, e.created_at, e.why)
        for e in versions
    ]
    printer.table(("version", "in force", "verdict", "leads", "trained", "why"), rows)
    return ExitCode.DONE


@app.command(epilog=examples("signalbox model show", "signalbox model show 2026-11-27.1 --json"))
def show(
    version: VersionOption = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Print a version's card: what it knows, how good it is, whom it favours, what it refuses."""
    from dataclasses import asdict

    from daemon.cli.printing import Printer

    printer = Printer(as_json=json)
    with _opened(settings) as (ledger, route):
        standing = ledger.rankers.standing(route)
        told = _told(ledger, route, version)
        card = _named(told.card, ledger)
    if json:
        holds = [asdict(hold) for hold in standing.holds]
        printer.value({**asdict(told.listed), **_rest(told), "holds": holds})
        return ExitCode.DONE
    printer.heading(_standing(standing))
    for line in card.splitlines():
        printer.say(line)
    return ExitCode.DONE


@app.command(
    epilog=examples("signalbox model evaluate", "signalbox model evaluate 2026-11-27.1 --json")
)
def evaluate(
    version: VersionOption = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Say whether ranking helped, from what became of the leads.

    Compares leads that the model routed with those held out from it, and estimates what the
    version would have reached on leads that were routed otherwise. Where the data cannot tell, it
    says so and ends with 1.
    """
    from daemon.cli.printing import Printer
    from daemon.operators.evaluation_text import lines

    printer = Printer(as_json=json)
    said = _evaluated(settings, version)
    if json:
        printer.value(said)
    else:
        for line in lines(said):
            printer.say(line)
    return ExitCode.DONE if said["answered"] else ExitCode.FOUND


@app.command(epilog=examples('signalbox model promote 2026-11-27.1 --why "better in every region"'))
def promote(
    *,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="As `model list` shows it.")],
    why: WhyOption,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the gate did not let it pass.")
    ] = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Put a version in force."""
    asked = {"version": version, "why": why, "anyway": anyway}
    return _ask("model_promote", asked, "{version} is in force", (settings, wait, json))


@app.command(epilog=examples('signalbox model rollback --why "complaints from Berlin"'))
def rollback(
    *,
    why: WhyOption,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Put the version that was in force before this one in force again."""
    how = (settings, wait, json)
    return _ask("model_rollback", {"why": why}, "{version} is in force again", how)


@app.command(epilog=examples('signalbox model off --why "works council asks for a pause"'))
def off(
    *,
    why: WhyOption,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Switch ranking off: round robin from the next lead on, until `model on`."""
    return _ask("model_off", {"why": why}, "Ranking is off", (settings, wait, json))


@app.command(epilog=examples('signalbox model on --why "looked into the drift alarm"'))
def on(
    *,
    why: WhyOption,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Let the version in force rank again, whatever held it back: the switch or an alarm.

    An alarm is not raised a second time for the same version.
    """
    return _ask("model_on", {"why": why}, "Nothing holds ranking back", (settings, wait, json))


def _ask(kind: str, asked: dict[str, Any], done: str, how: tuple[Any, float, bool]) -> int:
    from daemon.cli.opening import ask_daemon, told
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order

    settings, wait, json = how
    outcome = ask_daemon(settings, Order(kind, asked), patience_s=wait)
    said = outcome.said
    sentence = done.format(version=said.get("version"))
    now = f"{sentence}. Leads are ranked by: {said.get('ranks')}."
    return told(outcome, Printer(as_json=json), done=now)


def _opened(settings: Any) -> Any:
    """The ledger, and the route that is ranked by the rulebook in force."""
    from contextlib import contextmanager

    from daemon.cli.opening import opened_ledger
    from daemon.ranker.serving import ranked_route
    from daemon.settings import load_settings
    from daemon.world.in_force import read_in_force

    @contextmanager
    def opened() -> "Iterator[tuple[Ledger, str]]":
        told = load_settings(settings, with_secrets=False)
        with opened_ledger(told) as ledger:
            yield ledger, ranked_route(read_in_force(told, ledger).book)

    return opened()


def _told(ledger: "Ledger", route: str, version: str | None) -> "Told":
    if version is None:
        in_force = ledger.rankers.standing(route).in_force
        if in_force is None:
            raise WrongUse(
                "No version is in force. Name one, as `signalbox model list` shows them, or train "
                "one: signalbox train"
            )
        version = in_force.version
    told = ledger.rankers.told(route, version)
    if told is None:
        raise WrongUse(f"There is no version {version}. `signalbox model list` shows them.")
    return told


def _named(card: str, ledger: "Ledger") -> str:
    """The card with reps as the roster names them; the ledger knows them by random ids."""
    for rep in ledger.roster.reps():
        card = card.replace(rep.id, rep.roster_id)
    return card


def _rest(told: "Told") -> dict[str, object]:
    return {
        "report": told.report,
        "card": told.card,
        "data_sha256": told.data_sha256,
        "rulebook": told.rulebook,
    }


def _standing(standing: "Standing") -> str:
    if standing.in_force is None:
        return "No version is in force: leads go round robin."
    since = f"{standing.in_force.since:%Y-%m-%d %H:%M}"
    held = "; ".join(f"{hold.cause.value} ({hold.why})" for hold in standing.holds)
    if held:
        version = standing.in_force.version
        return f"Leads go round robin, although {version} is in force: {held}."
    return f"{standing.in_force.version} ranks since {since}."


def _evaluated(settings: Any, version: str | None) -> dict[str, Any]:
    """What the process that judges says; it needs what nothing that routes may load."""
    from daemon.base.clock import SystemClock
    from daemon.ranker.runs import judged
    from daemon.settings import load_settings

    told = load_settings(settings, with_secrets=False)
    with _opened(settings) as (ledger, route):
        known = _told(ledger, route, version).listed.version
    said = judged(told, route, known, clock=SystemClock())
    if "problem" in said:
        raise Unavailable(f"Judging failed: {said['problem']}.")
    return dict(said)
