"""What operators ask for, and what came of it."""

from models.governance.requests import Answer
from models.journal.entries import Actor, Channel
from tests.fakes.lead_path import open_test_ledger

MONA = Actor("mona", on_behalf_of="sales-ops", channel=Channel.CLI)


def test_any_process_asks_and_the_holder_does_in_order(path, ledger_url):
    command = open_test_ledger(ledger_url)
    command.requests.ask("pause", {"connection": "sf"}, actor=MONA, at=path.at)
    asked = command.requests.ask("away", {"rep": "ada"}, actor=MONA, at=path.at)
    claimed = path.ledger.requests.claim(limit=9, at=path.at, token=path.token)

    assert [(each.kind, dict(each.arguments)) for each in claimed] == [
        ("pause", {"connection": "sf"}),
        ("away", {"rep": "ada"}),
    ]
    assert (claimed[1].id, claimed[1].actor) == (asked, MONA)
    command.close()


def test_a_request_is_open_until_it_is_answered(path):
    requests = path.ledger.requests
    asked = requests.ask("pause", {}, actor=MONA, at=path.at)
    requests.claim(limit=9, at=path.at, token=path.token)
    again = requests.claim(limit=9, at=path.at, token=path.token)
    requests.finish(
        asked, Answer(done=False, said={"why": "unknown"}), at=path.at, token=path.token
    )

    assert [each.id for each in again] == [asked]
    assert requests.any_open() is False
    assert (requests.get(asked).state, requests.get(asked).answer) == (
        "refused",
        {"why": "unknown"},
    )
    assert requests.get("q-none") is None


def test_an_answer_is_stored_with_what_was_done_or_not_at_all(path):
    asked = path.ledger.requests.ask("pause", {}, actor=MONA, at=path.at)
    with path.ledger.decider.batch(token=path.token, at=path.at) as batch:
        batch.answered(asked, Answer(done=True))

    assert path.ledger.requests.get(asked).state == "done"
