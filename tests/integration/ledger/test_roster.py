"""Who can own, what is known of them, and since when."""

from datetime import timedelta

import pytest

from models.governance.connections import DeclaredConnection
from models.governance.rulebooks import Book
from models.journal.entries import Act, Actor
from models.staff.absences import Away
from models.staff.identities import Identity
from models.staff.roster import Dated, RosterEntry
from models.store.errors import LedgerUnavailable
from tests.fakes.lead_path import user_of

MONA = Actor("mona")


def act(path):
    return Act(path.at, path.token, MONA)


def reps(path):
    return {rep.roster_id: rep for rep in path.ledger.roster.reps()}


def journal(path, kind):
    query = f"SELECT count(*) FROM journal WHERE kind = '{kind}'"
    with path.ledger.store.read() as database:
        return database.exec_driver_sql(query).scalar()


def test_a_person_keeps_their_random_id_and_gets_no_second(path):
    ids = path.ledger.roster.sync(
        [RosterEntry("ada"), RosterEntry("dan")], source="roster", act=act(path)
    )

    assert ids["ada"] == path.reps[0]
    assert len(set(ids.values())) == 2
    assert all(len(rep) == 9 for rep in ids.values())


def test_who_is_no_longer_named_has_left_and_may_come_back(path):
    path.ledger.roster.sync([RosterEntry("ada")], source="roster", act=act(path))
    left = reps(path)["bob"].left_at
    path.ledger.roster.sync(
        [RosterEntry("ada"), RosterEntry("bob")], source="roster", act=act(path)
    )

    assert left == path.at
    assert reps(path)["bob"].left_at is None


def test_the_same_roster_again_changes_and_journals_nothing(path):
    entry = RosterEntry("ada", {"weight": (Dated(1), Dated(3, path.at + timedelta(days=9)))})
    path.ledger.roster.sync([entry], source="roster", act=act(path))
    before, known = journal(path, "roster"), reps(path)["ada"]
    path.clock.advance(60)
    path.ledger.roster.sync([entry], source="roster", act=act(path))

    assert (journal(path, "roster"), reps(path)["ada"]) == (before, known)
    assert [each.dated for each in known.attributes["weight"]] == list(entry.attributes["weight"])


def test_a_change_is_known_from_then_on_and_the_old_value_is_not_overwritten(path):
    for weight in (1, 2):
        entry = RosterEntry("ada", {"weight": (Dated(weight),), "teams": (Dated(["us"]),)})
        path.ledger.roster.sync([entry], source="roster", act=act(path))
        path.clock.advance(60)
    query = "SELECT count(*), count(forgotten_at) FROM rep_attributes WHERE name = 'weight'"
    with path.ledger.store.read() as database:
        counts = tuple(database.exec_driver_sql(query).one())

    [known] = reps(path)["ada"].attributes["weight"]

    assert counts == (2, 1)
    assert (known.dated.value, known.known_at) == (2, path.at - timedelta(seconds=60))


def test_a_command_says_one_attribute_and_leaves_the_others(path):
    roster = path.ledger.roster
    both = {"weight": (Dated(1),), "teams": (Dated(["us"]),)}
    roster.sync([RosterEntry("ada", both)], source="roster", act=act(path))
    paused = RosterEntry("ada", {"paused": (Dated(value=True),)})
    roster.said(path.reps[0], paused, source="operator", act=act(path))
    roster.sync([RosterEntry("ada", both)], source="roster", act=act(path))

    sources = {name: known[0].source for name, known in reps(path)["ada"].attributes.items()}

    assert sources == {"paused": "operator", "teams": "roster", "weight": "roster"}


def test_an_identity_can_be_corrected(path):
    corrected = Identity(path.reps[0], "sf", "005NEW", "roster")
    path.ledger.roster.identify("sf", [corrected], act=act(path))

    assert path.ledger.roster.rep_of("sf")["005NEW"] == path.reps[0]
    assert reps(path)["ada"].identities == {"sf": "005NEW"}


def test_back_ends_what_is_now_and_withdraws_what_is_to_come(path):
    book, rep = path.ledger.absences, path.reps[0]
    hour = timedelta(hours=1)
    now = Away(rep, path.at - hour, path.at + hour)
    later = Away(rep, path.at + 5 * hour, None)
    others = Away(path.reps[1], path.at - hour, None)
    for away in (now, later, others):
        book.added(away, source="operator", act=act(path))
    book.back(rep, source="operator", act=act(path))

    known = {each.away for each in book.known()}

    assert known == {Away(rep, now.starts_at, path.at), others}
    assert {each.away for each in book.known(until_after=path.at)} == {others}


def test_a_connection_keeps_the_instant_from_which_it_routes(path):
    later = path.at + timedelta(days=1)
    path.ledger.connections.declare(
        [DeclaredConnection("sf", "salesforce", "shadow", later)], act=act(path)
    )
    connection = path.ledger.connections.all()["sf"]

    assert (connection.mode, connection.route_from) == ("shadow", path.at)


def test_one_version_of_a_book_is_in_force(path):
    govern = path.ledger.governance
    parts = {"territories": govern.keep("table", b"country,market\n", act=act(path))}
    books = [Book(f"{n}" * 64, "inbound", b"rules: %d" % n, parts) for n in (1, 2)]
    published = [govern.publish(book, act=act(path)) for book in (books[0], books[1], books[1])]

    assert published == [True, True, False]
    assert govern.book_in_force("inbound").book == books[1]
    assert (govern.book("1" * 64).status, govern.book("1" * 64).author) == ("retired", "mona")
    assert govern.content(parts["territories"]) == b"country,market\n"
    govern.publish(books[0], act=act(path))
    assert govern.book_in_force().book.hash == "1" * 64
    assert journal(path, "rulebook_published") == 3


def test_identities_of_a_connection_are_those_of_now_and_no_others(path):
    ada, bob = path.reps[:2]
    swapped = [
        Identity(ada, "sf", user_of(path.reps, bob), "roster"),
        Identity(bob, "sf", user_of(path.reps, ada), "roster"),
    ]
    path.ledger.roster.identify("sf", swapped, act=act(path))
    exchanged = path.ledger.roster.rep_of("sf")
    path.ledger.roster.identify("sf", swapped[:1], act=act(path))
    before = journal(path, "roster")

    assert exchanged == {each.crm_user: each.rep for each in swapped}
    assert path.ledger.roster.rep_of("sf") == {swapped[0].crm_user: ada}
    assert path.ledger.roster.identify("sf", swapped[:1], act=act(path)) is False
    assert journal(path, "roster") == before


def put_in_force(path):
    book = Book("b" * 64, "inbound", b"rulebook: inbound")
    with path.ledger.store.together(path.token):
        path.ledger.governance.publish(book, act=act(path))
        path.ledger.roster.sync([RosterEntry("dan")], source="roster", act=act(path))


def test_a_book_and_a_roster_are_put_in_force_together(path):
    put_in_force(path)

    assert path.ledger.governance.book_in_force() is not None
    assert "dan" in reps(path)


def test_a_roster_that_cannot_be_stored_leaves_the_book_out_of_force_too(path, monkeypatch):
    def breaks(*_, **__):
        raise LedgerUnavailable("gone")

    monkeypatch.setattr("models.staff.roster._rows_by_rep", breaks)
    with pytest.raises(LedgerUnavailable):
        put_in_force(path)

    assert path.ledger.governance.book_in_force() is None
    assert "dan" not in reps(path)
