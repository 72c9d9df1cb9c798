"""The policy browsers are told holds on every main page: nothing on it breaks it, and nothing leaves the host.

Half of the pages are drawn, by the seed of the suite; ``make whole-walk`` opens all.
"""

from collections.abc import Iterator, Sequence

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.access import walk
from tests.browser.addresses import PAGES
from tests.browser.conftest import log_in
from tests.browsers import one

pytestmark = pytest.mark.browser

MORE = (
    "/my-sessions/", "/my-sessions/device", "/usersessionview/list/", "/totpdeviceview/list/", "/logout/", "/resetmypassword/form",
    "/users/userinfo/", "/users/add", "/users/show/1", "/roles/list/", "/roles/show/1", "/roles/edit/3", "/charts/accounts/1",
    "/cashier/receipt/1", "/nowhere",
)  # fmt: skip
CONSOLE = (
    "/console/", "/parameters/", "/parameters/billing.due_day", "/tariffversionview/add?tariff=1", "/console/job_run/", "/console/notice/",
    "/console/audit_entry/", "/console/audit_entry/details/?id=1", "/console/gateway_call/", "/console/tender/", "/console/stored_file/",
)  # fmt: skip

_REPORT = """
window.__broken = [];
document.addEventListener('securitypolicyviolation', e => window.__broken.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
"""


@pytest.fixture
def watched(chromium: Browser, site: str) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what its console says against it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=site)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.add_init_script(_REPORT)
    found: list[str] = []
    page.on("console", lambda message: found.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("request", lambda request: found.append(f"off host: {request.url}") if not _inside(request.url, site) else None)
    yield page, found
    context.close()


def _inside(url: str, site: str) -> bool:
    return url.startswith((site, "data:", "blob:"))


def _walk(page: Page, addresses: Sequence[str], found: list[str]) -> list[str]:
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        found += [f"{address}: {each}" for each in page.evaluate("window.__broken")]
        if "'nonce-" not in answer.headers["content-security-policy"]:
            found.append(f"{address}: no policy")
    # The browser says so of every page that answers 404, with or without a policy.
    return [each for each in found if "status of 404" not in each]


def test_office_and_console_keep_to_the_policy(watched: tuple[Page, list[str]], pytestconfig: pytest.Config) -> None:
    page, found = watched
    log_in(page, "admin")

    assert _walk(page, walk.drawn((*PAGES, *MORE, *CONSOLE), pytestconfig.getoption("randomly_seed", 1)), found) == []


def test_look_up_menu_and_logout_work_under_the_policy(watched: tuple[Page, list[str]], demo_database: psycopg.Connection) -> None:
    page, found = watched
    log_in(page, "admin")
    page.goto("/penaltyholdview/add")
    page.click("main .ts-control")
    page.keyboard.type(one(demo_database, "SELECT min(number) FROM account"))
    page.wait_for_selector(".ts-dropdown .option")
    page.keyboard.press("Escape")

    page.click("#me")
    page.click("button:has-text('Logout')")
    page.wait_for_selector("a:has-text('Login')")

    assert found == []
    assert page.goto("/my-sessions/") is not None
    assert "/login/" in page.url


def test_portal_keeps_to_the_policy(watched: tuple[Page, list[str]]) -> None:
    page, found = watched

    assert _walk(page, ("/portal/", "/portal/code", "/portal/nowhere", "/login/"), found) == []
