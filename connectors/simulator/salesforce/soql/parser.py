"""Reads a SOQL query, as strictly as the service does.

AND and OR do not mix without parentheses, strings take single quotes, bind variables
belong to Apex. FOR VIEW and the like are read and mean nothing here.
"""

from typing import Final

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.soql.conditions import ConditionReader
from connectors.simulator.salesforce.soql.reader import MAX_LENGTH
from connectors.simulator.salesforce.soql.syntax import (
    Call,
    Order,
    Path,
    Query,
    TypeBranch,
    TypeOf,
)
from connectors.simulator.salesforce.soql.tokens import malformed

_ENDS_SELECT: Final = {"FROM", ","}
_CLAUSES: Final = {
    "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "USING", "ALL", ")",
}  # fmt: skip


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        Refused: MALFORMED_QUERY, with the place; the query is too long.
    """
    if len(text) > MAX_LENGTH:
        raise Refused("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
    reader = _QueryReader(text)
    query = reader.query()
    reader.expect_end()
    return query


class _QueryReader(ConditionReader):
    """Reads clauses; conditions are read by the base class."""

    def query(self) -> Query:
        self.expect("SELECT")
        select = [self._selected()]
        while self.taken(","):
            select.append(self._selected())
        self.expect("FROM")
        at = self.here.at
        sobject = self.name()
        alias = self._alias()
        return self._clauses(tuple(select), sobject, at, alias)

    def subquery(self) -> Query:
        return self.query()

    def _clauses(
        self,
        select: tuple[Path | Call | TypeOf | Query, ...],
        sobject: str,
        at: int,
        alias: str | None,
    ) -> Query:
        where = self.condition() if self.taken("WHERE") else None
        group_by = self._group_by()
        having = self.condition() if group_by and self.taken("HAVING") else None
        order_by = self._order_by()
        limit = self._number() if self.taken("LIMIT") else None
        offset = self._number() if self.taken("OFFSET") else 0
        self._for_what()
        return Query(
            self.text, select, sobject, at, alias, where, group_by, having, order_by, limit, offset
        )

    def _selected(self) -> Path | Call | TypeOf | Query:
        if self.taken("("):
            inner = self.query()
            self.expect(")")
            return inner
        if self.here.word == "TYPEOF" and self.following.kind == "name":
            return self._type_of()
        operand = self.operand()
        if isinstance(operand, Path):
            return operand
        alias = None
        if self.here.kind == "name" and self.here.word not in _ENDS_SELECT:
            alias = self.name()
        return Call(operand.function, operand.argument, alias, operand.at)

    def _type_of(self) -> TypeOf:
        self.expect("TYPEOF")
        reference = self.path()
        branches = []
        while self.taken("WHEN"):
            sobject = self.name()
            self.expect("THEN")
            branches.append(TypeBranch(sobject, self._paths()))
        if self.taken("ELSE"):
            branches.append(TypeBranch(None, self._paths()))
        self.expect("END")
        return TypeOf(reference, tuple(branches))

    def _paths(self) -> tuple[Path, ...]:
        paths = [self.path()]
        while self.taken(","):
            paths.append(self.path())
        return tuple(paths)

    def _alias(self) -> str | None:
        self.taken("AS")
        if self.here.kind == "name" and self.here.word not in _CLAUSES:
            return self.name()
        if self.taken("USING"):
            self.expect("SCOPE")
            self.name()
        return None

    def _group_by(self) -> tuple[Path, ...]:
        if not self.taken("GROUP"):
            return ()
        self.expect("BY")
        return self._paths()

    def _order_by(self) -> tuple[Order, ...]:
        if not self.taken("ORDER"):
            return ()
        self.expect("BY")
        orders = [self._order()]
        while self.taken(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        operand = self.operand()
        descending = self.taken("DESC")
        if not descending:
            self.taken("ASC")
        nulls_last = False
        if self.taken("NULLS"):
            nulls_last = self.taken("LAST")
            if not nulls_last:
                self.expect("FIRST")
        return Order(operand, descending, nulls_last)

    def _number(self) -> int:
        token = self.here
        if token.kind != "number" or not token.text.isdigit():
            raise malformed(self.text, token)
        self.advance()
        return int(token.text)

    def _for_what(self) -> None:
        while self.taken("FOR"):
            if not (self.taken("VIEW") or self.taken("REFERENCE") or self.taken("UPDATE")):
                raise malformed(self.text, self.here)
        if self.here.word == "ALL":
            raise Refused("MALFORMED_QUERY", "ALL ROWS not allowed in this context")
