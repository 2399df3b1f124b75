"""A rulebook or a roster that changes while the daemon runs."""

import os
from typing import Any

import pytest
import yaml

from models.store.errors import LedgerUnavailable
from tests.fakes.clock import NOON
from tests.fakes.office import BOOK, PEOPLE, Office

TO_CLEO = {
    **BOOK,
    "rules": [{"name": "us", "when": {"country": {"is": "US"}}, "pool": "dach"}],
}
DAN = {"id": "dan", "email": "dan@acme.test", "teams": ["dach"]}


def write(office: Office, name: str, content: Any) -> None:
    """Somebody saves a file; its time differs from the last one's whatever the machine's clock."""
    path = office.folder / name
    text = content if isinstance(content, str) else yaml.safe_dump(dict(content), sort_keys=False)
    path.write_text(text)
    stamp = path.stat().st_mtime_ns + office.clock.now().microsecond + len(text) * 1_000_000
    os.utime(path, ns=(stamp, stamp))


def journalled(office: Office, kind: str) -> int:
    with office.app.ledger.store.read() as database:
        query = f"SELECT count(*) FROM journal WHERE kind = '{kind}'"
        return int(database.exec_driver_sql(query).scalar() or 0)


def test_a_rulebook_that_changes_decides_from_then_on(office):
    before = office.crm.add_lead(stage="new", Country="US")
    office.round(2)
    write(office, "rulebook.yaml", TO_CLEO)

    office.round(2)
    after = office.crm.add_lead(stage="new", Country="US")
    office.round(2)

    assert office.owner(before) in ("u-ada", "u-bob")
    assert office.owner(after) == "u-cleo"
    assert len(office.told.named("files_taken")) == 1
    in_force = office.app.ledger.governance.book_in_force()
    assert in_force is not None
    assert in_force.book.hash == office.app.in_force.book.hash
    assert office.is_in_step()


def test_a_rep_who_joins_the_roster_gets_leads_without_a_restart(office):
    office.crm.add_user("u-dan", email="dan@acme.test")
    office.round(every_s=61)
    entries = journalled(office, "roster")
    write(office, "roster.yaml", {"people": [*map(dict, PEOPLE), DAN]})

    office.round(2)
    records = [office.crm.add_lead(stage="new", Country="DE") for _ in range(2)]
    office.round(2)

    assert {office.owner(each) for each in records} == {"u-cleo", "u-dan"}
    assert journalled(office, "roster") > entries
    assert office.is_in_step()


def test_leads_of_a_rep_whom_the_roster_no_longer_names_are_asked_about(office):
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(3)
    owner = str(office.owner(record)).removeprefix("u-")
    write(office, "roster.yaml", {"people": [dict(p) for p in PEOPLE if p["id"] != owner]})

    office.round(3)

    assert office.app.team.rep(owner) is None
    assert office.is_in_step()


def test_a_file_with_mistakes_changes_nothing_and_is_told_once(office):
    write(office, "rulebook.yaml", {**TO_CLEO, "fallback": {"queue": 3, "oops": True}})

    office.round(5)
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)

    assert office.owner(record) in ("u-ada", "u-bob")
    assert len(office.told.named("files_refused")) == 1
    assert "oops" in str(office.told.named("files_refused")[0]["problem"])
    assert not office.told.named("files_taken")


def test_a_file_that_is_mended_is_taken(office):
    write(office, "rulebook.yaml", "rulebook: [")
    office.round(3)
    write(office, "rulebook.yaml", TO_CLEO)

    office.round(2)

    assert len(office.told.named("files_taken")) == 1


def test_a_file_that_is_gone_is_a_mistake_too(office):
    (office.folder / "roster.yaml").unlink()

    office.round(3)

    assert "no such file" in str(office.told.named("files_refused"))


def test_a_file_that_was_only_saved_again_is_no_news(office):
    write(office, "rulebook.yaml", (office.folder / "rulebook.yaml").read_text() + "\n")
    os.utime(office.folder / "roster.yaml", (NOON.timestamp(), NOON.timestamp()))

    office.round(3)

    assert [name for name, _ in office.told.alerts] == []
    assert office.app.ledger.governance.book_in_force() is not None


def test_book_and_roster_are_taken_into_force_together_or_not_at_all(office, monkeypatch):
    write(office, "rulebook.yaml", TO_CLEO)
    write(office, "roster.yaml", {"people": [*map(dict, PEOPLE), DAN]})
    before, in_force = journalled(office, "rulebook_published"), office.app.in_force

    def breaks(*_, **__):
        raise LedgerUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr("models.staff.roster.Roster.sync", breaks)
        with pytest.raises(LedgerUnavailable):
            office.round(2)

    assert office.app.in_force is in_force
    assert journalled(office, "rulebook_published") == before
    office.app.files._read = ()
    office.round(2)
    assert len(office.told.named("files_taken")) == 1


def test_whoever_asks_need_not_wait_for_the_file_to_come_to_rest(office):
    write(office, "rulebook.yaml", TO_CLEO)
    token = office.app.lease.token
    assert token is not None

    assert office.app.reload(office.clock.now(), token, asked=True)
    assert not office.app.reload(office.clock.now(), token, asked=True)


def test_another_process_reads_what_changed_before_it_routes(office):
    standby = office.app
    write(office, "rulebook.yaml", TO_CLEO)
    standby.ready_for = None  # the lease was elsewhere for a time
    standby.files.have_changed()

    office.round(2)
    record = office.crm.add_lead(stage="new", Country="US")
    office.round(2)

    assert office.owner(record) == "u-cleo"
