"""Answers to reconciliation statements that came on paper: recorded by the office with the paper, once agreed for good."""

import io
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import clock
from tests.browsers import FOREIGN, MINE, Browser, log_in, one
from tests.portal.consumers import make_statement

PDF = b"%PDF-1.4\n%%EOF\n"
ACTIVE = b"%PDF-1.4 /JavaScript (x)\n%%EOF\n"
FIRM = f"""
    a.id = (SELECT x.id FROM account x JOIN consumer c ON c.id = x.consumer_id AND c.kind = 'LEGAL'
            JOIN division d ON d.id = x.division_id AND d.code = '{MINE}' ORDER BY x.id DESC LIMIT 1)
"""


@pytest.fixture
def statement(demo_database: psycopg.Connection) -> int:
    return make_statement(demo_database, FIRM)


def send(browser: Browser, statement: int, paper: bytes | None = PDF, **form: Any) -> Any:
    given = {"agreement": "AGREED", "person": "Karimov Anvar, director", "answered_on": clock.today().isoformat(), "objection": ""} | form
    if paper is not None:
        given["file"] = FileStorage(io.BytesIO(paper), filename="answer.pdf")
    boundary, body = encode_multipart(given | {"csrf_token": browser.token})
    return browser.client.post(
        f"/statementanswerview/record/{statement}", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def rows(database: psycopg.Connection, statement: int) -> list[tuple[Any, ...]]:
    return database.execute(
        "SELECT a.agreement, a.created_by, o.content FROM statement_answer a LEFT JOIN stored_file o ON o.id = a.stored_file_id "
        "WHERE a.account_statement_id = %s ORDER BY a.id",
        (statement,),
    ).fetchall()


def test_objection_and_then_an_agreement_are_recorded_with_their_papers(
    app: Flask, demo_database: psycopg.Connection, statement: int
) -> None:
    operator = log_in(app, "operator")
    account = one(demo_database, f"SELECT account_id FROM account_statement WHERE id = {statement}")
    assert f"/statementanswerview/record/{statement}" in operator.text(f"/accountview/show/{account}")

    assert send(operator, statement, agreement="OBJECTED", objection="A payment is missing").status_code == 302
    assert send(operator, statement).status_code == 302

    assert rows(demo_database, statement) == [("OBJECTED", "operator", PDF), ("AGREED", "operator", PDF)]
    answer = one(demo_database, f"SELECT max(id) FROM statement_answer WHERE account_statement_id = {statement}")
    assert f"/statementanswerview/paper/{answer}" in operator.text(f"/statementanswerview/show/{answer}")
    assert operator.client.get(f"/statementanswerview/paper/{answer}").data == PDF
    again = send(operator, statement, agreement="OBJECTED", objection="Another is missing")
    assert "This statement was agreed to already." in again.text


@pytest.mark.parametrize(
    ("paper", "form", "words"),
    [
        (None, {}, "This field is required"),
        (b"", {}, "empty"),
        (b"MZ", {}, "PDF"),
        (ACTIVE, {}, "PDF"),
        (PDF, {"agreement": "OBJECTED"}, "Write what the consumer objects to."),
        (PDF, {"answered_on": "2025-12-31"}, "The day lies after the months of the statement"),
        (PDF, {"answered_on": (clock.today() + timedelta(days=1)).isoformat()}, "The day lies after the months of the statement"),
        (PDF, {"person": "x"}, ""),
        (PDF, {"agreement": "MAYBE"}, ""),
    ],
    ids=["no paper", "empty", "program", "active", "no words", "too early", "to come", "no name", "no answer"],
)
def test_answer_that_is_none_is_not_recorded(
    app: Flask, demo_database: psycopg.Connection, statement: int, paper: bytes | None, form: dict[str, str], words: str
) -> None:
    page = send(log_in(app, "operator"), statement, paper, **form)

    assert page.status_code == 200
    assert words in page.text
    assert rows(demo_database, statement) == []


def test_statement_of_another_division_is_nobodys(app: Flask, demo_database: psycopg.Connection) -> None:
    foreign = make_statement(demo_database, f"a.division_id = (SELECT id FROM division WHERE code = '{FOREIGN}')")

    assert send(log_in(app, "operator"), foreign).status_code == 404
    assert rows(demo_database, foreign) == []
