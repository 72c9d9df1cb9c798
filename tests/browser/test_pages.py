"""Every screen a role may open: without script errors, without faults of accessibility, at all widths.

Half of the screens are drawn, by the seed of the suite, each at one of the widths; ``make whole-walk`` opens all at all of them.
"""

import pytest
from playwright.sync_api import Page

from tests.access import walk
from tests.browser.addresses import PAGES
from tests.browser.conftest import faults, log_in, picture

pytestmark = pytest.mark.browser
#: A telephone, a usual screen and a large one.
WIDTHS = (360, 1366, 1920)
TABLES = (
    "/",
    "/tasks/",
    "/late-work/",
    "/alertview/list/",
    "/targets/",
    "/indicators/",
    "/indicators/billed",
    "/books/",
    "/reportscheduleview/list/",
)


def test_login_has_no_faults(page: Page) -> None:
    page.goto("/login/")

    assert faults(page) == []


def test_every_screen_of_the_office_has_no_faults(page: Page, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption("randomly_seed", 1)
    log_in(page, "admin")
    found = {}
    for place, address in enumerate(walk.drawn(PAGES, seed)):
        for width in WIDTHS if walk.WHOLE else [WIDTHS[(place + seed) % len(WIDTHS)]]:
            page.set_viewport_size({"width": width, "height": 768})
            answer = page.goto(address)
            assert answer is not None
            if wrong := faults(page) if answer.status == 200 else [str(answer.status)]:
                found[address, width] = wrong

    assert found == {}


def test_no_table_of_a_report_or_of_a_list_of_tasks_is_cut_at_any_width(page: Page) -> None:
    log_in(page, "supervisor")
    page.goto("/language/ru")
    found = {}
    for address in (*TABLES, *(address for address in PAGES if address.startswith(("/reports/", "/own-table/", "/submitted-reports/")))):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 768})
            page.goto(address)
            hidden = page.locator(".table-responsive").evaluate_all("each => each.map(one => one.scrollWidth - one.clientWidth)")
            if max(hidden, default=0) > 1:
                found[address, width] = hidden

    assert found == {}


def test_charts_lead_to_the_rows_behind_them(page: Page) -> None:
    log_in(page, "supervisor")
    page.goto("/language/en")
    page.goto("/charts/")
    picture(page, "charts")

    page.click("a:has-text('Toshkent shahri')")
    page.click("a:has-text('Namuna tumani')")

    total = page.inner_text("main p")
    assert "accounts make it up" in total
    assert page.locator("tbody tr").count() > 10


def test_language_switch_keeps_the_page(page: Page) -> None:
    log_in(page, "operator")
    page.goto("/billview/list/")

    page.click("text=English")
    page.click("text=Русский")

    assert page.url.endswith("/billview/list/?") or page.url.endswith("/billview/list/")
    assert page.get_attribute("html", "lang") == "ru"


def test_office_fits_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, "cashier")

    for address in ("/", "/cashier/", "/accountview/list/", "/accountview/show/1"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_lists_and_bills_scroll_sideways_on_no_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, "operator")

    for address in ("/billexceptionview/list/", "/accountview/list/", "/billview/show/5"):
        page.goto(address)
        tables = page.locator(".table-responsive").evaluate_all("each => each.map(one => one.scrollWidth - one.clientWidth)")
        assert tables, address
        assert max(tables) <= 1, address
        assert page.locator("#global-search").evaluate("field => field.clientWidth") > 300, address


def test_exceptions_fit_a_usual_screen(page: Page) -> None:
    log_in(page, "operator")

    page.goto("/billexceptionview/list/")

    assert page.locator(".list .table-responsive").evaluate("one => one.scrollWidth - one.clientWidth") <= 1
