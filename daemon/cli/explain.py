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
    from collections.abc import Callable, Mapping, Sequence

    from daemon.cli.printing import Printer
    from daemon.operators.explaining import Rules, WhyNot
    from daemon.operators.ranking_text import Ranked
    from models.ledger import Ledger
    from models.reports.lookups import Story
    from models.staff.roster import KnownRep

EXAMPLES = examples(
    "signalbox explain 00Q5g00000AbCdEEAV",
    "signalbox explain https://acme.my.salesforce.com/00Q5g00000AbCdEEAV",
    "signalbox explain 00Q5g00000AbCdEEAV --rep bob",
)

_STRAY = (
    "Its owner {owner} is neither a user nor a queue that the CRM shows us, so it is left alone. "
    "Grant the right to see them, name the id under placeholders, or reassign it."
)


def explain(
    *,
    lead: Annotated[
        str, typer.Argument(metavar="LEAD", help="The lead's id in the CRM or here, or a link.")
    ],
    rep: Annotated[
        str | None,
        typer.Option(metavar="REP", help="Also say why not this rep: id, name or e-mail."),
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
    from daemon.operators.explaining import Rules, lines_of, why_not_rep
    from daemon.operators.pair_text import called
    from daemon.operators.ranking_text import as_object
    from daemon.operators.ranking_text import lines as ranking
    from daemon.settings import load_settings

    with opened_ledger(load_settings(settings, with_secrets=False)) as ledger:
        story = _story(ledger, lead)
        stray = next(iter(ledger.reading.strays(story.lead.connection, lead=story.lead.id)), None)
        reps = ledger.roster.reps()
        asked = None if rep is None else _rep(rep, reps)
        rules = _rules(ledger, story, asked) if story.decisions else Rules()
        ranked = _ranked(ledger, story)
        told, pair = _pair(ledger, story)
    named = _names(reps)
    why = None if asked is None else why_not_rep(story, asked.id, named, rules)
    printer = Printer(as_json=json)
    if json:
        more = {"owner_unknown": stray, "ranked": {id_: as_object(r) for id_, r in ranked.items()}}
        printer.value({**_as_object(story, why), **more, "pair": pair})
        return ExitCode.DONE
    printer.heading(f"Lead {story.lead.id} ({', '.join(map(called, story.records))})")
    whom = None if asked is None else asked.id
    ranks = {id_: list(ranking(found, named, whom)) for id_, found in ranked.items()}
    for line in [*told, *lines_of(story, named, rules, ranks=ranks)]:
        printer.say(line)
    if stray is not None:
        printer.say(_STRAY.format(owner=stray))
    if why is not None and asked is not None:
        _say_why(printer, why, asked.roster_id)
    return ExitCode.DONE


def _names(reps: "Sequence[KnownRep]") -> "Callable[[str], str]":
    """Internal id to the name that people know."""
    names = {"somebody": "somebody who is not on the roster"}
    names |= {known.id: known.roster_id for known in reps}
    return lambda id_: names.get(id_, id_)


def _say_why(printer: "Printer", why: "WhyNot", rep: str) -> None:
    printer.heading(f"Why {'' if why.chosen else 'not '}{rep}?")
    printer.say(why.said)
    if why.would_help is not None:
        printer.say(f"Would have helped: {why.would_help}.")


def _pair(ledger: "Ledger", story: "Story") -> "tuple[Sequence[str], Mapping[str, Any] | None]":
    """The person's records in two CRMs, for people and for programs."""
    from daemon.operators.pair_text import pair_lines, pair_object

    paired = ledger.pairs.of(story.lead.id)
    doubts = ledger.pairs.doubts(record.id for record in story.records)
    return [*pair_lines(story, paired, doubts)], pair_object(story, paired, doubts)


def _story(ledger: "Ledger", lead: str) -> "Story":
    from daemon.cli.opening import found_lead

    story = ledger.reading.story(found_lead(ledger, lead))
    if story is None:
        raise WrongUse(f"{lead} was erased from the ledger while this was asked.")
    return story


def _rep(text: str, reps: "Sequence[KnownRep]") -> "KnownRep":
    """The rep whom a text names: by id, else by name or e-mail, in any case."""
    by_id = [each for each in reps if text in (each.id, each.roster_id)]
    wanted = text.casefold()
    found = by_id or [each for each in reps if wanted in _called(each)]
    if len(found) > 1:
        named = ", ".join(each.roster_id for each in found)
        raise WrongUse(f"{text} is more than one rep: {named}. Give the id in the roster.")
    if not found:
        from routing.reading import did_you_mean

        hint = did_you_mean(text, [each.roster_id for each in reps])
        advice = hint or " `signalbox people list` shows who is."
        raise WrongUse(f"{text} is not on the roster.{advice}")
    return found[0]


def _called(rep: "KnownRep") -> set[str]:
    """Names and addresses of a rep, as the roster has them."""
    said = (rep.attributes.get(name, ()) for name in ("name", "email"))
    return {str(known.dated.value).casefold() for each in said for known in each}


def _rules(ledger: "Ledger", story: "Story", rep: "KnownRep | None") -> "Rules":
    """What the rulebook of the last decision says of rules that did not match."""
    from daemon.operators.explaining import Rules
    from daemon.operators.rule_misses import passed_by, reaching
    from daemon.world.in_force import stored_book

    last = story.decisions[-1]
    book = stored_book(ledger, last["rulebook"])
    if book is None:
        return Rules()
    teams = [] if rep is None else list(rep.attributes.get("teams", ()))
    within = {str(team) for known in teams for team in known.dated.value}
    reached = () if rep is None else reaching(book, person=rep.roster_id, teams=within)
    return Rules(passed_by(book, last["record"], story.personal), reached)


def _ranked(ledger: "Ledger", story: "Story") -> "dict[str, Ranked]":
    """What a model said, by decision."""
    from daemon.operators.ranking_text import ranked, versions_in

    versions = versions_in(ledger.rankers)
    found = (
        (row["id"], ranked(row["record"], story.personal, versions)) for row in story.decisions
    )
    return {id_: each for id_, each in found if each is not None}


def _as_object(story: "Story", why: "WhyNot | None") -> dict[str, Any]:
    """All that the ledger holds, but for personal facts."""
    from dataclasses import asdict

    from routing.canonical import parse

    lead = story.lead
    journal = [{**row, "body": parse(bytes(row["body"]))} for row in story.journal]
    decisions = [{**row, "record": parse(row["record"])} for row in story.decisions]
    lists = ("occasions", "turns", "assignments", "effects", "ownership", "milestones")
    return {
        "lead": lead.id,
        "open": lead.open,
        "stage": lead.stage,
        "holder": lead.holder,
        "not_routed": lead.passed_over,
        "records": [asdict(record.key) | {"deleted": record.deleted} for record in story.records],
        "decisions": decisions,
        **{name: [dict(row) for row in getattr(story, name)] for name in lists},
        "outcomes": [dict(row) for row in story.outcomes],
        "touches": [dict(row) for row in story.touches],
        "waits": None if story.wait is None else dict(story.wait),
        "recallable": None if story.recall is None else dict(story.recall),
        "journal": journal,
        "rep": None if why is None else asdict(why),
    }
