"""Every screen a role may open: without script errors, without faults of accessibility, at both widths."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import faults, log_in, picture

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/accountview/list/", "/accountview/show/1", "/householdconsumerview/list/",
    "/householdconsumerview/add", "/legalconsumerview/list/", "/penaltyholdview/add", "/supplyview/list/", "/servicepointview/add",
    "/readingview/list/", "/readingimportview/list/", "/readingimportview/load", "/reading-entry/1",
    "/meterview/list/", "/meterview/show/1",
    "/meterinstallationview/add", "/billrunview/list/", "/billrunview/open", "/billrunview/show/1", "/billview/list/", "/billview/show/1",
    "/billexceptionview/list/", "/cashier/", "/cashier/take/1", "/paymentview/list/", "/paymentview/show/1", "/tenderview/list/",
    "/paymentcontractview/list/", "/paymentcontractview/add", "/ledgerentryview/list/", "/accountbalanceview/list/", "/debtview/list/",
    "/charts/", "/jobview/list/", "/noticeview/list/", "/tariffview/list/", "/tariffversionview/show/1", "/tariffversionview/add",
    "/divisionview/list/", "/divisionview/add", "/divisionaccessview/add", "/division-file/load", "/search/?q=karimov", "/users/list/",
    "/approvalview/inbox", "/reference/tariff_version/on", "/reference/bank/difference",
    "/reference/bank/1/history", "/reference/resource/1/uses",
    "/reference/bank/load", "/my-sessions/", "/my-sessions/device", "/usersessionview/list/", "/totpdeviceview/list/", "/logout/",
    "/users/add", "/users/show/1", "/users/edit/2", "/users/reset/2", "/roles/list/", "/roles/show/4", "/roles/edit/4", "/roles/add",
    "/groups/list/", "/groups/add", "/divisionaccessview/list/", "/divisionaccessview/show/1", "/access-today/", "/structure/",
    "/departmentview/list/", "/departmentview/add", "/postview/list/", "/staffmemberview/list/", "/staffmemberview/add",
    "/substitutionview/list/", "/substitutionview/add", "/profile/", "/resetmypassword/form", "/userinfoeditview/form",
    "/console/", "/console/operating_parameter/", "/console/job_run/", "/console/job_run/details/?id=1", "/console/audit_entry/",
    "/console/notice/", "/console/tender/", "/console/gateway_call/", "/console/stored_file/",
)  # fmt: skip


def test_login_has_no_faults(page: Page) -> None:
    page.goto("/login/")

    assert faults(page) == []


def test_every_screen_of_the_office_has_no_faults(page: Page) -> None:
    log_in(page, "admin")
    found = {}
    for address in PAGES:
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            found[address] = [str(answer.status)]
        elif faults(page):
            found[address] = faults(page)

    assert found == {}


def test_charts_lead_to_the_rows_behind_them(page: Page) -> None:
    log_in(page, "supervisor")
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
