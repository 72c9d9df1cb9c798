"""Applications on the screens: filed at the office, moved on, and done on the page of the act, which closes them."""

import io
from typing import Any

import psycopg
import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.browsers import MINE, Browser, log_in, one
from tests.views import test_meter_acts_pages as exchange

PDF = b"%PDF-1.4\n%%EOF\n"
_HOME = f"""
    SELECT a.id FROM account a JOIN division d ON d.id = a.division_id AND d.code = '{MINE}'
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND NOT EXISTS (SELECT FROM application x WHERE x.account_id = a.id)
      AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
               WHERE i.service_point_id = s.service_point_id)
      AND (SELECT max(read_on) FROM reading r WHERE r.account_id = a.id) < current_date - 1
    ORDER BY a.number DESC LIMIT 1
"""


@pytest.fixture
def account(demo_database: psycopg.Connection) -> str:
    return one(demo_database, _HOME)


def post(browser: Browser, address: str, **form: Any) -> Any:
    files = {name: FileStorage(io.BytesIO(value), filename=f"{name}.pdf") for name, value in form.items() if isinstance(value, bytes)}
    boundary, body = encode_multipart(form | files | {"csrf_token": browser.token})
    return browser.client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def file(browser: Browser, database: psycopg.Connection, kind: str, account: str = "", **given: Any) -> str:
    """File an application at the office and return its number."""
    page = browser.text(f"/new-application/{kind}?account={account}")
    reference = page.split('name="reference"')[1].split('value="')[1].split('"')[0]
    division = one(database, f"SELECT id FROM division WHERE code = '{MINE}'")
    about = {"account": account, "is_owner": "y"} if account else {}
    who = {"division": division, "applicant_name": "Karimov Aziz", "phone": "+998901112233", "language": "uz", "reference": reference}
    answer = post(browser, f"/new-application/{kind}", **(about | who | given))
    assert answer.status_code == 302, answer.text
    return str(answer.location.rpartition("/")[2])


def take_and_accept(browser: Browser, number: str) -> Any:
    assert post(browser, f"/applications/step/{number}", event="TAKE").status_code == 302
    return post(browser, f"/applications/accept/{number}")


def status(database: psycopg.Connection, number: str) -> str:
    return one(database, f"SELECT status FROM application WHERE id = {number}")


def test_application_is_filed_answered_and_seen_on_the_account(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")

    number = file(operator, demo_database, "COMPLAINT", account, given_about="The light is dim.", files=PDF)

    assert f"/applications/show/{number}" in operator.text("/applications-inbox/?of=waiting")
    assert f"/applications/show/{number}" in operator.text("/applications/list/")
    assert f"/applications/show/{number}" in operator.text(f"/accountview/show/{account}")
    card = operator.text(f"/applications/show/{number}")
    assert "The light is dim." in card
    paper = card.split("/applications/file/")[1].split('"')[0]
    assert operator.client.get(f"/applications/file/{paper}").data == PDF
    take_and_accept(operator, number)
    post(operator, f"/applications/step/{number}", event="FINISH", reason="The transformer was changed.")
    assert status(demo_database, number) == "DONE"


def test_form_comes_again_with_what_is_wrong(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")
    division = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    form = {"account": account, "division": division, "applicant_name": "Karimov", "language": "uz", "reference": "r-wrong"}

    page = post(operator, "/new-application/METER_EXCHANGE", **form, given_cause="OLD").text

    assert "Only the consumer of the account may file this application." in page
    again = post(operator, "/new-application/RECALCULATION", **form, is_owner="y", given_since="31.02.2026", given_reason="x").text
    assert 'aria-invalid="true"' in again


def test_exchange_is_done_on_its_page_which_closes_the_application(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    engineer, cashier = log_in(app, "engineer"), log_in(app, "cashier")
    number = file(cashier, demo_database, "METER_EXCHANGE", account, given_cause="OLD")
    assert cashier.post(f"/applications/accept/{number}") in {302, 403}
    assert status(demo_database, number) == "RECEIVED"

    answer = take_and_accept(engineer, number)

    page = f"/acts/exchange-meter/{account}?application={number}"
    assert answer.location.endswith(page)
    requested = one(demo_database, "SELECT id FROM meter_change_reason WHERE code = 'REQUEST'")
    assert f'<option selected value="{requested}"' in engineer.text(page)
    form = exchange.form_of(engineer, demo_database, account, reason_id=requested)
    for _ in range(2):
        assert exchange.sent(engineer, f"{account}?application={number}", form, "do").status_code == 302
    assert status(demo_database, number) == "DONE"
    act = one(demo_database, f"SELECT id FROM act WHERE account_id = {account} AND kind = 'EXCHANGE_METER'")
    assert f"/accountactview/show/{act}" in engineer.text(f"/applications/show/{number}")


def test_act_of_another_account_does_not_close_it(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    engineer = log_in(app, "engineer")
    number = file(log_in(app, "operator"), demo_database, "METER_EXCHANGE", account, given_cause="OLD")
    take_and_accept(engineer, number)
    other = one(demo_database, _HOME)
    form = exchange.form_of(engineer, demo_database, other)

    page = exchange.sent(engineer, f"{other}?application={number}", form, "do")

    assert page.status_code == 200
    assert "The document is not what this application asks for." in page.text
    assert one(demo_database, f"SELECT count(*) FROM act WHERE account_id = {other}") == "0"
    assert status(demo_database, number) == "ACCEPTED"


@pytest.mark.parametrize(
    ("kind", "given", "page", "filled"),
    [
        ("VERIFICATION", {}, "/equipment-documents/new/VERIFY", "serial"),
        ("OWNER_CHANGE", {"given_name": "Olimov Sardor", "files": PDF}, "/acts/change-owner/", 'value="Olimov Sardor"'),
        ("MOVE_OUT", {}, "/acts/close-account/", 'name="unsettled"'),
    ],
)
def test_acceptance_leads_to_the_page_of_the_document_filled(
    app: Flask, demo_database: psycopg.Connection, account: str, kind: str, given: dict[str, Any], page: str, filled: str
) -> None:
    operator = log_in(app, "operator")
    number = file(operator, demo_database, kind, account, **given)

    answer = take_and_accept(operator, number)

    assert page in answer.location
    assert f"application={number}" in answer.location
    if filled == "serial":
        filled = one(
            demo_database,
            "SELECT m.serial_number FROM supply s "
            "JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_to IS NULL "
            f"JOIN device m ON m.id = i.meter_id WHERE s.account_id = {account} AND s.valid_to IS NULL",
        )
    assert filled in operator.text(answer.location)


def test_new_connection_opens_an_account_from_its_data(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    given = {"given_address": "Navoiy 7", "given_house": "7", "given_capacity": "7,5", "given_purpose": "HOME", "files": PDF}
    number = file(operator, demo_database, "NEW_CONNECTION", **given)
    for paper in ({}, {"files": PDF}):
        post(operator, f"/applications/step/{number}", event="TAKE")
        assert post(operator, f"/applications/step/{number}", event="PASS_ON", **paper).status_code == 302
    post(operator, f"/applications/step/{number}", event="TAKE")

    answer = post(operator, f"/applications/accept/{number}", files=PDF)

    assert answer.location.endswith(f"/new-account/?application={number}")
    page = operator.text(answer.location)
    assert 'value="Karimov Aziz"' in page
    assert 'value="7.5' in page
    assert status(demo_database, number) == "ACCEPTED"


def test_application_of_another_division_is_nobodys(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")
    number = file(operator, demo_database, "COMPLAINT", account, given_about="The light is dim.")
    demo_database.execute(f"UPDATE application SET division_id = (SELECT id FROM division WHERE code = '1718901') WHERE id = {number}")

    assert operator.status(f"/applications/show/{number}") == 404
    assert operator.post(f"/applications/step/{number}", event="TAKE") == 404


def test_answer_that_came_on_paper_is_recorded_with_it(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")
    number = file(operator, demo_database, "COMPLAINT", account, given_about="The light is dim.")
    post(operator, f"/applications/step/{number}", event="TAKE")
    assert 'value="ANSWER"' not in operator.text(f"/applications/show/{number}")
    post(operator, f"/applications/step/{number}", event="RETURN", reason="At what hour?")
    assert 'value="ANSWER"' in operator.text(f"/applications/show/{number}")

    post(operator, f"/applications/step/{number}", event="ANSWER", reason="In the evening.")
    assert status(demo_database, number) == "RETURNED"
    post(operator, f"/applications/step/{number}", event="ANSWER", reason="In the evening.", files=PDF)
    assert status(demo_database, number) == "TAKEN"
    post(operator, f"/applications/step/{number}", event="WITHDRAW", files=PDF)

    assert status(demo_database, number) == "WITHDRAWN"
    assert [
        tuple(row)
        for row in demo_database.execute(
            "SELECT s.event, s.created_by, o.name FROM application_step s JOIN application_file f ON f.application_step_id = s.id "
            "JOIN stored_file o ON o.id = f.stored_file_id WHERE s.application_id = %s ORDER BY s.id",
            (number,),
        )
    ] == [("ANSWER", "operator", "files.pdf"), ("WITHDRAW", "operator", "files.pdf")]


def test_whoever_looks_at_an_application_without_an_account_is_recorded(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    given = {"given_address": "Navoiy 9", "given_capacity": "7,5", "given_purpose": "HOME", "files": PDF}
    number = file(operator, demo_database, "NEW_CONNECTION", **given)
    looked = f"SELECT count(*) FROM audit_entry WHERE operation = 'READ' AND table_name = 'application' AND row_id = {number}"
    before = int(one(demo_database, looked))

    pages = [f"/applications/show/{number}", "/applications-inbox/?of=waiting", f"/applications/list/?q={number}"]
    seen = [before]
    for page in pages:
        assert operator.status(page) == 200
        seen.append(int(one(demo_database, looked)))

    assert seen == [before, before + 1, before + 2, before + 3]
