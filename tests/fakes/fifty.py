"""Fifty reps as they stand on an ordinary day, and leads to decide among them.

Ids are as long as the ledger's own; claims, last turns and cap use are those of a pool that has
been turning for a year; some reps are away, off hours, full or without the skill.
"""

import random  # noqa: TID251 - the day is drawn from a seed
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routing.facts import Account, Candidate, CapUse, Cause, Evidence, Fact, Lead, Occasion, Value
from routing.question import Question
from routing.ranking import Scores
from routing.rotation import LEAD
from routing.rulebook.model import Target

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOOK = """
rulebook: inbound
account_owner: {}
fields:
  country: {type: choice, values: [US, CA, DE, FR]}
  industry: {type: choice, values: [healthcare, software, finance]}
  employees: {type: integer, min: 0}
  products: {type: set, values: [api, analytics, support]}
pools: {us-sales: {team: us}}
rules:
  - {name: us-healthcare, when: {country: {in: [US, CA]}}, pool: us-sales, choose: model,
     skills: {required: [healthcare]}}
fallback: {queue: inbound-triage}
"""
MODEL = "2026-01-04.1/sha256:" + "0123456789abcdef" * 4
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PROFILES = (
    ("api", "healthcare"),
    ("analytics", "api", "healthcare"),
    ("german", "healthcare"),
    ("healthcare",),
    ("api", "finance"),
)
_SOURCE = "sf.Lead."


def drawn_id(prefix: str, chance: random.Random, length: int) -> str:
    return prefix + "".join(chance.choices(_ALPHABET, k=length))


def some_rep(chance: random.Random) -> Candidate:
    is_away, is_off = chance.random() < 0.06, chance.random() < 0.15
    back_at = NOON + timedelta(days=chance.randint(1, 3))
    return Candidate(
        drawn_id("r", chance, 8),
        away=is_away,
        away_until=back_at if is_away else None,
        on_hours=not is_off,
        next_on_at=NOON + timedelta(hours=3) if is_off else None,
        weight=chance.choice((1, 1, 1, 2)),
        skills=chance.choice(_PROFILES),
        open_leads=chance.randint(5, 40),
        capacity=chance.choice((30, 40)),
        caps=(CapUse("person", "day", chance.randint(0, 12), 12),),
        claim=chance.randint(-LEAD, LEAD),
        served=2_000_000 - chance.randint(1, 2_000),
    )


def fifty(chance: random.Random) -> list[Candidate]:
    return [some_rep(chance) for _ in range(50)]


class Pool:
    """Candidates of one pool."""

    def __init__(self, reps: Sequence[Candidate]) -> None:
        self._reps = {rep.id: rep for rep in reps}

    def members(self, pool: str) -> Sequence[Candidate]:
        return tuple(self._reps.values())

    def rep(self, rep_id: str) -> Candidate | None:
        return self._reps.get(rep_id)

    def named(self, name: str) -> str | None:
        return None

    def owner_of(self, lead: Lead, target: Target) -> str | None:
        return None


class Ready:
    """A ranker that knows everybody."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores:
        ppm = tuple((rep.id, 50_000 + rep.claim % 300_000) for rep in candidates)
        return Scores(MODEL, ppm)


class Priced:
    """A ranker that also knows what each rep's time costs, and whom it cannot tell apart."""

    def scores(self, lead: Lead, candidates: Sequence[Candidate]) -> Scores:
        scores = Ready().scores(lead, candidates)
        prices = tuple((rep.id, rep.open_leads * 1_000) for rep in candidates)
        return replace(scores, price_ppm=prices, top=tuple(rep.id for rep in candidates[:3]))


def a_question(chance: random.Random) -> Question:
    lead, at = drawn_id("l", chance, 19), NOON
    facts: dict[str, Value] = {
        "country": "US",
        "email": "eu.acme.com",
        "employees": chance.randint(1, 9_000),
        "industry": "healthcare",
        "products": ("analytics", "api"),
    }
    observed = {name: Fact(value, _SOURCE + name.capitalize(), at) for name, value in facts.items()}
    about = {"account.employees": Fact(900), "account.named": Fact(value=True)}
    account = Account(
        drawn_id("a", chance, 19), facts=about, evidence=Evidence("domain", "acme.com", 3, "named")
    )
    occasion = Occasion(drawn_id("o", chance, 19), lead, "inbound", Cause.FIRST_SIGHT, 1, at)
    asked = Lead(
        lead,
        observed,
        stage="new",
        email_host="eu.acme.com",
        domain="acme.com",
        received_at=at,
        object="sf.lead",
    )
    return Question(occasion, asked, account, at)
