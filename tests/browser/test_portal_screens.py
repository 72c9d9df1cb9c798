"""Every page of the portal on a telephone: no faults of accessibility, nothing sideways, a ring one sees, and typed values that stay."""

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import faults, picture
from tests.portal.consumers import Consumer, code_sent, consumer, forget_everybody, make_statement

pytestmark = pytest.mark.browser
OWN = ("home", "pay", "bills", "payments", "consumption", "readings", "account", "notices", "settings", "accounts", "applications",
       "applications/new/COMPLAINT", "applications/new/OWNER_CHANGE", "applications/new/RECALCULATION")  # fmt: skip
OF_FIRM = ("contract", "tax-invoices", "statements", "users", "devices", "applications")
PUBLIC = ("", "calculator", "tariffs", "how-to-pay", "terms", "outages", "contacts", "disclosure", "telephone", "l/none")
_LUMINANCE = """
    (color) => { const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; }
"""


def faults_of(page: Page, address: str) -> list[str]:
    """Return what is wrong with a page at 360 and at 320 pixels, which is 640 at twice the size."""
    found = []
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(f"/portal/{address}")
        found += [f"{width}: {fault}" for fault in faults(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{width}: sideways")
    return found


def enter(page: Page, demo_database: psycopg.Connection, condition: str = "p.debt_tiyin > 0") -> Consumer:
    forget_everybody(demo_database)
    demo_database.execute("DELETE FROM notice WHERE kind = 'PORTAL_CODE' AND status = 'QUEUED'")
    page.goto("/portal/")
    account = consumer(demo_database, condition)
    page.fill("#account", account.number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    page.fill("#code", code_sent(demo_database))
    page.keyboard.press("Enter")
    page.wait_for_url("**/home*")
    return account


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_everybody_have_no_faults(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/portal/language/ru")

    assert {address: found for address in PUBLIC if (found := faults_of(page, address))} == {}


@pytest.mark.parametrize("language", ["uz", "kaa"])
def test_pages_of_an_account_have_no_faults(page: Page, demo_database: psycopg.Connection, language: str) -> None:
    enter(page, demo_database)
    page.goto(f"/portal/language/{language}")

    assert {address: found for address in OWN if (found := faults_of(page, address))} == {}
    page.goto("/portal/home")
    picture(page, f"portal-{language}")


def test_pages_of_a_firm_have_no_faults(page: Page, demo_database: psycopg.Connection) -> None:
    firm = enter(page, demo_database, "c.kind = 'LEGAL'")
    statement_id = make_statement(demo_database, f"a.id = {firm.id}")
    page.goto("/portal/language/ru")

    pages = (*OF_FIRM, f"statements/{statement_id}")
    assert {address: found for address in pages if (found := faults_of(page, address))} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_seen(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/portal/")
    page.focus("#account")
    page.keyboard.press("Tab")

    style = page.evaluate("(() => { const s = getComputedStyle(document.activeElement); return [s.outlineColor, s.outlineWidth]; })()")
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light, dark = sorted((page.evaluate(_LUMINANCE, style[0]), page.evaluate(_LUMINANCE, behind)), reverse=True)

    assert style[1] == "3px"
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_what_was_typed_stays_when_the_language_is_switched(page: Page) -> None:
    page.goto("/portal/calculator")
    page.fill("#quantity", "310,5")
    page.click("text=Русский")
    page.wait_for_selector("html[lang=ru]")

    assert page.input_value("#quantity") == "310,5"


def test_application_that_was_begun_stays_when_the_language_is_switched(page: Page, demo_database: psycopg.Connection) -> None:
    enter(page, demo_database, "a.status = 'OPEN'")
    page.goto("/portal/applications/new/OWNER_CHANGE")
    page.fill("#given_name", "Karimova Lola")
    page.fill("#given_phone", "93 555-77-88")

    page.click("text=Русский")
    page.wait_for_selector("html[lang=ru]")

    assert page.input_value("#given_name") == "Karimova Lola"
    assert page.input_value("#given_phone") == "93 555-77-88"
