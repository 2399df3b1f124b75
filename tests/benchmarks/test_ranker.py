"""The ranker in worlds whose truth is known: what it captures, when it refuses, how fast it is."""

import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from routing.facts import Candidate, Fact, Lead
from routing.ranker import RankTables, TableRanker, read_tables
from tests.benchmarks.figures import Figures
from tests.benchmarks.uplift import CONTRACT, LATER, TERMS, Trial, Uplift
from training.batch import even, routed, score
from training.export import decode_npz
from training.judging.offpolicy import estimate_value, policy_of
from training.rows import matured
from training.terms import Trained, Verdict
from training.train import train
from training.worlds import LOW, MEDIUM, NULL, STARTS_AT, World, WorldTerms

SEEDS, GATE_SEEDS, LOGS = 8, 20, 40
#: decided leads -> share of the oracle's uplift wanted, without a cap and with it
WANTED = {2_000: (0.35, 0.25), 10_000: (0.60, 0.45), 50_000: (0.75, 0.60)}
EPSILON = 0.1


def mean(found: list[Uplift], name: str) -> float:
    return float(np.mean([getattr(each, name) for each in found]))


@pytest.mark.parametrize("leads", WANTED)
def test_it_captures_its_share_of_what_an_oracle_would(figures: Figures, is_quick, leads: int):
    free, capped = WANTED[leads]
    ours, trees, raw = [], [], []
    for seed in range(1 if is_quick else SEEDS):
        trial = Trial(MEDIUM, seed, leads)
        ours.append(trial.ranker())
        trees.append(trial.trees())
        raw.append(trial.raw())
    what = f"medium world, {leads:,} leads"
    figures.at_least(f"{what}: of the oracle's uplift", mean(ours, "free"), "", floor=free)
    figures.at_least(f"{what}: the same, capped", mean(ours, "capped"), "", floor=capped)
    beyond = mean(ours, "free") - mean(trees, "free")
    figures.at_least(f"{what}: more than boosting", beyond, "", floor=0.10)
    figures.at_least(f"{what}: own estimate by truth", mean(ours, "own"), "", floor=0.90)
    figures.at_most(f"{what}: own estimate by truth", mean(ours, "own"), "", limit=1.15)
    for name, found in (("boosting", trees), ("raw win rates", raw)):
        figures.seen(f"{what}: {name}", mean(found, "free"), "")
        figures.seen(f"{what}: {name}, capped", mean(found, "capped"), "")
        figures.seen(f"{what}: {name}, own estimate by truth", mean(found, "own"), "")

    assert is_quick or not figures.missed


@pytest.mark.parametrize("leads", WANTED)
def test_what_it_captures_in_the_low_world(figures: Figures, is_quick, leads: int):
    found = [Trial(LOW, seed, leads).ranker() for seed in range(1 if is_quick else SEEDS)]
    what = f"low world, {leads:,} leads"
    figures.seen(f"{what}: of the oracle's uplift", mean(found, "free"), "")
    figures.seen(f"{what}: the same, capped", mean(found, "capped"), "")
    figures.seen(f"{what}: own estimate by truth", mean(found, "own"), "")

    assert mean(found, "free") > 0


@pytest.mark.parametrize(
    ("name", "spreads", "wanted"),
    [
        pytest.param("null world refused", NULL, False, id="null"),
        pytest.param("medium world accepted", MEDIUM, True, id="medium"),
    ],
)
def test_the_gate_opens_where_reps_differ(figures: Figures, is_quick, name, spreads, wanted):
    right = []
    for seed in range(3 if is_quick else GATE_SEEDS):
        past = World(WorldTerms(seed=100 + seed, spreads=spreads)).history(10_000)
        verdict = train(past, TERMS, LATER).verdict
        right.append((verdict is Verdict.PROMOTE) == wanted)
    figures.at_least(f"{name}, of seeds at 10,000 leads", float(np.mean(right)), "", floor=0.95)

    assert is_quick or not figures.missed


def tables_of(version: Trained) -> RankTables:
    return read_tables(version.document, decode_npz(version.tables))


class Logs:
    """Leads that a version routed with a tenth of them explored, and what others would win."""

    def __init__(self, world: World, logging: RankTables, stream: int) -> None:
        self._leads = world.leads(15_000, stream=stream)
        open_to = world.eligible(self._leads)
        self._facts = [self._leads.facts(row) for row in range(len(self._leads))]
        self._who = [tuple(world.reps[at] for at in np.flatnonzero(row)) for row in open_to]
        in_time = 1 - np.exp(
            -TERMS.horizon.days / world.terms.decay_days
        )  # later wins do not count
        self._truth, self._stream = world.probabilities(self._leads) * in_time, stream
        batch = score(logging, self._facts, self._who)
        shares = (1 - EPSILON) * routed(batch, (), 0) + EPSILON * even(batch)
        chance = np.random.default_rng(stream)
        drawn = chance.random(len(batch))[:, None] * 0.999_999
        chosen = (shares.cumsum(axis=1) <= drawn).sum(axis=1)
        ppm = np.round(shares[np.arange(len(batch)), chosen] * 1e6).astype(int)
        picks = [("model", int(each)) for each in ppm]
        decided = world.decided(self._leads, chosen, chance=chance, until=STARTS_AT, picks=picks)
        self._rows = matured(decided, horizon=timedelta(days=90), at=LATER)

    def judged(self, policy: RankTables) -> tuple[float, float, bool, bool]:
        """Relative errors of both estimates, and whether their intervals hold the truth."""
        wanted = routed(score(policy, self._facts, self._who), (), policy.tie_milli)
        truth = float((self._truth * wanted).sum()) / len(self._leads)
        found = estimate_value(self._rows, policy_of(policy), CONTRACT, seed=self._stream)
        snips, robust = found.snips, found.doubly_robust
        assert snips is not None
        assert robust is not None
        return (
            *(snips.estimate / truth - 1, robust.estimate / truth - 1),
            snips.low <= truth <= snips.high,
            robust.low <= truth <= robust.high,
        )


def test_the_value_of_a_policy_is_estimated_without_bias(figures: Figures, is_quick):
    world = World(WorldTerms(seed=7, spreads=MEDIUM))
    own, other = (
        replace(tables_of(train(world.history(count, stream=stream), TERMS, LATER)), prices_ppm=())
        for count, stream in ((5_000, 0), (12_000, 1))
    )
    own = replace(own, tie_milli=0)
    logs = [Logs(world, own, stream) for stream in range(50, 50 + (3 if is_quick else LOGS))]
    what = "15,000 leads, a tenth explored"
    for name, policy in (("the same without chance", own), ("a very different version", other)):
        snips, robust, covers, robust_covers = np.mean([log.judged(policy) for log in logs], axis=0)
        if policy is own:
            figures.at_most(f"{what}: {name}: bias of SNIPS", abs(snips), "", limit=0.02)
        else:
            figures.seen(f"{what}: {name}: bias of SNIPS", abs(snips), "")
        figures.at_least(f"{what}: {name}: intervals cover", covers, "", floor=0.90)
        figures.seen(f"{what}: {name}: bias of doubly robust", abs(robust), "")
        figures.seen(f"{what}: {name}: its intervals cover", robust_covers, "")

    assert is_quick or not figures.missed


@pytest.fixture(scope="module")
def version() -> Trained:
    return train(World(WorldTerms(seed=1)).history(10_000), TERMS, LATER)


def test_one_lead_against_50_reps_takes_under_a_millisecond(figures: Figures, version):
    world = World(WorldTerms(seed=1))
    ranker = TableRanker(tables_of(version))
    everybody = [Candidate(rep) for rep in world.reps]
    leads = world.leads(3_000, stream=5)
    asked = [
        Lead(f"l{row}", {name: Fact(value) for name, value in leads.facts(row).items()})
        for row in range(len(leads))
    ]
    for lead in asked[:200]:
        ranker.scores(lead, everybody)
    took, busy = [], []
    for lead in asked:
        started, before = time.perf_counter(), time.thread_time()
        ranker.scores(lead, everybody)
        busy.append(time.thread_time() - before)
        took.append(time.perf_counter() - started)
    what = "ranking one lead against 50 reps"
    figures.seen(f"{what}, p50 by the clock", float(np.quantile(took, 0.5)) * 1e3, "ms")
    figures.seen(f"{what}, p99 by the clock", float(np.quantile(took, 0.99)) * 1e3, "ms")
    figures.at_most(f"{what}, p99 of a processor", np.quantile(busy, 0.99) * 1e3, "ms", limit=1)

    assert not figures.missed


def test_a_million_pairs_are_scored_in_a_second(figures: Figures, version):
    world = World(WorldTerms(seed=1))
    leads = world.leads(20_000, stream=6)
    facts = [leads.facts(row) for row in range(len(leads))]
    who = [world.reps] * len(leads)
    started = time.perf_counter()
    score(tables_of(version), facts, who)
    rate = len(leads) * len(world.reps) / (time.perf_counter() - started)
    figures.at_least("pairs scored in a batch", rate, "/s", floor=1_000_000)

    assert not figures.missed


def test_a_new_version_is_read_in_under_200_milliseconds(figures: Figures, version):
    started = time.perf_counter()
    TableRanker(tables_of(version))
    took_ms = (time.perf_counter() - started) * 1e3
    figures.at_most("reading a version of 50 reps", took_ms, "ms", limit=200)

    assert not figures.missed


@pytest.mark.parametrize(("leads", "limit_s"), [(50_000, 5), (1_000_000, 60)])
def test_retraining_is_a_matter_of_seconds(figures: Figures, is_quick, leads: int, limit_s: int):
    count = leads // 10 if is_quick else leads
    past = World(WorldTerms(seed=2)).history(count)
    started, busy = time.perf_counter(), time.process_time()
    train(past, TERMS, LATER)
    what = f"training on {count:,} leads, gate and references with it"
    figures.at_most(what, time.perf_counter() - started, "s", limit=limit_s)
    figures.seen(f"{what}: of a processor", time.process_time() - busy, "s")

    assert is_quick or not figures.missed
