"""The consumers' portal: who gets in, what he sees, and that it is his own."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.extensions import db
from app.portal import codes
from tests.databases import PASSWORD
from tests.loopback import agreed_gateway
from tests.portal.consumers import Consumer, ask, consumer, enter, forget_everybody, post, sent_code

UNKNOWN = "269019999999"


@pytest.fixture(autouse=True)
def no_codes_yet(demo_database: psycopg.Connection) -> None:
    """An account is sent a few codes an hour only; tests come faster."""
    forget_everybody(demo_database)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def some_bill(demo_database: psycopg.Connection, account: Consumer) -> tuple[str, int]:
    """Return what outsiders see of an account's bill, and its amount."""
    row = demo_database.execute(
        "SELECT public_id, amount_tiyin FROM bill WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,)
    ).fetchone()
    assert row is not None
    return str(row[0]), int(row[1])


def test_number_and_code_open_the_account(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)

    enter(client, demo_database, account)

    page = client.get("/portal/home")
    assert page.status_code == 200
    assert account.number in page.text
    assert client.get("/portal/").headers["Location"] == "/portal/home"


def test_number_is_taken_with_the_blanks_of_the_bill(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)

    answer = ask(client, f" {account.number[:5]} {account.number[5:]} ")

    assert answer == (302, "/portal/code")
    assert re.fullmatch(r"\d{6}", sent_code(demo_database, account))


TYPED = ("{0} {1}", "{0}-{1}", "{0}\u200b{1}", "\ufeff{0}\u00a0{1}\u2060", "{0}\u00ad{1}\u200e", "WIDE")


def typed_as(number: str, form: str) -> str:
    if form == "WIDE":
        return "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in number)
    return form.format(number[:5], number[5:])


@pytest.mark.parametrize("form", TYPED)
def test_number_is_one_account_however_it_is_typed(client: FlaskClient, demo_database: psycopg.Connection, form: str) -> None:
    account = consumer(demo_database)

    assert ask(client, typed_as(account.number, form)) == (302, "/portal/code")

    assert post(client, "/portal/code", code=sent_code(demo_database, account)) == (302, "/portal/home")


def test_tries_for_one_account_are_counted_together_however_it_is_typed_and_told_when_to_come_again(app: Flask) -> None:
    browser = app.test_client()
    statuses = []
    for number in range(12):
        page = browser.get("/portal/", environ_base={"REMOTE_ADDR": "203.0.113.77"}).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        form = {"account": typed_as(UNKNOWN, TYPED[number % len(TYPED)]), "csrf_token": token[1]}
        answer = browser.post("/portal/", data=form, environ_base={"REMOTE_ADDR": "203.0.113.77"})
        statuses.append(answer.status_code)
    codes.settle()

    assert statuses == [302] * 10 + [429] * 2
    assert 0 < int(answer.headers["Retry-After"]) <= 301


def test_stranger_who_asks_and_guesses_keeps_nobody_out(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)  # the owner's browser is known from here on
    client.get("/portal/home")
    with client.session_transaction() as session:
        session.clear()
    ask(client, account.number)
    code = sent_code(demo_database, account)

    stranger = app.test_client()
    for number in range(30):
        where = {"REMOTE_ADDR": f"198.18.7.{number}"}
        page = stranger.get("/portal/", environ_base=where).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        assert stranger.post("/portal/", data={"account": account.number, "csrf_token": token[1]}, environ_base=where).status_code == 302
        guess = {"code": f"{number:06d}", "csrf_token": token[1]}
        assert stranger.post("/portal/code", data=guess, environ_base=where).status_code == 200
    codes.settle()

    sent = demo_database.execute("SELECT count(account_id), count(*) FROM portal_code WHERE NOT is_known").fetchone()
    assert sent == (15, 31)  # the budget of strangers' browsers, the owner's first one among them
    assert post(client, "/portal/code", code=code) == (302, "/portal/home")
    with client.session_transaction() as session:
        session.clear()
    assert ask(client, account.number) == (302, "/portal/code")
    assert post(client, "/portal/code", code=sent_code(demo_database, account)) == (302, "/portal/home")


def test_code_asked_for_earlier_in_the_same_browser_still_opens(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    ask(client, account.number)
    first = sent_code(demo_database, account)
    ask(client, account.number)

    assert post(client, "/portal/code", code=first) == (302, "/portal/home")


def test_same_statements_are_run_for_accounts_that_are_and_are_not(app: Flask, demo_database: psycopg.Connection) -> None:
    silent = demo_database.execute(
        "SELECT a.number FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE c.phone IS NULL ORDER BY 1 LIMIT 1"
    ).fetchone()
    assert silent is not None
    counted: list[list[str]] = []
    with app.app_context():
        engine = db.engine

    for number in (consumer(demo_database).number, silent[0], UNKNOWN):
        browser, run = app.test_client(), []
        ask(browser, number)

        def keep(_c: object, _u: object, statement: str, *_more: object, kept: list[str] = run) -> None:
            if "FROM translation" not in statement:  # asked for by the clock, whatever the number is
                kept.append(statement)

        event.listen(engine, "before_cursor_execute", keep)
        assert post(browser, "/portal/code", code="000000")[0] == 200
        event.remove(engine, "before_cursor_execute", keep)
        counted.append(run)

    assert counted[0] == counted[1] == counted[2]
    assert any("UPDATE portal_code" in statement for statement in counted[0])
    assert demo_database.execute("SELECT array_agg(attempts) FROM portal_code").fetchone() == ([1, 1, 1],)


@pytest.mark.parametrize("number", ["123", "abcdefghijkl", "", "26901000000١", "12345678901234"])
def test_number_that_is_none_is_refused_in_words(client: FlaskClient, number: str) -> None:
    status, page = ask(client, number)

    assert status == 200
    assert re.findall(r'<p class="error" role="alert">[^<]+<', page)


def test_unknown_silent_and_known_accounts_look_the_same(app: Flask, demo_database: psycopg.Connection) -> None:
    known = consumer(demo_database)
    silent = demo_database.execute(
        "SELECT a.number FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE c.phone IS NULL ORDER BY 1 LIMIT 1"
    ).fetchone()
    assert silent is not None
    shown = []

    for number in (known.number, silent[0], UNKNOWN):
        client = app.test_client()
        first = ask(client, number)
        second = client.get("/portal/code").text
        third = post(client, "/portal/code", code="x00000")
        shown.append([_without(text, number) for text in (str(first), second, str(third))])

    assert shown[0] == shown[1] == shown[2]
    assert 'class="error"' in shown[0][2]


def _without(page: str, number: str) -> str:
    """Return a page without what differs from session to session."""
    return re.sub(r'name="csrf_token"[^>]*>|nonce="[^"]*"', "", page.replace(number, "NUMBER"))


def test_code_is_sent_to_the_telephone_and_to_nobody_else(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    before = demo_database.execute("SELECT count(*) FROM notice").fetchone()

    ask(client, account.number)
    ask(client, UNKNOWN)

    rows = demo_database.execute("SELECT phone, text FROM notice WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,)).fetchall()
    phone = demo_database.execute(
        "SELECT phone FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = %s", (account.id,)
    ).fetchone()
    after = demo_database.execute("SELECT count(*) FROM notice").fetchone()
    assert before is not None
    assert after is not None
    assert after[0] == before[0] + 1
    assert [row[0] for row in rows] == [phone and phone[0]]
    assert not set(rows[0][1]) & set("ʻʼ‘’")
    assert sent_code(demo_database, account) not in client.get("/portal/code").text


def test_fifth_wrong_code_closes_it_and_a_new_code_opens_it_again(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    ask(client, account.number)
    right = sent_code(demo_database, account)

    tries = [post(client, "/portal/code", code=wrong(right))[0] for _ in range(5)]
    closed = post(client, "/portal/code", code=right)

    assert tries == [200] * 5
    assert closed[0] == 200
    assert 'class="error"' in closed[1]
    assert client.get("/portal/home").headers["Location"] == "/portal/"
    enter(client, demo_database, account)


def test_code_opens_once(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    other = app.test_client()
    enter(client, demo_database, account)
    with other.session_transaction() as session:
        session["portal_number"] = account.number

    status, page = post(other, "/portal/code", code=sent_code(demo_database, account))

    assert status == 200
    assert 'class="error"' in page


@pytest.mark.parametrize(
    "neighbour", ["p.division_id = {division} AND a.id <> {id}", "p.division_id <> {division}"], ids=["same district", "other district"]
)
def test_bill_of_another_consumer_is_not_there(client: FlaskClient, demo_database: psycopg.Connection, neighbour: str) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    other = consumer(demo_database, neighbour.format(**account._asdict()))
    own_bill, amount = some_bill(demo_database, account)
    foreign_bill, _ = some_bill(demo_database, other)

    own = [client.get(f"/portal/bills/{own_bill}"), client.get(f"/portal/bills/{own_bill}.pdf")]
    foreign = [client.get(f"/portal/bills/{foreign_bill}"), client.get(f"/portal/bills/{foreign_bill}.pdf")]

    assert [page.status_code for page in own] == [200, 200]
    assert str(amount) in {re.sub(r"\D", "", text) for text in re.findall(r'<p class="sum">([^<]+)<', own[0].text)}
    assert own[1].data.startswith(b"%PDF")
    assert [page.status_code for page in foreign] == [404, 404]
    assert other.number not in foreign[0].text


@pytest.mark.parametrize("address", ["/portal/bills/1", "/portal/bills/x.pdf", "/portal/bills/00000000-0000-0000-0000-000000000000"])
def test_bill_that_is_none_is_not_there(client: FlaskClient, demo_database: psycopg.Connection, address: str) -> None:
    enter(client, demo_database, consumer(demo_database))

    assert client.get(address).status_code == 404


def test_page_of_bills_lists_only_the_consumers_own_bills(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database, "p.debt_tiyin > 0 AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)")
    enter(client, demo_database, account)

    shown = set(re.findall(r"/portal/bills/([0-9a-f-]{36})\b", client.get("/portal/bills").text))

    rows = demo_database.execute("SELECT public_id::text FROM bill WHERE account_id = %s", (account.id,)).fetchall()
    assert shown == {row[0] for row in rows}


def test_after_the_exit_nothing_is_shown(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)
    bill, _ = some_bill(demo_database, account)
    page = client.get("/portal/home").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None

    copied = client.get_cookie("session")
    assert copied is not None

    left = client.post("/portal/logout", data={"csrf_token": token[1]})

    answers = [client.get(address) for address in ("/portal/home", f"/portal/bills/{bill}", f"/portal/bills/{bill}.pdf", "/portal/code")]
    assert left.headers["Location"] == "/portal/"
    assert [answer.headers.get("Location") for answer in answers] == ["/portal/"] * 4
    assert account.number not in client.get("/portal/").text
    client.set_cookie("session", copied.value)
    assert client.get("/portal/home").headers.get("Location") == "/portal/"


def test_exit_needs_a_form_of_ours(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    enter(client, demo_database, consumer(demo_database))

    assert client.post("/portal/logout").status_code == 400
    assert client.get("/portal/logout").status_code == 405
    assert client.get("/portal/home").status_code == 200


def test_idle_session_ends_after_half_an_hour(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    enter(client, demo_database, consumer(demo_database))
    with client.session_transaction() as session:
        session["portal_seen"] -= 29 * 60
    before = client.get("/portal/home").status_code
    with client.session_transaction() as session:
        session["portal_seen"] -= 31 * 60

    after = client.get("/portal/home")

    assert before == 200
    assert after.headers["Location"] == "/portal/"


def test_member_of_the_staff_sees_no_consumers_page(client: FlaskClient) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    assert token is not None
    client.post("/login/", data={"username": "admin", "password": PASSWORD, "csrf_token": token[1]})

    assert client.get("/portal/home").headers["Location"] == "/portal/"


def test_consumer_sees_no_page_of_the_staff(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    enter(client, demo_database, account)

    answers = [client.get(address) for address in (f"/accountview/show/{account.id}", "/accountview/list/", "/files/1", "/console/")]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert all("/login" in answer.headers["Location"] for answer in answers)


@pytest.mark.parametrize("code", ["uz", "uz_Cyrl", "ru", "kaa", "en"])
def test_language_is_switched_and_one_stays_where_one_is(client: FlaskClient, demo_database: psycopg.Connection, code: str) -> None:
    enter(client, demo_database, consumer(demo_database))

    switched = client.get("/portal/language/" + code, query_string={"next": "/portal/home"})

    assert switched.headers["Location"] == "/portal/home"
    assert f'<html lang="{code.replace("_", "-")}">' in client.get("/portal/home").text


def test_unknown_language_is_not_there(client: FlaskClient) -> None:
    assert client.get("/portal/language/de").status_code == 404


@pytest.mark.parametrize("switch", ["/portal/language/ru", "/language/ru"])
@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example/portal/",
        "https:evil.example",
        "https:/evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "/portal/\\evil.example",
        "/portal//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/portal/../..//evil.example",
        "javascript:alert(1)",
        "/portal/\r\nLocation: https://evil.example",
        "evil.example",
        "",
    ],
)
def test_language_switch_never_leads_off_the_host(client: FlaskClient, switch: str, back: str) -> None:
    answer = client.get(switch, query_string={"next": back})

    location = answer.headers["Location"]
    seen = re.sub(r"[\t\r\n]", "", location).replace("\\", "/")  # as browsers read it
    assert answer.status_code == 302
    assert urlsplit(urljoin("http://localhost/portal/", seen))[:2] == ("http", "localhost")
    assert "\n" not in location


@pytest.mark.parametrize(
    ("condition", "account"),
    [("p.debt_tiyin > 0", "RECEIVABLE"), ("p.advance_tiyin > 0", "ADVANCE"), ("p.debt_tiyin > 40000000", "RECEIVABLE")],
)
def test_balance_is_what_the_ledger_says(client: FlaskClient, demo_database: psycopg.Connection, condition: str, account: str) -> None:
    chosen = consumer(demo_database, condition)
    row = demo_database.execute(
        "SELECT abs(sum(CASE WHEN debit = %(account)s THEN amount_tiyin WHEN credit = %(account)s THEN -amount_tiyin ELSE 0 END)) "
        "FROM ledger_entry WHERE account_id = %(id)s",
        {"account": account, "id": chosen.id},
    ).fetchone()
    assert row is not None
    enter(client, demo_database, chosen)

    shown = re.search(r'id="balance">([^<]+)<', client.get("/portal/home").text)

    assert shown is not None
    assert int(re.sub(r"\D", "", unescape(shown[1]))) == int(row[0]) > 0


def test_every_page_is_kept_out_of_caches(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    before = [client.get(address) for address in ("/portal/", "/portal/home", "/portal/nowhere", "/portal/language/ru")]
    enter(client, demo_database, account)
    bill, _ = some_bill(demo_database, account)
    pages = ["/portal/home", f"/portal/bills/{bill}", f"/portal/bills/{bill}.pdf", "/portal/bills/00000000-0000-0000-0000-000000000000"]

    answers = [*before, *(client.get(address) for address in pages), client.get("/portal/code")]

    assert [answer.headers.get("Cache-Control") for answer in answers] == ["no-store"] * 9


def test_eleventh_try_of_one_account_is_turned_away(client: FlaskClient) -> None:
    tries = [ask(client, "269018888888")[0] for _ in range(10)]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/portal/").text)
    assert token is not None

    last = client.post("/portal/", data={"account": "26901 8888888", "csrf_token": token[1]})

    assert tries == [302] * 10
    assert last.status_code == 429


@pytest.mark.parametrize("address", ["/portal/", "/portal/code"])
def test_without_a_gateway_the_portal_says_that_no_code_comes(app: Flask, demo_database: psycopg.Connection, address: str) -> None:
    client = app.test_client()
    ask(client, UNKNOWN)
    silent = client.get(address).text
    with agreed_gateway(demo_database):
        sending = client.get(address).text

    assert "No SMS can be sent at present" in silent
    assert "on its way" not in silent
    assert "No SMS can be sent" not in sending


def test_portal_does_not_say_that_a_code_was_sent_before_it_was(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    account = consumer(demo_database)
    with agreed_gateway(demo_database):
        ask(client, account.number)
        page = unescape(client.get("/portal/code").text)

    assert "and today's codes are not spent, a code of six digits is on its way to it." in page
    assert "was sent" not in page
    kept = "kind, status, expires_at - created_at < interval '6 minutes', sent_at"
    found = demo_database.execute(f"SELECT {kept} FROM notice WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account.id,))
    assert found.fetchone() == ("PORTAL_CODE", "QUEUED", True, None)


def test_without_a_gateway_no_job_is_started_for_a_code(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    count = "SELECT count(*) FROM job_run WHERE kind = 'NOTICE_SEND'"
    before = demo_database.execute(count).fetchone()

    ask(client, consumer(demo_database).number)

    assert demo_database.execute(count).fetchone() == before
