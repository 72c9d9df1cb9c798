"""How much work the everyday acts are: clicks and typed fields from the home page on, keys at the counter, counted in a browser."""

from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import log_in
from tests.browsers import MINE

pytestmark = pytest.mark.browser


class Hand:
    """Somebody at a screen, whose clicks, typed fields and, where there is no mouse, keys are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields, self.keys = page, 0, 0, 0

    def write(self, text: str) -> None:
        """Type a text where the page put the cursor."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def click(self, target: str) -> None:
        self.page.locator(target).first.click()
        self.clicks += 1

    def type(self, field: str, text: str) -> None:
        self.page.fill(field, text)
        self.fields += 1

    def choose(self, field: str, text: str) -> None:
        """Choose a row of a look-up by typing a part of it."""
        box = self.page.locator(f"{field} + .ts-wrapper input")
        box.press_sequentially(text)
        self.page.locator(".ts-dropdown [data-selectable]", has_text=text).first.click()
        self.fields += 1

    def find(self, number: str) -> None:
        """Open the card of an account by its number, typed into the search field."""
        self.page.fill("#global-search", number)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/search/" in url or "/accountview/show/" in url)
        if "/search/" in self.page.url:
            self.click(f"main a:has-text('{number}')")
            self.page.wait_for_url("**/accountview/show/*")


@pytest.fixture
def at_home(page: Page) -> Callable[[str], Hand]:
    """Somebody who has logged in and sees his home page."""

    def begin(user: str) -> Hand:
        log_in(page, user)
        return Hand(page)

    return begin


def account(database: psycopg.Connection, *, where: str = "true") -> tuple[int, str]:
    row = database.execute(
        f"""SELECT a.id, a.number FROM account a JOIN division d ON d.id = a.division_id JOIN consumer c ON c.id = a.consumer_id
            WHERE d.code = '{MINE}' AND a.status = 'OPEN' AND c.kind = 'HOUSEHOLD' AND {where} ORDER BY a.number LIMIT 1"""
    ).fetchone()
    assert row is not None
    return row[0], row[1]


#: The newest reading of the account is one that a bill was made with.
BILLED = """(SELECT max(read_on) FROM reading r WHERE r.account_id = a.id) <= (SELECT max(period_to) FROM bill b WHERE b.account_id = a.id)
    AND 1 = (SELECT count(*) FROM supply s JOIN meter_installation i USING (service_point_id) WHERE s.account_id = a.id)"""


def test_change_of_owner_takes_ten_clicks_at_most(at_home: Callable[[str], Hand], demo_database: psycopg.Connection) -> None:
    pk, number = account(demo_database, where=BILLED)
    row = demo_database.execute("SELECT max(dial_milli) / 1000 + 5 FROM reading WHERE account_id = %s", (pk,)).fetchone()
    assert row is not None
    hand = at_home("operator")
    hand.find(number)
    hand.click("button:has-text('More')")
    hand.click(".dropdown-menu a:has-text('Change of owner')")
    for field in hand.page.get_by_label("Reading: meter").all():
        field.fill(str(int(row[0])))
    hand.type("#name", "Yangi Egasi Abdullayevich")
    hand.page.select_option("#debt", index=2)
    hand.clicks += 1
    hand.type("#reason", "contract of sale no. 5")
    hand.click("button[value=preview]")
    hand.page.wait_for_selector(".act-effects")
    hand.click("button[value=do]")
    hand.page.wait_for_url("**/accountactview/show/*")

    assert hand.clicks <= 10


def test_reading_is_corrected_with_six_clicks_at_most(at_home: Callable[[str], Hand], demo_database: psycopg.Connection) -> None:
    pk, number = account(demo_database, where=BILLED)
    last = demo_database.execute("SELECT max(dial_milli) / 1000 FROM reading WHERE account_id = %s", (pk,)).fetchone()
    assert last is not None
    hand = at_home("operator")
    hand.find(number)
    hand.click("a[href='#readings']")
    hand.click("#readings a:has-text('Correct')")
    hand.page.wait_for_url("**/acts/correct-reading/**")
    hand.page.get_by_label("What the register showed").fill(str(int(last[0]) + 1))
    hand.type("#reason", "misread")
    hand.click("button[value=preview]")
    hand.page.wait_for_selector(".act-effects")
    hand.click("button[value=do]")
    hand.page.wait_for_url(lambda url: "/correct" not in url)

    assert hand.clicks <= 6


def test_new_account_is_opened_with_ten_typed_fields_at_most(at_home: Callable[[str], Hand], demo_database: psycopg.Connection) -> None:
    street = demo_database.execute(
        f"SELECT s.name FROM street s JOIN division d ON d.id = s.division_id WHERE d.code = '{MINE}' ORDER BY s.id LIMIT 1"
    ).fetchone()
    assert street is not None
    hand = at_home("operator")
    hand.click("a:has-text('New account')")
    hand.type("#name", "Ergasheva Nilufar Baxtiyorovna")
    hand.type("#phone", "+998901234567")
    hand.choose("#street", street[0].split()[0])
    hand.type("#house", "117")
    hand.type("#flat", "9")
    hand.type("#capacity_milli", "5")
    hand.type("#serial_number", "EFFORT-1")
    hand.type("#first_dial_milli", "12")
    hand.type("#reason", "application no. 9")
    hand.click("button[value=preview]")
    hand.page.wait_for_selector(".act-effects")
    hand.click("button[value=do]")
    hand.page.wait_for_url("**/accountactview/show/*")

    assert hand.fields <= 10


def test_district_is_billed_with_five_clicks_at_most(at_home: Callable[[str], Hand]) -> None:
    hand = at_home("supervisor")
    hand.click("main a:has-text('not begun')")
    hand.click("main button:has-text('Preview')")
    hand.click("#job-result")
    hand.click("text=Post the bills")
    hand.click("dialog button[value=yes]")
    hand.page.wait_for_selector("#job-result")

    assert hand.clicks <= 5


def test_all_open_months_are_closed_with_four_clicks_at_most(
    at_home: Callable[[str], Hand], local: str, demo_database: psycopg.Connection
) -> None:
    second = demo_database.execute(
        f"""SELECT DISTINCT t.billing_month FROM division_turnover t JOIN division d ON d.id = t.division_id
            WHERE d.code = '{MINE}' ORDER BY 1 OFFSET 1 LIMIT 1"""
    ).fetchone()
    assert second is not None
    hand = at_home(local)
    hand.click("summary[title='Billing']")
    hand.click("nav a:has-text('Accounting periods')")
    hand.click(f"main a[href*='month={second[0].isoformat()}']")
    hand.click("main button:has-text('Close')")
    hand.page.wait_for_load_state()

    closed = demo_database.execute("SELECT count(DISTINCT billing_month) FROM accounting_period WHERE status = 'CLOSED'").fetchone()
    assert closed is not None
    assert closed[0] >= 2
    assert hand.clicks <= 4


#: A debt that fifty or sixty thousand soʻm are no unlikely payment of.
OWES = "(SELECT p.debt_tiyin FROM account_position p WHERE p.account_id = a.id) BETWEEN 2000000 AND 400000000"


def pay(hand: Hand, som: str) -> None:
    """Take a sum for the account whose page opens."""
    hand.page.wait_for_url("**/take/**")
    hand.write(som)
    hand.press("Enter")
    hand.page.wait_for_url("**/receipt/**")


def test_payment_by_number_takes_nineteen_keys_at_most(at_home: Callable[[str], Hand], demo_database: psycopg.Connection) -> None:
    _, number = account(demo_database, where=OWES)
    hand = at_home("cashier")
    hand.page.goto("/cashier/")
    hand.write(number)
    hand.press("Enter")
    pay(hand, "50000")

    assert number in hand.page.inner_text("main")
    assert hand.keys <= 19


def test_payment_by_surname_takes_fifteen_keys_at_most(at_home: Callable[[str], Hand], demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        f"""SELECT a.number, a.typed FROM (
                SELECT a.id, a.number, lower(left(split_part(c.name, ' ', 1), 7)) AS typed,
                       count(*) OVER (PARTITION BY left(c.name, 7)) AS alike
                FROM account a JOIN consumer c ON c.id = a.consumer_id JOIN division d ON d.id = a.division_id
                WHERE d.code = '{MINE}' AND a.status = 'OPEN' AND c.kind = 'HOUSEHOLD') a
            WHERE {OWES} ORDER BY a.alike, a.number LIMIT 1"""
    ).fetchone()
    assert row is not None
    number, typed = row
    hand = at_home("cashier")
    hand.page.goto("/cashier/")
    hand.write(typed)
    hand.page.wait_for_selector(f".offers li:has-text('{number}')")
    while not hand.page.locator(f".offers li[aria-selected=true]:has-text('{number}')").count():
        hand.press("ArrowDown")
    hand.press("Enter")
    pay(hand, "60000")

    assert number in hand.page.inner_text("main")
    assert hand.keys <= 15
