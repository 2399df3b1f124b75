"""One login for however many need one, and none where none helps."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from connectors.errors import NeedsOperator, TryLater
from connectors.tokens import Token, TokenKeeper
from tests.fakes.clock import SettableClock


class Logins:
    """A login that counts, and fails as told."""

    def __init__(self):
        self.count = 0
        self.error = None

    def __call__(self):
        self.count += 1
        if self.error is not None:
            raise self.error
        return Token(f"token-{self.count}", "https://acme.my.salesforce.com")


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def logins():
    return Logins()


@pytest.fixture
def keeper(logins, clock):
    return TokenKeeper(logins, crm="Salesforce", monotonic=clock.monotonic)


def test_sixteen_threads_with_one_dead_token_log_in_once(keeper, logins):
    dead = keeper.current()
    start = Barrier(16)

    def renew(_):
        start.wait()
        return keeper.renew(dead)

    with ThreadPoolExecutor(16) as threads:
        renewed = set(threads.map(renew, range(16)))

    assert len(renewed) == 1
    assert logins.count == 2


def test_a_token_is_kept_until_somebody_complains(keeper, logins, clock):
    keeper.current()
    clock.advance(100_000)
    keeper.current()

    assert logins.count == 1


def test_the_length_of_a_life_is_learnt_and_four_fifths_of_it_used(keeper, logins, clock):
    first = keeper.current()
    clock.advance(1_000)
    keeper.renew(first)
    clock.advance(799)
    keeper.current()
    assert logins.count == 2
    clock.advance(2)
    keeper.current()

    assert logins.count == 3


def test_a_token_that_was_revoked_young_teaches_nothing(keeper, logins, clock):
    first = keeper.current()
    clock.advance(20)
    keeper.renew(first)
    clock.advance(3_600)
    keeper.current()

    assert logins.count == 2


def test_a_refused_login_is_not_repeated_for_minutes(keeper, logins, clock):
    logins.error = NeedsOperator("Salesforce", "the login was refused.", "Renew the secret.")
    for _ in range(5):
        with pytest.raises(NeedsOperator, match="Renew the secret"):
            keeper.current()
    assert logins.count == 1
    clock.advance(301)
    logins.error = None

    assert keeper.current().value == "token-2"


def test_a_login_that_got_no_answer_is_tried_again_after_seconds(keeper, logins, clock):
    logins.error = TryLater("Salesforce", "away", 10.0)
    for _ in range(3):
        with pytest.raises(TryLater):
            keeper.current()
    logins.error = None
    clock.advance(6)

    assert keeper.current().value == "token-2"


def test_a_token_never_shows_its_value():
    assert "secret-value" not in repr(Token("secret-value", "https://acme.my.salesforce.com"))
