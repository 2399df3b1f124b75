"""Where the sources are, and copies of them in which a fault may be planted."""

import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("routing", "models", "connectors", "training", "daemon")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", "_config", ".hypothesis")


def modules(*packages: str) -> Iterator[Path]:
    """Yield every Python file of these packages, in the order of their names."""
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def shown(path: Path) -> str:
    """Name a file as somebody in the checkout would."""
    return path.relative_to(ROOT).as_posix()


def copy_sources(to: Path) -> Path:
    """Copy the packages, the tests and the tools' settings; return where they are."""
    for package in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / package, to / package, ignore=NOT_COPIED)
    for settings in ("pyproject.toml", ".importlinter"):
        shutil.copy(ROOT / settings, to / settings)
    return to


def plant(tree: Path, module: str, source: str) -> None:
    """Write a module into a copied tree, with the packages above it."""
    path = tree / module
    for parent in reversed(path.relative_to(tree).parents[:-1]):
        (tree / parent).mkdir(exist_ok=True)
        (tree / parent / "__init__.py").touch()
    path.write_text(source)
