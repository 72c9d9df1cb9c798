"""Each entry of the menu opens for everybody who is shown it, in the whole company and in one district."""

import re
from collections.abc import Mapping

import psycopg
import pytest
from flask import Flask

from app.cli import access
from app.domain.administration.roles import ROLES
from tests.browsers import MINE, Browser, log_in
from tests.databases import PASSWORD

WHOLE = "17"
CASES = [(role, code) for role in ROLES for code in (WHOLE, MINE)]


@pytest.fixture(scope="module")
def holders(app: Flask, demo_url: str) -> Mapping[tuple[str, str], str]:
    """A user for each role, in the whole company and in one district."""
    names = {case: f"menu-{place}" for place, case in enumerate(CASES)}
    with app.app_context():
        ids = {
            case: access.add_user(username=name, first_name="Menu", last_name="Reader", role_names=[case[0]], password=PASSWORD)
            for case, name in names.items()
        }
    with psycopg.connect(demo_url, autocommit=True) as connection:
        for (_role, code), user_id in ids.items():
            connection.execute(
                "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
                (user_id, code),
            )
    return names


def entries(browser: Browser) -> list[str]:
    """Return the addresses of the menu of the home page."""
    menu = re.search(r'<nav aria-label="Main menu">(.*?)</nav>', browser.text("/"), re.DOTALL)
    assert menu is not None
    return re.findall(r'<li><a href="([^"]+)"', menu[1])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} of {case[1]}")
def test_each_entry_of_the_menu_opens_for_whom_it_is_shown(
    app: Flask, holders: Mapping[tuple[str, str], str], case: tuple[str, str]
) -> None:
    browser = log_in(app, holders[case])

    shown = entries(browser)

    assert shown
    assert {address: status for address in shown if (status := browser.status(address)) != 200} == {}


def test_role_that_may_open_less_is_shown_less(app: Flask, holders: Mapping[tuple[str, str], str]) -> None:
    whole, district = (set(entries(log_in(app, holders["Administrator", code]))) for code in (WHOLE, MINE))

    assert district <= whole
    assert "/parameters/" in whole
