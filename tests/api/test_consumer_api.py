"""The app of consumers: signing in, what is the user's own and what is not, once a key, and answers as they are described."""

import base64
import json
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import clock
from app.api.consumer import INTERFACE
from app.api.openapi import document
from app.domain.applications import ApplicationEvent
from app.extensions import Scope, set_scope, transaction
from app.jobs import portal as codes
from app.queries.records import fetch_one
from app.services import applications
from app.services.applications import StepTaken
from tests.api.described import assert_described, values_of
from tests.portal.consumers import Consumer, consumer, enter, make_statement, sent_code

BASE = "/api/consumer/v1"
_OPERATIONS = {operation.name: operation for operation in INTERFACE.operations}


PAPER = b"%PDF-1.4\n%%EOF\n"


class App:
    """An app on a device."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.device, self.token = client, secrets.token_urlsafe(24), ""

    def call(self, name: str, body: Any = None, *, key: str = "", **given: Any) -> TestResponse:
        """Call an operation, and hold its answer against the description."""
        operation = _OPERATIONS[name]
        path = operation.path.format(**given)
        query = {each.name: given[each.name] for each in operation.parameters if each.place == "query" and each.name in given}
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if operation.method == "post":
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        answer = self.client.open(path, method=operation.method.upper(), headers=headers, query_string=query, json=body)
        if answer.status_code != 204 and answer.mimetype != "application/pdf" and (operation.answer or answer.status_code >= 400):
            assert_described(INTERFACE, operation.path, operation.method, answer)
        return answer

    def ask(self, account: str) -> None:
        assert self.call("ask_for_code", {"account": account, "device": self.device}).status_code == 202
        codes.settle()

    def sign_in(self, account: str, code: str, *, key: str = "") -> TestResponse:
        answer = self.call("sign_in", {"account": account, "device": self.device, "code": code, "name": "Samsung A15"}, key=key)
        if answer.status_code == 201:
            self.token = answer.json["token"]
        return answer


@pytest.fixture(autouse=True)
def no_codes_yet(demo_database: psycopg.Connection) -> None:
    demo_database.execute("DELETE FROM portal_code")
    demo_database.execute("UPDATE portal_access SET removed_at = now(), access_end = 'STAFF' WHERE removed_at IS NULL")


@pytest.fixture
def account(demo_database: psycopg.Connection) -> Consumer:
    return consumer(demo_database)


@pytest.fixture
def signed_in(app: Flask, demo_database: psycopg.Connection, account: Consumer) -> App:
    return entered(app, demo_database, account)


def entered(app: Flask, demo_database: psycopg.Connection, account: Consumer) -> App:
    mine = App(app.test_client())
    mine.ask(account.number)
    assert mine.sign_in(account.number, sent_code(demo_database, account)).status_code == 201
    return mine


def return_to_consumer(app: Flask, application_id: int) -> None:
    """Take an application up in the office, and ask the consumer about it."""
    with app.app_context():
        set_scope(Scope("supervisor", clock.today(), everywhere=True))
        with transaction() as session:
            user_id = fetch_one(session, "SELECT id FROM ab_user WHERE username = 'supervisor'", int)
            for step in (StepTaken(ApplicationEvent.TAKE, user_id=user_id, title="x"), StepTaken(ApplicationEvent.RETURN, "Where?")):
                applications.advance(session, application_id, step, today=clock.today(), now=clock.now())


def code_of(answer: TestResponse) -> str:
    assert answer.mimetype == "application/problem+json", answer.text
    return str(answer.json["code"])


def test_code_gives_a_token_and_the_token_opens_the_account(signed_in: App, account: Consumer) -> None:
    rows = signed_in.call("accounts").json["rows"]

    assert [row["number"] for row in rows] == [account.number]
    assert signed_in.call("account", number=account.number).json["number"] == account.number
    assert signed_in.call("balance", number=account.number).json["debt_tiyin"] > 0


def test_same_call_tells_the_same_token_and_another_code_under_its_key_is_refused(
    app: Flask, demo_database: psycopg.Connection, account: Consumer
) -> None:
    mine = App(app.test_client())
    mine.ask(account.number)
    code = sent_code(demo_database, account)
    first = mine.sign_in(account.number, code, key="sign-in-0001")

    again = mine.sign_in(account.number, code, key="sign-in-0001")

    assert (again.status_code, again.data) == (201, first.data)
    assert code_of(mine.sign_in(account.number, f"{(int(code) + 1) % 10**6:06d}", key="sign-in-0001")) == "OTHER_CONTENTS"
    row = demo_database.execute("SELECT count(*), min(token_hash) FROM portal_device WHERE name = 'Samsung A15'").fetchone()
    assert row is not None
    assert row[0] >= 1
    assert first.json["token"] not in row[1]


def test_wrong_code_opens_nothing_and_counts(app: Flask, demo_database: psycopg.Connection, account: Consumer) -> None:
    mine = App(app.test_client())
    mine.ask(account.number)
    code = sent_code(demo_database, account)

    for number in range(5):
        assert code_of(mine.sign_in(account.number, f"{(int(code) + 1 + number) % 10**6:06d}")) == "WRONG_CODE"

    assert code_of(mine.sign_in(account.number, code)) == "WRONG_CODE"


def test_account_that_is_not_there_is_answered_like_one_that_is(app: Flask, account: Consumer) -> None:
    answers = [App(app.test_client()).call("ask_for_code", {"account": number, "device": secrets.token_urlsafe(24)}) for number in (
        account.number, "269019999999",
    )]  # fmt: skip
    codes.settle()

    assert answers[0].data == answers[1].data


def test_code_of_one_device_opens_nothing_for_another(app: Flask, demo_database: psycopg.Connection, account: Consumer) -> None:
    App(app.test_client()).ask(account.number)

    assert code_of(App(app.test_client()).sign_in(account.number, sent_code(demo_database, account))) == "WRONG_CODE"


def test_ten_tries_for_an_account_then_it_is_told_when_to_come_again(app: Flask) -> None:
    mine = App(app.test_client())
    statuses = [mine.sign_in("269019999998", "000000").status_code for _number in range(11)]

    assert statuses == [422] * 10 + [429]


def test_without_a_token_or_with_another_nothing_is_told(app: Flask, account: Consumer) -> None:
    stranger = App(app.test_client())

    assert code_of(stranger.call("accounts")) == "NOT_SIGNED_IN"
    stranger.token = secrets.token_hex(32)
    assert code_of(stranger.call("balance", number=account.number)) == "NOT_SIGNED_IN"


def test_session_of_the_portal_opens_nothing(client: FlaskClient, demo_database: psycopg.Connection, account: Consumer) -> None:
    enter(client, demo_database, account)

    assert code_of(App(client).call("accounts")) == "NOT_SIGNED_IN"


#: Operations about an account that only read, with what they name besides.
_READ = sorted(
    name for name, operation in _OPERATIONS.items() if operation.method == "get" and "{number}" in operation.path
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name, operation in _OPERATIONS.items() if "{number}" in operation.path))
def test_account_of_another_is_not_found_whatever_is_asked(
    name: str, signed_in: App, account: Consumer, demo_database: psycopg.Connection
) -> None:
    foreign = consumer(demo_database, f"a.number <> '{account.number}'")
    ids = {
        "bill": "3f2a9d7c-0d0e-4a52-9d0e-2c1d5a0a1b2c",
        "payment": 1,
        "invoice": 1,
        "statement": 1,
        "holder": 1,
        "application": 1,
        "file": 1,
    }

    answer = signed_in.call(name, _body(name), number=foreign.number, **ids)

    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


def _body(name: str) -> Any:
    bodies = {
        "send_reading": {"meter_number": "1", "read_on": "2026-11-01", "dials": {"TOTAL": "1"}},
        "let_in": {"phone": "+998901112233", "rights": ["VIEW"]},
        "answer_statement": {"agreement": "AGREED", "person": "Karimov Anvar"},
        "file_application": {"kind": "COMPLAINT", "given": {"about": "The lamp flickers"}},
        "answer_application": {"event": "WITHDRAW"},
        "choose_notices": {"language": "ru", "email": None, "ways": {"BILL_READY": ["PORTAL"]}},
    }
    return bodies.get(name)


_OBJECTS = {
    "bill": ("bill", "SELECT public_id FROM bill WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "bill_pdf": ("bill", "SELECT public_id FROM bill WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "receipt": ("payment", "SELECT id FROM payment WHERE account_id <> %s AND division_id = %s ORDER BY id LIMIT 1"),
    "tax_invoice": ("invoice", "SELECT id FROM tax_invoice WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "tax_invoice_pdf": ("invoice", "SELECT id FROM tax_invoice WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "statement_pdf": ("statement", "SELECT id FROM account_statement WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "answer_statement": ("statement", "SELECT id FROM account_statement WHERE account_id <> %s ORDER BY id LIMIT 1"),
    "shut_out": ("holder", "SELECT id FROM portal_access WHERE account_id <> %s AND removed_at IS NULL ORDER BY id LIMIT 1"),
}


@pytest.mark.parametrize("name", _OBJECTS)
def test_object_of_another_account_is_not_found_through_ones_own(
    name: str, app: Flask, signed_in: App, account: Consumer, demo_database: psycopg.Connection
) -> None:
    entered(app, demo_database, consumer(demo_database, f"a.number <> '{account.number}'"))
    make_statement(demo_database, f"a.id <> {account.id}")
    word, statement = _OBJECTS[name]
    row = demo_database.execute(statement, (account.id, account.division)[: statement.count("%s")]).fetchone()
    if row is None:
        pytest.skip("the town has none")
    before = demo_database.execute("SELECT count(*) FROM statement_answer").fetchone()

    answer = signed_in.call(name, _body(name), number=account.number, **{word: row[0]})

    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
    assert demo_database.execute("SELECT count(*) FROM statement_answer").fetchone() == before


def test_every_page_of_bills_and_payments_is_told_once(signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    for name, table in (("bills", "bill b WHERE b.cancels_id IS NULL AND NOT EXISTS (SELECT FROM bill c WHERE c.cancels_id = b.id) AND b"),
                        ("payments", "payment b WHERE b"), ("readings", "reading b WHERE b")):  # fmt: skip
        told: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = signed_in.call(name, number=account.number, limit=2, **({"cursor": cursor} if cursor else {})).json
            told += [row["id"] for row in page["rows"]]
            cursor = page["next"]
        count = demo_database.execute(f"SELECT count(*) FROM {table}.account_id = %s", (account.id,)).fetchone()
        assert count is not None
        assert len(told) == len(set(told)) == count[0]


@pytest.mark.parametrize("cursor", ["x", "AA", "-1", "٣", "MA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_cursor_that_is_none_is_refused(signed_in: App, account: Consumer, cursor: str) -> None:
    assert code_of(signed_in.call("bills", number=account.number, cursor=cursor)) == "WRONG_VALUES"


def test_bill_and_receipt_come_as_papers(signed_in: App, account: Consumer) -> None:
    bill = signed_in.call("bills", number=account.number).json["rows"][0]

    lines = signed_in.call("bill", number=account.number, bill=bill["id"]).json["lines"]
    paper = signed_in.call("bill_pdf", number=account.number, bill=bill["id"])

    assert sum(line["amount_tiyin"] for line in lines) == bill["amount_tiyin"]
    assert paper.data.startswith(b"%PDF")
    for payment in signed_in.call("payments", number=account.number).json["rows"][:1]:
        assert signed_in.call("receipt", number=account.number, payment=payment["id"]).data.startswith(b"%PDF")


@pytest.mark.parametrize("name", [name for name in _READ if not re.search(r"\{(?!number)", _OPERATIONS[name].path)])
def test_whatever_is_read_is_as_described(name: str, signed_in: App, account: Consumer) -> None:
    assert signed_in.call(name, number=account.number).status_code in {200, 404}


def test_device_that_is_signed_out_opens_nothing_any_more(
    app: Flask, signed_in: App, account: Consumer, demo_database: psycopg.Connection
) -> None:
    other = entered(app, demo_database, account)
    rows = signed_in.call("devices").json["rows"]
    assert [row["is_this"] for row in rows].count(True) == 1

    theirs = next(row["id"] for row in other.call("devices").json["rows"] if row["is_this"])
    assert signed_in.call("sign_out", device=theirs).status_code == 204

    assert code_of(other.call("accounts")) == "NOT_SIGNED_IN"
    assert signed_in.call("accounts").status_code == 200
    assert code_of(signed_in.call("sign_out", device=theirs)) == "NOT_FOUND"


def test_token_of_a_removed_access_sees_nothing(signed_in: App, account: Consumer) -> None:
    assert signed_in.call("leave", number=account.number).status_code == 204

    assert signed_in.call("accounts").json["rows"] == []
    for name in _READ:
        answer = signed_in.call(
            name,
            number=account.number,
            bill="3f2a9d7c-0d0e-4a52-9d0e-2c1d5a0a1b2c",
            payment=1,
            invoice=1,
            statement=1,
            application=1,
            file=1,
        )
        assert code_of(answer) == "NOT_FOUND"


def test_device_of_another_user_is_not_signed_out(app: Flask, signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    phone = demo_database.execute("SELECT c.phone FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = %s", (account.id,))
    foreign = consumer(demo_database, f"c.phone <> '{(phone.fetchone() or [''])[0]}'")
    other = entered(app, demo_database, foreign)
    theirs = other.call("devices").json["rows"][0]["id"]

    assert code_of(signed_in.call("sign_out", device=theirs)) == "NOT_FOUND"
    assert other.call("accounts").status_code == 200


def test_user_who_is_let_in_does_what_he_may_and_no_more(
    app: Flask, signed_in: App, account: Consumer, demo_database: psycopg.Connection
) -> None:
    phone = "+998909998877"
    given = signed_in.call("let_in", {"phone": phone, "rights": ["PAY"]}, number=account.number)
    assert (given.status_code, given.json["rights"], given.json["has_signed_in"]) == (201, ["VIEW", "PAY"], False)

    guest = App(app.test_client())
    guest.ask(phone)
    assert guest.sign_in(phone, sent_code(demo_database, account)).status_code == 201

    assert guest.call("balance", number=account.number).status_code == 200
    for name in ("holders", "tax_invoices", "statements", "send_reading", "let_in"):
        assert code_of(guest.call(name, _body(name), number=account.number)) == "NO_RIGHT"
    assert signed_in.call("shut_out", number=account.number, holder=given.json["id"]).status_code == 204
    assert code_of(guest.call("balance", number=account.number)) == "NOT_FOUND"


def test_people_are_let_in_so_often_within_a_day(signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    demo_database.execute(
        "UPDATE portal_access SET claimed_at = claimed_at - interval '2 days' WHERE account_id = %s AND granted_by_id IS NOT NULL",
        (account.id,),
    )
    answers = [
        signed_in.call("let_in", {"phone": f"+99890999770{number}", "rights": ["VIEW"]}, number=account.number) for number in range(10)
    ]

    over = signed_in.call("let_in", {"phone": "+998909997799", "rights": ["VIEW"]}, number=account.number)
    changed = signed_in.call("let_in", {"phone": "+998909997700", "rights": ["PAY"]}, number=account.number)

    assert {answer.status_code for answer in answers} == {201}
    assert code_of(over) == "TOO_MANY_LET_IN"
    assert changed.json["rights"] == ["VIEW", "PAY"]
    assert demo_database.execute("SELECT count(*) FROM notice WHERE phone = '+998909997799'").fetchone() == (0,)


def test_own_telephone_of_the_account_is_not_let_in(signed_in: App, account: Consumer) -> None:
    phone = signed_in.call("me").json["phone"]

    assert code_of(signed_in.call("let_in", {"phone": phone, "rights": ["VIEW"]}, number=account.number)) == "OWN_TELEPHONE"


def test_what_is_posted_is_done_once_a_key(signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    body = {"phone": "+998909998866", "rights": ["VIEW"]}
    first = signed_in.call("let_in", body, key="let-in-0001", number=account.number)

    again = signed_in.call("let_in", body, key="let-in-0001", number=account.number)
    other = signed_in.call("let_in", body | {"rights": ["PAY"]}, key="let-in-0001", number=account.number)

    assert (again.status_code, again.data) == (201, first.data)
    assert code_of(other) == "OTHER_CONTENTS"
    count = demo_database.execute("SELECT count(*) FROM notice WHERE phone = '+998909998866'").fetchone()
    assert count == (1,)


def test_key_is_wanted(signed_in: App, account: Consumer) -> None:
    path = f"{BASE}/accounts/{account.number}/holders"
    answer = signed_in.client.post(
        path, json={"phone": "+998909998855", "rights": ["VIEW"]}, headers={"Authorization": f"Bearer {signed_in.token}"}
    )

    assert code_of(answer) == "NO_KEY"


def test_statement_is_agreed_to_once(signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    statement_id = make_statement(demo_database, f"a.id = {account.id}")
    objection = {"agreement": "OBJECTED", "person": "Karimov Anvar", "objection": "A payment is missing"}

    assert (
        code_of(signed_in.call("answer_statement", objection | {"objection": " "}, number=account.number, statement=statement_id))
        == "NO_OBJECTION"
    )
    told = signed_in.call("answer_statement", objection, number=account.number, statement=statement_id)
    assert (told.status_code, told.json["answer"]["objection"]) == (201, "A payment is missing")
    agreed = signed_in.call("answer_statement", _body("answer_statement"), number=account.number, statement=statement_id)
    assert agreed.json["answer"]["agreement"] == "AGREED"
    assert code_of(signed_in.call("answer_statement", objection, number=account.number, statement=statement_id)) == "ALREADY_AGREED"
    page = "SELECT t.page FROM statement_answer a JOIN task t ON t.id = a.task_id WHERE a.account_statement_id = %s"
    assert demo_database.execute(page, (statement_id,)).fetchone() == (f"/accounts/show/{account.id}",)


def test_application_is_filed_once_a_key_asked_about_answered_and_withdrawn(app: Flask, signed_in: App, account: Consumer) -> None:
    kinds = {row["code"]: row for row in signed_in.call("application_kinds", number=account.number).json["rows"]}
    assert kinds["COMPLAINT"]["fields"]["required"] == ["about"]
    assert all(row["term_days"] for row in kinds.values())
    paper = {"name": "letter.pdf", "content": base64.b64encode(PAPER).decode()}
    body = _body("file_application") | {"files": [paper]}

    filed = signed_in.call("file_application", body, key="complaint-0001", number=account.number)
    again = signed_in.call("file_application", body, key="complaint-0001", number=account.number)

    assert (filed.status_code, filed.json["status"], filed.json["given"]) == (201, "RECEIVED", {"about": "The lamp flickers"})
    assert again.data == filed.data
    named = {"number": account.number, "application": filed.json["id"]}
    assert signed_in.call("applications", number=account.number).json["rows"][0]["id"] == named["application"]
    file_id = filed.json["files"][0]["id"]
    assert signed_in.call("application_file", **named, file=file_id).data == PAPER
    assert code_of(signed_in.call("application_file", **named, file=file_id + 1)) == "NOT_FOUND"
    assert code_of(signed_in.call("answer_application", {"event": "ANSWER", "reason": "Here"}, **named)) == "REFUSED"
    return_to_consumer(app, named["application"])
    assert signed_in.call("application", **named).json["may_answer"]
    answered = signed_in.call("answer_application", {"event": "ANSWER", "reason": "In the kitchen"}, **named)
    assert (answered.status_code, answered.json["steps"][0]["reason"]) == (201, "In the kitchen")
    withdrawn = signed_in.call("answer_application", {"event": "WITHDRAW"}, **named)
    assert (withdrawn.json["status"], withdrawn.json["may_withdraw"]) == ("WITHDRAWN", False)


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"kind": "COMPLAINT", "given": {}}, "REFUSED", "given.about"),
        ({"kind": "COMPLAINT", "given": {"about": "x", "more": 1}}, "REFUSED", "given.more"),
        ({"kind": "INSTALMENT", "given": {"months": 3}}, "REFUSED", None),
        ({"kind": "COMPLAINT", "given": {"about": "x"}, "files": [{"name": "a.pdf", "content": "%%"}]}, "WRONG_VALUES", "files"),
        ({"kind": "COMPLAINT", "given": {"about": "x"}, "files": [{"name": "a.exe", "content": "TVo="}]}, "REFUSED", None),
    ],
)
def test_application_that_does_not_fit_is_refused(body: Any, code: str, field: str | None, signed_in: App, account: Consumer) -> None:
    answer = signed_in.call("file_application", body, number=account.number)

    assert code_of(answer) == code
    assert [each["field"] for each in answer.json.get("errors", [])] == ([field] if field else [])


def test_application_of_another_account_is_neither_shown_nor_withdrawn(
    app: Flask, signed_in: App, account: Consumer, demo_database: psycopg.Connection
) -> None:
    foreign = consumer(demo_database, f"a.number <> '{account.number}'")
    filed = entered(app, demo_database, foreign).call("file_application", _body("file_application"), number=foreign.number).json

    for name in ("application", "answer_application"):
        assert code_of(signed_in.call(name, _body(name), number=account.number, application=filed["id"])) == "NOT_FOUND"
    status = demo_database.execute("SELECT status FROM application WHERE id = %s", (filed["id"],)).fetchone()
    assert status == ("RECEIVED",)


def test_ways_of_messages_are_chosen(signed_in: App, account: Consumer) -> None:
    body = {"language": "ru", "email": "anvar@example.uz", "ways": {"BILL_READY": ["PORTAL"], "PAYMENT_RECEIVED": []}}

    told = signed_in.call("choose_notices", body, number=account.number)

    ways = {row["kind"]: row["ways"] for row in told.json["rows"]}
    assert (told.json["language"], told.json["email"]) == ("ru", "anvar@example.uz")
    assert (ways["BILL_READY"], ways["PAYMENT_RECEIVED"]) == (["PORTAL"], [])
    kept = signed_in.call("notice_choices", number=account.number).json["rows"]
    assert {row["kind"]: row["ways"] for row in kept} == ways
    fixed = signed_in.call("choose_notices", body | {"ways": {"PORTAL_CODE": []}}, number=account.number)
    assert (code_of(fixed), fixed.json["errors"][0]["field"]) == ("NOT_CHOSEN", "ways.PORTAL_CODE")


def test_tariff_in_force_and_outages_are_told(signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    mine = signed_in.call("tariff", number=account.number).json["rows"]
    everything = signed_in.call("tariffs").json["rows"]
    demo_database.execute(
        "INSERT INTO planned_outage (division_id, begins_at, ends_at, outage_reason, feeder) "
        "VALUES (%s, now() + interval '1 day', now() + interval '26 hours', 'Works on the line', 'F-7')",
        (account.division,),
    )

    outages = signed_in.call("outages", number=account.number).json["rows"]

    assert {row["tariff"] for row in mine} < {row["tariff"] for row in everything}
    assert all(row["source"] for row in mine)
    assert "Works on the line" in {row["reason"] for row in outages}


def test_problem_is_told_in_the_language_asked_for_else_the_users(signed_in: App) -> None:
    assert signed_in.call("choose_language", {"language": "ru"}).json["language"] == "ru"
    path, headers = f"{BASE}/accounts/269019999999", {"Authorization": f"Bearer {signed_in.token}"}

    of_user = signed_in.client.get(path, headers=headers).json["detail"]
    asked = signed_in.client.get(path, headers=headers | {"Accept-Language": "en"}).json["detail"]

    assert asked == "There is nothing of the sort, or it is not yours."
    assert of_user != asked


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/nothing", "GET", 404), ("/accounts", "PATCH", 405), ("/sign-in/codes", "GET", 405)]
)
def test_what_no_operation_answers_is_a_problem_too(app: Flask, path: str, method: str, status: int) -> None:
    answer = app.test_client().open(BASE + path, method=method)

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_description_and_its_page_are_served_without_signing_in(client: FlaskClient) -> None:
    described = client.get(f"{BASE}/openapi.json").json
    page = client.get(f"{BASE}/docs").text

    assert described["openapi"] == "3.1.0"
    assert described == json.loads(json.dumps(document(INTERFACE)))
    assert all(path in page for path in described["paths"])
    assert "http://" not in re.sub(r"http://(localhost|127\.0\.0\.1)", "", page)


_DESCRIBED = document(INTERFACE)
_COMPONENTS = _DESCRIBED["components"]["schemas"]
_WITH_BODY = [name for name, operation in _OPERATIONS.items() if operation.body is not None and not operation.is_open]


def drawn(draw: Callable[..., Any], name: str) -> Any:
    operation = _OPERATIONS[name]
    content = _DESCRIBED["paths"][operation.path][operation.method]["requestBody"]["content"]["application/json"]
    return draw(st.one_of(values_of(content["schema"], _COMPONENTS), st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.text(max_size=10), inner, max_size=3))))  # fmt: skip


@pytest.mark.parametrize("name", _WITH_BODY)
def test_no_body_breaks_anything(name: str, signed_in: App, account: Consumer, demo_database: psycopg.Connection) -> None:
    statement_id = make_statement(demo_database, f"a.id = {account.id}")

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        answer = signed_in.call(name, drawn(data.draw, name), number=account.number, statement=statement_id, application=1)
        assert answer.status_code < 500

    draw()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(name=st.sampled_from(_READ), texts=st.lists(st.text(max_size=30), min_size=7, max_size=7))
def test_no_address_breaks_anything(name: str, texts: list[str], signed_in: App, account: Consumer) -> None:
    operation = _OPERATIONS[name]
    names = re.findall(r"\{(\w+)\}", operation.path)
    given_ = {each: quote(text, safe="") or "x" for each, text in zip(names, texts, strict=False)} | {"number": account.number}
    answer = signed_in.client.get(
        operation.path.format(**given_), headers={"Authorization": f"Bearer {signed_in.token}"},
        query_string={"cursor": texts[5], "limit": texts[6], "sum": texts[4]},
    )  # fmt: skip

    assert answer.status_code < 500
