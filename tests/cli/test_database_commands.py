"""Commands about the database server and its months."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from tests import commands
from tests.databases import environment, fresh_database


@pytest.fixture(scope="module")
def url(servers: tuple[str, str]) -> str:
    """A database of its own."""
    return fresh_database(servers[0], "pc_billing_statements")


def slow(url: str, queue: str, *words: str) -> CompletedProcess[str]:
    return commands.flask("database", "slow", *words, environ=environment(url, queue))


def test_statements_that_took_the_most_time_are_listed_the_longest_first(url: str, servers: tuple[str, str]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_sleep(0.2) AS a_planted_pause")

    done = slow(url, servers[1], "--limit", "1000", "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [each["total_ms"] for each in found] == sorted((each["total_ms"] for each in found), reverse=True)
    assert [each["calls"] for each in found if "a_planted_pause" in each["statement"]] == [1]


def test_a_server_that_does_not_count_is_named(url: str, servers: tuple[str, str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
    try:
        done = slow(url, servers[1])
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")

    assert (done.returncode, done.stdout) == (1, "")
    assert "CREATE EXTENSION pg_stat_statements" in done.stderr


def test_old_months_are_detached_and_the_trail_still_holds(servers: tuple[str, str], tmp_path: Path) -> None:
    url = fresh_database(servers[0], "pc_billing_months")
    environ = environment(url, servers[1], AUDIT_HEADS=str(tmp_path / "heads"), AUDIT_KEY=str(tmp_path / "key"))

    def detach(before: str) -> CompletedProcess[str]:
        return commands.flask("database", "detach-months", "audit_entry", "--before", before, environ=environ)

    with psycopg.connect(url) as connection:
        connection.execute("SELECT make_month('audit_entry', '2020-03-01')")
        connection.execute(
            "WITH made AS (INSERT INTO audit_entry (happened_at, actor, table_name, operation) VALUES ('2020-03-05', 'a', 'bank', 'READ') "
            "RETURNING id) INSERT INTO audit_pending SELECT id FROM made"
        )
    waiting = detach("2020-04")
    sealed = commands.flask("audit", "seal", environ=environ)

    done, again, future = (detach(before) for before in ("2020-04", "2020-04", "2099-01"))

    assert sealed.returncode == 0, sealed.stderr
    assert (waiting.returncode, "wait for their seal" in waiting.stderr) == (1, True)
    assert (done.stdout, done.stderr) == ("archive.audit_entry_2020_03\n", "")
    assert again.stdout == "There is no such month.\n"
    assert (future.returncode, "Only months that are over" in future.stderr) == (1, True)
    verified = commands.flask("audit", "verify", environ=environ)
    assert verified.returncode == 0, verified.stdout
