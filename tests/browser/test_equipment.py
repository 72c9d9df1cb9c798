"""A meter goes from its receipt to its writing off, each step a document or an act on one page."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Page

from app import clock
from tests.browser.conftest import faults, log_in
from tests.browsers import MINE, one

pytestmark = pytest.mark.browser

SERIAL = "LIFE-1"
#: A household with one meter of one register, no acts, and no reading of these days.
_QUIET = f"""
    SELECT a.id FROM account a JOIN division d ON d.id = a.division_id AND d.code = '{MINE}'
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
               WHERE i.service_point_id = s.service_point_id)
      AND (SELECT max(read_on) FROM reading r WHERE r.account_id = a.id) < current_date - 5
    ORDER BY a.number DESC LIMIT 1
"""
Draw = Callable[..., None]


@pytest.fixture
def draw(page: Page) -> Draw:
    """Draws up a document: its fields, the preview, then the document."""

    def drawn(kind: str, devices: str, days_ago: int, **fields: str) -> None:
        page.goto(f"/equipment-documents/new/{kind}")
        page.fill("#document_on", (clock.today() - timedelta(days=days_ago)).isoformat())
        page.fill("#seals" if kind.endswith("_SEALS") else "#devices", devices)
        page.fill("#reason", "plan")
        for name, value in fields.items():
            field = page.locator(f"#{name}")
            if field.evaluate("each => each.tagName") == "SELECT":
                option = field.locator("option", has_text=value).first.get_attribute("value")
                field.select_option(option)
            else:
                field.fill(value)
        page.click("button[value=preview]")
        page.wait_for_selector("section[role=status]")
        page.click("button[value=do]")
        page.wait_for_url("**/equipmentdocumentview/show/*")

    return drawn


def change_user(page: Page, user: str) -> None:
    page.context.clear_cookies()
    log_in(page, user)


def act(page: Page, name: str, account: str, days_ago: int, **fields: str) -> None:
    page.goto(f"/acts/{name}/{account}")
    page.fill("#effective_on", (clock.today() - timedelta(days=days_ago)).isoformat())
    page.fill("#reason", "plan")
    page.check("#is_sure")
    page.select_option("#reason_id", index=1)
    page.select_option("#brigade_id", label="Hisoblagichlar brigadasi")
    for name_of_field, value in fields.items():
        page.fill(f"#{name_of_field}", value)
    page.click("button[value=preview]")
    page.wait_for_selector(".act-effects")
    page.click("button[value=do]")
    page.wait_for_url("**/accountactview/show/*")


def test_meter_goes_from_receipt_to_writing_off(page: Page, draw: Draw, demo_database: psycopg.Connection) -> None:
    account = one(demo_database, _QUIET)
    dial = one(demo_database, f"SELECT max(dial_milli) / 1000 + 2 FROM reading WHERE account_id = {account}")
    log_in(page, "engineer")

    draw("RECEIVE", SERIAL, 4, stock_place="Markaziy ombor", model_id="Namuna-1F", made_in_year="2026")
    draw("VERIFY", SERIAL, 4, certificate_number="B-1", organisation="Metrology", verified_to="2034-01-01")
    draw("RECEIVE_SEALS", "BP-1 .. BP-9", 4, stock_place="Markaziy ombor")
    draw("SEAL", f"{SERIAL}; BP-1", 4)
    draw("ISSUE", SERIAL, 4, stock_place="Hisoblagichlar brigadasi")
    page.goto(f"/acts/exchange-meter/{account}")
    register = page.get_by_label("Reading: meter").first.get_attribute("id") or ""
    act(page, "exchange-meter", account, 3, **{register: dial, "serial_number": SERIAL, "opening_total": "0"})
    installed = one(demo_database, f"SELECT state FROM device WHERE serial_number = '{SERIAL}'")
    page.goto(f"/acts/remove-meter/{account}")
    register = page.get_by_label("Reading: meter").first.get_attribute("id") or ""
    act(page, "remove-meter", account, 1, **{register: "3"})
    draw("STORE", SERIAL, 1, stock_place="Markaziy ombor")
    draw("REPAIR", SERIAL, 1)
    draw("SEND_TO_METROLOGY", SERIAL, 1)
    draw("REJECT", SERIAL, 0, stock_place="Markaziy ombor")
    draw("WRITE_OFF", SERIAL, 0)
    document = page.url
    waits = page.inner_text("h1")
    for user in ("operator", "supervisor"):
        change_user(page, user)
        page.goto(document)
        page.click("button:has-text('Sign')")
        page.wait_for_load_state()

    assert installed == "INSTALLED"
    assert "Lacks signatures" in waits
    assert "Done" in page.inner_text("h1")
    assert one(demo_database, f"SELECT state || ' ' || place_kind FROM device WHERE serial_number = '{SERIAL}'") == "WRITTEN_OFF NOWHERE"
    assert faults(page) == []
    page.goto("/deviceview/list/?_q=BP-1")
    assert SERIAL in page.inner_text("main")


def test_pages_of_documents_fit_a_telephone(page: Page) -> None:
    log_in(page, "engineer")
    page.set_viewport_size({"width": 360, "height": 740})

    for address in (
        "/equipment-documents/",
        "/equipment-documents/new/RECEIVE",
        "/equipment-documents/new/RECEIVE_SEALS",
        "/sealview/show/1",
        "/equipmentdocumentview/show/1",
        "/stockplaceview/stock/1",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert faults(page) == [], address
