"""HubSpot's paths stand in one table, and its library is reached in one place.

The library's own calls go to the real host unless told otherwise, without a time-out; and a path
outside of the table would be forgotten when a version ends.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import modules

TABLE = "paths.py"
POOL = "pool.py"
ROOTS = ("/crm/", "/oauth/", "/account-info/", "https://api.")
ALLOWED_ADDRESS = "settings.py"


def strays(name: str, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_path = node.value.startswith(ROOTS) and name not in (TABLE, ALLOWED_ADDRESS)
            if is_path:
                yield f"{name}:{node.lineno}: a path outside of {TABLE}"
        elif (
            name != POOL
            and isinstance(node, ast.Import | ast.ImportFrom)
            and "hubspot" in _imported(node)
        ):
            yield f"{name}:{node.lineno}: hubspot outside of {POOL}"


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return {name.partition(".")[0] for name in names}


def test_paths_and_the_library_stand_in_one_place_each():
    mine = [path for path in modules("connectors") if Path("connectors/hubspot") in _above(path)]
    found = [fault for path in mine for fault in strays(path.name, path.read_text())]

    assert len(mine) > 20
    assert found == []


def _above(path: Path) -> list[Path]:
    return [Path(*parent.parts[-2:]) for parent in path.parents]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("A = '/crm/v3/owners'", "a path outside", id="a path"),
        pytest.param("A = f'/crm/objects/{v}/x'", "a path outside", id="a path put together"),
        pytest.param("import hubspot", "hubspot outside", id="the library"),
        pytest.param("from hubspot.client import Client", "hubspot outside", id="a part of it"),
    ],
)
def test_a_planted_stray_is_reported(source: str, said: str):
    (fault,) = strays("planted.py", source)

    assert said in fault
