"""100,000 accounts: a lead finds its own in under 5 ms (p99), and the index stays small.

A sixth of the accounts share a name or a domain with others, because real ones do.
"""

import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from daemon.world.matching import AccountIndex, Domains
from routing.facts import AccountSeen
from routing.rulebook.model import Matching

ACCOUNTS, LEADS = 100_000, 20_000
LIMIT_S = 0.005
LIMIT_MB = 100
FORMS = ["Inc.", "GmbH", "S.A.S.", "AB", "Ltd", ""]
SYLLABLES = ["ac", "me", "tor", "bel", "ka", "lin", "dor", "mex", "ul", "ran"]


def company(chance):
    stem = "".join(chance.choices(SYLLABLES, k=4))
    return f"{stem}{chance.randrange(50)}"


def account(n, chance):
    stem = company(chance)
    return AccountSeen(
        id=f"001{n:015d}",
        name=f"{stem.title()} {chance.choice(FORMS)}",
        version="1",
        domain=f"{stem}.com",
        employees=chance.randrange(5_000),
        created_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n),
    )


def lead(chance):
    stem = company(chance)
    host = chance.choice([f"eu.{stem}.com", f"{stem}.com", "gmail.com"])
    return {"email": f"kim@{host}", "company": f"{stem.upper()} {chance.choice(FORMS)}"}


def test_a_lead_finds_its_account_among_a_hundred_thousand(figures):
    chance = random.Random(7)
    accounts = [account(n, chance) for n in range(ACCOUNTS)]
    domains = Domains()
    domains.address("warm@up.com")
    tracemalloc.start()
    index = AccountIndex(domains, accounts)
    held_mb = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    matching, leads = Matching(), [lead(chance) for _ in range(LEADS)]
    laps, found = [], 0
    for each in leads:
        began = time.perf_counter()
        match = index.match(matching, **each)
        laps.append(time.perf_counter() - began)
        found += match is not None
    laps.sort()
    p50, p99 = laps[LEADS // 2], laps[LEADS * 99 // 100]
    what = f"matching among {ACCOUNTS:,} accounts"
    figures.seen(f"{what}, p50", p50 * 1e6, "us")
    figures.at_most(f"{what}, p99", p99 * 1e6, "us", limit=LIMIT_S * 1e6)
    figures.at_most(f"{what}: memory of the index", held_mb, "MB", limit=LIMIT_MB)

    assert not figures.missed
    assert found > LEADS // 10
