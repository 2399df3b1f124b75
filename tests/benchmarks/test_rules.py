"""1,000 rules: matching a lead takes under 10 microseconds, and far less than reading them all."""

import random
import time
from datetime import UTC, datetime

from routing.rulebook import interpret
from routing.rulebook.book import read_book
from routing.rulebook.index import compile_book
from routing.rulebook.values import normalise

AT = datetime(2026, 1, 5, tzinfo=UTC)
RULES, LEADS = 1_000, 10_000
COUNTRIES = [f"C{n}" for n in range(41)]
INDUSTRIES = [f"I{n}" for n in range(12)]
PRODUCTS = [f"P{n}" for n in range(8)]
HOSTS = [f"d{n}.example" for n in range(200)]


def listed(words):
    return f"[{', '.join(words)}]"


def when(chance):
    """A condition over one to six facts, alternatives across facts among them."""
    parts = [f"country: {{in: {listed(chance.sample(COUNTRIES, chance.randint(1, 4)))}}}"]
    least = chance.randint(0, 4_000)
    more = {
        f"industry: {{is: {chance.choice(INDUSTRIES)}}}": 0.5,
        f"employees: {{between: [{least}, {least + chance.randint(10, 2_000)}]}}": 0.5,
        f"products: {{any_of: {listed(chance.sample(PRODUCTS, 2))}}}": 0.3,
        f"email: {{domain_in: [{chance.choice(HOSTS)}]}}": 0.2,
        f"any: [{{score: {{at_least: {chance.randint(0, 100)}}}}}, {{vip: {{is: true}}}}]": 0.2,
    }
    parts += [part for part, share in more.items() if chance.random() < share]
    return f"{{{', '.join(parts)}}}"


def book_text(chance):
    rules = "\n".join(
        f"- {{name: r{n}, when: {when(chance)}, to: {{queue: q}}}}" for n in range(RULES)
    )
    return (
        f"rulebook: b\nfields:\n  country: {{type: choice, values: {listed(COUNTRIES)}}}\n"
        f"  industry: {{type: choice, values: {listed(INDUSTRIES)}}}\n"
        "  employees: {type: integer, min: 0}\n  score: {type: integer}\n  vip: {type: boolean}\n"
        f"  products: {{type: set, values: {listed(PRODUCTS)}}}\n"
        f"fallback: {{queue: q}}\nrules:\n{rules}\n"
    )


def raw_lead(chance):
    return {
        "country": chance.choice(COUNTRIES),
        "industry": chance.choice(INDUSTRIES),
        "employees": float(chance.randint(0, 6_000)),
        "score": chance.randint(0, 100),
        "vip": chance.random() < 0.1,
        "products": ";".join(chance.sample(PRODUCTS, 2)),
        "email": f"kim@eu.{chance.choice(HOSTS)}",
    }


def elapsed_us(work, leads):
    started = time.perf_counter()
    for lead in leads:
        work(lead)
    return (time.perf_counter() - started) / len(leads) * 1e6


def test_matching_a_lead_against_1000_rules_takes_under_10_microseconds(figures):
    chance = random.Random(3)
    started = time.perf_counter()
    book = read_book(book_text(chance), name="b").book
    read_s = time.perf_counter() - started
    assert book is not None
    started = time.perf_counter()
    index = compile_book(book)["b"]
    compile_s = time.perf_counter() - started
    raw = [raw_lead(chance) for _ in range(LEADS)]

    normalise_us = elapsed_us(lambda lead: normalise(book, lead), raw)
    facts = [{name: fact.value for name, fact in normalise(book, lead).items()} for lead in raw]
    first_us = elapsed_us(lambda lead: next(index.matching(lead, AT), None), facts)
    again_us = elapsed_us(lambda lead: next(index.matching(lead, AT), None), facts)
    route = book.routes[0]
    plain_us = elapsed_us(lambda lead: list(interpret.matching(route, lead, AT)), facts[:50])
    what = f"{RULES:,} rules"
    figures.seen(f"{what}: read", read_s, "s")
    figures.seen(f"{what}: compile", compile_s, "s")
    figures.seen(f"{what}: normalise a lead", normalise_us, "us")
    figures.at_most(f"{what}: match a lead", first_us, "us", limit=10)
    figures.seen(f"{what}: match it again", again_us, "us")
    figures.at_least(f"{what}: faster than reading them all", plain_us / first_us, "x", floor=50)

    assert not figures.missed
