"""``flask --app run bill replay`` and ``tariff price``: figures for machines, exit codes, clear refusals."""

import json
from subprocess import CompletedProcess

import psycopg
import pytest

from tests import commands
from tests.databases import environment


def run(url: str, queue: str, *words: str) -> CompletedProcess[str]:
    return commands.flask(*words, environ=environment(url, queue))


def test_every_month_of_the_town_comes_out_as_posted(demo_url: str, servers: tuple[str, str], demo_database: psycopg.Connection) -> None:
    live = "cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id)"
    statement = f"SELECT to_char(billing_month, 'YYYY-MM'), count(*) FROM bill b WHERE {live} GROUP BY 1 ORDER BY 1"
    months = demo_database.execute(statement).fetchall()

    for month, count in months:
        answer = run(demo_url, servers[1], "bill", "replay", "--month", month, "--division", "17", "--json")

        assert answer.returncode == 0, answer.stdout + answer.stderr
        found = json.loads(answer.stdout)
        assert (found["ok"], found["bills"], found["differences"]) == (True, count, 0)


def test_all_months_of_all_divisions_are_computed_again_at_once(demo_url: str, servers: tuple[str, str]) -> None:
    answer = run(demo_url, servers[1], "bill", "replay", "--all", "--json")

    found = json.loads(answer.stdout)
    assert (answer.returncode, found["ok"], found["differences"]) == (0, True, 0), answer.stdout
    assert found["bills"] > 100


def test_altered_bill_is_named_and_ends_with_one(demo_url: str, servers: tuple[str, str], demo_database: psycopg.Connection) -> None:
    alter = "UPDATE bill_line SET amount_tiyin = amount_tiyin + %s WHERE bill_id = %s AND line_no = 1"
    bill = demo_database.execute(
        "SELECT b.id, to_char(b.billing_month, 'YYYY-MM'), d.code, a.number FROM bill b JOIN division d ON d.id = b.division_id"
        " JOIN account a ON a.id = b.account_id ORDER BY b.id DESC LIMIT 1"
    ).fetchone()
    assert bill is not None
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(alter, (100, bill[0]))
    try:
        answer = run(demo_url, servers[1], "bill", "replay", "--month", bill[1], "--division", bill[2])
    finally:
        demo_database.execute(alter, (-100, bill[0]))
        demo_database.execute("SET session_replication_role = origin")

    assert answer.returncode == 1, answer.stderr
    assert f"DIFFERS {bill[3]} line 1 amount_tiyin: stored" in answer.stdout


@pytest.mark.parametrize(("month", "division"), [("2026-13", "17"), ("october", "17"), ("2026-01", "nowhere")])
def test_replay_of_nothing_is_refused(demo_url: str, servers: tuple[str, str], month: str, division: str) -> None:
    answer = run(demo_url, servers[1], "bill", "replay", "--month", month, "--division", division)

    assert answer.returncode == 2
    assert "Error: Invalid value" in answer.stderr


def test_price_of_a_quantity_is_told(demo_url: str, servers: tuple[str, str]) -> None:
    asked = ["tariff", "price", "--resource", "ELECTRICITY", "--group", "HOUSEHOLD", "--quantity", "310", "--on", "2025-07-15"]

    answer, plain = run(demo_url, servers[1], *asked, "--json"), run(demo_url, servers[1], *asked)

    found = json.loads(answer.stdout)
    assert found["amount_tiyin"] == sum(line["amount_tiyin"] for line in found["lines"]) == 20_000 * 600 + 11_000 * 800 + 0
    assert "200 kWh × 600" in plain.stdout.replace(",", "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--group", "NOBODY", "--quantity", "1"], "No such tariff is in force"),
        (["--group", "HOUSEHOLD", "--quantity", "many"], "many is no quantity"),
        (["--group", "HOUSEHOLD", "--quantity", "-5"], "The quantity is from 0"),
        (["--group", "HOUSEHOLD", "--quantity", "5", "--on", "tomorrow"], "tomorrow is no day"),
        (["--group", "HOUSEHOLD", "--quantity", "5", "--benefit", "NONE"], "There is no such benefit"),
    ],
)
def test_what_cannot_be_priced_is_told(demo_url: str, servers: tuple[str, str], more: list[str], said: str) -> None:
    answer = run(demo_url, servers[1], "tariff", "price", "--resource", "ELECTRICITY", *more)

    assert answer.returncode in {1, 2}
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
