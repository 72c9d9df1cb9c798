"""The demo shows the rules of the bill."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def demo_database(demo_url: str) -> Iterator[psycopg.Connection]:
    """A look into the town."""
    with psycopg.connect(demo_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("benefits", "component = 'BENEFIT'"),
        ("energy by zones", "component = 'ENERGY' AND zone = 'NIGHT'"),
        ("the peak", "component = 'ENERGY' AND zone = 'PEAK'"),
        ("reactive energy", "component = 'REACTIVE'"),
        ("capacity", "component = 'DEMAND'"),
        ("a benefit up to a limit", "benefit_id = (SELECT id FROM benefit WHERE limit_milli IS NOT NULL)"),
        ("an old price", "prepaid_id IS NOT NULL"),
        ("gas", ("tariff_version_id IN (SELECT v.id FROM tariff_version v JOIN tariff t ON t.id = v.tariff_id "
                "JOIN resource r ON r.id = t.resource_id WHERE r.code = 'GAS')")),
    ],
)  # fmt: skip
def test_demo_has_bills_with_every_rule(demo_database: psycopg.Connection, what: str, statement: str) -> None:
    assert demo_database.execute(f"SELECT count(*) FROM bill_line WHERE {statement}").fetchone() != (0,), what


def test_zones_of_the_demo_add_up(demo_database: psycopg.Connection) -> None:
    found = demo_database.execute("SELECT count(*) FROM bill_exception WHERE reason IN ('ZONES_DISAGREE', 'NO_TARIFF')").fetchone()

    assert found == (0,)


def test_several_families_have_several_steps(demo_database: psycopg.Connection) -> None:
    limit = demo_database.execute(
        "SELECT max(l.quantity_milli) FROM bill_line l JOIN supply_term t ON t.account_id = l.account_id AND t.kind = 'FAMILIES' "
        "WHERE l.block_no = 1"
    ).fetchone()

    assert limit is not None
    assert limit[0] > 200_000
