"""The recorder: asks the router about one lead and writes down what was decided.

Shared by everything that may decide: arrivals, recalls, refusals, operators. Text facts and CRM
ids do not enter the record; it holds a commitment to them. Effects are only owed where the
connection is live and the decision means a place in that CRM.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from daemon.base.decision_text import headline
from daemon.base.events import Notes
from daemon.leads.person.pair import ALONE, Pair
from daemon.world.connections.connection import Connection
from daemon.world.matching.index import Match
from daemon.world.world import World
from models.journal.entries import OURSELVES, Actor, Entry, EntryKind
from models.leads.acts import NewDecision, NewEffect
from models.leads.known import Lane, Mode
from models.leads.lead_writer import LeadWriter
from models.store.ids import InternalIds
from routing.candidates import Answers
from routing.canonical import stamp
from routing.decision import ENGINE, Decision, Method
from routing.engine import Made
from routing.facts import Account, AccountSeen, EffectKind, Lead, Occasion, RecordSeen
from routing.given import after_error, after_refusals, by_hand
from routing.layers.entry import NotTaken
from routing.question import Question
from routing.record import Inputs, Spelled
from routing.rulebook.model import Fallback
from routing.rulebook.values import Problem

_QUARANTINE = timedelta(seconds=2)
_PERSONAL = "lead_facts"


KnownAccounts = Mapping[str, tuple[str, AccountSeen]]  #: by CRM id


class Accounts(Protocol):
    """Accounts as they were read, by connection and CRM id."""

    def accounts(self, connection: str, crm_ids: Iterable[str]) -> KnownAccounts:
        """Internal id and account, by CRM id."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """A lead that may be decided now, and why."""

    connection: Connection
    seen: RecordSeen  #: the last version of the record that carries it
    record: str  #: internal id of that record
    owner: str | None  #: CRM id of the owner last known, our own writes included
    occasion: Occasion
    opened: bool = False  #: the occasion is in the ledger already
    before: str | None = None  #: the rep believed to hold the lead until now
    visible_at: datetime | None = None
    lane: Lane = Lane.INTERACTIVE
    pair: Pair = ALONE  #: the rest of the person
    partner_until: datetime | None = None  #: their record in the CRM that assigns may still come

    @property
    def lead(self) -> str:
        """The lead's internal id."""
        return self.occasion.lead


class DecisionRecorder:
    """Decides one case at a time, under the world's lock and within a batch."""

    def __init__(self, world: World, accounts: Accounts, ids: InternalIds) -> None:
        self._world = world
        self._accounts = accounts
        self._ids = ids
        self._at_hand: Mapping[str, KnownAccounts] = {}
        self._matched: dict[tuple[str, str, str], tuple[RecordSeen, Match | None]] = {}
        self._spelled = Spelled()

    @contextmanager
    def having_accounts_of(
        self, records: Iterable[tuple[Connection, RecordSeen]]
    ) -> Iterator[None]:
        """Have the accounts of many records at hand in the block: one question for all."""
        wanted: dict[str, set[str]] = {}
        for connection, seen in records:
            try:
                found = _match(connection, seen)
            except Exception:  # noqa: BLE001, S112 - it fails again in its own turn, alone
                continue
            self._matched[connection.name, seen.object, seen.id] = (seen, found)
            if found is not None:
                wanted.setdefault(connection.name, set()).add(found.account)
        self._at_hand = {
            name: self._accounts.accounts(name, found) for name, found in wanted.items()
        }
        try:
            yield
        finally:
            self._at_hand = {}
            self._matched = {}

    def question(self, case: Case, at: datetime) -> Question:
        """The case as the engine is asked about it; the router knows of whom from now on."""
        connection = case.connection
        self._world.router(connection).open_lead_owner = self._world.companies.owner_at(at)
        holder = case.pair.held_by or connection.holders.holder(case.owner)
        lead = connection.reading.lead(case.seen, lead=case.lead, holder=holder)
        account = self._account(connection, case.seen)
        return Question(case.occasion, lead, account, at, case.partner_until)

    def ask(self, case: Case, at: datetime) -> Made | NotTaken:
        """Decide as things stand; nothing is kept yet."""
        return self._world.router(case.connection).decide(self.question(case, at))

    def keep(
        self, case: Case, made: Made, writer: LeadWriter, notes: Notes, *, actor: Actor = OURSELVES
    ) -> str:
        """Write a decision down and let the state move on; its id."""
        router = self._world.router(case.connection)
        lead = made.inputs.question.lead
        value = case.connection.reading.value(lead)
        if not case.opened:
            writer.open(case.occasion, case.lane)
        live = case.connection.decides_as is Mode.LIVE
        id_ = self._ids.new("d")
        effects = self._effects(case, made.decision, id_, notes)
        before = case.before if live else made.decision.owner  # a shadow decision moves nobody
        if made.decision.owner is None and not effects:
            before = None  # the queue has no place here: whoever has the lead keeps it
        router.settle(made, value=value, before=before)
        record = made.record(self._sealed(case, made, writer), self._spelled)
        new = NewDecision(
            id=id_,
            decision=made.decision,
            occasion=case.occasion,
            mode=case.connection.decides_as,
            record=record,
            sequence=router.state.sequence,
            rulebook=made.inputs.rulebook,
            engine=ENGINE,
            received_at=lead.received_at or case.occasion.opened_at,
            value=value,
            effects=effects,
            source_created_at=case.seen.created_at,
            visible_at=case.visible_at,
            actor=actor,
            lane=case.lane,
        )
        writer.pair.withdrawn(each.effect for each in case.pair.owed if not each.sent)
        writer.decided(new)
        if live and (made.decision.owner is not None or effects):
            self._world.companies.put(
                lead.id, domain=lead.domain, rep=made.decision.owner, at=made.decision.at
            )
        _note(case, made.decision, id_, notes)
        _note_unseen(lead, notes)
        return id_

    def give_up(
        self, case: Case, error: Exception, at: datetime, writer: LeadWriter, notes: Notes
    ) -> str:
        """Our own mistake: the lead goes to the book's fallback, with the code that says so.

        The lead is a bare id: whatever was wrong with its facts is not looked at again.
        """
        notes.alert("lead_failed", lead=case.lead, error=type(error).__name__, exc_info=error)
        holder = case.connection.holders.holder(case.owner)
        bare = Lead(case.lead, owner=holder, object=case.seen.object)
        about = {"error": type(error).__name__, "occasion": case.occasion.id}
        writer.journal(Entry(EntryKind.INTERNAL_ERROR, case.lead, about))
        question = Question(case.occasion, bare, None, at)
        fallback, person = self._fallback(case)
        decision = after_error(question, fallback, person, type(error).__name__)
        return self.keep(case, self._made(question, decision), writer, notes)

    def fall_back(self, case: Case, at: datetime, writer: LeadWriter, notes: Notes) -> str:
        """Too many reps were refused by the CRM: the book's fallback takes the lead."""
        question = self.question(case, at)
        decision = after_refusals(question, *self._fallback(case))
        return self.keep(case, self._made(question, decision), writer, notes)

    def by_hand(self, case: Case, rep: str, at: datetime) -> Made:
        """A decision that a person made: an operator, or whoever took the person's other record."""
        question = self.question(case, at)
        return self._made(question, by_hand(question, rep))

    def _fallback(self, case: Case) -> tuple[Fallback, str | None]:
        """The book's, and the rep whom it names."""
        fallback = self._world.guide.book.fallback
        names = self._world.router(case.connection).staff.names
        return fallback, None if fallback.person is None else names.get(fallback.person)

    def _made(self, question: Question, decision: Decision) -> Made:
        return Made(decision, Inputs(question, Answers(), self._world.guide.book.hash))

    def _account(self, connection: Connection, seen: RecordSeen) -> Account | None:
        matched = self._matched.get((connection.name, seen.object, seen.id))
        is_at_hand = matched is not None and matched[0] is seen
        found = matched[1] if matched is not None and is_at_hand else _match(connection, seen)
        if found is None:
            return None
        known = self._at_hand.get(connection.name, {}).get(found.account)
        if known is None:
            known = self._accounts.accounts(connection.name, [found.account]).get(found.account)
        if known is None:
            return None
        internal, account = known
        return connection.reading.account(
            account, account=internal, evidence=found.evidence, reps=connection.holders.reps
        )

    def _sealed(self, case: Case, made: Made, writer: LeadWriter) -> Mapping[str, str]:
        personal = case.connection.reading.personal(made.inputs.question.lead)
        if not personal:
            return {}
        commitment = writer.commit_to(personal, subject=case.lead, kind=_PERSONAL)
        return dict.fromkeys(personal, commitment)

    def _effects(
        self, case: Case, decision: Decision, id: str, notes: Notes
    ) -> tuple[NewEffect, ...]:
        if (
            case.connection.decides_as is not Mode.LIVE
            or (decision.owner or decision.queue) is None
        ):
            return ()
        first = self._first_effect(case, decision, id, notes)
        is_first = (
            first is not None and case.connection.may_write
        )  # a pause holds up no other connection
        beside = self._beside(case, decision, id, notes)
        if first is None:
            return (*beside,)
        return (first, *(replace(each, after=0) if is_first else each for each in beside))

    def _beside(self, case: Case, decision: Decision, id: str, notes: Notes) -> Iterator[NewEffect]:
        """The same owner on the person's record in the other CRM, once ours is confirmed."""
        pairing = self._world.pairing
        for each in case.pair.beside if pairing is not None else ():
            record, connection = each.record, self._world.connections[each.record.key.connection]
            place = connection.holders.place(decision, record.key.object)
            if place.owner is None:
                problem = place.problem or "the queue is mapped to nobody"
                said = {"connection": connection.name, "problem": problem}
                notes.event("pair_not_owed", lead=case.lead, decision=id, **said)
            elif pairing is not None and place.owner != record.owner:
                patience = pairing.wait if each.is_late else timedelta()
                connection.will_push(decision.at + patience)
                yield NewEffect(
                    kind=EffectKind.OWNER,
                    connection=connection.name,
                    object=record.key.object,
                    record=record.id,
                    field=connection.owner_field(record.key.object),
                    expected=record.owner,
                    value=place.owner,
                    also=self._also((connection, record.key.object), decision, id),
                    not_before=decision.at + patience,
                )

    def _first_effect(
        self, case: Case, decision: Decision, id: str, notes: Notes
    ) -> NewEffect | None:
        """The owner on the record that carries the lead: the assignment hangs on it."""
        connection = case.connection
        place = connection.holders.place(decision, case.seen.object)
        if place.owner is None:
            problem = place.problem or "the queue is mapped to nobody"
            notes.alert("lead_unowned", lead=case.lead, decision=id, problem=problem)
            return None
        not_before = _quarantine_ends(case.seen, decision.at)
        connection.will_push(not_before)
        return NewEffect(
            kind=EffectKind.OWNER,
            connection=connection.name,
            object=case.seen.object,
            record=case.record,
            field=connection.owner_field(case.seen.object),
            expected=case.owner,
            value=place.owner,
            also=self._also((connection, case.seen.object), decision, id),
            not_before=not_before,
        )

    def _also(self, where: tuple[Connection, str], decision: Decision, id: str) -> dict[str, str]:
        """Decision id, reason, rule, pool and time, for the fields the settings name."""
        connection, object_ = where
        wanted = connection.written.get(object_)
        if not wanted:
            return {}
        names = self._world.router(connection).staff.names_of
        said = {
            "decision": id,
            "reason": headline(decision, lambda rep: names.get(rep, rep)).replace(
                decision.lead, "This lead", 1
            ),
            "rule": decision.rule or "",
            "pool": decision.pool or "",
            "at": stamp(decision.at),
        }
        return {field: said[fact] for fact, field in wanted}


def _match(connection: Connection, seen: RecordSeen) -> Match | None:
    return connection.index.match(
        connection.reading.book.matching, link=seen.account, email=seen.email, company=seen.company
    )


def _note(case: Case, decision: Decision, id: str, notes: Notes) -> None:
    notes.event(
        "lead_waits" if decision.method is Method.WAITING else "lead_routed",
        lead=case.lead,
        decision=id,
        connection=case.connection.name,
        mode=case.connection.decides_as.value,
        cause=case.occasion.cause.value,
        lane=case.lane.value,
        method=decision.method.value,
        rule=decision.rule,
        pool=decision.pool,
        owner=decision.owner,
        queue=decision.queue,
    )


def _note_unseen(lead: Lead, notes: Notes) -> None:
    """Values of open choices that nobody declared are kept, and somebody should hear of them."""
    for name, fact in sorted(lead.facts.items()):
        if fact.problem == Problem.UNSEEN_VALUE:
            notes.count("unseen_value", fact=name)


def _quarantine_ends(seen: RecordSeen, at: datetime) -> datetime:
    """When the record will be two seconds older than its last change, by the CRM's clock."""
    return at + max(_QUARANTINE - (seen.read_at - seen.modified_at), timedelta())
