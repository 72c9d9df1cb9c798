"""An inspector's phone goes offline and comes back: what was entered without a link is kept, sent once, and accepted by the office."""

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import faults, log_in, picture
from tests.browsers import one

pytestmark = pytest.mark.browser


def test_round_is_walked_without_a_link_and_sent_when_it_is_back(page: Page, demo_database: psycopg.Connection) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    log_in(page, "inspector")

    page.goto("/field/")
    page.wait_for_selector("html[data-offline=ready]")
    page.wait_for_selector("#points button")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "field-list")

    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#link.bad")
    page.click("#points li:last-child button")
    dial = page.locator("#dials input").first
    dial.fill("0")
    page.click("#save")
    page.wait_for_selector("#doubt:not([hidden])")
    assert faults(page) == []
    picture(page, "field-point")
    dial.fill("")
    page.fill("#remark", "nobody at home")
    page.click("#save")
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 1')")
    page.reload()
    page.wait_for_selector("#points button")
    assert one(demo_database, "SELECT count(*) FROM field_proposal WHERE contents ->> 'remark' = 'nobody at home'") == "0"

    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 0')")
    page.wait_for_selector("#link.good")

    assert one(demo_database, "SELECT count(*) FROM field_proposal WHERE contents ->> 'remark' = 'nobody at home'") == "1"
