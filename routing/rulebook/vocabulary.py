"""The facts a condition may name: the book's own fields, and those that every lead has.

Facts carry a prefix where they are not the lead's: `account.` and `campaign.`; `cause` is why the
lead is routed now.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from routing.facts import Cause
from routing.rulebook.model import Field, FieldType

_FIELDS = (
    Field("stage", FieldType.TEXT),
    Field("email", FieldType.EMAIL),
    Field("company", FieldType.TEXT),
    Field("test", FieldType.BOOLEAN),
    Field("cause", FieldType.CHOICE, tuple(cause.value for cause in Cause)),
    Field("account.id", FieldType.TEXT),
    Field("account.name", FieldType.TEXT),
    Field("account.owner", FieldType.TEXT),
    Field("account.domain", FieldType.TEXT),
    Field("account.parent", FieldType.TEXT),
    Field("account.named", FieldType.BOOLEAN),
    Field("account.employees", FieldType.INTEGER),
    Field("account.open_opportunity", FieldType.BOOLEAN),
    Field("account.created_at", FieldType.DATE),
    Field("account.team", FieldType.SET, open=True),
)

#: facts that need no declaration
BUILT_IN: Mapping[str, Field] = MappingProxyType({field.name: field for field in _FIELDS})

#: keys of a lead that need no declaration and are no facts for rules
LEAD_KEYS = ("id", "stage", "owner", "email", "company", "account", "person", "received_at", "test")

ACCOUNT = "account."
CAMPAIGN = "campaign."
PREFIXES = (ACCOUNT, CAMPAIGN)

#: types that a declaration may give a built-in fact
REDECLARABLE: Mapping[str, tuple[FieldType, ...]] = MappingProxyType(
    {
        "stage": (FieldType.TEXT, FieldType.CHOICE),
        "company": (FieldType.TEXT, FieldType.CHOICE),
        "cause": (),
    }
)

#: words a field cannot have for a name
RESERVED = frozenset({"id", "owner", "account", "person", "received_at", "all", "any", "not"})


class Vocabulary:
    """Looks up what type a fact has.

    Examples:
        >>> words = Vocabulary({"score": Field("score", FieldType.INTEGER)})
        >>> words.field("score").type, words.field("account.named").type, words.field("scroe")
        (<FieldType.INTEGER: 'integer'>, <FieldType.BOOLEAN: 'boolean'>, None)
    """

    def __init__(
        self, fields: Mapping[str, Field], *, broken: Collection[str] = frozenset()
    ) -> None:
        self._fields = fields
        self.broken = broken  #: declared, but not readable: no second mistake for using them

    def field(self, name: str) -> Field | None:
        """The fact of that name; a declaration wins over what is built in."""
        return self._fields.get(name) or BUILT_IN.get(name)

    def names(self) -> Iterator[str]:
        """All known names, the book's own first, those whose declaration is broken included."""
        yield from self._fields
        yield from sorted(self.broken)
        yield from (name for name in BUILT_IN if name not in self._fields)

    def lead_fields(self) -> Iterator[Field]:
        """The facts that belong to the lead itself, for what is read from the lead alone."""
        for name in self.names():
            found = self.field(name)
            if found is not None and not name.startswith(PREFIXES) and name != "cause":
                yield found
