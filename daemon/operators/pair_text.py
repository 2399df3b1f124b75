"""A person's records in two CRMs, for people: which one carries the lead, and what ties the others.

From the ledger alone; whose record would have to be guessed is said as a doubt.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from models.leads.known import KnownRecord
from models.leads.pairs import Because, Doubt, Doubtful, Paired
from models.reports.lookups import Story

_TIES = {
    Because.NATIVE: "the CRMs name one another's record",
    Because.EMAIL: "they share one e-mail address",
}
_DOUBTS = {
    Doubtful.SEVERAL: "more than one person of the other CRM has its e-mail address",
    Doubtful.TAKEN: "who it would be has another record in its own CRM",
    Doubtful.CONTRADICTS: "its CRM names another record than the one it is tied to",
}
_ADVICE = "Merge what is double in the CRM, or link the two there."


def pair_lines(story: Story, paired: Paired | None, doubts: Iterable[Doubt]) -> Iterator[str]:
    """The lines of `explain` about a pair; none for a person whom one CRM alone knows."""
    for each in () if paired is None else paired.records:
        if each.id == story.lead.record:
            yield f"{called(each)} carries the lead: {each.key.connection} assigns."
        elif not each.version:
            yield f"{called(each)} is known by its id alone; it was not read yet."
        else:
            because = None if paired is None else paired.ties.get(each.id)
            why = "" if because is None else f": {_TIES[because]}"
            yield f"{called(each)} is the same person's{why}.{_owed(story, each)}"
    for doubt in doubts:
        record = next(each for each in story.records if each.id == doubt.record)
        yield f"{called(record)} was tied to nobody: {_DOUBTS[doubt.why]}. {_ADVICE}"


def pair_object(
    story: Story, paired: Paired | None, doubts: Iterable[Doubt]
) -> Mapping[str, Any] | None:
    """The same for programs; None where there is neither a pair nor a doubt."""
    in_doubt = [
        {"record": each.record, "why": each.why.value, "others": list(each.others)}
        for each in doubts
    ]
    if paired is None and not in_doubt:
        return None
    ties = {} if paired is None else {record: why.value for record, why in paired.ties.items()}
    return {"assigns": story.lead.connection, "ties": ties, "in_doubt": in_doubt}


def called(record: KnownRecord) -> str:
    """A record as people find it."""
    return f"{record.key.connection} {record.key.object} {record.key.crm_id}"


def _owed(story: Story, record: KnownRecord) -> str:
    """What became of the last owner that was to be written on this record."""
    owed = [row for row in story.effects if row["record_id"] == record.id]
    if not owed:
        return ""
    code = owed[-1]["code"]
    why = f" ({code})" if code else ""
    return f" The owner it is owed: {owed[-1]['state'].replace('_', ' ')}{why}."
