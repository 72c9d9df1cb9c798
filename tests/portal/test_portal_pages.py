"""Pages of an account: payments and receipts, paying, readings with their fate, own data, telephone; and pages for everybody."""

import base64
import io
import json
import re
import zipfile
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app import clock
from app.portal import codes
from tests.portal.consumers import HAS_METER, consumer, enter, forget_everybody, next_dial, post, send

PAYABLE = "p.debt_tiyin > 0 AND a.closed_on IS NULL AND NOT EXISTS (SELECT FROM payment_block x WHERE x.account_id = a.id)"


@pytest.fixture(autouse=True)
def nobody_yet(demo_database: psycopg.Connection) -> None:
    forget_everybody(demo_database)


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize("page", ["tariffs", "how-to-pay", "terms", "contacts", "outages", "disclosure", "calculator"])
@pytest.mark.parametrize("language", ["uz", "ru", "kaa"])
def test_anybody_reads_what_the_standard_of_disclosure_wants(client: FlaskClient, page: str, language: str) -> None:
    client.get(f"/portal/language/{language}")

    answer = client.get(f"/portal/{page}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert len(re.findall(r"<footer>.*?</footer>", answer.text, re.DOTALL)[0].split("<a ")) == 9


def test_every_tariff_is_shown_with_its_document(client: FlaskClient) -> None:
    client.get("/portal/language/uz")

    page = client.get("/portal/tariffs").text

    assert "204-son qaror" in page
    assert "200" in page


def test_every_provider_opens_with_the_debt_in_its_address(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, f"{PAYABLE} AND p.debt_tiyin BETWEEN 100000 AND 200000000")
    debt = demo_database.execute("SELECT debt_tiyin FROM account_position WHERE account_id = %s", (account.id,)).fetchone()
    assert debt is not None
    enter(client, demo_database, account)

    led = re.findall(r'<a class="btn btn-primary btn-lg" href="([^"]+)"', client.get("/portal/pay").text)

    payme = base64.b64decode(next(each for each in led if "paycom" in each).rpartition("/")[2]).decode()
    assert payme.endswith(f"ac.account={account.number};a={debt[0]}")
    assert len(led) == 4
    assert all(account.number in each for each in led if "paycom" not in each)
    assert sum(str(debt[0]) in each for each in led if "paycom" not in each) == 2


@pytest.mark.parametrize(("typed", "tiyin"), [("1500", 150000), ("12 345,67", 1234567), ("100000000", None)])
def test_any_sum_may_be_paid_and_a_part_where_it_is_too_large(
    client: FlaskClient, demo_database: psycopg.Connection, typed: str, tiyin: int | None
) -> None:
    enter(client, demo_database, consumer(demo_database, PAYABLE))

    led = re.findall(
        r'<a class="btn btn-primary btn-lg" href="(https://checkout[^"]+)"', client.get("/portal/pay", query_string={"sum": typed}).text
    )

    assert base64.b64decode(led[0].rpartition("/")[2]).decode().endswith(f";a={tiyin or 300000000}")


@pytest.mark.parametrize("typed", ["x", "-5", "0", "1e9", "9" * 30])
def test_sum_that_is_none_is_told(client: FlaskClient, demo_database: psycopg.Connection, typed: str) -> None:
    enter(client, demo_database, consumer(demo_database, PAYABLE))

    page = client.get("/portal/pay", query_string={"sum": typed}).text

    assert 'class="error"' in page
    assert "checkout.paycom" not in page


def test_provider_without_a_contract_or_an_address_says_why(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, demo_database, consumer(demo_database, PAYABLE))
    client.get("/portal/language/en")
    monkeypatch.setitem(app.config, "UZUM_LINK", "")
    demo_database.execute("UPDATE payment_contract SET is_stopped = true WHERE channel = 'CLICK'")
    try:
        page = client.get("/portal/pay").text
    finally:
        demo_database.execute("UPDATE payment_contract SET is_stopped = false WHERE channel = 'CLICK'")

    assert "Uzum Bank: it cannot be opened from here" in page
    assert "Click: it takes no payments at present" in page


def test_account_whose_payments_are_blocked_by_law_offers_none(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    demo_database.execute(
        "INSERT INTO payment_block (division_id, account_id, creditor, basis, valid_from) VALUES (%s, %s, 'Toza hudud', 'x', %s)",
        (account.division, account.id, clock.today() - timedelta(days=1)),
    )
    enter(client, demo_database, account)
    try:
        page = client.get("/portal/pay").text
    finally:
        demo_database.execute("DELETE FROM payment_block WHERE account_id = %s", (account.id,))

    assert "Toza hudud" in page
    assert "checkout.paycom" not in page


def test_all_payments_are_shown_with_their_receipts_and_no_other_accounts(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, "EXISTS (SELECT FROM payment y WHERE y.account_id = a.id)")
    other = consumer(demo_database, f"a.id <> {account.id} AND EXISTS (SELECT FROM payment y WHERE y.account_id = a.id)")
    kept = demo_database.execute("SELECT id FROM payment WHERE account_id = %s", (account.id,)).fetchall()
    foreign = demo_database.execute("SELECT id FROM payment WHERE account_id = %s LIMIT 1", (other.id,)).fetchone()
    assert foreign is not None
    enter(client, demo_database, account)

    shown = re.findall(r"/portal/payments/(\d+)\.pdf", client.get("/portal/payments").text)
    receipt = client.get(f"/portal/payments/{shown[0]}.pdf")

    assert {int(each) for each in shown} == {row[0] for row in kept}
    assert receipt.data.startswith(b"%PDF")
    assert client.get(f"/portal/payments/{foreign[0]}.pdf").status_code == 404


def test_money_that_is_not_posted_yet_is_shown_as_being_checked(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    made = demo_database.execute(
        "INSERT INTO tender (division_id, payment_contract_id, reference, account_id, amount_tiyin, status, provider_ms, created_ms) "
        "SELECT %s, id, 'portal-test', %s, 777700, 'CREATED', 0, 0 FROM payment_contract WHERE channel = 'PAYME' RETURNING id",
        (account.division, account.id),
    ).fetchone()
    assert made is not None
    enter(client, demo_database, account)
    client.get("/portal/language/en")
    try:
        pages = [client.get(f"/portal/{page}").text for page in ("home", "payments")]
    finally:
        demo_database.execute("DELETE FROM tender WHERE id = %s", made)

    assert all("announced, not received yet" in page and "7,777" in page for page in pages)


def test_sound_reading_is_booked_at_once_with_its_photograph(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    enter(client, demo_database, account)
    client.get("/portal/language/en")
    dial = next_dial(demo_database, account)

    page = send(client, dial=str(dial), photo=(io.BytesIO(photo()), "meter.png"))

    assert "The reading was taken." in page
    assert "Taken" in page
    booked = demo_database.execute(
        "SELECT dial_milli, source FROM reading WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,)
    ).fetchone()
    assert booked == (dial * 1000, "PORTAL")
    address = re.search(r"/portal/readings/\d+/photo", page)
    assert address is not None
    picture = client.get(address[0])
    assert picture.data.startswith(b"\xff\xd8")


def test_photograph_of_another_account_is_not_there(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    enter(client, demo_database, account)
    page = send(client, dial=str(next_dial(demo_database, account)), photo=(io.BytesIO(photo()), "meter.png"))
    address = re.search(r"/portal/readings/\d+/photo", page)
    assert address is not None
    stranger = app.test_client()
    enter(stranger, demo_database, consumer(demo_database, f"a.id <> {account.id}"))

    assert stranger.get(address[0]).status_code == 404
    assert app.test_client().get(address[0]).status_code == 302


@pytest.mark.parametrize("fate", ["ASKED_AGAIN", "ACCEPTED"])
def test_odd_reading_is_asked_about_then_waits_and_its_fate_is_told(
    client: FlaskClient, demo_database: psycopg.Connection, fate: str
) -> None:
    account = consumer(demo_database, HAS_METER)
    enter(client, demo_database, account)
    client.get("/portal/language/en")
    dial = str(next_dial(demo_database, account, 5))
    booked = "SELECT count(*) FROM reading WHERE account_id = %s"
    before = demo_database.execute(booked, (account.id,)).fetchone()

    asked = send(client, dial=dial)
    sent = send(client, dial=dial, sure="y")
    again = send(client, dial=dial, sure="y")
    demo_database.execute(
        "UPDATE doubtful_reading SET status = %s, decided_by = 'operator', decided_at = now(), basis = 'The photo shows another meter' "
        "WHERE account_id = %s AND source = 'PORTAL'",
        (fate, account.id),
    )
    told = client.get("/portal/readings").text

    assert "Look at the meter again" in asked
    assert "The office looks at it" in sent
    assert "waits for the office already" in again
    assert demo_database.execute(booked, (account.id,)).fetchone() == before
    assert ("Please read the meter again" if fate == "ASKED_AGAIN" else "Taken") in told
    assert "The photo shows another meter" in told


@pytest.mark.parametrize("dial", ["", "x", "-1", "0", "99999999999"])
def test_reading_that_breaks_a_rule_is_refused_beside_its_field(client: FlaskClient, demo_database: psycopg.Connection, dial: str) -> None:
    account = consumer(demo_database, HAS_METER)
    enter(client, demo_database, account)

    page = send(client, dial=dial, sure="y")

    assert 'class="field-error"' in page
    assert demo_database.execute("SELECT count(*) FROM consumer_reading WHERE account_id = %s", (account.id,)).fetchone() == (0,)


def test_what_is_no_photograph_is_refused(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    enter(client, demo_database, account)

    page = send(client, dial=str(next_dial(demo_database, account)), photo=(io.BytesIO(b"<svg onload=alert(1)>"), "x.png"))

    assert 'class="field-error"' in page
    assert demo_database.execute("SELECT count(*) FROM consumer_reading WHERE account_id = %s", (account.id,)).fetchone() == (0,)


@pytest.mark.parametrize("kind", ["json", "zip"])
def test_own_data_are_those_of_the_account_alone(client: FlaskClient, demo_database: psycopg.Connection, kind: str) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)

    sent = client.get(f"/portal/own-data.{kind}")

    if kind == "json":
        found = json.loads(sent.data)
        assert found["account"]["number"] == account.number
        bills = found["bills"]
    else:
        with zipfile.ZipFile(io.BytesIO(sent.data)) as packed:
            bills = json.loads(packed.read("bills.json"))
    kept = demo_database.execute("SELECT count(*) FROM bill WHERE account_id = %s AND cancels_id IS NULL", (account.id,)).fetchone()
    assert kept == (len(bills),)
    assert "attachment" in sent.headers["Content-Disposition"]


def test_telephone_is_changed_by_a_code_to_the_new_one_and_the_old_one_is_warned(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection
) -> None:
    account = consumer(demo_database)
    old = demo_database.execute(
        "SELECT c.phone, c.id FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = %s", (account.id,)
    ).fetchone()
    assert old is not None
    fresh = "+998" + str(970000000 + int(account.id))
    enter(client, demo_database, account)
    other = enter(app.test_client(), demo_database, account)
    try:
        assert post(client, "/portal/settings", phone="12") is not None
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/portal/settings").text)[-1]
        client.post("/portal/settings/phone", data={"phone": fresh, "csrf_token": token})
        codes.settle()
        row = demo_database.execute("SELECT phone, text FROM notice ORDER BY id DESC LIMIT 1").fetchone()
        assert row is not None
        assert row[0] == fresh

        assert post(client, "/portal/settings/phone/code", code=re.findall(r"\d{6}", row[1])[0]) == (302, "/portal/settings")

        assert demo_database.execute("SELECT phone FROM consumer WHERE id = %s", (old[1],)).fetchone() == (fresh,)
        warned = demo_database.execute("SELECT phone, kind FROM notice ORDER BY id DESC LIMIT 1").fetchone()
        assert warned == (old[0], "MESSAGE")
        assert client.get("/portal/home").status_code == 200
        # the user of the new telephone is the same one, so every browser of theirs goes on
        assert other.get("/portal/home").status_code == 200
    finally:
        demo_database.execute("UPDATE consumer SET phone = %s WHERE id = %s", old)


def test_bills_of_many_years_are_shown_a_page_at_a_time(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    enter(client, demo_database, consumer(demo_database))

    answers = [client.get("/portal/bills", query_string={"page": page}) for page in ("1", "2", "0", "-1", "x", "99999", "9" * 40)]

    assert [answer.status_code for answer in answers] == [200] * 7


def test_messages_language_and_address_are_chosen(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    page = client.get("/portal/settings").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "language": "ru", "email": "k@example.uz", "ways": ["BILL_READY.PORTAL", "PAYMENT_RECEIVED.EMAIL"]}

    wrong = client.post("/portal/settings/messages", data=form | {"email": "none"})
    answer = client.post("/portal/settings/messages", data=form)

    assert 'class="field-error"' in wrong.text
    assert answer.status_code == 302
    kept = demo_database.execute(
        "SELECT notice_kind, by_sms, by_email, by_portal FROM notice_preference "
        "WHERE account_id = %s AND (by_sms OR by_email OR by_portal) ORDER BY 1",
        (account.id,),
    ).fetchall()
    assert kept == [("BILL_READY", False, False, True), ("PAYMENT_RECEIVED", False, True, False)]
    ticked = re.findall(r'value="(\w+\.\w+)" checked', client.get("/portal/settings").text)
    assert sorted(ticked) == ["BILL_READY.PORTAL", "PAYMENT_RECEIVED.EMAIL"]
    demo_database.execute("DELETE FROM notice_preference WHERE account_id = %s", (account.id,))


def test_planned_outage_is_told_to_its_street_and_to_everybody(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    made = demo_database.execute(
        "INSERT INTO planned_outage (division_id, begins_at, ends_at, outage_reason, status) "
        "VALUES (%s, now() + interval '1 day', now() + interval '2 days', 'Test of a feeder', 'PLANNED') RETURNING id",
        (account.division,),
    ).fetchone()
    assert made is not None
    try:
        pages = [client.get("/portal/home").text, client.get("/portal/outages").text]
        client.get("/portal/home")
    finally:
        demo_database.execute("DELETE FROM planned_outage WHERE id = %s", made)

    assert all("Test of a feeder" in page for page in pages)
