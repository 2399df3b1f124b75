"""A lead's whole path through the ledger without a CRM: what the daemon does, made plain.

Leads arrive nobody's; three reps share a pool by turns; every decision is the same shape as a
real one, with a record of the size that a real one has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.decisions.decider import Arrival, Batch
from models.delivery.outbox import Wanted
from models.governance.connections import DeclaredConnection
from models.journal.entries import Act
from models.leads.acts import NewDecision, NewEffect, Sighting
from models.leads.at_hand import Claimed
from models.leads.known import Lane, Mode
from models.leads.settlement import Finished
from models.ledger import Ledger, open_ledger
from models.staff.identities import Identity
from models.staff.roster import RosterEntry
from models.store.lease import Lease
from models.store.transactions import Store
from routing.canonical import canonical
from routing.decision import Decision, Method, TurnCharge
from routing.facts import (
    Applied,
    Bookmark,
    Cause,
    EffectKind,
    EffectResult,
    Occasion,
    Page,
    RecordSeen,
    Stream,
)
from routing.state import Decided, GaveBack, State, apply
from tests.fakes.clock import CountingIds, SettableClock

LEAD = 2_329_089_562_800  #: units of one lead
PEOPLE = ("ada", "bob", "cleo")
TTL = timedelta(seconds=15)


def open_test_ledger(url: str, clock: SettableClock | None = None, *, sole: bool = False) -> Ledger:
    """An open ledger with counting ids and a standing clock."""
    return open_ledger(url, ids=CountingIds(), now=(clock or SettableClock()).now, sole=sole)


def arriving(count: int, at: datetime, *, first: int = 0, **changes: object) -> Page:
    """A page of new leads that nobody owns."""
    return Page(
        seen=tuple(_seen(first + n, at, changes) for n in range(count)),
        bookmark=Bookmark(Stream.LEADS, {"after": first + count}),
        more=False,
    )


def _seen(n: int, at: datetime, changes: dict[str, object]) -> RecordSeen:
    said: dict[str, object] = {
        "object": "sf.lead",
        "id": f"00Q{n:012d}AAA",
        "version": at.isoformat(),
        "fields": {"Id": f"00Q{n:012d}AAA", "LastName": f"Kim {n}", "Country": "US"},
        "owner": None,
        "created_at": at,
        "modified_at": at,
        "modified_by": None,
        "read_at": at,
        "stage": "new",
    }
    return RecordSeen(**(said | changes))  # type: ignore[arg-type]


@dataclass(slots=True)
class LeadPath:
    """Walks leads through the four transactions; `state` moves as the daemon's would."""

    ledger: Ledger
    clock: SettableClock
    token: int
    reps: list[str]
    state: State
    mode: Mode = Mode.LIVE
    padding: str = ""  #: makes records as large as wanted
    decided: list[NewDecision] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """Now."""
        return self.clock.now()

    def take_in(self, page: Page) -> int:
        """Transaction 1."""
        return self.ledger.intake.take_in("sf", page, at=self.at, token=self.token)

    def decide(self, limit: int = 200) -> list[str]:
        """Transaction 2: one batch; the leads that were decided."""
        arrivals = self.ledger.decider.pending(limit)
        with self.ledger.decider.batch(token=self.token, at=self.at) as batch:
            known = batch.records([each.key for each in arrivals])
            new = [each for each in arrivals if each.key not in known]
            return [self.decide_one(batch, arrival) for arrival in new]

    def decide_one(self, batch: Batch, arrival: Arrival) -> str:
        """One new lead, decided by turns."""
        ids = self.ledger.ids
        lead, record, person = ids.new("l"), ids.new("c"), ids.new("p")
        occasion = Occasion(ids.new("o"), lead, "inbound", Cause.FIRST_SIGHT, 1, self.at)
        with batch.lead(lead) as writer:
            sighting = Sighting(
                connection=arrival.connection,
                seen=arrival.seen,
                fact_hash=arrival.fact_hash,
                record=record,
                person=person,
                owner_rep=None,
                holder=None,
                inbox=arrival.seq,
            )
            writer.seen(sighting)
            writer.open(occasion)
            facts = {"name": arrival.seen.fields.get("LastName"), "crm_id": arrival.seen.id}
            commitment = writer.commit_to(facts, subject=lead, kind="lead_facts")
            new = self._new(occasion, record=record, commitment=commitment)
            writer.decided(new)
        self.decided.append(new)
        return lead

    def again(
        self, lead: str, cause: Cause = Cause.REFUSED, *, n: int = 1, route: str = "inbound"
    ) -> NewDecision:
        """Another occasion of a known lead, in a batch of its own."""
        with self.ledger.decider.batch(token=self.token, at=self.at) as batch:
            record = batch.leads([lead])[lead].record
            occasion = Occasion(self.ledger.ids.new("o"), lead, route, cause, n, self.at)
            with batch.lead(lead) as writer:
                writer.open(occasion)
                new = self._new(occasion, record=record, commitment="")
                writer.decided(new)
        self.decided.append(new)
        return new

    def push(self, limit: int = 200) -> tuple[Claimed, ...]:
        """Transaction 3."""
        wanted = Wanted("sf", [(lane, limit) for lane in Lane])
        return self.ledger.outbox.claim(wanted, at=self.at, token=self.token)

    def settle(
        self, claimed: Sequence[Claimed], applied: Applied = Applied.CONFIRMED, **said: Any
    ) -> tuple[Finished, ...]:
        """Transaction 4, the same result for all; the state follows."""
        results = [(c, EffectResult(c.effect.id, applied, self.at, **said)) for c in claimed]
        finished = self.ledger.outbox.finish(results, at=self.at, token=self.token)
        for each in finished:
            if each.gave_back and each.rep is not None:
                event = GaveBack(each.claimed.lead, each.occasion, each.rep, each.charge)
                self.state = apply(self.state, event)
        return finished

    def all_the_way(self, count: int, *, first: int = 0) -> list[str]:
        """New leads, from page to confirmed."""
        self.take_in(arriving(count, self.at, first=first))
        leads = self.decide(count)
        self.settle(self.push(count))
        return leads

    def _new(self, occasion: Occasion, *, record: str, commitment: str) -> NewDecision:
        decision = self._choose(occasion)
        self.state = apply(self.state, Decided(decision, occasion.opened_at, occasion.opened_at))
        shadow = self.mode is Mode.SHADOW
        return NewDecision(
            id=self.ledger.ids.new("d"),
            decision=decision,
            occasion=occasion,
            mode=self.mode,
            record=self._record(decision, commitment),
            sequence=self.state.sequence,
            rulebook="0" * 64,
            engine=1,
            received_at=occasion.opened_at,
            effects=() if shadow else (self._effect(record, decision.owner or ""),),
            source_created_at=occasion.opened_at,
            visible_at=occasion.opened_at,
        )

    def _choose(self, occasion: Occasion) -> Decision:
        share = LEAD // len(self.reps)
        claims = {rep: self.state.turn("us", rep).claim + share for rep in self.reps}
        chosen = max(claims, key=lambda rep: (claims[rep], rep))
        charge = TurnCharge(
            pool="us",
            chosen=chosen,
            gains=tuple((rep, share) for rep in sorted(self.reps)),
            cost=share * len(self.reps),
            claim_before=claims[chosen] - share,
            claim_after=claims[chosen] - share * len(self.reps),
        )
        return Decision(
            lead=occasion.lead,
            occasion=occasion.id,
            route=occasion.route,
            at=self.at,
            method=Method.ROUND_ROBIN,
            owner=chosen,
            rule="everyone",
            pool="us",
            candidates=tuple(sorted(self.reps)),
            eligible=tuple(sorted(self.reps)),
            charge=charge,
        )

    def _record(self, decision: Decision, commitment: str) -> bytes:
        return canonical(
            {
                "lead": decision.lead,
                "occasion": decision.occasion,
                "owner": decision.owner,
                "commitment": commitment,
                "padding": self.padding,
            }
        )

    def _effect(self, record: str, rep: str) -> NewEffect:
        return NewEffect(
            kind=EffectKind.OWNER,
            connection="sf",
            object="sf.lead",
            record=record,
            field="OwnerId",
            expected=None,
            value=user_of(self.reps, rep),
            also={"Routing_Reason__c": "by turns"},
        )


def user_of(reps: Sequence[str], rep: str) -> str:
    """The CRM user of a rep: they were registered in order."""
    return f"005{reps.index(rep):012d}AAA"


def begin(
    ledger: Ledger,
    clock: SettableClock,
    *,
    people: Sequence[str] = PEOPLE,
    mode: Mode = Mode.LIVE,
    holder: str = "test",
    ttl: timedelta = TTL,
) -> LeadPath:
    """Take the lease, declare the connection, register the people; or go on where one ended."""
    lease = next(_tries(ledger, clock, holder, ttl), None)
    if lease is None:
        raise AssertionError("somebody holds the lease")
    act = Act(clock.now(), lease.token)
    ledger.connections.declare(
        [DeclaredConnection("sf", "salesforce", "live", clock.now())], act=act
    )
    ids = ledger.roster.sync([RosterEntry(name) for name in people], source="roster", act=act)
    reps = [ids[name] for name in people]
    ledger.roster.identify(
        "sf", [Identity(rep, "sf", user_of(reps, rep), "email") for rep in reps], act=act
    )
    state = ledger.state(at=clock.now(), shadow=mode is Mode.SHADOW)
    return LeadPath(ledger, clock, lease.token, reps, state, mode)


def _tries(ledger: Ledger, clock: SettableClock, holder: str, ttl: timedelta) -> Iterator[Lease]:
    """PostgreSQL needs a moment to notice that a client was killed in its transaction."""
    for _ in range(300):
        lease = ledger.leases.acquire(holder, ttl=ttl, at=clock.now())
        if lease is not None:
            yield lease


def broken_laws(store: Store) -> Iterator[str]:
    """What must always hold, and does not."""
    with store.read() as database:
        for law, query in LAWS.items():
            wrong = database.exec_driver_sql(query).all()
            if wrong:
                yield f"{law}: {wrong[:3]}"


LAWS = {
    "at most one open assignment per lead and route": """
        SELECT lead_id, route FROM assignments WHERE state IN ('pending', 'sent')
        GROUP BY lead_id, route HAVING count(*) > 1""",
    "every occasion is decided once": """
        SELECT occasion_id, mode FROM decisions WHERE method <> 'waiting'
        GROUP BY occasion_id, mode HAVING count(*) > 1""",
    "every occasion is decided or waits": """
        SELECT o.id FROM occasions o LEFT JOIN waits w ON w.occasion_id = o.id
        WHERE (o.decided_at IS NULL) <> (w.lead_id IS NOT NULL)""",
    "a decision that owes an owner has an assignment": """
        SELECT e.decision_id FROM effects e
        LEFT JOIN assignments a ON a.decision_id = e.decision_id
        WHERE e.kind = 'owner' AND a.decision_id IS NULL""",
    "an assignment stands where its owner effect stands": """
        SELECT a.decision_id, a.state, e.state FROM assignments a
        JOIN effects e ON e.decision_id = a.decision_id AND e.kind = 'owner'
        AND e.connection = a.connection
        WHERE a.state <> e.state AND NOT (a.code = 'superseded' AND e.state = 'superseded')""",
    "every decision stands in the journal": """
        SELECT d.id FROM decisions d WHERE NOT EXISTS (
            SELECT 1 FROM journal j WHERE j.subject = d.lead_id
            AND j.kind IN ('decision', 'reassignment') AND j.at = d.decided_at)""",
    "confirmed assignments are as many as were counted": """
        SELECT value FROM counters WHERE name = 'assignments.confirmed'
        AND value <> (SELECT count(*) FROM assignments WHERE state = 'confirmed')""",
    "a confirmed assignment stands in the history of owners": """
        SELECT a.decision_id FROM assignments a
        JOIN effects e ON e.decision_id = a.decision_id AND e.kind = 'owner'
        AND e.connection = a.connection
        WHERE a.state = 'confirmed' AND NOT (e.expected IS NOT NULL AND e.expected = e.value)
        AND NOT EXISTS (SELECT 1 FROM ownership o WHERE o.decision_id = a.decision_id)""",
}
