"""One file and the environment become settings, or one message with every mistake in it.

The file is read strictly (`routing.reading`), the environment laid over it, and the whole checked
against the schema and against this machine: paths that must exist, secrets that must be there and
be private. Paths in the file are relative to the file; those in the environment to the current
directory.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as EnvironmentMistake

from daemon.settings.explaining import Loc, explained
from daemon.settings.model import DELIMITER, PREFIX, Environment, Settings
from daemon.settings.secrets import (
    SECRET_KEYS,
    SecretMissing,
    SecretSource,
    is_env_name,
    looks_secret,
)
from daemon.settings.sign_ins import SIGN_INS
from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    Place,
    ScalarNode,
    compose,
    decode,
    did_you_mean,
    is_null,
    listed,
)

LARGEST_BYTES = 1_000_000

_FILES = ("rulebook", "roster")
_PATHS = (*_FILES, "history")
_SQLITE = "sqlite:///"
_DATABASES = ("url", "mlflow")
#: Variables with our prefix that are no settings: of the command line, the container, the demo.
_OTHERS = frozenset(PREFIX + name for name in ("SETTINGS", "DEBUG", "CONFIG", "DEMO_SECRET"))
#: Those of our own tests, and what Kubernetes sets for a service that is called signalbox.
_FOREIGN = re.compile(r"(TEST|BENCH)_|(\w+_)?SERVICE_(HOST|PORT)|(\w+_)?PORT(_\d+_(TCP|UDP|SCTP))?")

Tree = dict[str, Any]


class SettingsMistakes(Exception):
    """The settings cannot be used; the message lists everything that is wrong with them."""

    def __init__(self, path: Path, mistakes: tuple[str, ...]) -> None:
        count = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = "".join(f"\n  {mistake}" for mistake in mistakes)
        super().__init__(f"{path} cannot be used, it has {count}:{lines}")
        self.mistakes = mistakes


def load_settings(path: Path, *, with_secrets: bool = True) -> Settings:
    """Read, join and check everything.

    Args:
        path: The settings file.
        with_secrets: Whether secrets must be there; a command that only reads files needs none.

    Raises:
        SettingsMistakes: Anything is wrong; all of it is in the message.
    """
    reading = _Reading(path)
    settings = reading.settings(with_secrets=with_secrets)
    mistakes = reading.all_mistakes()
    if settings is None or mistakes:
        raise SettingsMistakes(path, mistakes)
    return settings


class _Reading:
    """One reading of the file and the environment, with the mistakes found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes = Mistakes()
        self._cross_check: list[str] = []
        self._root: Node | None = None
        self._environment: Tree = {}
        self._unread: list[Loc] = []

    def settings(self, *, with_secrets: bool) -> Settings | None:
        self._root = self._composed()
        if self._root is None:
            return None
        if not isinstance(self._root, MapNode):
            self.mistakes.add(self._root, "The settings must be a mapping, such as ledger: ...")
            return None
        self._find_secrets(self._root, ())
        self._environment = self._from_environment()
        tree = _laid_over(_anchored(_plain(self._root), self.path.parent), self._environment)
        for loc in self._unread:
            _cut(tree, loc)
        self._check_machine(tree, with_secrets=with_secrets)
        return self._checked(tree)

    def all_mistakes(self) -> tuple[str, ...]:
        return (*(str(mistake) for mistake in self.mistakes.found), *self._cross_check)

    def _composed(self) -> Node | None:
        try:
            with self.path.open("rb") as file:
                raw = file.read(LARGEST_BYTES + 1)
        except OSError as error:
            where = Place(str(self.path), 1, 1)
            advice = "Name the file with --settings, or make one with: signalbox init"
            self.mistakes.add(where, f"The file cannot be read: {error.strerror}. {advice}")
            return None
        if len(raw) > LARGEST_BYTES:
            where = Place(str(self.path), 1, 1)
            self.mistakes.add(where, f"The file has more than {LARGEST_BYTES:,} bytes.")
            return None
        text = decode(raw, file=str(self.path), mistakes=self.mistakes)
        if text is None:
            return None
        return compose(text, file=str(self.path), mistakes=self.mistakes)

    def _find_secrets(self, node: Node, loc: Loc) -> None:
        """Refuse secrets in the file; what was refused is not looked at again."""
        if isinstance(node, MapNode):
            for key, value in node.entries:
                here = (*loc, key.text)
                if key.text in SECRET_KEYS and not is_null(value):
                    self._refuse(key.place, here, f"Name it with {key.text}_env, the name of")
                else:
                    self._find_secrets(value, here)
        elif isinstance(node, ListNode):
            for part in node.parts:
                self._find_secrets(part, loc)
        elif looks_secret(node.text):
            self._refuse(node.place, loc, "Name it with a key that ends in _env, the name of")

    def _refuse(self, place: Place, loc: Loc, advice: str) -> None:
        self._unread.append(loc)
        self.mistakes.add(
            place,
            f"{_dotted(loc)} holds a secret, and secrets do not belong in this file. {advice} an "
            "environment variable, or with _file, the path of a private file; then renew the "
            "secret, because this file may have been read.",
        )

    def _from_environment(self) -> Tree:
        known = tuple(Settings.model_fields)
        for name, key in _set_for_us(self._root):
            if key not in known:
                hint = did_you_mean(key, known) or f" Known here: {listed(known, at_most=20)}."
                self._cross_check.append(f"environment {name} is not a setting.{hint}")
        try:
            return dict(EnvSettingsSource(Environment)())
        except EnvironmentMistake as error:
            self._cross_check.append(f"environment: {error}. Write its value as JSON.")
            return {}

    def _checked(self, tree: Tree) -> Settings | None:
        try:
            return Settings(**tree)
        except ValidationError as error:
            for detail in error.errors():
                loc = _without_tags(detail["loc"])
                if not self._follows_from_secret(loc):
                    self._add(loc, explained(detail, loc))
            return None

    def _follows_from_secret(self, loc: Loc) -> bool:
        """Whether the mistake is only there because a secret was cut out here."""
        return any(loc == unread or loc == unread[:-1] for unread in self._unread)

    def _check_machine(self, tree: Tree, *, with_secrets: bool) -> None:
        for key in _FILES:
            named = tree.get(key)
            if isinstance(named, str) and not Path(named).is_file():
                self._add((key,), f"There is no file {named}. Write it, or correct the path.")
        if not with_secrets:
            return
        for loc, source in _sources(tree):
            try:
                source.read()
            except SecretMissing as error:
                self._add(loc, str(error))

    def _add(self, loc: Loc, message: str) -> None:
        if _found(self._environment, loc):
            name = PREFIX + DELIMITER.join(str(key) for key in loc).upper()
            self._cross_check.append(_sentence(f"environment {name}", message))
        else:
            place = _place(self._root, loc, self.path)
            self.mistakes.add(place, _sentence(_dotted(loc) or "The file", message))


def _plain(node: Node) -> Any:
    """Text, lists and mappings; only null is not text, so that `NO` and `010` stay as written."""
    if isinstance(node, MapNode):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, ScalarNode):
        return None if is_null(node) else node.text
    return [_plain(part) for part in node.parts]


def _anchored(tree: Any, folder: Path) -> Any:
    """Relative paths made relative to the settings' own folder."""
    if not isinstance(tree, dict):
        return [_anchored(each, folder) for each in tree] if isinstance(tree, list) else tree
    return {key: _anchored_value(key, value, folder) for key, value in tree.items()}


def _anchored_value(key: str, value: Any, folder: Path) -> Any:
    if not isinstance(value, str):
        return _anchored(value, folder)
    if value and (key in _PATHS or key.endswith("_file")):
        return str(folder / value)
    if (
        key in _DATABASES
        and value.startswith(_SQLITE)
        and value != _SQLITE
        and ":memory:" not in value
    ):
        return _SQLITE + str((folder / value.removeprefix(_SQLITE)).absolute())
    return value


def _set_for_us(root: Node | None) -> Iterator[tuple[str, str]]:
    """Environment variables that can only be meant as settings, with the key they begin with."""
    secrets = frozenset(_env_names(root))
    for name in sorted(os.environ):
        key, nested, _ = name.removeprefix(PREFIX).partition(DELIMITER)
        is_other = not nested and (
            name in _OTHERS or name.removesuffix("_FILE") in secrets or _FOREIGN.match(key)
        )
        if name.startswith(PREFIX) and not is_other:
            yield name, key.lower()


def _env_names(node: Node | None) -> Iterator[str]:
    """Variables that the file names as the place of a secret, those of unused parts included."""
    if isinstance(node, MapNode):
        for key, value in node.entries:
            if key.text.endswith("_env") and isinstance(value, ScalarNode):
                yield value.text
            yield from _env_names(value)
    elif isinstance(node, ListNode):
        for part in node.parts:
            yield from _env_names(part)


def _laid_over(under: Any, over: Any) -> Any:
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    joined = dict(under)
    for key, value in over.items():
        joined[key] = _laid_over(joined[key], value) if key in joined else value
    return joined


def _cut(tree: Any, loc: Loc) -> None:
    for key in loc[:-1]:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree.pop(loc[-1], None)


def _sources(tree: Tree) -> Iterator[tuple[Loc, SecretSource]]:
    """Every secret that is named: in ledger and ranker, and in connections that are not off."""
    parts: list[tuple[Loc, Any]] = [((key,), tree.get(key)) for key in ("ledger", "ranker")]
    connections = tree.get("connections")
    if isinstance(connections, Mapping):
        for name, connection in connections.items():
            if isinstance(connection, Mapping) and connection.get("mode") != "off":
                parts += [
                    (("connections", name, key), connection.get(key)) for key in ("auth", "wake")
                ]
    for loc, part in parts:
        for key, value in part.items() if isinstance(part, Mapping) else ():
            source = _source(key, value)
            if source is not None:
                yield (*loc, key), source


def _source(key: str, value: Any) -> SecretSource | None:
    secret, _, where = key.rpartition("_")
    if secret not in SECRET_KEYS or not isinstance(value, str):
        return None
    if where == "file":
        return SecretSource(file=Path(value))
    return SecretSource(env=value) if where == "env" and is_env_name(value) else None


def _without_tags(loc: Loc) -> Loc:
    """The keys as they stand in the file: pydantic adds the kind of sign-in as one of its own."""
    return tuple(
        key
        for n, key in enumerate(loc)
        if key != "[key]" and not (n and loc[n - 1] == "auth" and key in SIGN_INS)
    )


def _found(tree: Any, loc: Loc) -> bool:
    for key in loc:
        if not isinstance(tree, Mapping) or key not in tree:
            return False
        tree = tree[key]
    return bool(loc)


def _place(node: Node | None, loc: Loc, path: Path) -> Place:
    """Where a key stands; where it is missing, what it is missing in."""
    place = Place(str(path), 1, 1)
    for key in loc:
        if not isinstance(node, MapNode):
            break
        entry = next((entry for entry in node.entries if entry[0].text == key), None)
        if entry is None:
            break
        place, node = entry[0].place, entry[1]
    return place


def _sentence(subject: str, message: str) -> str:
    return f"{subject} {message}" if message[:1].islower() else f"{subject}: {message}"


def _dotted(loc: Loc) -> str:
    return ".".join(str(key) for key in loc)
