"""Acts on the screen: previewed, performed once, shown with their document, listed, exported, undone."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import MINE, Browser, log_in, one


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    newest = one(demo_database, "SELECT coalesce(max(id), 0) FROM act")
    yield
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(f"DELETE FROM act WHERE id > {newest}")
    demo_database.execute("DELETE FROM approval WHERE kind = 'ACT'")
    demo_database.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def account(demo_database: psycopg.Connection) -> str:
    return one(
        demo_database,
        "SELECT max(a.id) FROM account a JOIN division d ON d.id = a.division_id JOIN consumer c ON c.id = a.consumer_id "
        f"WHERE d.code = '{MINE}' AND c.kind = 'HOUSEHOLD' AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id)",
    )


@pytest.fixture
def consumer(demo_database: psycopg.Connection, account: str) -> str:
    return one(demo_database, f"SELECT consumer_id FROM account WHERE id = {account}")


def form_key(browser: Browser, page: str) -> str:
    return browser.text(page).split('name="reference"')[1].split('value="')[1].split('"')[0]


def newest(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT max(id) FROM act")


def test_act_is_previewed_performed_once_shown_listed_exported_and_undone(
    app: Flask, demo_database: psycopg.Connection, account: str, consumer: str
) -> None:
    operator, cashier = log_in(app, "operator"), log_in(app, "cashier")
    page, name = f"/acts/correct-identity/{consumer}", one(demo_database, f"SELECT name FROM consumer WHERE id = {consumer}")
    assert page in operator.text(f"/accountview/show/{account}")
    assert page not in cashier.text(f"/accountview/show/{account}")
    form = {
        "name": "Toʻxtayeva <b>Nodira</b>", "phone": "", "pinfl": "", "language": "uz", "effective_on": "2026-01-15",
        "reason": "passport AA1234567", "reference": form_key(operator, page),
    }  # fmt: skip

    assert cashier.post(page, **form, step="do") == 403
    assert operator.post(page, **form, step="preview") == 200
    assert one(demo_database, f"SELECT count(*) FROM act WHERE consumer_id = {consumer}") == "0"
    assert operator.post(page, **form, step="do") == operator.post(page, **form, step="do") == 302

    act = newest(demo_database)
    assert one(demo_database, f"SELECT count(*) FROM act WHERE consumer_id = {consumer}") == "1"
    assert one(
        demo_database, f"SELECT reason FROM audit_entry WHERE table_name = 'consumer' AND row_id = {consumer} ORDER BY id DESC LIMIT 1"
    ) == ("passport AA1234567")
    shown = cashier.client.get(f"/accountactview/show/{act}").text
    assert "Toʻxtayeva &lt;b&gt;Nodira&lt;/b&gt;" in shown
    assert "<b>Nodira" not in shown
    assert f"/accountactview/show/{act}" in operator.text(f"/accountview/show/{account}")
    assert cashier.client.get(f"/accountactview/pdf/{act}").data.startswith(b"%PDF")
    assert f"/accountactview/show/{act}" in operator.text("/accountactview/list/")
    assert "passport AA1234567" in operator.text("/accountactview/export.csv?_flt_0_reason=passport")
    assert "passport AA1234567" not in operator.text("/accountactview/export.csv?_flt_0_reason=nothing")
    assert operator.status("/accountactview/export.xlsx") == 200

    undo = f"/accountactview/reverse/{act}"
    back = {"effective_on": "2026-01-16", "reason": "wrong person", "reference": form_key(operator, undo)}
    assert cashier.post(undo, **back, step="do") == 403
    assert operator.post(undo, **back, step="preview") == 200
    assert operator.post(undo, **back, step="do") == 302
    assert one(demo_database, f"SELECT name FROM consumer WHERE id = {consumer}") == name
    assert operator.post(undo, **{**back, "reference": "another"}, step="do") == 200


def test_refusal_stands_beside_its_field(app: Flask, consumer: str) -> None:
    operator = log_in(app, "operator")
    page = f"/acts/correct-identity/{consumer}"
    form = {"name": "A", "phone": "", "pinfl": "", "language": "uz", "effective_on": "2199-01-01", "reason": "x", "reference": "future"}

    answer = operator.client.post(page, data={"csrf_token": operator.token, **form, "step": "do"})

    assert answer.status_code == 200
    assert "The day has not come yet." in answer.text


@pytest.fixture
def quiet(demo_database: psycopg.Connection) -> str:
    """A household of another district than most tests use, with one register, billed by readings, not read since and without charges."""
    return one(
        demo_database,
        "SELECT min(a.id) FROM account a JOIN division d ON d.id = a.division_id JOIN consumer c ON c.id = a.consumer_id "
        "JOIN account_position p ON p.account_id = a.id JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL "
        "WHERE d.code = '1726901' AND c.kind = 'HOUSEHOLD' AND a.status = 'OPEN' AND p.billed_to = p.actual_to "
        "AND NOT EXISTS (SELECT 1 FROM reading r WHERE r.account_id = a.id AND r.read_on > p.actual_to) "
        # A charge that waits comes on the bill that is made again.
        "AND NOT EXISTS (SELECT 1 FROM billable_charge b WHERE b.account_id = a.id) "
        "AND p.debt_tiyin - p.advance_tiyin BETWEEN -20000000 AND 20000000 AND p.debt_tiyin <> p.advance_tiyin "
        "AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id "
        "WHERE i.service_point_id = s.service_point_id)",
    )


def dial_of(demo_database: psycopg.Connection, account: str) -> tuple[str, int]:
    row = demo_database.execute(
        "SELECT register_id, dial_milli FROM reading WHERE account_id = %s ORDER BY read_on DESC, id DESC LIMIT 1", [account]
    ).fetchone()
    assert row is not None
    return f"reading_{row[0]}", row[1] // 1000


def test_account_is_closed_and_given_back_on_the_screen(app: Flask, demo_database: psycopg.Connection, quiet: str) -> None:
    operator, inspector = log_in(app, "operator"), log_in(app, "inspector")
    page, (register, dial) = f"/acts/close-account/{quiet}", dial_of(demo_database, quiet)
    balance = one(demo_database, f"SELECT debt_tiyin - advance_tiyin FROM account_position WHERE account_id = {quiet}")
    today = one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date")
    form = {
        "effective_on": today, "reason": "demolished", "reference": form_key(operator, page), register: str(dial + 30),
        "unsettled": "REFUSE",
    }  # fmt: skip
    assert inspector.post(page, **form, step="do") == 403
    refused = operator.client.post(page, data={"csrf_token": operator.token, **form, "step": "preview"}).text
    assert "settle it first, or say what happens with it" in refused
    form["unsettled"] = "STAYS"
    preview = operator.client.post(page, data={"csrf_token": operator.token, **form, "step": "preview"}).text
    assert "What the act would write" in preview
    assert f"Whole counter: {dial + 30:,}" in preview
    assert "TOTAL" not in preview
    assert operator.post(page, **form, step="do") == 302

    assert one(demo_database, f"SELECT status FROM account WHERE id = {quiet}") == "CLOSED"
    card = operator.text(f"/accountview/show/{quiet}")
    assert f"/acts/reopen-account/{quiet}" in card
    assert page not in card
    undo = f"/accountactview/reverse/{newest(demo_database)}"
    back = {"effective_on": today, "reason": "another flat", "reference": form_key(operator, undo)}
    assert operator.post(undo, **back, step="do") == 302
    assert one(demo_database, f"SELECT status FROM account WHERE id = {quiet}") == "OPEN"
    assert one(demo_database, f"SELECT debt_tiyin - advance_tiyin FROM account_position WHERE account_id = {quiet}") == balance


def test_owner_is_changed_and_given_back_on_the_screen(app: Flask, demo_database: psycopg.Connection, quiet: str) -> None:
    operator = log_in(app, "operator")
    page, (register, dial) = f"/acts/change-owner/{quiet}", dial_of(demo_database, quiet)
    old = one(demo_database, f"SELECT consumer_id FROM account WHERE id = {quiet}")
    today = one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date")
    form = {
        "effective_on": today, "reason": "sold", "reference": form_key(operator, page), register: str(dial + 30), "kind": "HOUSEHOLD",
        "name": "Yangi Egasi", "identifier": "", "phone": "", "language": "uz", "debt": "TAKEN_OVER", "number": "", "tariff_group_id": "",
    }  # fmt: skip
    assert operator.post(page, **form, step="do") == operator.post(page, **form, step="do") == 302

    act = newest(demo_database)
    assert one(demo_database, f"SELECT name FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = {quiet}") == "Yangi Egasi"
    assert "The new owner takes it over" in operator.text(f"/accountactview/show/{act}")
    undo = f"/accountactview/reverse/{act}"
    assert operator.post(undo, effective_on=today, reason="annulled", reference=form_key(operator, undo), step="do") == 302
    assert one(demo_database, f"SELECT consumer_id FROM account WHERE id = {quiet}") == old


def test_double_rows_are_joined_on_the_screen(app: Flask, demo_database: psycopg.Connection, consumer: str) -> None:
    operator = log_in(app, "operator")
    same = f"SELECT division_id, 'HOUSEHOLD', name FROM consumer WHERE id = {consumer}"
    double = one(demo_database, f"INSERT INTO consumer (division_id, kind, name) {same} RETURNING id")
    page = f"/acts/join-consumers/{consumer}"
    form = {"effective_on": "2026-01-15", "reason": "entered twice", "other_id": double, "reference": form_key(operator, page)}

    assert operator.post(page, **form, step="do") == 302

    assert one(demo_database, f"SELECT joined_to_id FROM consumer WHERE id = {double}") == consumer
    found = operator.client.get(
        "/lookup/consumer", query_string={"q": one(demo_database, f"SELECT name FROM consumer WHERE id = {double}")}
    ).json
    assert double not in {str(row["id"]) for row in found["results"]}  # type: ignore[index]
