"""The supervisor's home while it is open: what happens elsewhere shows by itself, within seconds that are printed."""

import time
from itertools import pairwise

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import faults, log_in, picture
from tests.browsers import MINE, one

pytestmark = pytest.mark.browser
_VALUE = "[data-figure='{}'] [data-value]"


def beside(page: Page, user: str) -> Page:
    """Return a page of another user's browser."""
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=page.url.rsplit("/", 1)[0]).new_page()
    log_in(other, user)
    return other


def seconds_until_shown(page: Page, name: str, before: str, since: float) -> float:
    """Return how long after a moment a figure of an open page changed; the page is not loaded again."""
    page.wait_for_function(
        "([place, before]) => document.querySelector(place).textContent !== before", arg=[_VALUE.format(name), before], polling=20
    )
    assert page.evaluate("window.isStill") is True
    return time.monotonic() - since


def test_payment_and_contract_show_on_the_open_home_of_the_supervisor_within_three_seconds(
    page: Page, demo_database: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    number = one(
        demo_database,
        f"SELECT a.number FROM account a JOIN division d ON d.id = a.division_id JOIN account_position p ON p.account_id = a.id "
        f"WHERE d.code = '{MINE}' AND p.debt_tiyin BETWEEN 100000 AND 100000000 ORDER BY a.id LIMIT 1",
    )
    offer = one(
        demo_database,
        f"SELECT k.id FROM contract k JOIN division d ON d.id = k.division_id JOIN consumer c ON c.id = k.consumer_id "
        f"WHERE d.code = '{MINE}' AND c.kind = 'LEGAL' ORDER BY k.id DESC LIMIT 1",
    )
    log_in(page, "supervisor")
    page.evaluate("window.isStill = true")
    shown = {name: page.inner_text(_VALUE.format(name)) for name in ("payments_today", "contracts_today")}
    took = {}

    cashier = beside(page, "cashier")
    cashier.goto("/cashier/")
    cashier.keyboard.type(number)
    cashier.keyboard.press("Enter")
    cashier.wait_for_url("**/take/**")
    cashier.keyboard.press("F8")
    cashier.keyboard.press("Enter")
    cashier.wait_for_url("**/receipt/**")
    took["payment"] = seconds_until_shown(page, "payments_today", shown["payments_today"], time.monotonic())

    operator = beside(page, "operator")
    operator.goto(f"/contractview/show/{offer}")
    operator.click("form[action*='/contractview/draft/'] button")
    operator.wait_for_url("**/contractdraftview/edit/*")
    operator.goto(f"/acts/sign-contract/{operator.url.rpartition('/')[2]}")
    operator.fill("#reason", "signed by both")
    operator.click("button[value=preview]")
    operator.wait_for_selector(".act-effects")
    operator.click("button[value=do]")
    operator.wait_for_url("**/accountactview/show/*")
    took["contract"] = seconds_until_shown(page, "contracts_today", shown["contracts_today"], time.monotonic())

    with capsys.disabled():
        print("\nshown on the supervisor's open home after " + ", ".join(f"{what}: {seconds:.1f} s" for what, seconds in took.items()))
    assert max(took.values()) <= 3


def test_home_nobody_sees_asks_for_nothing(page: Page) -> None:
    log_in(page, "supervisor")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "figures.json" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.wait_for_timeout(200)
    asked.clear()

    page.wait_for_timeout(5000)
    while_hidden = len(asked)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false}); document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1000)

    assert while_hidden == 0
    assert asked


def test_home_whose_questions_fail_asks_ever_less_often_until_they_are_answered(page: Page) -> None:
    log_in(page, "supervisor")
    asked: list[float] = []
    page.on("request", lambda request: asked.append(time.monotonic()) if "figures.json" in request.url else None)
    page.route("**/figures.json*", lambda route: route.fulfill(body="no answer"))

    page.wait_for_timeout(7000)
    page.unroute("**/figures.json*")
    failed = asked[:]
    page.wait_for_timeout(12000)

    assert [round(later - earlier) for earlier, later in pairwise(failed)] == [4]
    assert asked[2] - asked[1] > 7
    assert asked[-1] - asked[-2] < 3


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize("user", ["supervisor", "operator", "cashier", "engineer", "lawyer"])
def test_homes_and_indicators_have_no_faults(page: Page, user: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    log_in(page, user)
    found = {}
    for address in ("/", "/indicators/", "/indicators/payments_today", "/indicators/billed", "/indicators/billed/rows", "/targets/"):
        answer = page.goto(address)
        assert answer is not None
        if answer.status == 200:
            found[address] = faults(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    picture(page, f"home-{user}-{width}")

    assert {address: wrong for address, wrong in found.items() if wrong} == {}
