"""Contracts on the screens: the card, the register of a day with its files, a draft signed by an act, papers as PDF."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in


@pytest.fixture
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


def one(demo_database: psycopg.Connection, condition: str) -> tuple[int, str]:
    row = demo_database.execute(
        f"SELECT k.id, k.number FROM contract k JOIN division d ON d.id = k.division_id AND d.code LIKE '1726%' WHERE {condition} "
        "ORDER BY k.id LIMIT 1"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_card_shows_accounts_with_their_common_balance_and_the_text_as_pdf(operator: Browser, demo_database: psycopg.Connection) -> None:
    contract_id, number = one(demo_database, "k.kind = 'SUPPLY' AND k.status = 'SIGNED'")

    page = operator.text(f"/contractview/show/{contract_id}")
    answer = operator.client.get(f"/contractview/pdf/{contract_id}")

    assert number in page
    assert "Accounts under the contract" in page
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")


def test_standard_form_is_kept_when_it_is_first_printed(operator: Browser, demo_database: psycopg.Connection) -> None:
    contract_id, _ = one(demo_database, "k.kind = 'OFFER' AND k.status = 'SIGNED'")

    for _print in range(2):
        assert operator.client.get(f"/contractview/pdf/{contract_id}").data[:4] == b"%PDF"

    assert demo_database.execute("SELECT count(*) FROM contract_paper WHERE contract_id = %s", (contract_id,)).fetchone() == (1,)


def test_register_of_a_day_is_a_list_and_a_file(operator: Browser, demo_database: psycopg.Connection) -> None:
    _, number = one(demo_database, "k.kind = 'SUPPLY' AND k.status = 'SIGNED'")

    page = operator.text(f"/contractview/register?word={number}&kind=SUPPLY")
    csv = operator.client.get(f"/contractview/export/csv?word={number}")
    xlsx = operator.client.get(f"/contractview/export/xlsx?word={number}")

    assert number in page
    assert number in csv.data.decode("utf-8-sig")
    assert xlsx.data[:2] == b"PK"
    assert "No contract stood so" in operator.text("/contractview/register?word=no-such&on=2000-01-01")
    assert operator.client.get("/contractview/export/exe").status_code == 404


def test_page_of_an_act_is_there_only_where_the_contract_stands_so(operator: Browser, demo_database: psycopg.Connection) -> None:
    signed, _ = one(demo_database, "k.kind = 'SUPPLY' AND k.status = 'SIGNED' AND k.valid_to > current_date")
    offer, _ = one(demo_database, "k.kind = 'OFFER' AND k.status = 'SIGNED'")

    found = {
        (name, key): operator.client.get(f"/acts/{name}-contract/{key}").status_code
        for name in ("sign", "annex", "renew", "end")
        for key in (signed, offer)
    }

    assert {place for place, status in found.items() if status == 200} == {("annex", signed), ("renew", signed), ("end", signed)}


def test_odd_addresses_are_not_found(operator: Browser) -> None:
    paths = ("show/x", "show/99999999999999999999", "pdf/0", "export/pdf")
    assert [operator.client.get(f"/contractview/{path}").status_code for path in paths] == [404] * len(paths)


@pytest.fixture
def ending(demo_database: psycopg.Connection) -> Iterator[tuple[int, str]]:
    """A contract that ends in twenty days; afterwards as it was."""
    contract_id, number = one(demo_database, "k.status = 'SIGNED' AND k.valid_to > current_date + 40")
    row = demo_database.execute("SELECT valid_to FROM contract WHERE id = %s", (contract_id,)).fetchone()
    demo_database.execute("UPDATE contract SET valid_to = current_date + 20 WHERE id = %s", (contract_id,))
    yield contract_id, number
    demo_database.execute("UPDATE contract SET valid_to = %s WHERE id = %s", (row and row[0], contract_id))


def test_contract_whose_term_ends_within_the_days_of_notice_asks_for_a_decision(operator: Browser, ending: tuple[int, str]) -> None:
    contract_id, number = ending

    assert number in operator.text("/contractview/register?ending=y")
    assert number in operator.client.get("/contractview/export/csv?ending=y").data.decode("utf-8-sig")
    assert number not in operator.text("/contractview/register?ending=y&on=2026-01-01")
    assert "it is to be renewed or ended" in operator.text(f"/contractview/show/{contract_id}")
    assert "Contracts about to end" in operator.text("/")


def test_days_of_notice_are_those_of_the_parameter(operator: Browser, demo_database: psycopg.Connection, ending: tuple[int, str]) -> None:
    contract_id, number = ending
    demo_database.execute(
        "INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('contracts.notice_days', '1', current_date - 1, 'test')"
    )
    try:
        assert number not in operator.text("/contractview/register?ending=y")
        assert "it is to be renewed or ended" not in operator.text(f"/contractview/show/{contract_id}")
    finally:
        demo_database.execute("DELETE FROM operating_parameter WHERE code = 'contracts.notice_days' AND source = 'test'")
