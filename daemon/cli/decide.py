"""`signalbox decide`: one decision, explained, without writing anything."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import ExitCode, JsonOption, WrongUse, examples
from daemon.cli.printing import Printer

if TYPE_CHECKING:
    from daemon.simulation.rehearsal import Setting
    from routing.engine import Made

_YEARS = (1970, 2199)  # calendars and holidays are known within

EXAMPLES = examples(
    "signalbox decide --rulebook rulebook.yaml --people roster.yaml --lead lead.yaml",
    "signalbox decide --rulebook rulebook.yaml --people roster.yaml --accounts accounts.csv \\",
    "    --lead lead.json --at 2026-01-05T09:00:00Z --json",
)


def decide(
    *,
    rulebook: Annotated[
        Path, typer.Option(metavar="FILE", help="The rulebook.", show_default=False)
    ],
    people: Annotated[
        Path, typer.Option(metavar="FILE", help="The roster, YAML or CSV.", show_default=False)
    ],
    lead: Annotated[
        Path,
        typer.Option(metavar="FILE", help="One lead: {id: L1, country: US}.", show_default=False),
    ],
    accounts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accounts, YAML, JSON or CSV.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="T", help="The instant, 2026-01-05T09:00:00Z.", show_default="now"),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Decide one lead from files and explain it. Nothing is written.

    With --json prints the whole record: what the decision was made from, and what came out.
    """
    from daemon.files import UnreadableFile
    from daemon.simulation.rehearsal import Files, WrongFiles, decide_once, read_setting
    from routing.engine import Made

    when = _instant(at)
    try:
        setting = read_setting(Files(rulebook, people, lead, accounts))
    except (WrongFiles, UnreadableFile) as error:
        raise WrongUse(str(error)) from error
    for warning in setting.warnings:
        sys.stderr.write(f"{warning}\n")
    answer = decide_once(setting, when)
    printer = Printer(as_json=json)
    if not isinstance(answer, Made):
        why = answer.detail or answer.code.value.replace("_", " ")
        said = {"lead": setting.lead.id, "not_taken": answer.code.value, "detail": answer.detail}
        printer.value(said) if json else printer.say(f"{setting.lead.id} is not routed: {why}.")
    elif json:
        printer.out.write(answer.record().decode() + "\n")
    else:
        _explain(answer, setting, printer)
    return ExitCode.DONE


def _instant(at: str | None) -> datetime:
    from daemon.clock import SystemClock

    if at is None:
        return SystemClock().now()
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise WrongUse(f'--at "{at}" is no time. Write 2026-01-05T09:00:00Z.') from error
    if found.tzinfo is None:
        raise WrongUse(f'--at "{at}" has no time zone. Write {at}Z for UTC.')
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise WrongUse(f'--at "{at}" must lie between the years {_YEARS[0]} and {_YEARS[1]}.')
    return found


def _explain(made: "Made", setting: "Setting", printer: Printer) -> None:
    from daemon.wording import headline, turn, what_would_change, why_not

    people = setting.roster.at(made.decision.at).people

    def named(rep: str) -> str:
        return people[rep].name or rep if rep in people else rep

    decision = made.decision
    printer.heading(headline(decision, named))
    account = made.inputs.question.account
    if account is not None and account.evidence is not None:
        by = account.evidence.by.replace("_", " ")
        printer.say(f"Belongs to account {account.id}: {by} {account.evidence.value}.")
    for drop in decision.drops:
        printer.say(f"  {why_not(drop, named)} Would help: {what_would_change(drop)}.")
    others = [rep for rep in decision.eligible if rep != decision.owner]
    if others:
        printer.say(f"  Could have taken it too: {', '.join(named(rep) for rep in others)}.")
    if decision.pick.refusal is not None:
        printer.say(f"The model did not rank: {decision.pick.refusal}.")
    if decision.owner is not None:
        printer.say(turn(decision.charge, named))
