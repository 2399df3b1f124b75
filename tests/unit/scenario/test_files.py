"""The files that a single decision is asked with."""

import pytest

from routing.rulebook.book import read_book
from routing.scenario import read_accounts, read_lead

BOOK = read_book(
    "{rulebook: b, rules: [{name: r, to: {queue: t}}], fallback: {queue: t},"
    " fields: {country: {type: text}, account.arr: {type: integer},"
    " account.tags: {type: set, open: true}}}",
    name="b.yaml",
).book


def test_a_lead_may_stand_alone_or_under_its_key():
    alone = read_lead("{id: L1, country: US}", name="lead.yaml", book=BOOK).lead
    under = read_lead('{"lead": {"id": "L1", "country": "US"}}', name="lead.json", book=BOOK).lead

    assert alone is not None
    assert under is not None
    assert (alone.id, alone.given) == (under.id, under.given) == ("L1", {"country": "US"})


@pytest.mark.parametrize(
    "value",
    [
        "\"=cmd|' /C calc'!A0\"",
        '"\\u0000"',
        '"\\u202emoc.emca"',
        f'"{"x" * 100_000}"',
        "null",
        "17",
        "[1, [2]]",
    ],
)
def test_hostile_and_odd_values_are_no_mistakes_of_the_file(value):
    assert read_lead(f'{{"id": "L1", "country": {value}}}', name="l.json", book=BOOK).mistakes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("[]", "must be a mapping"),
        ("{country: US}", 'has no "id"'),
        ("{id: L1, contry: US}", 'l.yaml:1:10: "contry" is not a key'),
        ("{id: L1, account: amce}", 'Did you mean "acme"?'),
        ("{id: L1, country: NO}", 'Quote it: "NO"'),
    ],
)
def test_a_wrong_lead_is_told_with_its_place(text, said):
    found = read_lead(text, name="l.yaml", book=BOOK, accounts=["acme"]).mistakes

    assert len(found) == 1
    assert said in str(found[0])


def test_accounts_are_a_list_or_under_their_key_or_a_table_and_mean_the_same():
    lone = "[{id: a, name: Acme, domains: [a.io, b.io], named: true, arr: 5, tags: [x, y]}]"
    table = "id,name,domains,named,arr,tags\na,Acme,a.io;b.io,true,5,x;y\n"
    texts = {"a.yaml": lone, "b.yaml": f"accounts: {lone}", "c.csv": table}
    found = [read_accounts(text, name=name, book=BOOK) for name, text in texts.items()]

    assert [each.mistakes for each in found] == [(), (), ()]
    assert len({repr(each.accounts) for each in found}) == 1


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "a.yaml", "empty"),
        ("{}", "a.yaml", 'has no "accounts"'),
        ("accounts: 5", "a.yaml", "must be a list"),
        ("[5]", "a.yaml", "must be a mapping"),
        ("id,nmae\na,b", "a.csv", 'Did you mean "name"?'),
        ("id,employees\na,many", "a.csv", "a.csv:2:2:"),
        ("[{id: a, owner: zoe}]", "a.yaml", "not on the roster"),
    ],
)
def test_a_wrong_accounts_file_is_told_with_its_place(text, name, said):
    found = read_accounts(text, name=name, book=BOOK, people=["ada"])

    assert found.accounts is None
    assert len(found.mistakes) == 1
    assert said in str(found.mistakes[0])


def test_without_a_book_any_key_will_do():
    lead = read_lead("{id: L1, whatever: 1}", name="l.yaml", book=None)
    accounts = read_accounts("[{id: a, whatever: 1, owner: zoe}]", name="a.yaml", book=None)

    assert lead.mistakes == accounts.mistakes == ()
