"""`signalbox decide`: one decision, explained, without writing anything."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import (
    DEFAULT_SETTINGS,
    ExitCode,
    JsonOption,
    SettingsOption,
    WrongUse,
    examples,
)
from daemon.cli.printing import Printer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daemon.base.decision_text import Named
    from daemon.offline.preview import Rehearsed
    from daemon.offline.simulation.preview import Files
    from routing.engine import Made
    from routing.layers.entry import NotTaken

_YEARS = (1970, 2199)  # calendars and holidays are known within

EXAMPLES = examples(
    "signalbox decide 00Q5g00000AbCdEEAV",
    "signalbox decide 00Q5g00000AbCdEEAV --set country=DE --set products=api,analytics",
    "signalbox decide --rulebook rulebook.yaml --people roster.yaml --lead lead.yaml",
    "signalbox decide --rulebook rulebook.yaml --people roster.yaml --accounts accounts.csv "
    "--lead lead.json --at 2026-01-05T09:00:00Z --json",
)


def decide(
    known: Annotated[
        str | None,
        typer.Argument(metavar="LEAD", help="A lead of the ledger: id in the CRM or here, link."),
    ] = None,
    *,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Take a fact of LEAD to be otherwise."),
    ] = None,
    rulebook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The rulebook.", show_default=False)
    ] = None,
    people: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The roster, YAML or CSV.")
    ] = None,
    lead: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One lead: {id: L1, country: US}.")
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accounts, YAML, JSON or CSV.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="T", help="With files: 2026-01-05T09:00:00Z.", show_default="now"),
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Decide one lead and explain it. Nothing is written.

    LEAD is decided as things stand in the ledger: with the rulebook in force, today's roster,
    absences, loads and accounts, as if you asked for it to be routed again. Without LEAD, one is
    decided from files alone. With --json prints the whole record: what the decision was made
    from, and what came out.
    """
    printer = Printer(as_json=json)
    files = {"--rulebook": rulebook, "--people": people, "--lead": lead, "--accounts": accounts}
    _one_form(known, bool(set_), {**files, "--at": at})
    if known is not None:
        _from_ledger(known, set_ or [], settings, printer)
        return ExitCode.DONE
    from daemon.offline.simulation.preview import Files

    if rulebook is None or people is None or lead is None:
        missing = [name for name in ("--rulebook", "--people", "--lead") if files[name] is None]
        raise WrongUse(
            f"Missing: {', '.join(missing)}. Name a LEAD of the ledger, or give --rulebook, "
            "--people and --lead to decide from files."
        )
    _from_files(Files(rulebook, people, lead, accounts), _instant(at), printer)
    return ExitCode.DONE


def _one_form(known: str | None, is_set: bool, files: "Mapping[str, object]") -> None:
    """A lead of the ledger, or files: never some of each."""
    given = [name for name, value in files.items() if value is not None]
    if known is not None and given:
        raise WrongUse(
            f"LEAD asks the ledger as things stand; {', '.join(given)} belongs to deciding from "
            "files. Leave out one or the other."
        )
    if known is None and is_set:
        raise WrongUse("--set changes a LEAD of the ledger; in files, change the file of --lead.")


def _from_files(files: "Files", at: datetime, printer: Printer) -> None:
    from daemon.base.file_reading import UnreadableFile
    from daemon.offline.simulation.preview import WrongFiles, decide_once, read_setting

    try:
        setting = read_setting(files)
    except (WrongFiles, UnreadableFile) as error:
        raise WrongUse(str(error)) from error
    for warning in setting.warnings:
        sys.stderr.write(f"{warning}\n")
    people = setting.roster.at(at).people

    def named(rep: str) -> str:
        return people[rep].name or rep if rep in people else rep

    _show(decide_once(setting, at), setting.lead.id, named, printer)


def _from_ledger(text: str, given: list[str], settings: Path, printer: Printer) -> None:
    from daemon.base.clock import SystemClock
    from daemon.cli.opening import found_lead, opened_ledger
    from daemon.main import Parts
    from daemon.offline.preview import CannotRehearse, rehearse
    from daemon.operators.overrides import WrongOverrides
    from daemon.settings import load_settings
    from daemon.world.in_force import WrongFiles

    told = load_settings(settings, with_secrets=False)
    with opened_ledger(told) as ledger:
        lead, parts = found_lead(ledger, text), Parts(clock=SystemClock())
        try:
            found = rehearse(told, ledger, lead, given=given, parts=parts)
        except (CannotRehearse, WrongOverrides, WrongFiles) as error:
            raise WrongUse(str(error)) from error
    for note in _notes(found):
        sys.stderr.write(f"{note}\n")
    _show(found.answer, lead, found.named, printer)


def _notes(found: "Rehearsed") -> "Iterator[str]":
    """What to know about the answer beside it."""
    from routing.engine import Made
    from routing.layers.entry import Refusal

    yield from (f"{name} was set, but no rule looks at it." for name in found.unused)
    holder = found.holder
    if not isinstance(found.answer, Made):
        if found.answer.code is Refusal.STAGE:
            yield "To see where it would go in another stage: --set stage=..."
        return
    if holder is not None and not holder.startswith("queue:"):
        who = "somebody who is not on the roster" if holder == "somebody" else found.named(holder)
        yield f"{who} holds the lead now, and keeps it: this is only what would be decided."


def _show(answer: "Made | NotTaken", lead: str, named: "Named", printer: Printer) -> None:
    from routing.engine import Made

    if isinstance(answer, Made):
        if printer.as_json:
            printer.out.write(answer.record().decode() + "\n")
        else:
            _explain(answer, named, printer)
        return
    why = answer.detail or answer.code.value.replace("_", " ")
    said = {"lead": lead, "not_taken": answer.code.value, "detail": answer.detail}
    if printer.as_json:
        printer.value(said)
    else:
        printer.say(f"{lead} is not routed: {why}.")


def _instant(at: str | None) -> datetime:
    from daemon.base.clock import SystemClock

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


def _explain(made: "Made", named: "Named", printer: Printer) -> None:
    from daemon.base.decision_text import headline, turn, what_would_change, why_not

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
