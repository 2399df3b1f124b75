"""`signalbox compare`: what we would have done, beside what the CRM did."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from daemon.cli.frame import DEFAULT_SETTINGS, ExitCode, JsonOption, SettingsOption, examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.reports.tallies import Compared

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
        bool,
        typer.Option(
            "--all", help="Show leads that agree as well as those that differ; --json shows all."
        ),
    ] = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Compare what shadow decided with what the CRM did.

    The last decision about each lead counts. A lead that is still where its route takes leads
    from (a queue, a placeholder, somebody who left) counts as open. Ends with 1 when any differs.
    """
    from daemon.base.clock import SystemClock
    from daemon.cli.opening import counted, opened_ledger, read_instant
    from daemon.cli.printing import Printer
    from daemon.operators.comparing import comparison
    from daemon.settings import load_settings

    now = SystemClock().now()
    begins = read_instant(since, "--since", now=now) or now
    ends = read_instant(until, "--until", now=now) or now
    with opened_ledger(load_settings(settings, with_secrets=False)) as ledger:
        sides = comparison(ledger)
        found = ledger.reports.compared(begins, ends)
        names = {rep.id: rep.roster_id for rep in ledger.roster.reps()}
        judged = [(each, sides.verdict(each)) for each in found]
    verdicts = Counter(verdict.value for _, verdict in judged)
    printer = Printer(as_json=json)
    printer.table(
        ("lead", "record", "decided_at", "rule", "we chose", "the CRM has", "since", "verdict"),
        [
            _row(each, verdict, names, as_text=not json)
            for each, verdict in judged
            if every or json or verdict == "differs"
        ],
    )
    printer.say(
        f"{counted(len(found), 'lead')}: {verdicts['agrees']} agree, {verdicts['differs']} differ, "
        f"{verdicts['open']} open."
    )
    return ExitCode.FOUND if verdicts["differs"] else ExitCode.DONE


def _row(
    each: "Compared", verdict: str, names: "Mapping[str, str]", *, as_text: bool
) -> tuple[object, ...]:
    from routing.canonical import stamp

    times = (each.decided_at, each.observed_at)
    decided_at, since = (stamp(at) if at is not None and as_text else at for at in times)
    chosen = names.get(each.chosen or "", each.chosen)
    observed = names.get(each.observed or "", each.observed)
    return each.lead, each.record, decided_at, each.rule, chosen, observed, since, verdict
