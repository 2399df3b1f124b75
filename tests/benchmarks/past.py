"""A ledger with a past: decisions by the million, made by the database itself in a minute.

Each has everything that a real one has, one every ten seconds up to the present, spread over
fifty reps. Their records are short; their number and their indexes are what is of interest.
"""

from collections.abc import Sequence

from models.store.transactions import Store
from tests.fakes.clock import NOON

RECORD_BYTES = 700
EVERY_S = 10

_ZEROS = "0" * 19
_WORDS = {
    "sqlite": {
        "numbers": "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s"
        " WHERE n < {last}) INSERT INTO {into} FROM s",
        "id": f"substr('{_ZEROS}' || n, -19)",
        "at": f"({int(NOON.timestamp())} - ({{count}} - n) * {EVERY_S}) * 1000000",
        "record": f"zeroblob({RECORD_BYTES})",
        "small": "x'5b5d'",
        "yes": "1",
        "no": "0",
    },
    "postgresql": {
        "numbers": "INSERT INTO {into} FROM generate_series({first}, {last}) AS s(n)",
        "id": f"right('{_ZEROS}' || n, 19)",
        "at": f"to_timestamp({int(NOON.timestamp())} - ({{count}} - n) * {EVERY_S})",
        "record": f"decode(repeat('ab', {RECORD_BYTES}), 'hex')",
        "small": r"'\x5b5d'::bytea",
        "yes": "true",
        "no": "false",
    },
}
_TABLES = """
people (id, created_at)
    SELECT 'p' || {id}, {at};
leads (id, person_id, connection, record_id, owner_rep, holder, open, created_at,
    first_seen_at)
    SELECT 'l' || {id}, 'p' || {id}, 'sf', 'c' || {id}, {rep}, {rep}, n / 50 * 50 = n, {at},
    {at};
records (id, connection, object, crm_id, person_id, lead_id, version, fact_hash, created_at,
    modified_at, seen_at, deleted, converted)
    SELECT 'c' || {id}, 'sf', 'sf.lead', '00A' || {id}, 'p' || {id}, 'l' || {id}, '1',
    {small}, {at}, {at}, {at}, {no}, {no};
inbox (connection, object, crm_id, version, fact_hash, body, read_at, taken_at, done_at,
    record_id)
    SELECT 'sf', 'sf.lead', '00A' || {id}, '1', {small}, {small}, {at}, {at}, {at}, 'c' ||
    {id};
occasions (id, lead_id, route, cause, n, attempt, without, opened_at, decided_at)
    SELECT 'o' || {id}, 'l' || {id}, 'inbound', 'first_sight', 1, 1, {small}, {at}, {at};
decisions (id, occasion_id, lead_id, route, mode, cause, method, rule, pool, owner,
    sequence, decided_at, engine, rulebook, sha256, record)
    SELECT 'd' || {id}, 'o' || {id}, 'l' || {id}, 'inbound', 'live', 'first_sight',
    'round_robin', 'r', 'us', {rep}, n, {at}, 1, '0', '0', {record};
turns (shadow, pool, decision_id, chosen, amounts, cost, claim_before, claim_after,
    served_only, why, sequence, at)
    SELECT {no}, 'us', 'd' || {id}, {rep}, {small}, 0, 0, 0, {no}, 'rotation', n, {at};
effects (id, decision_id, lead_id, connection, kind, object, record_id, field, also, state,
    attempts, next_at, created_at)
    SELECT 'e' || {id}, 'd' || {id}, 'l' || {id}, 'sf', 'owner', 'sf.lead', 'c' || {id},
    'OwnerId', {small}, 'confirmed', 1, {at}, {at};
assignments (decision_id, lead_id, route, occasion_id, connection, rep_id, state,
    created_at)
    SELECT 'd' || {id}, 'l' || {id}, 'inbound', 'o' || {id}, 'sf', {rep}, 'confirmed',
    {at};
ownership (lead_id, record_id, rep_id, observed_at, ours)
    SELECT 'l' || {id}, 'c' || {id}, {rep}, {at}, {yes};
milestones (lead_id, occasion_id, decided_at)
    SELECT 'l' || {id}, 'o' || {id}, {at};
journal (kind, at, actor, channel, subject, body, sha256)
    SELECT 'decision', {at}, 'signalbox', 'daemon', 'l' || {id}, {small}, '0';
personal (commitment, subject, kind, body, salt, kept_at)
    SELECT {id}, 'l' || {id}, 'f', {small}, {small}, {at}
"""


def grow(store: Store, reps: Sequence[str], *, first: int, count: int) -> None:
    """Add past decisions number `first` to `count`."""
    words = _WORDS[store.writer.dialect.name]
    listed = " ".join(f"WHEN {place} THEN '{rep}'" for place, rep in enumerate(reps))
    for table in _TABLES.split(";"):
        filled = table.format(
            **{name: word.format(count=count) for name, word in words.items() if name != "numbers"},
            rep=f"CASE n - n / {len(reps)} * {len(reps)} {listed} END",
        )
        with store.writer.begin() as connection:
            connection.exec_driver_sql(
                words["numbers"].format(first=first, last=count, into=filled)
            )
    if store.is_sqlite:
        return
    with store.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
