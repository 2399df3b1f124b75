"""What fits on a screen is read: modules under 400 lines, functions of 50 at most."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import PACKAGES, modules, shown

MODULE_LINES = 400
FUNCTION_LINES = 50
GENERATED = "versions"  # Alembic writes a migration, as long as the tables are


def too_long(path: str, source: str) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines >= MODULE_LINES:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _body_lines(node)
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from the signature to the end, without those of the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return lines
    return lines - (first.end_lineno - first.lineno + 1)


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_modules_and_functions_are_short(package: str):
    paths = (path for path in modules(package) if GENERATED not in path.parts)
    found = [fault for path in paths for fault in too_long(shown(path), path.read_text())]

    assert found == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("a = 1\n" * 400, ["planted.py: 400 lines"], id="a module"),
        pytest.param("a = 1\n" * 399, [], id="a module just short enough"),
        pytest.param(
            "def f():\n" + "    a = 1\n" * 50, ["planted.py:1: f has 51 lines"], id="a function"
        ),
        pytest.param(
            "def f():\n    '''1\n2'''\n" + "    a = 1\n" * 49, [], id="explained at length"
        ),
    ],
)
def test_a_planted_length_is_reported(source: str, said: list[str]):
    assert list(too_long("planted.py", source)) == said
