"""``flask --app run payments reconcile``: what came out of a provider's day, and an exit code for machines."""

from collections.abc import Iterator
from subprocess import CompletedProcess

import psycopg
import pytest

from tests import commands
from tests.databases import environment

DAY = "2020-01-04"


def run(url: str, queue: str, *words: str) -> CompletedProcess[str]:
    return commands.flask("payments", "reconcile", *words, environ=environment(url, queue))


@pytest.fixture
def contract(demo_database: psycopg.Connection) -> Iterator[str]:
    """A contract with a provider whose statement of the day has one cancelled transaction."""
    row = demo_database.execute(
        "INSERT INTO statement_row (division_id, payment_contract_id, business_day, source, reference, amount_tiyin, state, happened_at) "
        "SELECT (SELECT id FROM division WHERE parent_id IS NULL), min(id), %s, 'GATEWAY', 'command-1', 500000, 'CANCELLED', %s "
        "FROM payment_contract WHERE channel = 'CLICK' RETURNING payment_contract_id",
        (DAY, DAY),
    ).fetchone()
    assert row is not None
    yield str(row[0])
    for table in ("statement_row", "reconciliation", "reconciliation_row"):
        demo_database.execute(f"DELETE FROM {table} WHERE business_day = %s", (DAY,))


def test_day_that_is_equal_ends_with_nought_and_one_that_differs_with_one(
    demo_url: str, servers: tuple[str, str], demo_database: psycopg.Connection, contract: str
) -> None:
    asked = ("--day", DAY, "--contract", contract)

    equal = run(demo_url, servers[1], *asked)
    demo_database.execute("UPDATE statement_row SET state = 'PERFORMED' WHERE reference = 'command-1'")
    differing = run(demo_url, servers[1], *asked)

    assert (equal.returncode, differing.returncode) == (0, 1), equal.stderr + differing.stderr
    assert "1 EQUAL, 0 ONLY_THEIRS, 0 ONLY_OURS, 0 IN_DOUBT" in equal.stdout
    assert "0 EQUAL, 1 ONLY_THEIRS, 0 ONLY_OURS, 0 IN_DOUBT" in differing.stdout


def test_all_providers_are_compared_and_a_missing_statement_is_told(demo_url: str, servers: tuple[str, str]) -> None:
    answer = run(demo_url, servers[1], "--day", "2020-01-05")

    assert answer.returncode == 1
    assert answer.stdout.count("there is no statement") == len(answer.stdout.splitlines()) > 3


@pytest.mark.parametrize(("words", "status"), [(("--contract", "999999"), 1), (("--day", "yesterday"), 2)])
def test_what_cannot_be_compared_is_told(demo_url: str, servers: tuple[str, str], words: tuple[str, ...], status: int) -> None:
    answer = run(demo_url, servers[1], *words)

    assert answer.returncode == status
    assert "Error: " in answer.stderr
    assert "Traceback" not in answer.stderr
