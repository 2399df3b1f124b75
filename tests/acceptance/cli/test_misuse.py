"""Commands used wrongly, or where something is not as it should be: named, with the way out."""

import sqlite3
from pathlib import Path

import pytest

from models.store.errors import LedgerFull
from tests.acceptance.cli.installation import daemon_that, doing, install, ledger_of
from tests.acceptance.cli.process import signalbox
from tests.fakes.office import Office

READS = (["status"], ["people", "list"], ["compare"], ["explain", "00Q1"], ["decide", "00Q1"])
KEY = {"SF_CLIENT_SECRET": "x"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello, this is no database at all", "not a SQLite file"),
        (b"", "`signalbox run` makes it"),
    ],
    ids=["a text", "an empty file"],
)
def test_a_file_that_is_no_ledger_is_named_and_left_alone(home: Path, content, said):
    (home / "signalbox.db").write_bytes(content)

    ended = signalbox("status", cwd=home)

    assert (ended.code, ended.out) == (3, "")
    assert said in ended.err
    assert (home / "signalbox.db").read_bytes() == content


def test_a_ledger_of_a_newer_version_is_left_alone_by_everybody(home: Path):
    with sqlite3.connect(home / "signalbox.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'r9999'")

    ended = [signalbox(*words, cwd=home, env=KEY) for words in (["status"], ["pause"], ["run"])]

    assert [each.code for each in ended] == [3, 3, 3]
    assert all("written by a newer version" in each.err for each in ended)


def test_a_locked_ledger_is_read_and_an_order_says_who_may_hold_it(home: Path):
    settings = home / "signalbox.yaml"
    settings.write_text(settings.read_text().replace("signalbox.db", "signalbox.db?timeout=1"))
    other = sqlite3.connect(home / "signalbox.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    read, asked = signalbox("status", cwd=home), signalbox("pause", cwd=home)

    other.close()
    assert read.code == 0
    assert (asked.code, asked.out) == (3, "")
    assert "keeps the file locked" in asked.err


@pytest.mark.parametrize("words", READS[:3], ids=" ".join)
def test_a_read_only_ledger_can_be_read(home: Path, words):
    (home / "signalbox.db").chmod(0o444)

    assert signalbox(*words, cwd=home, as_root=False).code == 0


@pytest.mark.parametrize(
    ("mode", "said"),
    [(0o444, "right to write the file"), (0o000, "cannot be opened")],
    ids=["read-only", "unreadable"],
)
def test_rights_that_are_missing_are_named(home: Path, mode: int, said: str):
    (home / "signalbox.db").chmod(mode)

    ended = signalbox("pause", cwd=home, as_root=False)

    assert (ended.code, ended.out) == (3, "")
    assert str(home / "signalbox.db") in ended.err
    assert said in ended.err


def test_a_crm_that_cannot_be_reached_is_named_and_nothing_is_found_fault_with(home: Path):
    settings = home / "signalbox.yaml"
    lines = [
        '    base_url: "http://127.0.0.1:9"' if "base_url" in line else line
        for line in settings.read_text().splitlines()
    ]
    settings.write_text("\n".join(lines))

    ended = signalbox("check", cwd=home, env=KEY)

    assert ended.code == 3
    assert "no answer" in ended.out


def test_a_host_that_is_no_crm_is_named(home: Path):
    settings = home / "signalbox.yaml"
    lines = [
        "    base_url: https://crm.example" if "base_url" in line else line
        for line in settings.read_text().splitlines()
    ]
    settings.write_text("\n".join(lines))

    ended = signalbox("check", cwd=home, env=KEY)

    assert ended.code == 2
    assert "https://crm.example is not https on a host that ends in" in ended.err


def test_a_daemon_with_a_broken_rulebook_says_all_that_is_wrong(home: Path):
    (home / "rulebook.yaml").write_text("rulebook: half")

    ended = signalbox("run", cwd=home, env=KEY)

    assert ended.code == 2
    assert 'has no "rules"' in ended.err
    assert 'has no "fallback"' in ended.err


def test_a_daemon_does_not_start_where_another_one_has_the_file(home: Path):
    with ledger_of(home, sole=True):
        ended = signalbox("run", cwd=home, env=KEY)

    assert ended.code == 3
    assert "in use by another daemon" in ended.err


def test_an_order_that_nobody_answers_in_time_stays(home: Path):
    with ledger_of(home, sole=True):
        ended = signalbox("pause", "--wait", "0.5", cwd=home)

    assert ended.code == 3
    assert "stays and is done then" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pause", "salesfroce"], "There is no connection"),
        (["people", "away", "ada", "--until", "2020-01-01"], "ends before it begins"),
        (["reassign", "00Q1", "--to", "ada"], "00Q1 is not known"),
        (["explain", "00Q1", "--settings", "."], "Is a directory"),
        (["explain", "00Q1", "--settings", "nope.yaml"], "make one with: signalbox init"),
        (["status", "--settings", "roster.yaml"], "roster.yaml"),
        (["compare", "--since", "soon"], "is no time"),
    ],
)
def test_what_cannot_be_meant_is_named(home: Path, words, said):
    ended = signalbox(*words, cwd=home)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_full_disk_loses_nothing_and_work_goes_on_with_room(tmp_path: Path):
    office = Office(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    office.round()
    records = [office.crm.add_lead(stage="new", Country="US", Note="x" * 900) for _ in range(60)]
    with office.app.ledger.store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(LedgerFull, match="Make room"):
        office.round(3)

    office.restart()
    office.round(4)

    assert {office.owner(record) for record in records} == {"u-ada", "u-bob"}
    assert office.crm.writes == len(records)
    assert office.is_in_step()
    office.app.close()


def test_the_daemon_is_asked_before_the_file_is(home: Path):
    with daemon_that(home, doing({"connections": ["salesforce"]}, [])):
        ended = signalbox("pause", cwd=home)

    assert (ended.code, ended.out) == (0, "Nothing is written to salesforce any more.\n")
