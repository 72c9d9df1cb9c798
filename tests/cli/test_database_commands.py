"""Commands about the database server."""

import json
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
