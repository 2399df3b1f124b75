"""One decision from question to record: shortlist, scores between, choose, write down.

Everything is handed in; nothing is looked up. The shell asks this and stores what comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from routing.candidates import Candidates
from routing.chance import Shares
from routing.choose import choose, wants_scores
from routing.decision import Decision
from routing.layers.entry import NotTaken
from routing.question import Question
from routing.ranking import NoModel, Ranker
from routing.record import Inputs, Spelled, write
from routing.rulebook.index import compile_book
from routing.rulebook.model import Book
from routing.shortlist import Guide, shortlist

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Made:
    """A decision and what it was made from."""

    decision: Decision
    inputs: Inputs

    def record(self, sealed: Mapping[str, str] = _NONE, spelled: Spelled | None = None) -> bytes:
        """The canonical bytes; `sealed` holds commitments in place of personal facts."""
        return write(self.inputs, self.decision, sealed=sealed, spelled=spelled)


def guide_to(book: Book) -> Guide:
    """The book with the conditions of each route compiled."""
    return Guide(book, compile_book(book))


def decide(
    question: Question,
    guide: Guide,
    candidates: Candidates,
    *,
    ranker: Ranker | None = None,
    shares: Shares = Shares(),
) -> Made | NotTaken:
    """Decide one occasion.

    Args:
        question: Lead, account, occasion and instant.
        guide: The rulebook in force, compiled.
        candidates: Answers about reps as of that instant.
        ranker: Asked where a rule wants the model and more than one rep is left.
        shares: How many leads are left to chance while a model ranks.

    Returns:
        The decision, or why the route does not take the lead now.
    """
    found = shortlist(question, guide, candidates)
    if isinstance(found, NotTaken):
        return found
    asked = ranker or NoModel()
    scores = asked.scores(question.lead, found.eligible) if wants_scores(found) else None
    decision = choose(found, scores, shares)
    return Made(decision, Inputs(question, found.answers, guide.book.hash, scores, shares))
