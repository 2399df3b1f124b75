"""`signalbox explain`: what happened to a lead, and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.frame import (
    DEFAULT_SETTINGS,
    ExitCode,
    JsonOption,
    SettingsOption,
    WrongUse,
    examples,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.explaining import WhyNot
    from models.ledger import Ledger
    from models.reading import Story

EXAMPLES = examples(
    "signalbox explain 00Q5g00000AbCdEEAV",
    "signalbox explain https://acme.lightning.force.com/lightning/r/Lead/00Q5g00000AbCdEEAV/view",
    "signalbox explain 00Q5g00000AbCdEEAV --rep bob",
)


def explain(
    *,
    lead: Annotated[
        str, typer.Argument(metavar="LEAD", help="The lead's id in the CRM or here, or a link.")
    ],
    rep: Annotated[
        str | None, typer.Option(metavar="REP", help="Also say why this rep did not get it.")
    ] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    json: JsonOption = False,
) -> int:
    """Tell a lead's story: what happened, why, and why not this rep.

    From the records in the ledger; nothing is decided again. With --json the decisions' records
    are printed whole.
    """
    from daemon.cli.opening import opened_ledger
    from daemon.cli.printing import Printer
    from daemon.explaining import lines_of, why_not_rep
    from daemon.settings import load_settings

    with opened_ledger(load_settings(settings, with_secrets=False)) as ledger:
        story = _story(ledger, lead)
        names = {known.id: known.roster_id for known in ledger.roster.reps()}

    def named(id_: str) -> str:
        return names.get(id_, id_)

    why = None if rep is None else why_not_rep(story, _rep(rep, names), named)
    printer = Printer(as_json=json)
    if json:
        printer.value(_as_object(story, why))
        return ExitCode.DONE
    where = [f"{r.key.connection} {r.key.object} {r.key.crm_id}" for r in story.records]
    printer.heading(f"Lead {story.lead.id} ({', '.join(where)})")
    for line in lines_of(story, named):
        printer.say(line)
    if why is not None:
        printer.heading(f"Why {'' if why.chosen else 'not '}{rep}?")
        printer.say(why.said)
        if why.would_help is not None:
            printer.say(f"Would have helped: {why.would_help}.")
    return ExitCode.DONE


def _story(ledger: "Ledger", lead: str) -> "Story":
    from daemon.cli.opening import found_lead

    story = ledger.reading.story(found_lead(ledger, lead))
    if story is None:
        raise WrongUse(f"{lead} was erased from the ledger while this was asked.")
    return story


def _rep(name: str, names: "Mapping[str, str]") -> str:
    found = next((id_ for id_, roster_id in names.items() if name in (id_, roster_id)), None)
    if found is None:
        raise WrongUse(f"{name} is not on the roster. `signalbox people list` shows who is.")
    return found


def _as_object(story: "Story", why: "WhyNot | None") -> dict[str, Any]:
    from dataclasses import asdict

    from routing.canonical import parse

    decisions = [{**row, "record": parse(row["record"])} for row in story.decisions]
    return {
        "lead": story.lead.id,
        "records": [asdict(record.key) for record in story.records],
        "decisions": decisions,
        "assignments": [dict(row) for row in story.assignments],
        "ownership": [dict(row) for row in story.ownership],
        "milestones": [dict(row) for row in story.milestones],
        "waits": story.wait is not None,
        "recallable": story.recall is not None,
        "not_routed": story.lead.passed_over,
        "rep": None if why is None else asdict(why),
    }
