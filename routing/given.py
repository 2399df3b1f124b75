"""Decisions that no layer made: somebody's word, and the two ways out when deciding failed.

Their result follows from the question, the rulebook's fallback, and the one thing that was given:
whom a person named, or who the fallback's person is here. Nobody was looked at for them.
"""

from routing.decision import Code, Decision, Drop, Layer, Method
from routing.question import Question
from routing.rulebook.model import Fallback


def by_hand(question: Question, rep: str) -> Decision:
    """A person's word: an operator's, or of whoever took the person's other record."""
    occasion = question.occasion
    return Decision(
        occasion.lead,
        occasion.id,
        occasion.route,
        question.at,
        Method.MANUAL,
        owner=rep,
        eligible=(rep,),
    )


def after_error(
    question: Question, fallback: Fallback, person: str | None, error: str = ""
) -> Decision:
    """Our own mistake: the fallback takes the lead, with the code that says so.

    Args:
        question: With a bare lead: whatever was wrong with its facts is not looked at again.
        fallback: The book's.
        person: The rep whom it names, where it names no queue.
        error: The mistake's name; the journal has it, the record has not.
    """
    drop = Drop("", Layer.FALLBACK, Code.INTERNAL_ERROR, error)
    return _to_fallback(question, fallback, person, (drop,))


def after_refusals(question: Question, fallback: Fallback, person: str | None) -> Decision:
    """Too many reps were refused by the CRM: the fallback takes the lead; arguments as above."""
    drops = tuple(
        Drop(rep, Layer.LOAD, Code.PREVIOUS_OWNER, "refused by the CRM")
        for rep in question.occasion.without
    )
    return _to_fallback(question, fallback, person, drops)


def _to_fallback(
    question: Question, fallback: Fallback, person: str | None, drops: tuple[Drop, ...]
) -> Decision:
    occasion = question.occasion
    return Decision(
        occasion.lead,
        occasion.id,
        occasion.route,
        question.at,
        Method.FALLBACK,
        owner=person if fallback.queue is None else None,
        queue=fallback.queue,
        drops=drops,
    )
