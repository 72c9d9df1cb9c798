"""The home page: work that waits, each figure with the rows behind it."""

import re

import pytest
from flask import Flask
from psycopg import Connection

from tests.browsers import MINE, log_in, one

#: People of each role, and how many figures at least each of some finds at home and in the menu.
ROLES = ("admin", "supervisor", "operator", "cashier", "inspector", "engineer", "lawyer", "editor", "auditor", "translator")
EXPECTED = {"admin": 9, "supervisor": 9, "operator": 8, "lawyer": 3}


@pytest.fixture
def work(app: Flask, demo_database: Connection) -> None:
    """Some of every kind of work: what the demo has none of is made."""
    assert app
    for statement in (
        "UPDATE bill_exception SET status = 'OPEN' WHERE id % 2 = 0",
        "UPDATE notice SET status = 'IN_DOUBT' WHERE id % 3 = 0 AND status = 'SENT'",
        "UPDATE notice SET status = 'QUEUED' WHERE id % 3 = 1 AND status = 'SENT'",
        "UPDATE job_run SET status = 'FAILED', created_at = now() - make_interval(days => (id % 12)::int) WHERE status = 'DONE'",
        "UPDATE reading_import SET status = 'CHECKED' WHERE id = (SELECT max(id) FROM reading_import)",
    ):
        demo_database.execute(statement)


def rows_of(page: str, address: str) -> str:
    """Return the figure in the line that leads to a list."""
    found = re.search(rf'href="{re.escape(address)}">[^<]*</a></td>\s*<td class="num"[^>]*>([^<]*)</td>', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/billholdview/list/?_flt_0_status=OPEN", "bill_hold WHERE status = 'OPEN'"),
        ("/billexceptionview/list/?_flt_0_status=OPEN", "(SELECT DISTINCT account_id FROM bill_exception WHERE status = 'OPEN') e"),
        ("/noticeview/list/?_flt_0_status=QUEUED", "notice WHERE status = 'QUEUED'"),
        ("/noticeview/list/?_flt_0_status=IN_DOUBT", "notice WHERE status = 'IN_DOUBT'"),
    ],
)
def test_figures_are_those_of_the_rows_they_lead_to(app: Flask, demo_database: Connection, address: str, count: str) -> None:
    browser = log_in(app, "admin")
    page = browser.text("/")

    shown = one(demo_database, f"SELECT count(*) FROM {count}")

    assert rows_of(page, address) == (shown if shown != "0" else "")


def test_line_leads_to_as_many_rows_as_it_tells(app: Flask, demo_database: Connection) -> None:
    browser = log_in(app, "admin")
    demo_database.execute("UPDATE job_run SET status = 'FAILED' WHERE id = (SELECT max(id) FROM job_run WHERE status = 'DONE')")
    page = browser.text("/")
    (address,) = re.findall(r'href="(/jobview/list/[?][^"]*FAILED[^"]*)"', page)

    assert f"{rows_of(page, address)} row" in browser.text(address)


def count_of(page: str) -> str:
    """Return how many rows a page says it is about."""
    main = page.partition("<main")[2]
    found = re.search(r"([0-9]+) (?:rows?|contracts?|districts?|requests? waits?) *(?:for you|</p>|</span>|<)", " ".join(main.split()))
    assert found is not None, main
    return found[1]


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("user", ROLES)
def test_every_figure_of_home_and_menu_is_the_count_of_the_list_it_opens(app: Flask, user: str) -> None:
    app.extensions.pop("menu_counts", None)
    browser = log_in(app, user)
    page = browser.text("/")
    work_table = page.partition("work-title")[2].partition("</table>")[0]

    figures = re.findall(r'<a href="([^"]*)">[^<]*</a></td>\s*<td class="num"[^>]*>([^<]*)</td>', work_table)
    figures += re.findall(r'<a href="([^"]*state=[^"]*)">([0-9]+) ', page)
    figures += re.findall(r'<a class="count" href="([^"]*)"[^>]*>\s*([0-9]+)</a>', page)

    assert {address: count_of(browser.text(address)) for address, _shown in figures} == dict(figures)
    assert user not in EXPECTED or len(figures) >= EXPECTED[user]


def test_district_without_bills_of_the_month_is_named(app: Flask, local: str, demo_database: Connection) -> None:
    page = log_in(app, local).text("/")
    billed = one(
        demo_database,
        f"""SELECT count(*) FROM division_turnover t JOIN division d ON d.id = t.division_id
            WHERE d.code = '{MINE}' AND t.charged_tiyin <> 0
              AND t.billing_month = date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent') - interval '1 month'""",
    )

    states = dict(re.findall(r'state=(billed|unbilled)">([0-9]+) district', page))
    assert states == {"billed": billed, "unbilled": str(1 - int(billed))}


def test_accounts_one_had_open_come_first_on_the_way_back(app: Flask, demo_database: Connection) -> None:
    browser = log_in(app, "supervisor")
    numbers = demo_database.execute("SELECT id, number FROM account ORDER BY id LIMIT 3").fetchall()
    for pk, _number in numbers:
        browser.text(f"/accountview/show/{pk}")

    recent = browser.text("/").partition("recent-title")[2]

    assert re.findall(r">(\d{12})<", recent) == [number for _pk, number in reversed(numbers)]


def test_cashier_sees_his_shift(app: Flask) -> None:
    assert "My shift" in log_in(app, "cashier").text("/") or "No shift of mine is open" in log_in(app, "cashier").text("/")


def test_stranger_is_shown_the_ways_in_and_no_figures(app: Flask) -> None:
    page = app.test_client().get("/").text

    assert 'href="/portal/' in page
    assert "<progress" not in page.partition("<main")[2]
