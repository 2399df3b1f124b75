"""The SELECT list made into a function from a row to the record that is served."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.simulator.salesforce.derived import address
from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Field, Row, SObject
from connectors.simulator.salesforce.soql.functions import scalar
from connectors.simulator.salesforce.soql.scope import Scope, kind_of
from connectors.simulator.salesforce.soql.syntax import Call, Path, Query, TypeOf

Record = dict[str, Any]
Project = Callable[[Row], Record]
ChildReader = Callable[[Query, SObject], Callable[[Row], Any]]

_MAX_FIELDS_ROWS: Final = 200


@dataclass(slots=True)
class _Node:
    """The fields wanted of one object on the way through relationships."""

    sobject: SObject
    made: dict[str, Callable[[Row], Any]] = field(default_factory=dict)  #: in SELECT's order
    parents: dict[str, "_Node"] = field(default_factory=dict)


class Projection:
    """Builds records for one SELECT list."""

    def __init__(self, scope: Scope, *, version: str, children: ChildReader) -> None:
        self._scope = scope
        self._children = children
        self._base = f"/services/data/v{version}/sobjects/"

    def of(self, query: Query) -> Project:
        """The function that makes a record of a row."""
        root = _Node(self._scope.sobject)
        for one in query.select:
            self._add(root, one, query)
        return lambda row: self._record(root, row)

    def _add(self, root: _Node, one: Path | Call | TypeOf | Query, query: Query) -> None:
        if isinstance(one, Query):
            root.made[one.sobject] = self._children(one, self._scope.sobject)
        elif isinstance(one, TypeOf):
            self._add_type_of(root, one)
        elif isinstance(one, Path):
            self._add_path(root, one)
        elif one.function == "FIELDS":
            self._add_all(root, one, query)
        else:
            bound = scalar(self._scope, one)
            name = one.alias or (one.argument.names[-1] if one.argument else one.function)
            root.made[bound.field.name if one.alias is None else name] = bound.get

    def _add_path(self, root: _Node, path: Path) -> None:
        node = root
        *parents, name = self._scope.names(path)
        self._scope.bind(path)
        for parent in parents:
            reference = self._scope.relationship(node.sobject, parent, path)
            served = reference.relationship or parent
            if served not in node.parents:
                node.parents[served] = inner = _Node(self._scope.target(reference))
                node.made[served] = self._parent(reference.name, inner)
            node = node.parents[served]
        found = self._scope.field(node.sobject, name, path)
        if found.name in node.made:
            raise Refused("INVALID_FIELD", f"duplicate field selected: {found.name}")
        node.made[found.name] = self._value(node.sobject, found)

    def _add_all(self, root: _Node, call: Call, query: Query) -> None:
        which = call.argument.names[0].upper() if call.argument else ""
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise Refused("MALFORMED_QUERY", f"FIELDS function does not support '{which}'.")
        if which != "STANDARD" and not 0 < (query.limit or 0) <= _MAX_FIELDS_ROWS:
            message = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise Refused("MALFORMED_QUERY", message)
        for one in self._scope.world.access.fields(root.sobject):
            if which == "ALL" or one.custom is (which == "CUSTOM"):
                self._add_path(root, Path((one.name,), call.at))

    def _add_type_of(self, root: _Node, one: TypeOf) -> None:
        reference = self._scope.relationship(root.sobject, one.reference.names[-1], one.reference)
        branches: dict[str | None, _Node] = {}
        for branch in one.branches:
            schema = self._scope.world.store.schema
            sobject = schema.find(branch.sobject) if branch.sobject else None
            target = sobject or self._scope.target(reference)
            node = branches[sobject.name if sobject else None] = _Node(target)
            for path in branch.fields:
                found = self._scope.field(target, path.names[-1], path)
                node.made[found.name] = self._value(target, found)

        def made(row: Row) -> Any:
            parent = self._scope.world.store.get(row.get(reference.name))
            if parent is None:
                return None
            actual = self._scope.world.store.schema.of_id(str(parent["Id"]))
            node = branches.get(actual.name if actual else None) or branches.get(None)
            return self._record(node, parent, generic=False) if node else self._bare(parent)

        root.made[reference.relationship or one.reference.names[-1]] = made

    def _parent(self, reference: str, inner: _Node) -> Callable[[Row], Any]:
        def made(row: Row) -> Any:
            parent = self._scope.world.store.get(row.get(reference))
            return None if parent is None else self._record(inner, parent)

        return made

    def _value(self, sobject: SObject, field: Field) -> Callable[[Row], Any]:
        if field.type == "address":
            return address
        if sobject.name == "Name" and field.name == "Type":
            return lambda row: kind_of(self._scope.world.store, row)
        name = field.name
        return lambda row: row.get(name)

    def _record(self, node: _Node, row: Row, *, generic: bool = True) -> Record:
        record = self._bare(row)
        if generic and node.sobject.name == "Name":
            record["attributes"]["type"] = "Name"
        for served, make in node.made.items():
            record[served] = make(row)
        return record

    def _bare(self, row: Row) -> Record:
        actual = self._scope.world.store.schema.of_id(str(row["Id"]))
        name = actual.name if actual else self._scope.sobject.name
        return {"attributes": {"type": name, "url": f"{self._base}{name}/{row['Id']}"}}
