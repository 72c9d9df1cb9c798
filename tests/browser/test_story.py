"""A district's month, end to end, the way people live it."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import faults, log_in, picture
from tests.portal.consumers import code_sent

pytestmark = pytest.mark.browser
MINE = "Andoza tumani"


def test_readings_become_bills_money_comes_in_and_the_consumer_sees_it(
    page: Page, demo_database: psycopg.Connection, tmp_path: Path
) -> None:
    log_in(page, "supervisor")

    load_readings(page, readings_file(demo_database, tmp_path))
    bill_the_month(page)
    number, debt = account_with_debt(demo_database)
    pdf = open_pdf(page, number, tmp_path)
    take_payment(page, number, debt)
    seen = look_into_portal(page, demo_database, number)

    assert number in pdf
    assert "soʻm" in pdf
    assert "0,00" in seen


def readings_file(demo_database: psycopg.Connection, folder: Path) -> Path:
    """Write a file with a good reading for each account, and two bad rows."""
    rows = demo_database.execute(
        """
        SELECT a.number, r.read_on, r.dial_milli / 1000 FROM account a JOIN division d ON d.id = a.division_id
        JOIN LATERAL (SELECT * FROM reading r WHERE r.account_id = a.id ORDER BY read_on DESC, id DESC LIMIT 1) r ON true
        WHERE d.name = %s ORDER BY a.number
        """,
        (MINE,),
    ).fetchall()
    month = demo_database.execute("SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent') - interval '1 day')::date").fetchone()
    assert month is not None
    day = month[0].replace(day=27)
    lines = ["account;date;reading", *(f"{number};{day:%d.%m.%Y};{int(dial) + 40}" for number, _, dial in rows)]
    lines += ["123;27.10.2026;1", f"{rows[0][0]};yesterday;1"]
    path = folder / "readings.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def choose(page: Page, field: str, words: str) -> None:
    """Choose by typing in a field that looks its choices up."""
    wrapper = page.locator(f"{field} + .ts-wrapper")
    wrapper.locator(".ts-control").click()
    wrapper.locator("input").fill(words)
    page.locator(".ts-dropdown .option", has_text=words).first.click()


def load_readings(page: Page, path: Path) -> None:
    page.goto("/readingimportview/load")
    choose(page, "#division", MINE)
    page.set_input_files("#file", str(path))
    page.click("text=Check the file")
    page.click("#job-result")
    page.wait_for_selector(".figure dd")
    picture(page, "readings")
    figures = page.locator(".figure dd").all_inner_texts()
    assert int(figures[0]) == int(figures[1]) + int(figures[2])
    assert figures[2] == "2"
    assert faults(page) == []
    page.click("text=Record the good rows")
    page.click("#job-result")
    expect(page.locator("main [role=status]").last).to_have_text("Accepted")


def bill_the_month(page: Page) -> None:
    page.goto("/billrunview/open")
    choose(page, "#division", MINE)
    page.click("button:has-text('Preview')")
    page.click("#job-result")
    picture(page, "preview")
    assert faults(page) == []
    page.click("text=Post the bills")
    page.click("dialog button[value=yes]")
    page.click("#job-result")
    expect(page.locator("main [role=status]").last).to_have_text("Posted")


def account_with_debt(demo_database: psycopg.Connection) -> tuple[str, int]:
    row = demo_database.execute(
        """
        SELECT a.number, p.debt_tiyin FROM account a JOIN account_position p ON p.account_id = a.id
        JOIN division d ON d.id = a.division_id JOIN consumer c ON c.id = a.consumer_id
        WHERE d.name = %s AND p.debt_tiyin BETWEEN 1 AND 400000000 AND c.language = 'uz' AND c.phone IS NOT NULL ORDER BY a.number LIMIT 1
        """,
        (MINE,),
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def open_pdf(page: Page, number: str, folder: Path) -> str:
    page.goto(f"/search/?q={number}")
    page.wait_for_url("**/accountview/show/**")
    picture(page, "account")
    assert faults(page) == []
    address = page.get_attribute("text=Last bill as PDF", "href")
    answer = page.context.request.get(str(address))
    assert answer.headers["content-type"] == "application/pdf"
    path = folder / "bill.pdf"
    path.write_bytes(answer.body())
    return subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, text=True).stdout


def take_payment(page: Page, number: str, debt: int) -> None:
    """By keyboard alone: number, Enter, F8 for the whole debt, Enter."""
    page.goto("/cashier/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/take/**")
    picture(page, "cashier")
    assert page.input_value("#amount_tiyin") == ""
    page.keyboard.press("F8")
    assert page.input_value("#amount_tiyin") == f"{debt // 100:,}.{debt % 100:02d}".replace(",", " ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt/**")
    picture(page, "receipt")
    assert faults(page) == []


def look_into_portal(page: Page, demo_database: psycopg.Connection, number: str) -> str:
    context = page.context.browser.new_context(viewport={"width": 360, "height": 740}, base_url=page.url.split("/cashier")[0])
    phone = context.new_page()
    phone.goto("/portal/")
    phone.click("text=Oʻzbekcha")
    assert faults(phone) == []
    phone.fill("#account", number)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/code")
    phone.fill("#code", code_sent(demo_database))
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/home")
    picture(phone, "portal")
    assert phone.get_attribute("html", "lang") == "uz"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(phone) == []
    seen = phone.inner_text("#balance")
    context.close()
    return seen
