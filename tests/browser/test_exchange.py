"""A meter is exchanged on one page: few clicks, photographs that stay chosen over the preview, a page that fits a telephone."""

import io
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import log_in
from tests.browsers import MINE, one

pytestmark = pytest.mark.browser

#: Households with one meter of one register, no acts, and no reading of these days.
_QUIET = f"""
    SELECT a.id, a.number FROM account a JOIN division d ON d.id = a.division_id AND d.code = '{MINE}'
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
               WHERE i.service_point_id = s.service_point_id)
      AND (SELECT max(read_on) FROM reading r WHERE r.account_id = a.id) < current_date - 1
    ORDER BY a.number LIMIT 1
"""


@pytest.fixture
def account(demo_database: psycopg.Connection) -> tuple[int, str]:
    row = demo_database.execute(_QUIET).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.fixture
def brigade(demo_database: psycopg.Connection) -> str:
    statement = f"""
        INSERT INTO brigade (division_id, name) SELECT id, 'Brigade of the browser' FROM division WHERE code = '{MINE}'
        ON CONFLICT (division_id, name) DO UPDATE SET name = excluded.name RETURNING id
        """
    return one(demo_database, statement)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(made, "JPEG")
    path = tmp_path / "meter.jpg"
    path.write_bytes(made.getvalue())
    return path


def fill(page: Page, dial: int, brigade: str, serial: str) -> int:
    """Fill the form of an exchange, and return how many clicks that takes beside typing: a choice is two."""
    page.get_by_label("Reading: meter").first.fill(str(dial))
    page.fill("#serial_number", serial)
    page.fill("#opening_total", "3")
    page.fill("#verified_to", "2034-01-01")
    page.select_option("#model_id", index=1)
    page.select_option("#reason_id", index=2)
    page.select_option("#brigade_id", brigade)
    page.fill("#reason", "work order no. 7")
    page.check("#is_sure")
    return 7


def test_meter_is_exchanged_with_twelve_clicks_at_most(
    page: Page, account: tuple[int, str], brigade: str, photograph: Path, demo_database: psycopg.Connection
) -> None:
    dial = int(one(demo_database, f"SELECT max(dial_milli) / 1000 + 2 FROM reading WHERE account_id = {account[0]}"))
    log_in(page, "operator")
    page.fill("#global-search", account[1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/accountview/show/*")
    page.click("button:has-text('More')")
    page.click(".dropdown-menu a:has-text('Exchange a meter')")
    clicks = 2 + fill(page, dial, brigade, "BROWSER-1")
    page.set_input_files("#photos", photograph)
    page.click("button[value=preview]")
    page.wait_for_selector(".act-effects")
    preview = page.inner_text(".act-effects")
    page.click("button[value=do]")
    page.wait_for_url("**/accountactview/show/*")
    clicks += 3  # one to choose the photograph

    assert clicks <= 12
    assert "BROWSER-1" in preview
    assert "Energy by meters" in preview or "As it would be billed today" in preview
    assert page.locator("a:has-text('Photograph 1')").count() == 1
    assert one(demo_database, f"SELECT kind FROM act WHERE account_id = {account[0]}") == "EXCHANGE_METER"


def test_page_of_an_exchange_fits_a_telephone(page: Page, demo_database: psycopg.Connection) -> None:
    log_in(page, "engineer")
    page.set_viewport_size({"width": 360, "height": 740})
    number = one(demo_database, f"SELECT min(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{MINE}'")

    page.goto(f"/acts/exchange-meter/{number}")

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#photos").is_visible()
