"""Reads WHERE and HAVING: comparisons, lists, subqueries, AND, OR and NOT."""

from typing import Final

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.soql.periods import PERIODS
from connectors.simulator.salesforce.soql.reader import TokenReader
from connectors.simulator.salesforce.soql.syntax import (
    Both,
    Call,
    Comparison,
    Condition,
    Constant,
    Either,
    Negated,
    Path,
    Query,
    SemiJoin,
)
from connectors.simulator.salesforce.soql.tokens import Token, malformed, unquoted
from connectors.simulator.salesforce.stamps import read_date, read_datetime, wire

_OPERATORS: Final = {"=", "!=", "<>", "<", "<=", ">", ">="}
_LISTS: Final = {"IN", "INCLUDES", "EXCLUDES"}


class ConditionReader(TokenReader):
    """Reads conditions; a query reader provides `subquery`."""

    def subquery(self) -> Query:
        """Read a whole query in parentheses."""
        raise malformed(self.text, self.here)

    def condition(self) -> Condition:
        """A condition, whose AND and OR may not mix without parentheses."""
        parts = [self._term()]
        joined = self.here.word
        if joined not in ("AND", "OR"):
            return parts[0]
        while self.taken(joined):
            parts.append(self._term())
        if self.here.word in ("AND", "OR"):
            raise malformed(self.text, self.here)
        return Both(tuple(parts)) if joined == "AND" else Either(tuple(parts))

    def _term(self) -> Condition:
        if self.taken("NOT"):
            return Negated(self._term())
        if self.taken("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        at = self.here.at
        operand = self.operand()
        word = self.here.word
        if word in _OPERATORS:
            self.advance()
            op = "!=" if word == "<>" else word
            return Comparison(operand, op, (self._literal(),), at)
        if self.taken("LIKE"):
            return Comparison(operand, "LIKE", (self._literal(),), at)
        negated = self.taken("NOT")
        word = self.here.word
        if word not in _LISTS or (negated and word != "IN"):
            raise malformed(self.text, self.here)
        self.advance()
        return self._members(operand, "NOT IN" if negated else word, at)

    def _members(self, operand: Path | Call, op: str, at: int) -> Condition:
        self.expect("(")
        if self.here.word == "SELECT" and isinstance(operand, Path) and op in ("IN", "NOT IN"):
            query = self.subquery()
            self.expect(")")
            return SemiJoin(operand, op == "NOT IN", query, at)
        values = [self._literal()]
        while self.taken(","):
            values.append(self._literal())
        self.expect(")")
        return Comparison(operand, op, tuple(values), at)

    def _literal(self) -> Constant:
        token = self.here
        if token.text == ":":
            raise Refused("MALFORMED_QUERY", "Bind variables only allowed in Apex code")
        if token.kind == "name":
            return self._word()
        self.advance()
        if token.kind == "string":
            return Constant("string", unquoted(token.text))
        if token.kind == "number":
            whole = token.text.lstrip("+-").isdigit()
            return Constant("number", int(token.text) if whole else float(token.text))
        return self._time(token)

    def _time(self, token: Token) -> Constant:
        at = read_datetime(token.text) if token.kind == "datetime" else None
        if at is not None:
            return Constant("datetime", wire(at))
        day = read_date(token.text) if token.kind == "date" else None
        if day is not None:
            return Constant("date", day)
        raise malformed(self.text, token)

    def _word(self) -> Constant:
        token = self.advance()
        if token.word in ("TRUE", "FALSE"):
            return Constant("boolean", token.word == "TRUE")
        if token.word == "NULL":
            return Constant("null", None)
        if token.word not in PERIODS:
            raise malformed(self.text, token)
        n = None
        if token.word.startswith("N_") or "_N_" in token.word:
            self.expect(":")
            if not self.here.text.isdigit():
                raise malformed(self.text, self.here)
            n = int(self.advance().text)
        return Constant("period", token.word, n)
