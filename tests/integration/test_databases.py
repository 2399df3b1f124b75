"""The databases that other tests stand on: never missing, never left behind."""

from pathlib import Path

import psycopg
import pytest

from tests.databases import URL_VARIABLE, NoPostgres, PostgresServer, bundled_server
from tests.databases import postgres_server as found_server


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        answer = connection.execute(question).fetchone()
    assert answer is not None
    return answer[0]


def has(server: PostgresServer, name: str) -> object:
    url = server.admin.render_as_string(hide_password=False)
    return ask(url, f"select exists (select from pg_database where datname = '{name}')")


def test_a_machine_without_postgres_gets_one_and_no_new_account():
    accounts = Path("/etc/passwd").read_bytes()

    with bundled_server() as server, server.new_database() as url:
        settings = [ask(url, f"show {name}") for name in ("fsync", "synchronous_commit")]

    assert settings == ["on", "on"]
    assert Path("/etc/passwd").read_bytes() == accounts


def test_a_database_is_fresh_and_dropped_again_while_somebody_is_connected(
    postgres: PostgresServer,
):
    with postgres.new_database() as url:
        forgotten = psycopg.connect(url.replace("+psycopg", ""))
        name = forgotten.info.dbname
        existed = has(postgres, name)

    assert (existed, has(postgres, name)) == (True, False)
    forgotten.close()


def test_a_server_that_was_named_and_is_not_there_is_an_error_not_a_skip(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv(URL_VARIABLE, "postgresql://box:hunter2@127.0.0.1:1/none")

    with pytest.raises(NoPostgres, match="Correct it, or unset it") as failure, found_server():
        pass

    assert "hunter2" not in str(failure.value)
