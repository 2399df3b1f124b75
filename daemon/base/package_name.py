"""Is the package called `daemon` ours? A distribution called python-daemon would replace it.

Both install a folder named `daemon`, and pip overwrites files without a word. Signalbox is an
application with an environment of its own; this check says so before anything half-works.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("routing", "models", "connectors", "training", "daemon")


class ForeignPackage(Exception):
    """Something else was installed over Signalbox, or stands before it on the import path."""


def check_identity(find: Callable[[str], Path | None] | None = None) -> None:
    """Make sure that every top-level package is Signalbox's own.

    Args:
        find: Where a package lies; asked of the import system where it is left out.

    Raises:
        ForeignPackage: `daemon` lacks our marker, or a package is missing or lies elsewhere.
    """
    find = find or _folder
    if getattr(import_module("daemon"), "SIGNALBOX", None) is None:
        raise ForeignPackage(_message("daemon", "does not belong to Signalbox"))
    ours = find("daemon")
    for package in PACKAGES:
        folder = find(package)
        if folder is None:
            raise ForeignPackage(_message(package, "cannot be found"))
        if ours is not None and folder.parent != ours.parent:
            raise ForeignPackage(_message(package, f"comes from {folder}, not from {ours.parent}"))


def _folder(package: str) -> Path | None:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]).resolve()


def _message(package: str, what: str) -> str:
    return (
        f'The package "{package}" {what}. Another distribution (python-daemon is one) was '
        "installed beside Signalbox. Install Signalbox into a virtual environment of its own: "
        "make setup builds one."
    )
