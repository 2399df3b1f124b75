"""Reads `when`: conditions over named facts, combined by all, any and not.

Checked here, so that nothing can fail later: fact names, operators against types, operands against
declared values and bounds, depth, and how many alternatives a condition unfolds into.
"""

from routing.reading import (
    ListNode,
    MapNode,
    Mistakes,
    Node,
    ScalarNode,
    described,
    did_you_mean,
    listed,
    shown,
)
from routing.rulebook.conditions import All, AnyOf, Condition, Not, Operator
from routing.rulebook.model import Field
from routing.rulebook.operands import OPERATORS, described_operators, read_test
from routing.rulebook.rows import MOST_ROWS, rows_of
from routing.rulebook.vocabulary import Vocabulary

DEEPEST = 8  #: levels of all, any and not inside one another
MOST_TESTS = 1_000  #: tests in one condition

_OPERATORS = {operator.value: operator for operator in Operator}


def read_when(node: Node, what: str, words: Vocabulary, mistakes: Mistakes) -> Condition | None:
    """A rule's condition, or None where there is a mistake in it.

    Args:
        node: What stands under `when`.
        what: The rule, as messages call it.
        words: The facts that may be named.
        mistakes: Takes what is wrong.
    """
    before = len(mistakes)
    condition = _When(what, words, mistakes).mapping(node, 1)
    if condition is None or len(mistakes) > before:
        return None
    if rows_of(condition) is None:
        said = f'"when" of {what} unfolds into more than {MOST_ROWS} alternatives'
        mistakes.add(node, f"{said}. Split the rule into several.")
        return None
    return condition


class _When:
    def __init__(self, what: str, words: Vocabulary, mistakes: Mistakes) -> None:
        self.what = what
        self.words = words
        self.mistakes = mistakes
        self.tests = 0

    def mapping(self, node: Node, depth: int) -> Condition | None:
        """A mapping of facts and combinations; several keys mean all."""
        if not isinstance(node, MapNode):
            self._refuse_shape(node)
            return None
        if depth > DEEPEST:
            said = f'"when" of {self.what} is nested more than {DEEPEST} levels deep'
            self.mistakes.add(node, f"{said}. Flatten it, or split the rule.")
            return None
        if not node.entries:
            advice = "Leave `when` out to match everything."
            self.mistakes.add(node, f"A condition of {self.what} is empty. {advice}")
            return None
        parts = [self._entry(key, value, depth) for key, value in node.entries]
        return _joined(parts)

    def _entry(self, key: ScalarNode, node: Node, depth: int) -> Condition | None:
        match key.text:
            case "all" | "any":
                return self._combination(key.text, node, depth)
            case "not":
                part = self.mapping(node, depth + 1)
                return None if part is None else Not(part)
            case _:
                field = self.words.field(key.text)
                if field is None and key.text not in self.words.broken:
                    self._refuse_fact(key)
                if field is None:
                    return None
                return self._fact(field, node)

    def _combination(self, word: str, node: Node, depth: int) -> Condition | None:
        if not isinstance(node, ListNode):
            said = f'"{word}" of {self.what} must be a list of conditions'
            self.mistakes.add(node, f"{said}, but is {described(node)}. Begin each with a dash.")
            return None
        if not node.parts:
            advice = "Write at least one condition."
            self.mistakes.add(node, f'"{word}" of {self.what} is an empty list. {advice}')
            return None
        parts = [self.mapping(part, depth + 1) for part in node.parts]
        kept = tuple(part for part in parts if part is not None)
        return All(kept) if word == "all" else AnyOf(kept)

    def _fact(self, field: Field, node: Node) -> Condition | None:
        if not isinstance(node, MapNode):
            self._refuse_bare(field, node)
            return None
        if not node.entries:
            advice = f"Write an operator: {described_operators(field.type)}."
            self.mistakes.add(node, f"{shown(field.name)} has no operator. {advice}")
        return _joined([self._test(field, key, value) for key, value in node.entries])

    def _test(self, field: Field, key: ScalarNode, node: Node) -> Condition | None:
        self.tests += 1
        if self.tests == MOST_TESTS + 1:
            said = f'"when" of {self.what} has more than {MOST_TESTS} tests'
            self.mistakes.add(key, f"{said}. Split the rule into several.")
        operator = _OPERATORS.get(key.text)
        allowed = OPERATORS[field.type]
        if operator in allowed:
            return read_test(field, operator, node, self.mistakes)
        known = "is not an operator" if operator is None else f"does not work on type {field.type}"
        hint = did_you_mean(key.text, allowed) if operator is None else ""
        hint = hint or f" {field.type.capitalize()} fields have: {described_operators(field.type)}."
        self.mistakes.add(key, f"{shown(key.text)} of {shown(field.name)} {known}.{hint}")
        return None

    def _refuse_fact(self, key: ScalarNode) -> None:
        names = tuple(self.words.names())
        hint = did_you_mean(key.text, names) or f" Known facts are: {listed(names)}."
        said = f"{shown(key.text)} in {self.what} is not a known fact."
        if key.text in _OPERATORS:
            hint = f" It is an operator: write {{FACT: {{{key.text}: ...}}}}."
        self.mistakes.add(key, f"{said}{hint}")

    def _refuse_bare(self, field: Field, node: Node) -> None:
        allowed = OPERATORS[field.type]
        word = next(
            (each for each in (Operator.IS, Operator.ANY_OF) if each in allowed), allowed[0]
        )
        if isinstance(node, ListNode) and Operator.IN in allowed:
            word = Operator.IN
        said = f"{shown(field.name)} in {self.what} needs an operator, but is {described(node)}"
        self.mistakes.add(node, f"{said}. Write {{{field.name}: {{{word}: ...}}}}.")

    def _refuse_shape(self, node: Node) -> None:
        said = f"A condition of {self.what} must be a mapping, but is {described(node)}"
        hint = " Put `all:` or `any:` before the list." if isinstance(node, ListNode) else ""
        self.mistakes.add(node, f"{said}.{hint}")


def _joined(parts: list[Condition | None]) -> Condition | None:
    kept = tuple(part for part in parts if part is not None)
    if len(kept) < len(parts) or not kept:
        return None
    return kept[0] if len(kept) == 1 else All(kept)
