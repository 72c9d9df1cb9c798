"""Legal consumers in the portal: contract and limit, tax invoices, acts of reconciliation with their answers, and who is let in."""

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.portal.consumers import Consumer, ask, consumer, enter, make_statement, post, sent_code


@pytest.fixture(autouse=True)
def no_codes_yet(demo_database: psycopg.Connection) -> None:
    demo_database.execute("DELETE FROM portal_code")
    demo_database.execute("UPDATE portal_access SET removed_at = now(), access_end = 'STAFF' WHERE removed_at IS NULL")


@pytest.fixture
def firm(demo_database: psycopg.Connection) -> Consumer:
    return consumer(demo_database, "c.kind = 'LEGAL'")


def test_firm_sees_contract_invoices_and_statements_and_a_household_does_not(
    app: Flask, demo_database: psycopg.Connection, firm: Consumer
) -> None:
    office = enter(app.test_client(), demo_database, firm)
    home = enter(app.test_client(), demo_database, consumer(demo_database, "c.kind = 'HOUSEHOLD'"))

    pages = ("/portal/contract", "/portal/tax-invoices", "/portal/statements")
    assert [f'href="{page}' in office.get("/portal/home").text for page in pages] == [True] * 3
    assert [f'href="{page}' in home.get("/portal/home").text for page in pages] == [False] * 3
    assert [office.get(page).status_code for page in pages] == [200] * 3


def test_limit_and_advance_are_shown(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    found = consumer(
        demo_database, "EXISTS (SELECT 1 FROM supply_term t WHERE t.account_id = a.id AND t.kind = 'CONTRACT_LIMIT' AND t.valid_to IS NULL)"
    )
    enter(client, demo_database, found)

    page = client.get("/portal/contract", headers={"Accept-Language": "en"}).text

    assert page.count("<dd") >= 5


def test_statement_is_objected_to_and_then_agreed_to(client: FlaskClient, demo_database: psycopg.Connection, firm: Consumer) -> None:
    statement_id = make_statement(demo_database, f"a.id = {firm.id}")
    enter(client, demo_database, firm)
    address = f"/portal/statements/{statement_id}"

    assert post(client, address, person="Karimov Anvar", objection="A payment is missing")[0] == 302
    assert "A payment is missing" in client.get(address).text
    assert post(client, address, person="Karimov Anvar", objection="")[0] == 302
    assert 'name="person"' not in client.get(address).text
    rows = demo_database.execute(
        "SELECT agreement, person FROM statement_answer WHERE account_statement_id = %s ORDER BY id", (statement_id,)
    ).fetchall()
    assert rows == [("OBJECTED", "Karimov Anvar"), ("AGREED", "Karimov Anvar")]


FOREIGN = {
    "/portal/tax-invoices/{}.pdf": "SELECT id FROM tax_invoice WHERE account_id <> %s ORDER BY id LIMIT 1",
    "/portal/tax-invoices/{}.json": "SELECT id FROM tax_invoice WHERE account_id <> %s ORDER BY id LIMIT 1",
    "/portal/statements/{}": "SELECT id FROM account_statement WHERE account_id <> %s ORDER BY id LIMIT 1",
    "/portal/statements/{}.pdf": "SELECT id FROM account_statement WHERE account_id <> %s ORDER BY id LIMIT 1",
}


@pytest.mark.parametrize("address", FOREIGN)
def test_paper_of_another_account_is_not_found(
    client: FlaskClient, demo_database: psycopg.Connection, firm: Consumer, address: str
) -> None:
    make_statement(demo_database, f"a.id <> {firm.id} AND a.division_id = {firm.division}")
    row = demo_database.execute(FOREIGN[address], (firm.id,)).fetchone()
    if row is None:
        pytest.skip("the town has none")
    enter(client, demo_database, firm)

    assert client.get(address.format(row[0])).status_code == 404


def test_user_who_is_let_in_sees_what_he_may_until_he_is_shut_out(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, firm: Consumer
) -> None:
    enter(client, demo_database, firm)
    phone = "+998907776655"
    assert post(client, "/portal/users", phone="90 777 66 55", rights="READ")[0] == 302

    guest = app.test_client()
    assert ask(guest, phone) == (302, "/portal/code")
    assert post(guest, "/portal/code", code=sent_code(demo_database, firm))[1].startswith("/portal/home")

    assert guest.get("/portal/contract").status_code == 200
    for page in ("/portal/tax-invoices", "/portal/statements", "/portal/users"):
        assert guest.get(page).status_code == 403
    access = demo_database.execute(
        "SELECT x.id FROM portal_access x JOIN portal_user u ON u.id = x.portal_user_id WHERE u.phone = %s AND x.removed_at IS NULL",
        (phone,),
    ).fetchone()
    assert access is not None
    page = client.get("/portal/users").text
    assert f"/portal/accounts/holders/{access[0]}/remove" in page
    demo_database.execute("UPDATE portal_access SET removed_at = now(), access_end = 'REMOVED' WHERE id = %s", access)
    assert guest.get("/portal/home").status_code == 302


def test_own_telephone_and_what_is_none_are_not_let_in(client: FlaskClient, demo_database: psycopg.Connection, firm: Consumer) -> None:
    enter(client, demo_database, firm)
    phone = demo_database.execute(
        "SELECT c.phone FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = %s", (firm.id,)
    ).fetchone()
    assert phone is not None

    for typed in (phone[0], "+7 999 123 45 67", "12"):
        status, page = post(client, "/portal/users", phone=typed, rights="VIEW")
        assert (status, 'class="error"' in page) == (200, True)
