"""What the daemon reads says the same as what scikit-learn fitted."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from routing.facts import Candidate, Fact, Lead
from routing.ranker import TableRanker, read_tables
from routing.ranking import Scores
from training.batch import score, with_rep
from training.encode import encode, learn_layout
from training.estimator import RepEffectsClassifier
from training.export import Stamp, decode_npz, encode_npz, export, write
from training.rows import Contract

CHANCE = np.random.default_rng(5)
CONTRACT = Contract(
    (
        ("country", "choice"),
        ("products", "set"),
        ("revenue", "money"),
        ("score", "integer"),
        ("vip", "boolean"),
    ),
    ("country", "score"),
)
REPS = ["ada", "bob", "cleo", "dan"]
REFERENCE = {
    "rows": 1,
    "base_rate_ppm": 1,
    "counts": [],
    "score_edges_ppm": [],
    "score_counts": [1],
}


def some_facts(row):
    facts = {
        "country": CHANCE.choice(["DE", "FR", "US"]).item(),
        "products": tuple(sorted(set(CHANCE.choice(["api", "crm", "web"], 2).tolist()))),
        "revenue": Decimal(int(CHANCE.integers(0, 10**7))) / 100,
        "score": int(CHANCE.integers(0, 100)),
        "vip": bool(CHANCE.random() < 0.3),
    }
    facts[list(facts)[row % 5]] = None if row % 7 == 0 else facts[list(facts)[row % 5]]
    return facts


FACTS = [some_facts(row) for row in range(1_500)]
HAD = [REPS[row % 4] for row in range(1_500)]
WON = CHANCE.random(1_500) < 0.2
UNKNOWN = [
    {"country": "JP", "products": ("erp",), "revenue": Decimal(3), "score": 7, "vip": False},
    {"country": 5, "products": (), "revenue": "much", "score": None, "vip": True},
    {},
]


@pytest.fixture(scope="module")
def trained():
    layout = learn_layout(FACTS, HAD, CONTRACT)
    matrix = encode(layout, FACTS, HAD)
    columns = range(layout.rep)
    model = RepEffectsClassifier(layout.rep, layout.segments, categorical=columns).fit(matrix, WON)
    arrays = export(model, layout, matrix)
    stamped = Stamp(datetime(2026, 1, 5, tzinfo=UTC), 90, "0" * 64, "1" * 64, 1_500, 300)
    rest = {"prices_ppm": [], "tie_milli": 100, "reference": REFERENCE}
    return model, layout, write(model, layout, arrays, stamped, rest)


def test_tables_and_estimator_agree_to_a_billionth(trained):
    model, layout, written = trained
    facts = FACTS + UNKNOWN
    had = [*HAD, "ada", "new", "bob"]
    batch = score(written.read(), facts, [(rep,) for rep in had])

    expected = model.predict_proba(encode(layout, facts, had))[:, 1]

    assert np.abs(with_rep(batch, had) - expected).max() < 1e-9


def test_one_lead_at_a_time_agrees_with_many_at_once(trained):
    tables = trained[2].read()
    facts = FACTS[:40] + UNKNOWN
    batch = score(tables, facts, [("ada", "bob", "new")] * len(facts))
    ranker = TableRanker(tables)
    candidates = [Candidate(rep) for rep in batch.reps]

    for place, each in enumerate(facts):
        lead = Lead("L", {name: Fact(value) for name, value in each.items()})
        said = ranker.scores(lead, candidates)
        assert isinstance(said, Scores)
        expected = np.round(batch.probabilities[place] * 1e6)

        assert [ppm for _, ppm in said.ppm] == expected.tolist()


def test_the_same_model_is_written_as_the_same_bytes(trained):
    arrays = {name: np.array(each) for name, each in decode_npz(trained[2].tables).items()}

    assert encode_npz(arrays) == trained[2].tables


def test_the_document_is_read_back_and_names_the_hash_of_its_arrays(trained):
    written = trained[2]
    tables = read_tables(written.document, decode_npz(written.tables))

    assert [block.name for block in tables.blocks] == ["rep", "rep x country", "rep x score"]


def test_a_file_with_pickled_objects_is_refused():
    with pytest.raises(ValueError, match=r"no npz file|allow_pickle"):
        decode_npz(b"cos\nsystem\n(S'true'\ntR.")
