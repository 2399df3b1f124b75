"""The router: where a question meets the state, in simulations and in the daemon alike.

It decides, and once the caller has kept the decision it moves the state on. It also knows who
has waited long enough and who can be recalled, and in which order. It stores nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from daemon.world.recall_notes import IsShut, Recalls
from daemon.world.staff.absences import Absences
from daemon.world.staff.candidates import LiveCandidates, Memory, OwnerOf, Staff
from routing.chance import Shares
from routing.decision import Decision, Method, WaitFor
from routing.engine import Made, decide
from routing.layers.availability import keep_present_reps
from routing.layers.entry import NotTaken
from routing.layers.load import keep_reps_with_room
from routing.question import Question
from routing.ranking import NoModel, Ranker
from routing.shortlist import Guide
from routing.state import Decided, State, Waiting, apply, in_recall_order

#: Makes the question of a lead that waits or is to be recalled; None where it is no longer ours.
Ask = Callable[[str], Question | None]


#: What nobody's coming free brings: a fact, a record.
_BROUGHT = (WaitFor.FIELDS, WaitFor.PARTNER)


def _nobody(*_: object) -> None:
    return None


def _all_objects(_object: str) -> Callable[[str], bool]:
    return lambda _rep: True


@dataclass(slots=True)
class Router:
    """Everything in force at this moment. Replaced part by part when a part changes."""

    guide: Guide
    staff: Staff
    absences: Absences = field(default_factory=Absences)
    state: State = field(default_factory=State)
    ranker: Ranker = field(default_factory=NoModel)
    shares: Shares = field(default_factory=Shares)
    open_lead_owner: OwnerOf = _nobody
    identities: Callable[[str], Callable[[str], bool]] = _all_objects  #: object -> rep has a user
    recalls: Recalls = field(default_factory=Recalls)
    _memory: Memory = field(default_factory=Memory, init=False, repr=False)

    def decide(self, question: Question) -> Made | NotTaken:
        """Decide one question as things stand. The state stays as it is until `settle`."""
        candidates = LiveCandidates(
            staff=self.staff,
            absences=self.absences,
            state=self.state,
            at=question.at,
            has_identity=self.identities(question.lead.object),
            open_lead_owner=self.open_lead_owner,
            memory=self._memory,
        )
        made = decide(question, self.guide, candidates, ranker=self.ranker, shares=self.shares)
        if isinstance(made, Made):
            self.recalls.note(made, self.guide)
        return made

    def settle(self, made: Made, *, value: int = -1, before: str | None = None) -> None:
        """The decision was kept: claims, caps, load, waits and the recall list move on.

        Args:
            made: The decision.
            value: Of the book's `value` field, in millionths; -1 where missing.
            before: The rep believed to hold the lead until now.
        """
        question = made.inputs.question
        opened_at = question.occasion.opened_at
        received_at = question.lead.received_at or opened_at
        event = Decided(made.decision, opened_at, received_at, value, before)
        self.state = apply(self.state, event)

    def due(self, at: datetime) -> tuple[Waiting, ...]:
        """Leads that have waited long enough, oldest first."""
        waits = self.state.waits.values()
        over = (w for w in waits if w.wait.until is not None and w.wait.until <= at)
        return tuple(sorted(over, key=lambda w: (w.wait.until, w.opened_at, w.lead)))

    def takers(self, ask: Ask, at: datetime) -> Iterator[Made]:
        """Leads that somebody can take now: those who wait first, then the recall list.

        The caller keeps and settles each before asking for the next. A lead that again finds
        nobody is not a decision: it keeps its place. One that its rule no longer holds has waited
        for nothing else, so it may fall back here.
        """
        for waiting in sorted(self.state.waits.values(), key=lambda w: (w.opened_at, w.lead)):
            if waiting.wait.reason not in _BROUGHT:
                held = waiting.wait.reason is WaitFor.HOLD
                yield from self._answered(ask(waiting.lead), or_fallback=held)
        is_shut = self._shut(at)
        places = self.recalls.worth_asking(self.state.recall, self.guide, is_shut)
        for place in in_recall_order(places):
            pool = self.recalls.depends_on(place.lead)
            if pool is not None and is_shut(pool):
                continue
            for made in self._answered(ask(place.lead)):
                yield made
                is_shut = self._shut(at)

    def _answered(self, question: Question | None, *, or_fallback: bool = False) -> Iterator[Made]:
        made = None if question is None else self.decide(question)
        if isinstance(made, Made) and (
            finds_a_home(made.decision) or (or_fallback and made.decision.wait is None)
        ):
            yield made

    def _shut(self, at: datetime) -> IsShut:
        """As things stand; asked anew after each decision."""
        candidates = LiveCandidates(self.staff, self.absences, self.state, at, memory=self._memory)
        known: dict[str, bool] = {}

        def is_shut(pool: str) -> bool:
            if pool not in known:
                present = keep_present_reps(candidates.members(pool)).kept
                known[pool] = not keep_reps_with_room(present).kept
            return known[pool]

        return is_shut


def finds_a_home(decision: Decision) -> bool:
    """Whether a recalled lead is better off than in the fallback."""
    return decision.method not in (Method.FALLBACK, Method.WAITING)
