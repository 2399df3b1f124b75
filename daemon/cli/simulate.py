"""`signalbox simulate`: a timeline through the real engine."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.frame import ExitCode, JsonOption, WrongUse, examples
from daemon.cli.printing import Printer

if TYPE_CHECKING:
    from routing.decision import Decision
    from routing.reading import Mistake
    from routing.scenario.read import Scenario

EXAMPLES = examples(
    "signalbox simulate scenario.yaml",
    "signalbox simulate golden.yaml --json > decisions.jsonl",
)


def simulate(
    scenario: Annotated[
        Path,
        typer.Argument(
            metavar="SCENARIO",
            help="A YAML or JSON file: rulebook, people, accounts, events, and what to expect.",
            show_default=False,
        ),
    ],
    *,
    json: JsonOption = False,
) -> int:
    """Play a scenario through the real engine and print every decision.

    Decisions go to standard output, warnings to standard error. Ends with 1 if the scenario
    expects something else than what came out.
    """
    from daemon.offline.simulation.lines import line, misses
    from daemon.offline.simulation.world import Start, World

    story = _read(scenario)
    printer = Printer(as_json=json)
    last: dict[str, dict[str, Any]] = {}
    world = World(Start(story.book, story.roster, story.accounts))
    for made in world.play(story.events()):
        said = line(made.decision)
        last[made.decision.lead] = said
        if json:
            printer.value(said)
        else:
            printer.say(_for_people(made.decision))
    failures = misses(story.expect, last)
    _complain(failures)
    return ExitCode.FOUND if failures else ExitCode.DONE


def _read(path: Path) -> "Scenario":
    from daemon.base.file_reading import UnreadableFile, read_text
    from daemon.world.staff.calendars import PLACES
    from routing.scenario.read import read_scenario

    try:
        text = read_text(path)
    except UnreadableFile as error:
        raise WrongUse(str(error)) from error
    read = read_scenario(
        text, name=str(path), read_file=lambda name: read_text(path.parent / name), places=PLACES
    )
    _complain(read.warnings)
    if read.scenario is None:
        raise WrongUse("\n".join(str(mistake) for mistake in read.mistakes))
    return read.scenario


def _complain(what: "Iterable[Mistake | str]") -> None:
    for each in what:
        sys.stderr.write(f"{each}\n")


def _for_people(decision: "Decision") -> str:
    from routing.canonical import stamp

    if decision.wait is not None:
        where = f"waits for {decision.wait.reason.value}"
    else:
        where = f"-> {decision.holder or 'nobody'}"
    dropped = ", ".join(f"{drop.person}: {drop.detail or drop.code}" for drop in decision.drops)
    method = decision.method.value.replace("_", " ")
    rule = decision.rule or "no rule"
    notes = f"  ({dropped})" if dropped else ""
    return f"{stamp(decision.at)}  {decision.lead}  {where}  {method}, {rule}{notes}"
