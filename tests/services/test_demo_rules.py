"""The demo shows the rules of the bill."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def town(town_url: str) -> Iterator[psycopg.Connection]:
    """A look into the town."""
    with psycopg.connect(town_url.replace("+psycopg", ""), autocommit=True) as connection:
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
def test_demo_has_bills_with_every_rule(town: psycopg.Connection, what: str, statement: str) -> None:
    assert town.execute(f"SELECT count(*) FROM bill_line WHERE {statement}").fetchone() != (0,), what


def test_zones_of_the_demo_add_up(town: psycopg.Connection) -> None:
    found = town.execute("SELECT count(*) FROM bill_exception WHERE reason IN ('ZONES_DISAGREE', 'NO_TARIFF')").fetchone()

    assert found == (0,)


def test_several_families_have_several_steps(town: psycopg.Connection) -> None:
    most = town.execute(
        "SELECT max(l.quantity_milli) FROM bill_line l JOIN supply_term t ON t.account_id = l.account_id AND t.kind = 'FAMILIES' "
        "WHERE l.block_no = 1"
    ).fetchone()

    assert most is not None
    assert most[0] > 200_000
