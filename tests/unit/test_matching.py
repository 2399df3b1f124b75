"""Which account a lead belongs to, and the evidence for it."""

from datetime import UTC, datetime

import pytest

from daemon.world.matching import AccountIndex, Domains, Match, name_key
from daemon.world.matching.addresses import email_host, site_host
from routing.facts import AccountSeen, Evidence
from routing.rulebook.model import Matching

DOMAINS = Domains()
BOOK = Matching()


def account(id_: str, **known) -> AccountSeen:
    return AccountSeen(**{"name": "", "version": "1", **known, "id": id_})


def found(*accounts: AccountSeen, matching: Matching = BOOK, **lead) -> Match | None:
    return AccountIndex(DOMAINS, accounts).match(matching, **lead)


def chosen(*accounts: AccountSeen, matching: Matching = BOOK, **lead) -> str | None:
    match = AccountIndex(DOMAINS, accounts).match(matching, **lead)
    return None if match is None else match.account


def test_the_crm_link_wins_over_the_domain():
    linked = account("linked", name="Other")
    same_domain = account("same", domain="acme.com")

    assert found(linked, same_domain, link="linked", email="kim@acme.com") == Match(
        "linked", Evidence("crm_link", "linked")
    )


def test_a_link_to_an_account_nobody_knows_leaves_it_to_the_domain():
    assert found(account("a", domain="acme.com"), link="gone", email="kim@acme.com") == Match(
        "a", Evidence("domain", "acme.com")
    )


@pytest.mark.parametrize(
    ("site", "email"),
    [
        pytest.param("acme.com", "kim@eu.acme.com", id="a subdomain writes"),
        pytest.param("eu.acme.com", "kim@acme.com", id="the account is a subdomain"),
        pytest.param("https://www.ACME.com/about?x=1", "kim@acme.com", id="a web address"),
        pytest.param("bücher.de", "kim@xn--bcher-kva.de", id="the lead's host is in punycode"),
        pytest.param("xn--bcher-kva.de", "kim@Bücher.DE", id="the account's host is in punycode"),
        pytest.param("acme.co.uk", "kim@mail.acme.co.uk", id="a suffix of two labels"),
        pytest.param("acme.test", "kim@eu.acme.test", id="a suffix nobody lists"),
    ],
)
def test_domains_match_by_what_was_registered(site, email):
    assert found(account("a", domain=site), email=email) is not None


@pytest.mark.parametrize(
    ("site", "email"),
    [
        pytest.param("gmail.com", "kim@gmail.com", id="free mail"),
        pytest.param("yahoo.co.uk", "kim@yahoo.co.uk", id="free mail of one country"),
        pytest.param("web.de", "kim@WEB.de", id="free mail in capitals"),
        pytest.param("acme.co.uk", "kim@other.co.uk", id="only the suffix is shared"),
        pytest.param("one.github.io", "kim@two.github.io", id="two tenants of one host"),
        pytest.param("acme.com", "kim@notacme.com", id="an ending is no domain"),
        pytest.param("10.0.0.1", "kim@10.0.0.1", id="an address of a machine"),
        pytest.param("", "kim@", id="nothing"),
    ],
)
def test_domains_that_say_nothing_or_something_else_match_nothing(site, email):
    assert found(account("a", domain=site), email=email) is None


def test_further_domains_of_an_account_match_too():
    assert found(account("a", domain="acme.com", domains=("acme.io",)), email="k@acme.io") == Match(
        "a", Evidence("domain", "acme.io")
    )


@pytest.mark.parametrize(
    ("held", "written"),
    [
        pytest.param("Acme Inc", "ACME, Inc.", id="case and punctuation"),
        pytest.param("Acme", "Acme GmbH & Co. KG", id="a chain of legal forms"),
        pytest.param("Acme S.A.", "Acme sa", id="dots"),
        pytest.param("Acme Sp. z o.o.", "Acme", id="a form of several words"),
        pytest.param("株式会社トヨタ", "トヨタ", id="a form glued to the name"),
        pytest.param("ООО Ромашка", "Ромашка", id="a form in front"),
        pytest.param("Smith & Sons Ltd", "Smith and Sons", id="the ampersand"),
        pytest.param("Ａｃｍｅ", "Acme", id="full-width letters"),
        pytest.param("Caf\u00e9", "Cafe\u0301", id="composed or not"),
        pytest.param("Ac\u200bme\u202e", "Acme", id="invisible characters"),
    ],
)
def test_names_match_whatever_their_legal_form_and_punctuation(held, written):
    match = found(account("a", name=held), company=written)

    assert match is not None
    assert match.evidence.by == "name"


@pytest.mark.parametrize(
    ("held", "written"),
    [
        pytest.param("GmbH", "GmbH", id="nothing but a legal form"),
        pytest.param("", "", id="empty"),
        pytest.param("...", "!!!", id="only punctuation"),
        pytest.param("SAS Institute", "Institute", id="a form in front is part of the name"),
        pytest.param("Acme", "Acme Holding", id="another company of the group"),
        pytest.param("राम", "रम", id="a vowel sign makes another name"),
        pytest.param("x" * 2000, "x" * 2000, id="no company name"),
    ],
)
def test_names_that_differ_or_are_empty_match_nothing(held, written):
    assert found(account("a", name=held), company=written) is None


def test_the_order_of_evidence_is_the_books():
    by_name = account("n", name="Acme")
    by_domain = account("d", domain="acme.com")
    names_first = Matching(match_by=("name", "domain"))
    domains_only = Matching(match_by=("domain",))
    both = [by_name, by_domain]

    assert chosen(*both, email="kim@acme.com", company="Acme") == "d"
    assert chosen(*both, matching=names_first, email="kim@acme.com", company="Acme") == "n"
    assert chosen(by_name, matching=domains_only, email="kim@acme.com", company="Acme") is None


JANUARY, MAY = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        pytest.param({"employees": 9}, {"named": True}, "named", id="named before larger"),
        pytest.param({"employees": 9}, {"open_opportunity": True}, "open_opportunity", id="opp"),
        pytest.param({"created_at": MAY}, {"employees": 0}, "largest", id="known before unknown"),
        pytest.param({"created_at": JANUARY}, {"created_at": MAY}, "newest", id="newest"),
    ],
)
def test_a_tie_is_broken_in_the_books_order_and_the_evidence_says_by_what(one, other, decided):
    match = found(
        account("a", name="Acme", **one), account("b", name="Acme", **other), company="acme"
    )

    assert match == Match("b", Evidence("name", "acme", candidates=2, tie_break=decided))


def test_what_nothing_tells_apart_goes_to_the_smallest_id_whatever_the_order():
    twins = [account(id_, domain="acme.com") for id_ in ("c", "a", "b")]
    expected = Match("a", Evidence("domain", "acme.com", candidates=3, tie_break="id"))

    assert found(*twins, email="k@acme.com") == expected
    assert found(*reversed(twins), email="k@acme.com") == expected


def test_another_order_of_criteria_is_not_answered_from_memory():
    index = AccountIndex(
        DOMAINS,
        [account("old", name="Acme", employees=9), account("new", name="Acme", created_at=MAY)],
    )
    largest, newest = Matching(tie_break=("largest",)), Matching(tie_break=("newest",))
    matches = [index.match(order, company="acme") for order in (largest, newest, largest)]

    assert [match.account for match in matches if match is not None] == ["old", "new", "old"]


def test_an_account_seen_again_is_found_by_what_it_says_now():
    index = AccountIndex(DOMAINS, [account("a", domain="acme.com"), account("b", name="Beta")])
    index.put(account("a", domain="acme.io", name="Beta"))

    assert index.match(BOOK, email="k@acme.com") is None
    assert index.match(BOOK, company="beta") == Match("a", Evidence("name", "beta", 2, "id"))


@pytest.mark.parametrize("gone", [{"deleted": True}, {"merged_into": "b"}])
def test_a_deleted_or_merged_account_is_not_found_any_more(gone):
    index = AccountIndex(DOMAINS, [account("a", name="Acme"), account("b", name="Acme")])
    index.put(account("a", name="Acme", **gone))

    assert index.match(BOOK, company="Acme") == Match("b", Evidence("name", "acme"))
    assert "a" not in index
    assert len(index) == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "@",
        "kim",
        "kim@",
        "@acme.com",
        "kim@acme..com",
        "kim@.com",
        "kim@-acme.com",
        "a@b@acme.com",
        "a@x.com, b@acme.com",
        "Kim <kim@acme.com>",
        "kim@[10.0.0.1]",
        "kim@10.0.0.1",
        "kim@acme.com\0",
        "kim\0@ac me.com",
        "kim@" + "a" * 64 + ".com",
        "kim@" + "a." * 130 + "com",
        "x" * 100_000 + "@acme.com",
        "=cmd|' /C calc'!A0",
        "kim@☃.net",
        "kim@xn--zzzz.com",
        "\u202ekim@\u202emoc.emca",
    ],
)
def test_what_is_no_single_address_has_no_host(hostile):
    assert email_host(hostile) is None
    assert DOMAINS.address(hostile).domain is None


@pytest.mark.parametrize(
    ("email", "host"),
    [
        ("kim@acme.com", "acme.com"),
        (" Kim.Doe+news@EU.ACME.com. ", "eu.acme.com"),
        ('"a@b, c"@acme.com', "acme.com"),
        ("kim@straße.de", "straße.de"),
        ("kim@BU\u0308CHER.de", "bücher.de"),
        ("kim@mail_1.acme.com", "mail_1.acme.com"),
        ("kim@localhost", "localhost"),
    ],
)
def test_a_host_is_written_in_lower_case_and_unicode(email, host):
    assert email_host(email) == host


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("acme.com", "acme.com"),
        ("HTTP://acme.com:8080/a/b", "acme.com"),
        ("//acme.com", "acme.com"),
        ("https://kim:secret@acme.com", "acme.com"),
        ("acme.com?utm=1", "acme.com"),
        ("n/a", "n"),
        ("-", None),
        ("acme com", None),
        ("", None),
    ],
)
def test_a_site_is_cut_down_to_its_host(site, host):
    assert site_host(site) == host


def test_a_host_that_is_itself_a_private_suffix_belongs_to_its_owner():
    assert DOMAINS.registrable("github.io") == "github.io"
    assert DOMAINS.registrable("com") is None


def test_other_free_mail_domains_can_be_named():
    domains = Domains(["acme.*", "beta.com"])

    assert domains.address("k@acme.fr").domain is None
    assert domains.address("k@beta.com").domain is None
    assert domains.address("k@gmail.com").domain == "gmail.com"


def test_a_name_key_of_a_key_is_itself():
    key = name_key("Müller & Söhne GmbH & Co. KG")

    assert name_key(key) == key
