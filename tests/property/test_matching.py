"""Account matching whatever is written, and in whatever order accounts become known."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.world.matching import AccountIndex, Domains, name_key
from daemon.world.matching.addresses import email_host
from routing.facts import AccountSeen
from routing.rulebook.model import Matching

DOMAINS = Domains()
sites = st.sampled_from(["acme.com", "eu.acme.com", "beta.de", "gmail.com", ""])
accounts = st.builds(
    AccountSeen,
    id=st.sampled_from("abcdefg"),
    name=st.sampled_from(["Acme", "ACME Inc.", "Beta GmbH", "Inc"]),
    version=st.just("1"),
    domain=sites,
    domains=st.lists(sites, max_size=2).map(tuple),
    named=st.none() | st.booleans(),
    employees=st.none() | st.integers(0, 3),
    deleted=st.sampled_from([False, False, False, True]),
)
leads = st.fixed_dictionaries(
    {
        "link": st.none() | st.sampled_from("abz"),
        "email": sites.map(lambda site: f"kim@{site}"),
        "company": st.sampled_from(["acme", "Beta", "GmbH"]),
    }
)


@settings(max_examples=200, deadline=None)
@given(seen=st.lists(accounts, max_size=12), lead=leads, data=st.data())
def test_only_what_is_known_of_each_account_last_counts(seen, lead, data):
    last = {account.id: account for account in seen}
    order = data.draw(st.permutations(sorted(last)))
    grown = AccountIndex(DOMAINS, seen)
    fresh = AccountIndex(DOMAINS, [last[id_] for id_ in order])

    assert grown.match(Matching(), **lead) == fresh.match(Matching(), **lead)


@settings(max_examples=300, deadline=None)
@example(text="0@0\u3002")
@example(text="kim@acme.com\u3002")
@given(text=st.text(max_size=60) | st.text(alphabet="a@.-[]<>\"' ,\u0661\u3002\xdf", max_size=20))
def test_any_text_has_a_clean_host_or_none_and_cleaning_it_again_changes_nothing(text):
    host = email_host(text)

    assert host is None or email_host(f"kim@{host}") == host


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_punctuation_around_a_name_changes_nothing(text):
    assert name_key(f" ({text})! ") == name_key(text)
