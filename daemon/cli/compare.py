"""`signalbox compare`: what we would have done, beside what the CRM did."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, JsonOption, SettingsOption, examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.reports import Compared

EXAMPLES = examples(
    "signalbox compare",
    "signalbox compare --since 2027-03-01 --until 2027-03-08 --json",
)


def compare(
    *,
    since: Annotated[str, typer.Option(metavar="T", help="A time, a day, or how long ago.")] = "7d",
    until: Annotated[
        str | None, typer.Option(metavar="T", help="The end, exclusive.", show_default="now")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show leads that agree as well as those that differ.")
    ] = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Compare what shadow decided with what the CRM did.

    A lead that nobody owns yet counts as open. Ends with 1 when any differs.
    """
    from daemon.cli.opening import counted, opened_ledger, read_instant
    from daemon.cli.printing import Printer
    from daemon.clock import SystemClock
    from daemon.settings import load_settings

    now = SystemClock().now()
    begins = read_instant(since, "--since", now=now) or now
    ends = read_instant(until, "--until", now=now) or now
    with opened_ledger(load_settings(settings, with_secrets=False)) as ledger:
        found = ledger.reports.compared(begins, ends)
        names = {rep.id: rep.roster_id for rep in ledger.roster.reps()}
    verdicts = Counter(_verdict(each) for each in found)
    columns = ("lead", "decided_at", "rule", "we chose", "the CRM has", "verdict")
    shown = [_row(each, names) for each in found if every or _verdict(each) == "differs"]
    printer = Printer(as_json=json)
    printer.table(columns, shown)
    printer.say(
        f"{counted(len(found), 'lead')}: {verdicts['agrees']} agree, {verdicts['differs']} differ, "
        f"{verdicts['open']} open."
    )
    return ExitCode.FOUND if verdicts["differs"] else ExitCode.DONE


def _verdict(each: "Compared") -> str:
    if each.observed is None:
        return "open"
    return "agrees" if each.agrees else "differs"


def _row(each: "Compared", names: "Mapping[str, str]") -> tuple[object, ...]:
    chosen = names.get(each.chosen or "", each.chosen)
    observed = names.get(each.observed or "", each.observed)
    return each.lead, each.decided_at, each.rule, chosen, observed, _verdict(each)
