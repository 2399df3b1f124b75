"""What a module of routing/ may import, call and walk through, read from its syntax tree.

The list says what is allowed; everything else is a fault. Types are not inferred: a set is
recognised where it is written, where a local name is bound to one, and where a field of a
class in the same package is declared as one.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

ALLOWED = frozenset(
    {"bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum", "functools"}
    | {
        "hashlib",
        "heapq",
        "hmac",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "routing",
        "string",
    }
    | {"types", "typing", "unicodedata"}
)
ALLOWED_IN = {
    "csv": ("routing/roster/", "routing/rulebook/"),
    "orjson": ("routing/canonical.py",),
    "yaml": ("routing/reading/",),
    "z3": ("routing/proof/", "routing/proof.py"),
}
BANNED_CALLS = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "hash", "id", "input", "open", "print"}
)
CLOCK_READS = frozenset({"now", "today", "utcnow"})
SET_NAMES = frozenset({"AbstractSet", "Set", "frozenset", "set"})
SET_METHODS = frozenset({"difference", "intersection", "symmetric_difference", "union"})
ORDERLESS = frozenset({"all", "any", "frozenset", "len", "set", "sorted", "sum"})
ORDERED = frozenset({"dict", "enumerate", "filter", "iter", "list", "map", "next", "tuple", "zip"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that the decision may not do."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def faults_in(path: str, source: str, set_fields: frozenset[str] = frozenset()) -> list[Fault]:
    """List what the source of one module does that a pure decision may not.

    Args:
        path: The module's path in the checkout, with forward slashes.
        source: Its text.
        set_fields: Names of fields that hold sets, from `set_fields_of` all modules.
    """
    tree = ast.parse(source)
    found = [
        *_imports(path, tree),
        *_calls(tree),
        *_walks(tree, set_fields),
    ]
    return [Fault(f"{path}:{line}", what) for line, what in sorted(found)]


def set_fields_of(sources: Iterable[str]) -> frozenset[str]:
    """Name the fields that every class declaring them declares as a set."""
    sets: set[str] = set()
    others: set[str] = set()
    for source in sources:
        for kind in ast.walk(ast.parse(source)):
            if isinstance(kind, ast.ClassDef):
                for field in kind.body:
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                        chosen = sets if _is_set_type(field.annotation) else others
                        chosen.add(field.target.id)
    return frozenset(sets - others)


def _imports(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    in_proof = any(path.startswith(home) for home in ALLOWED_IN["z3"])
    for node in ast.walk(tree):
        for name in imported(node):
            top = name.partition(".")[0]
            homes = ALLOWED_IN.get(top)
            line = getattr(node, "lineno", 0)
            if homes is not None and not path.startswith(homes):
                yield line, f"imports {top}, which only {' and '.join(homes)} may"
            elif homes is None and top not in ALLOWED:
                yield line, f"imports {name}, which is not on the list for routing/"
            elif PurePosixPath(*name.split(".")).is_relative_to("routing/proof") and not in_proof:
                yield line, "imports routing.proof; the decision stands without its proofs"
            elif top == "routing" and not _may_know(path, name):
                yield line, f"imports {name}; facts are values and know nothing of the decision"


def _may_know(path: str, name: str) -> bool:
    return not path.startswith("routing/facts/") or f"{name}.".startswith("routing.facts.")


def imported(node: ast.AST) -> list[str]:
    """Return the full names that a statement imports; none for any other node."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or "."
        return [f"{module}.{alias.name}" for alias in node.names]
    return []


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield node.lineno, f"calls {node.func.id}()"
        elif isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_READS:
            yield node.lineno, f"reads the clock with {node.func.attr}(); time comes in as `at`"


def _walks(tree: ast.Module, set_fields: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Report every place where the order of a set, which differs between runs, could show."""
    orderless = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and _called(node) in ORDERLESS
    } | {id(part) for node in ast.walk(tree) if isinstance(node, ast.Set) for part in node.elts}
    for scope, names in _scopes(tree):
        for node in _within(scope):
            for walked in _walked(node, orderless):
                if _is_set(walked, names, set_fields):
                    yield walked.lineno, "goes through a set in its own order; sort it first"


def _walked(node: ast.AST, orderless: set[int]) -> list[ast.expr]:
    """Return what this node goes through in an order that can be seen afterwards."""
    match node:
        case ast.For(iter=walked):
            return [walked]
        case ast.Starred(value=walked) if id(node) not in orderless:
            return [walked]
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() if id(node) not in orderless:
            return [part.iter for part in node.generators]
        case ast.Call(args=[*args]) if _called(node) in ORDERED:
            return args
        case ast.Call(func=ast.Attribute(attr="join" | "extend"), args=[walked]):
            return [walked]
    return []


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _scopes(tree: ast.Module) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Yield the module and each function, with the names that hold sets there."""
    outer = _bound_sets(tree)
    yield tree, outer
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (outer - _bound(node)) | _bound_sets(node)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """Walk a scope without entering the functions inside it, which are scopes themselves."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _within(child)


def _bound(scope: ast.AST) -> frozenset[str]:
    stored = (node for node in _within(scope) if isinstance(node, ast.Name))
    names = {node.id for node in stored if isinstance(node.ctx, ast.Store)}
    return frozenset(names | {node.arg for node in _within(scope) if isinstance(node, ast.arg)})


def _bound_sets(scope: ast.AST) -> frozenset[str]:
    names: set[str] = set()
    for node in _within(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_set(value):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind) if _is_set_type(kind):
                names.add(name)
            case ast.arg(arg=name, annotation=ast.expr() as kind) if _is_set_type(kind):
                names.add(name)
    return frozenset(names)


def _is_set(
    node: ast.expr, names: frozenset[str] = frozenset(), fields: frozenset[str] = frozenset()
) -> bool:
    match node:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in SET_METHODS:
            return _is_set(owner, names, fields) or isinstance(owner, ast.Name)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            return _is_set(left, names, fields) or _is_set(node.right, names, fields)
    return (isinstance(node, ast.Name) and node.id in names) or (
        isinstance(node, ast.Attribute) and node.attr in fields
    )


def _is_set_type(annotation: ast.expr) -> bool:
    kind = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(kind, ast.Name) and kind.id in SET_NAMES
