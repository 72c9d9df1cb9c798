"""Links of one purpose: one act without a login, nothing personal on the page, and nothing for who holds another word."""

import re

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.domain.portal import LinkPurpose
from app.extensions import Scope, set_scope, transaction
from app.services import links
from tests.portal.consumers import HAS_METER, Consumer, consumer, forget_everybody, next_dial, send


@pytest.fixture(autouse=True)
def nobody_yet(demo_database: psycopg.Connection) -> None:
    forget_everybody(demo_database)


def made(app: Flask, account: Consumer, purpose: LinkPurpose, phone: str | None = None) -> str:
    with app.test_request_context():
        set_scope(Scope(actor="test", today=clock.today(), everywhere=True))
        with transaction() as session:
            token = links.make(session, int(account.id), purpose, key=links.terms_of(app.config).key, now=clock.now(), phone=phone)
    return f"/portal/l/{token}"


def personal(demo_database: psycopg.Connection, account: Consumer) -> list[str]:
    row = demo_database.execute(
        "SELECT c.name, c.phone, t.name FROM account a JOIN consumer c ON c.id = a.consumer_id JOIN supply s ON s.account_id = a.id "
        "JOIN service_point p ON p.id = s.service_point_id JOIN street t ON t.id = p.street_id WHERE a.id = %s LIMIT 1",
        (account.id,),
    ).fetchone()
    assert row is not None
    return [str(each) for each in row]


@pytest.mark.parametrize("purpose", list(LinkPurpose))
def test_page_of_a_link_opens_without_a_login_and_shows_nothing_personal(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, purpose: LinkPurpose
) -> None:
    account = consumer(demo_database, f"p.debt_tiyin > 0 AND {HAS_METER}")

    page = client.get(made(app, account, purpose, "+998971234567" if purpose == LinkPurpose.PHONE else None))

    assert page.status_code == 200
    assert [each for each in personal(demo_database, account) if each in page.text] == []
    text = re.sub(r'href="[^"]*"', "", page.text)
    assert account.number not in text


def test_link_opens_nothing_else(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    client.get(made(app, account, LinkPurpose.PAY))

    answers = [client.get(f"/portal/{page}") for page in ("home", "bills", "readings", "settings", "own-data.json")]

    assert [answer.headers.get("Location") for answer in answers] == ["/portal/"] * 5


def test_reading_is_sent_once_by_a_link(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    address, dial = made(app, account, LinkPurpose.READING), next_dial(demo_database, account)

    send(client, address, dial=str(dial))

    booked = "SELECT dial_milli, source FROM reading WHERE account_id = %s ORDER BY id DESC LIMIT 1"
    assert demo_database.execute(booked, (account.id,)).fetchone() == (dial * 1000, "PORTAL")
    assert client.get(address).status_code == 404


def test_refused_reading_leaves_its_link_usable(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, HAS_METER)
    address = made(app, account, LinkPurpose.READING)

    page = send(client, address, dial="0")

    assert 'class="field-error"' in page
    assert client.get(address).status_code == 200


def test_telephone_is_confirmed_by_the_link_that_came_to_it(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    old = demo_database.execute(
        "SELECT c.phone, c.id FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = %s", (account.id,)
    ).fetchone()
    assert old is not None
    fresh = "+998" + str(980000000 + int(account.id))
    address = made(app, account, LinkPurpose.PHONE, fresh)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert token is not None
    try:
        assert client.post(address).status_code == 400
        answer = client.post(address, data={"csrf_token": token[1]})

        assert answer.status_code == 200
        assert demo_database.execute("SELECT phone FROM consumer WHERE id = %s", (old[1],)).fetchone() == (fresh,)
        assert client.post(address, data={"csrf_token": token[1]}).status_code == 404
    finally:
        demo_database.execute("UPDATE consumer SET phone = %s WHERE id = %s", old)


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 4000, "%00", "../home", "ж" * 32])
def test_word_that_is_none_says_nothing_of_an_account(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/portal/l/{token}")

    assert answer.status_code in {400, 404}
    assert 'id="balance"' not in answer.text


def test_three_hundred_tries_of_an_address_are_enough(app: Flask) -> None:
    browser = app.test_client()
    where = {"REMOTE_ADDR": "203.0.113.201"}

    statuses = [browser.get("/portal/l/" + "B" * 32, environ_base=where).status_code for _ in range(301)]

    assert statuses == [404] * 300 + [429]
