"""Supplies cut and restored on the screen: orders, records, the card, lists, the work list, the home and the papers."""

import time

import psycopg
import pytest
from flask import Flask

from tests.browsers import MINE, Browser, log_in, one


@pytest.fixture
def account(demo_database: psycopg.Connection) -> str:
    """An account of a district, supplied, with no act."""
    return one(
        demo_database,
        "SELECT max(a.id) FROM account a JOIN division d ON d.id = a.division_id "
        "JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL "
        f"WHERE d.code = '{MINE}' AND a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id) "
        "AND NOT EXISTS (SELECT FROM point_state x WHERE x.account_id = a.id) "
        "AND NOT EXISTS (SELECT FROM supply_order x WHERE x.account_id = a.id)",
    )


@pytest.fixture
def today(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date")


def form_key(browser: Browser, page: str) -> str:
    return browser.text(page).split('name="reference"')[1].split('value="')[1].split('"')[0]


def order(browser: Browser, account: str, today: str, kind: str = "disconnection", **given: str) -> int:
    page = f"/acts/{kind}-order/{account}"
    form = {"effective_on": today, "reason": "warned", "reference": form_key(browser, page), "term_on": today, "order_id": ""} | given
    return browser.post(page, **form, step="do")


def number_of(demo_database: psycopg.Connection, account: str) -> str:
    return one(demo_database, f"SELECT max(id) FROM supply_order WHERE account_id = {account}")


def record_form(browser: Browser, page: str, number: str, today: str, **given: str) -> dict[str, str]:
    form = {"order_id": number, "hour": "00:00", "seal_number": "", "consent": "SIGNED", "witness_1": "", "witness_2": ""}
    return form | {"effective_on": today, "reason": "order", "reference": form_key(browser, page)} | given


def test_supply_is_cut_and_restored_on_the_screen(app: Flask, demo_database: psycopg.Connection, account: str, today: str) -> None:
    operator, inspector = log_in(app, "operator"), log_in(app, "inspector")
    card = f"/accountview/show/{account}"
    assert f"/acts/disconnection-order/{account}" in operator.text(card)
    assert f"/acts/disconnection-order/{account}" not in inspector.text(card)
    assert inspector.status(f"/acts/disconnection-order/{account}") in {302, 403}

    assert order(operator, account, today, off_reason="DEBT") == 302
    number = number_of(demo_database, account)
    assert "is waiting" not in operator.text(f"/supplyorderview/show/{number}")
    assert f"/supplyorderview/show/{number}" in operator.text(card)
    assert f"/supplyorderview/show/{number}" in operator.text("/supplyorderview/waiting")
    page = f"/acts/disconnect/{account}"
    assert page in operator.text(f"/supplyorderview/show/{number}")
    form = record_form(operator, page, number, today, consent="ACCESS_REFUSED", witness_1="Aliyev")
    assert "two different witnesses" in operator.client.post(page, data={"csrf_token": operator.token, **form, "step": "do"}).text
    form["witness_2"] = "Karimova"
    late = operator.client.post(page, data={"csrf_token": operator.token, **form, "hour": "23:59", "step": "do"})
    assert late.status_code == 302 or "This moment has not come yet." in late.text
    assert operator.post(page, **form, step="preview") == 200
    assert operator.post(page, **form, step="do") == 302

    act = one(demo_database, f"SELECT max(id) FROM act WHERE account_id = {account}")
    shown = operator.text(card)
    assert "Debt, since" in shown
    assert f"/acts/reconnection-order/{account}" in shown
    assert f"/acts/disconnection-order/{account}" not in shown
    assert operator.client.get(f"/accountactview/pdf/{act}").data.startswith(b"%PDF")
    assert account_row(operator, "/pointstateview/export.csv", demo_database, account)
    assert account_row(operator, "/supplyorderview/export.csv?_flt_0_status=DONE", demo_database, account)
    assert not account_row(operator, "/supplyorderview/export.csv?_flt_0_status=DRAFT", demo_database, account)
    undo = f"/accountactview/reverse/{act}"
    back = {"effective_on": today, "reason": "another flat", "reference": form_key(operator, undo)}
    assert operator.post(undo, **back, step="do") == 302
    assert "Debt, since" not in operator.text(card)
    assert operator.post(page, **record_form(operator, page, number, today), step="do") == 302

    assert order(operator, account, today, "reconnection") == 302
    page = f"/acts/reconnect/{account}"
    later = one(demo_database, "SELECT to_char(now() AT TIME ZONE 'Asia/Tashkent', 'HH24:MI')")
    again = record_form(operator, page, number_of(demo_database, account), today, hour=later)
    assert operator.post(page, **again, step="do") == (302 if later != "00:00" else 200)


def account_row(browser: Browser, address: str, demo_database: psycopg.Connection, account: str) -> bool:
    return one(demo_database, f"SELECT number FROM account WHERE id = {account}") in browser.text(address)


def test_disconnection_is_on_the_open_home_within_three_seconds(
    app: Flask, demo_database: psycopg.Connection, account: str, today: str
) -> None:
    operator, supervisor = log_in(app, "operator"), log_in(app, "supervisor")
    before = int(supervisor.client.get("/figures.json?today=y").get_json()["figures"]["cut_today"]["value"])
    order(operator, account, today, off_reason="SAFETY")
    page = f"/acts/disconnect/{account}"
    form = record_form(operator, page, number_of(demo_database, account), today)

    begun = time.monotonic()
    assert operator.post(page, **form, step="do") == 302
    after = int(supervisor.client.get("/figures.json?today=y").get_json()["figures"]["cut_today"]["value"])

    assert after == before + 1
    assert time.monotonic() - begun < 3


def test_order_is_drafted_issued_by_another_person_and_withdrawn(
    app: Flask, demo_database: psycopg.Connection, account: str, today: str
) -> None:
    operator, lawyer = log_in(app, "operator"), log_in(app, "lawyer")
    draft = {"account": account, "kind": "DISCONNECTION", "off_reason": "REQUEST", "term_on": today, "note": "by phone"}
    assert operator.post("/supplyorderview/draft", **draft | {"term_on": "2020-01-01"}) == 200
    assert operator.post("/supplyorderview/draft", **draft) == 302
    first = number_of(demo_database, account)
    assert (
        "Another order about this supply waits"
        in operator.client.post("/supplyorderview/draft", data={"csrf_token": operator.token, **draft}).text
    )

    assert 'value="by phone"' in lawyer.text(f"/acts/disconnection-order/{account}")
    assert order(lawyer, account, today, order_id=first, off_reason="REQUEST") == 302
    assert one(demo_database, f"SELECT status FROM supply_order WHERE id = {first}") == "ISSUED"
    assert operator.post(f"/supplyorderview/withdraw/{first}") == 302
    assert one(demo_database, f"SELECT status FROM supply_order WHERE id = {first}") == "ISSUED"
    act = one(demo_database, f"SELECT issued_act_id FROM supply_order WHERE id = {first}")
    undo = f"/accountactview/reverse/{act}"
    assert lawyer.post(undo, effective_on=today, reason="paid", reference=form_key(lawyer, undo), step="do") == 302
    assert one(demo_database, f"SELECT status FROM supply_order WHERE id = {first}") == "WITHDRAWN"
    assert operator.post("/supplyorderview/draft", **draft) == 302
    second = number_of(demo_database, account)
    assert operator.post(f"/supplyorderview/withdraw/{second}") == 302
    assert one(demo_database, f"SELECT status FROM supply_order WHERE id = {second}") == "WITHDRAWN"


def test_card_of_a_supply_tells_the_hours_it_was_off(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    found = (
        "SELECT max(s.id) FROM supply s JOIN division d ON d.id = s.division_id AND d.code = '1726901' "
        "WHERE s.valid_to IS NULL AND {} EXISTS ("
        "SELECT FROM point_state p WHERE p.service_point_id = s.service_point_id AND p.supply_state = 'OFF' "
        "AND p.withdrawn_act_id IS NULL "
        "AND p.begins_at < now() - interval '1 hour')"
    )
    always_on = "The supply was on all the time in the last twelve months."

    assert always_on in operator.text(f"/supplyview/show/{one(demo_database, found.format('NOT'))}")
    assert always_on not in operator.text(f"/supplyview/show/{one(demo_database, found.format(''))}")
