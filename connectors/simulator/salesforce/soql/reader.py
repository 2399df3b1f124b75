"""Walks over the tokens of a query; every grammar part is built on these few steps."""

from typing import Final

from connectors.simulator.salesforce.soql.syntax import Call, Path
from connectors.simulator.salesforce.soql.tokens import Token, malformed, tokens

MAX_LENGTH: Final = 100_000


class TokenReader:
    """A place in the token list, and the steps one can take from it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0

    @property
    def here(self) -> Token:
        """The token to be read next."""
        return self._tokens[self._next]

    @property
    def following(self) -> Token:
        """The token after that."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Step over a token and return it."""
        token = self.here
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def taken(self, word: str) -> bool:
        """Step over the word if it comes next."""
        if self.here.kind in ("name", "op") and self.here.word == word:
            self.advance()
            return True
        return False

    def expect(self, word: str) -> None:
        """Step over the word, which must come next."""
        if not self.taken(word):
            raise malformed(self.text, self.here)

    def expect_end(self) -> None:
        """Nothing may be left."""
        if self.here.kind != "end":
            raise malformed(self.text, self.here)

    def name(self) -> str:
        """A single name."""
        if self.here.kind != "name":
            raise malformed(self.text, self.here)
        return self.advance().text

    def path(self) -> Path:
        """A field, possibly through relationships."""
        at = self.here.at
        return Path(tuple(self.name().split(".")), at)

    def operand(self) -> Path | Call:
        """A field, or a function of one."""
        path = self.path()
        if self.here.text != "(" or len(path.names) != 1:
            return path
        self.expect("(")
        argument = None if self.here.text == ")" else self.path()
        self.expect(")")
        return Call(path.names[0].upper(), argument, None, path.at)
