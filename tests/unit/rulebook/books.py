"""Rulebooks for tests: a small right one, and it again with parts replaced."""

from routing.rulebook.book import read_book

FIELDS = """\
  country: {type: choice, values: [US, CA, DE, "NO"]}
  industry: {type: choice, values: [software], open: true}
  score: {type: integer, min: 0, max: 100}
  revenue: {type: money}
  asked: {type: date}
  note: {type: text}
  vip: {type: boolean}
  products: {type: set, values: [api, chat]}
  email: {type: email}
  account.tier: {type: choice, values: [gold]}
"""
RULES = "  - {name: all, pool: us}\n"


def book_text(*, fields=FIELDS, rules=RULES, fallback="{queue: triage}", more=""):
    return (
        f"rulebook: inbound\nfields:\n{fields}pools:\n  us: {{team: us}}\n"
        f"rules:\n{rules}fallback: {fallback}\n{more}"
    )


def read(**parts):
    return read_book(book_text(**parts), name="b.yaml")


def book_of(text):
    """The book of a whole text, which must be right."""
    found = read_book(text, name="b.yaml")
    assert found.mistakes == ()
    return found.book


def book(**parts):
    return book_of(book_text(**parts))


def condition(when):
    """The condition of a rule that says `when: {...}`."""
    rules = f"  - {{name: r, pool: us, when: {{{when}}}}}\n"
    return book(rules=rules).routes[0].rules[0].when


def complaints(**parts):
    """The messages of a book, without their places."""
    return [mistake.message for mistake in read(**parts).mistakes]
