"""Imports point one way: every contract is kept here, and broken by a planted import."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.purity import imported
from tests.architecture.tree import PACKAGES, ROOT, copy_sources, modules, plant, shown

CONTRACTS = configparser.ConfigParser()
CONTRACTS.read(ROOT / ".importlinter")


def lint_imports(tree: Path, *only: str) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    chosen = [argument for contract in only for argument in ("--contract", contract)]
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", *chosen],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = copy_sources(tmp_path_factory.mktemp("tree"))
    plant(tree, "routing/planted/b.py", "from routing.planted import a\n")  # half of a circle
    plant(tree, "routing/planted/a.py", "")
    return tree


def test_every_contract_is_kept(tree: Path):
    answer = lint_imports(tree)

    assert (answer.returncode, "0 broken" in answer.stdout) == (0, True), answer.stdout


#: A room, and one above or beside it that it must not know.
UPWARDS = [
    ("daemon/settings", "daemon.base"),
    ("daemon/base", "daemon.world"),
    ("daemon/world", "daemon.leads"),
    ("daemon/world", "daemon.ranker"),
    ("daemon/leads", "daemon.ranker"),
    ("daemon/leads", "daemon.crm"),
    ("daemon/ranker", "daemon.operators"),
    ("daemon/crm", "daemon.operators"),
    ("daemon/operators", "daemon.web"),
    ("daemon/web", "daemon.crm"),
    ("daemon/crm", "daemon.running"),
    ("daemon/running", "daemon.main"),
    ("daemon/running", "daemon.offline"),
    ("daemon/offline", "daemon.cli"),
    ("models/tables", "models.store"),
    ("models/store", "models.journal"),
    ("models/journal", "models.leads"),
    ("models/leads", "models.staff"),
    ("models/staff", "models.governance"),
    ("models/governance", "models.leads"),
    ("models/leads", "models.decisions"),
    ("models/decisions", "models.delivery"),
    ("models/delivery", "models.reports"),
    ("models/reports", "models.intake"),
    ("models/intake", "models.rankers"),
    ("models/rankers", "models.ledger"),
]

PLANTED = [
    *(
        pytest.param(
            "rooms-of-the-shell" if room.startswith("daemon") else "rooms-of-the-ledger",
            f"{room}/planted.py",
            f"import {above}",
            id=f"{room} knows {above}",
        )
        for room, above in UPWARDS
    ),
    pytest.param("rooms-of-the-shell", "daemon/planted.py", "", id="a room without a level"),
    pytest.param("rooms-of-the-ledger", "models/planted.py", "", id="a shelf without a level"),
    pytest.param("layers", "routing/planted.py", "import models", id="routing knows the ledger"),
    pytest.param("layers", "routing/planted.py", "import connectors", id="routing knows a CRM"),
    pytest.param("layers", "models/planted.py", "import connectors", id="ledger knows a CRM"),
    pytest.param("layers", "connectors/planted.py", "import models", id="CRM knows the ledger"),
    pytest.param("layers", "training/planted.py", "import models", id="training knows the ledger"),
    pytest.param("layers", "models/planted.py", "import training", id="ledger knows training"),
    pytest.param("layers", "models/planted.py", "import daemon", id="the ledger knows the shell"),
    pytest.param("layers", "daemon/planted.py", "import tests", id="the shell knows its tests"),
    pytest.param(
        "connectors-see-facts",
        "connectors/planted.py",
        "from routing import rotation",
        id="rotation",
    ),
    pytest.param(
        "connectors-see-facts", "connectors/deep/planted.py", "import routing", id="all of routing"
    ),
    pytest.param("training-runs-apart", "daemon/planted.py", "import training", id="training"),
    pytest.param("routing-without-mlflow", "daemon/planted.py", "import mlflow", id="mlflow"),
    pytest.param("routing-without-mlflow", "models/planted.py", "import sklearn", id="sklearn"),
    pytest.param("solver-apart", "routing/planted.py", "import z3", id="the solver"),
    pytest.param("one-ledger", "daemon/planted.py", "import sqlalchemy", id="SQL in the shell"),
    pytest.param("one-ledger", "connectors/planted.py", "import sqlmodel", id="SQL in an end"),
    pytest.param("ends-speak-http", "daemon/planted.py", "import requests", id="HTTP in the shell"),
    pytest.param("shell-things", "models/planted.py", "import typer", id="a terminal"),
    pytest.param(
        "simulator-apart",
        "connectors/simulator/planted.py",
        "import connectors.salesforce",
        id="the simulator knows its client",
    ),
    pytest.param(
        "simulator-apart",
        "connectors/hubspot/planted.py",
        "import connectors.simulator",
        id="a client knows the simulator",
    ),
    pytest.param(
        "no-circles",
        "routing/planted/a.py",
        "from routing.planted import b",
        id="a circle of two",
    ),
]


@pytest.mark.parametrize(("contract", "module", "source"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, contract: str, module: str, source: str):
    plant(tree, module, f"{source}\n")
    answer = lint_imports(tree, contract)
    (tree / module).unlink()

    assert (answer.returncode, "1 broken" in answer.stdout) == (1, True), answer.stdout


def test_every_contract_has_a_planted_fault():
    contracts = {name.rpartition(":")[2] for name in CONTRACTS.sections() if "contract" in name}

    assert {case.values[0] for case in PLANTED} == contracts


def test_no_package_is_outside_the_contracts():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert set(CONTRACTS["importlinter"]["root_packages"].split()) == packages


def imports_the_training_process(source: str) -> bool:
    names = (name for node in ast.walk(ast.parse(source)) for name in imported(node))
    return any(name.startswith("daemon.train_worker") for name in names)


def test_the_training_process_is_started_and_never_imported():
    sources = {shown(path): path.read_text() for path in modules(*PACKAGES)}

    assert [path for path in sources if imports_the_training_process(sources[path])] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("import daemon.train_worker", True, id="imported"),
        pytest.param("def f():\n    from daemon.train_worker import main", True, id="later"),
        pytest.param("from daemon import train_worker", True, id="from the package"),
        pytest.param("command = ['-m', 'daemon.train_worker']", False, id="started"),
    ],
)
def test_a_planted_import_of_the_training_process_is_found(source: str, found: bool):
    assert imports_the_training_process(source) is found
