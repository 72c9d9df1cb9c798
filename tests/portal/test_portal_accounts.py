"""Several accounts under one login: each claimed by its code, named in addresses, left, and nobody else's shown."""

import re

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.portal import codes
from tests.portal.consumers import Consumer, consumer, enter, forget_everybody, post, sent_code

PAGES = ("home", "bills", "payments", "pay", "consumption", "readings", "account", "notices", "settings", "accounts", "own-data.json")
UNKNOWN = "269019999999"


@pytest.fixture(autouse=True)
def nobody_yet(demo_database: psycopg.Connection) -> None:
    """Codes are counted, and accesses last: each test begins without them."""
    forget_everybody(demo_database)


@pytest.fixture
def two(client: FlaskClient, demo_database: psycopg.Connection) -> tuple[Consumer, Consumer]:
    """Two accounts of two districts, both claimed by who is signed in; the first is that of the login."""
    first = consumer(demo_database)
    enter(client, demo_database, first)
    second = consumer(demo_database, f"p.division_id <> {first.division}")
    claim(client, demo_database, second)
    client.get("/portal/home")  # where it is told once that the account was added
    return first, second


def claim(client: FlaskClient, demo_database: psycopg.Connection, account: Consumer) -> None:
    page = client.get("/portal/accounts")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    client.post("/portal/accounts", data={"account": account.number, "csrf_token": token[1]})
    codes.settle()
    status, led = post(client, "/portal/accounts/code", code=sent_code(demo_database, account))
    assert (status, led) == (302, f"/portal/home?account={account.number}")


def test_each_account_is_shown_at_its_own_address(client: FlaskClient, two: tuple[Consumer, Consumer]) -> None:
    for account, other in (two, two[::-1]):
        for page in PAGES:
            shown = client.get(f"/portal/{page}", query_string={"account": account.number})
            assert shown.status_code == 200, page
            text = re.sub(r'href="[^"]*"', "", shown.text)
            assert page == "accounts" or other.number not in text, page


def test_links_of_a_page_stay_with_its_account(client: FlaskClient, two: tuple[Consumer, Consumer]) -> None:
    page = client.get("/portal/home", query_string={"account": two[0].number}).text
    client.get("/portal/home", query_string={"account": two[1].number})  # in another tab

    led = re.findall(r'href="(/portal/(?:bills|payments|pay|readings)[^"]*)"', page)

    assert led
    assert all(f"account={two[0].number}" in address for address in led)
    assert client.get(led[0].replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_account_that_is_not_ones_own_is_not_replaced_by_another_in_silence(
    client: FlaskClient, demo_database: psycopg.Connection, page: str
) -> None:
    own = consumer(demo_database)
    enter(client, demo_database, own)
    foreign = consumer(demo_database, f"a.id <> {own.id}")

    answers = [client.get(f"/portal/{page}", query_string={"account": number}) for number in (foreign.number, UNKNOWN, "x")]

    assert [answer.status_code for answer in answers] == [404] * 3
    texts = [
        re.sub(r'(value|nonce)="[^"]*"', "", answer.text) for answer in answers
    ]  # without the form's token, which is another each second
    assert texts[0].replace(foreign.number, "N") == texts[1].replace(UNKNOWN, "N")
    assert 'id="balance"' not in answers[0].text


def test_address_of_the_way_in_that_names_another_account_shows_none(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    own = consumer(demo_database)
    enter(client, demo_database, own)
    foreign = consumer(demo_database, f"a.id <> {own.id}")

    assert client.get("/portal/", query_string={"account": foreign.number}).status_code == 404
    assert client.get("/portal/", query_string={"account": own.number}).headers["Location"] == "/portal/home"


def test_form_of_an_account_acts_on_it_though_another_is_shown_in_another_tab(client: FlaskClient, two: tuple[Consumer, Consumer]) -> None:
    page = client.get("/portal/accounts", query_string={"account": two[1].number}).text
    address = re.search(r'action="(/portal/accounts/leave[^"]*)"', page)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert address is not None
    assert token is not None
    client.get("/portal/home", query_string={"account": two[0].number})

    client.post(address[1].replace("&amp;", "&"), data={"csrf_token": token[1]})

    assert client.get("/portal/home", query_string={"account": two[1].number}).status_code == 404
    assert client.get("/portal/home", query_string={"account": two[0].number}).status_code == 200


def test_user_whose_access_the_owner_removed_sees_the_account_no_more(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, two: tuple[Consumer, Consumer]
) -> None:
    owner = app.test_client()
    demo_database.execute("DELETE FROM portal_code")
    enter(owner, demo_database, two[1])
    page = owner.get("/portal/accounts").text
    action = re.search(r'action="(/portal/accounts/holders/\d+/remove)"', page)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert action is not None
    assert token is not None

    removed = owner.post(action[1], data={"csrf_token": token[1]})

    assert removed.status_code == 302
    assert client.get("/portal/home", query_string={"account": two[1].number}).status_code == 404
    assert client.get("/portal/home").status_code == 200
    assert owner.get("/portal/home").status_code == 200


def test_access_to_another_account_is_not_removed(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, two: tuple[Consumer, Consumer]
) -> None:
    other = app.test_client()
    demo_database.execute("DELETE FROM portal_code")
    enter(other, demo_database, two[1])
    mine = demo_database.execute(
        "SELECT id FROM portal_access WHERE account_id = %s AND removed_at IS NULL ORDER BY id LIMIT 1", (two[0].id,)
    ).fetchone()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', other.get("/portal/accounts").text)
    assert mine is not None
    assert token is not None

    answer = other.post(f"/portal/accounts/holders/{mine[0]}/remove", data={"csrf_token": token[1]})

    assert answer.status_code == 404
    assert client.get("/portal/home", query_string={"account": two[0].number}).status_code == 200


def test_wrong_code_adds_no_account(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    own = consumer(demo_database)
    enter(client, demo_database, own)
    other = consumer(demo_database, f"a.id <> {own.id}")
    post(client, "/portal/accounts", account=other.number)
    codes.settle()
    right = sent_code(demo_database, other)

    status, page = post(client, "/portal/accounts/code", code=f"{(int(right) + 1) % 10**6:06d}")

    assert status == 200
    assert 'class="error"' in page
    assert client.get("/portal/home", query_string={"account": other.number}).status_code == 404


def test_session_of_the_earlier_portal_leads_to_the_way_in(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    with client.session_transaction() as session:
        del session["portal_session_id"]
        session["portal_code_id"], session["portal_division_id"] = 1, int(account.division)

    answer = client.get("/portal/home")

    assert (answer.status_code, answer.headers.get("Location")) == (302, "/portal/")
    assert client.get("/portal/").status_code == 200


def test_user_signs_in_by_the_own_telephone_too(app: Flask, demo_database: psycopg.Connection, two: tuple[Consumer, Consumer]) -> None:
    phone = demo_database.execute(
        "SELECT c.phone FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = %s", (two[0].id,)
    ).fetchone()
    assert phone is not None
    again = app.test_client()

    assert post(again, "/portal/", account=phone[0]) == (302, "/portal/code")
    codes.settle()

    newest = demo_database.execute("SELECT phone, text FROM notice ORDER BY id DESC LIMIT 1").fetchone()
    assert newest is not None
    assert newest[0] == phone[0]
    assert post(again, "/portal/code", code=re.findall(r"\d{6}", newest[1])[0])[0] == 302
    assert two[1].number in again.get("/portal/accounts").text


def test_language_that_was_chosen_is_spoken_after_the_next_login(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection
) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    client.get("/portal/language/kaa")

    again = app.test_client()
    enter(again, demo_database, account)

    assert '<html lang="kaa">' in again.get("/portal/home").text
