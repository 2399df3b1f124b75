"""`signalbox people`: who can take leads, and who is away."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, JsonOption, SettingsOption, WaitOption, examples

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.operators.people import Colleague

app = typer.Typer(
    help="See who takes leads; send people away and bring them back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RepArgument = Annotated[str, typer.Argument(metavar="REP", help="The rep's id in the roster.")]


@app.command("list", epilog=examples("signalbox people list", "signalbox people list --json"))
def list_people(settings: SettingsOption = DEFAULT_SETTINGS, json: JsonOption = False) -> int:
    """Show who is on the roster, whether they are there, and in which CRM."""
    from daemon.base.clock import SystemClock
    from daemon.cli.opening import opened_ledger
    from daemon.cli.printing import Printer
    from daemon.operators.people import colleagues
    from daemon.settings import load_settings

    now = SystemClock().now()
    told = load_settings(settings, with_secrets=False)
    with opened_ledger(told) as ledger:
        staff = colleagues(told, ledger, at=now)
    printer = Printer(as_json=json)
    if json:
        for each in staff:
            printer.value(each.as_object())
        return 0
    connections = sorted(told.connections)
    columns = ("rep", "name", "teams", "weight", "state", *connections)
    printer.table(columns, [_row(each, connections) for each in staff])
    return 0


@app.command(
    epilog=examples(
        "signalbox people away ada",
        "signalbox people away ada --from 2027-03-01 --until 2027-03-15T08:00:00+01:00",
    )
)
def away(
    *,
    rep: RepArgument,
    begins: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="When it begins.", show_default="now"),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="T", help="When it ends.", show_default="until `people back`"),
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Give a rep no leads for a time: they are away."""
    from daemon.base.clock import SystemClock
    from daemon.cli.opening import read_instant

    now = SystemClock().now()
    asked = {
        "rep": rep,
        "from": _written(read_instant(begins, "--from", now=now)),
        "until": _written(read_instant(until, "--until", now=now)),
    }
    done = f"{rep} is away until {until or 'they are back'}."
    return _ask("away", asked, done, (settings, wait, json))


@app.command(epilog=examples("signalbox people back ada"))
def back(
    rep: RepArgument,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """End an absence or a pause now. Absences that the CRM knows end there."""
    return _ask("back", {"rep": rep}, f"{rep} is back.", (settings, wait, json))


@app.command(epilog=examples("signalbox people pause ada"))
def pause(
    rep: RepArgument,
    settings: SettingsOption = DEFAULT_SETTINGS,
    wait: WaitOption = 10.0,
    json: JsonOption = False,
) -> int:
    """Give a rep no new leads until `people back`."""
    return _ask("pause_person", {"rep": rep}, f"{rep} is paused.", (settings, wait, json))


def _ask(kind: str, asked: dict[str, Any], done: str, how: tuple[Any, float, bool]) -> int:
    from daemon.cli.opening import ask_daemon, told
    from daemon.cli.printing import Printer
    from daemon.operators.orders import Order

    settings, wait, json = how
    outcome = ask_daemon(settings, Order(kind, asked), patience_s=wait)
    if outcome.said.get("still_away"):
        done = f"{done} An absence that the CRM knows still holds; end it there."
    return told(outcome, Printer(as_json=json), done=done)


def _row(each: "Colleague", connections: list[str]) -> tuple[object, ...]:
    """A line of the table; in each CRM somebody has a user or not, whose id machines are told."""
    state = each.state.partition("T")[0]  # the day somebody is back is enough at a glance
    has_user = (name in each.users or "no user" for name in connections)
    return each.id, each.name, each.teams, each.weight, state, *has_user


def _written(at: "datetime | None") -> str | None:
    return None if at is None else at.isoformat()
