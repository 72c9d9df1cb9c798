"""Figures of homes, rankings and targets: each is what the rows it leads to sum to, for everybody who sees it."""

import io
import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from psycopg import Connection

from app.documents.indicators import INDICATORS
from app.domain.calendar import months_after
from app.domain.indicators import IndicatorUnit
from app.domain.reports import SUMMED
from app.extensions import db
from app.jobs import indicators as jobs
from app.jobs import runner
from app.queries import indicators as queries
from tests.browsers import FOREIGN, MINE, Browser, log_in, one, perform_latest

USERS = ("admin", "supervisor", "operator", "cashier", "inspector", "engineer", "lawyer", "auditor", "local")
_CARD = re.compile(r'data-figure="(\w+)"><dt>[^<]*</dt>\s*<dd><a href="([^"]+)" data-value>([^<]*)</a>')


@pytest.fixture(scope="module")
def counted(app: Flask) -> None:
    """What the worker keeps is counted."""
    with app.app_context():
        runner.enter_worker("scheduler")
        jobs.keep_all()
        db.session.remove()


def today(demo_database: Connection) -> date:
    return date.fromisoformat(one(demo_database, "SELECT (now() AT TIME ZONE 'Asia/Tashkent')::date"))


def cards(page: str) -> dict[str, tuple[str, str]]:
    """Return the figures of a home page: name → where it leads, and what it shows."""
    return {name: (unescape(address), unescape(text)) for name, address, text in _CARD.findall(page)}


def shown_total(page: str, name: str) -> str:
    """Return what the page of a figure's rows adds up in the figure's column; nothing without rows."""
    spec = INDICATORS[name]
    columns = list(spec.report.columns)
    wanted = next((c.name for c in columns if c.whole == spec.whole and c.part == spec.part), spec.part) if spec.whole else spec.part
    foot = re.search(r"<tfoot><tr><th scope=\"row\"(?: colspan=\"(\d+)\")?>[^<]*</th>(.*?)</tr>", page, re.DOTALL)
    if foot is None:
        return ""
    cells = [unescape(cell) for cell in re.findall(r"<td[^>]*>([^<]*)</td>", foot[2])]
    place = [column.name for column in columns].index(wanted) - int(foot[1] or 1)
    assert columns[place + int(foot[1] or 1)].unit in SUMMED or spec.unit == IndicatorUnit.PERCENT
    return cells[place]


def digits(text: str) -> str:
    return re.sub(r"[^0-9.,–-]", "", text).rstrip(".,")


@pytest.mark.usefixtures("counted", "local")
@pytest.mark.parametrize("user", USERS)
def test_figure_is_what_the_rows_it_leads_to_sum_to(app: Flask, user: str) -> None:
    browser = log_in(app, user)
    found, differing = cards(browser.client.get("/").text), {}

    for name, (address, text) in found.items():
        answer = browser.client.get(address)
        assert answer.status_code == 200, address
        total = shown_total(answer.text, name)
        if digits(total or {"MONEY": "0.00", "COUNT": "0"}.get(INDICATORS[name].unit, "–")) != digits(text):
            differing[name] = (text, total)

    assert differing == {}
    assert len(found) == len([spec for spec in INDICATORS.values() if may(browser, spec.report_name)])


def may(browser: Browser, report: str) -> bool:
    return browser.status(f"/reports/{report}") == 200


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("name", INDICATORS)
def test_whole_is_what_its_parts_are_together_at_each_level(app: Flask, demo_database: Connection, name: str) -> None:
    browser, spec = log_in(app, "supervisor"), INDICATORS[name]
    levels = ("level = 'REPUBLIC'", f"id = (SELECT parent_id FROM division WHERE code = '{MINE}')")

    for level in levels:
        division_id = one(demo_database, f"SELECT id FROM division WHERE {level}")
        page = browser.text(f"/indicators/{name}?division={division_id}")
        (whole,) = re.findall(r'<div class="figure"><dt>[^<]*</dt><dd><a href="[^"]*">([^<]*)</a>', page)[:1]
        rows = re.findall(r'<a href="/indicators/[^"]*">[^<]*</a></td><td class="num"[^>]*>([^<]*)</td>', page)

        assert rows, level
        if spec.unit != IndicatorUnit.PERCENT:
            assert sum(amount(row) for row in rows) == amount(whole), level


def amount(text: str) -> int:
    return int(digits(text).replace(",", "").replace(".", "").replace("–", "0") or "0")


@pytest.mark.usefixtures("counted")
def test_open_page_is_sent_what_the_page_itself_shows(app: Flask) -> None:
    browser = log_in(app, "supervisor")
    page = cards(browser.client.get("/").text)

    sent = browser.client.get("/figures.json").get_json()["figures"]
    sent_today = browser.client.get("/figures.json?today=y").get_json()["figures"]

    assert {name: each["value"] for name, each in sent.items()} == {name: text for name, (_address, text) in page.items()}
    assert set(sent_today) == {name for name in page if INDICATORS[name].span == "TODAY"}


def test_figures_are_sent_to_nobody_without_a_login_and_of_no_foreign_division(app: Flask, local: str, demo_database: Connection) -> None:
    foreign = one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")

    assert app.test_client().get("/figures.json").status_code == 401
    browser = log_in(app, local)
    for address in ("/figures.json", "/", "/indicators/billed", "/indicators/billed/rows", "/targets/"):
        assert browser.status(f"{address}?division={foreign}") == 404, address


def test_indicator_belongs_to_who_may_look_at_its_rows(app: Flask) -> None:
    cashier = log_in(app, "cashier")

    assert cashier.status("/indicators/billed") == 403
    assert cashier.status("/indicators/billed/rows") == 403
    assert cashier.status("/indicators/payments_today/rows") == 200
    assert "billed" not in cashier.client.get("/figures.json").get_json()["figures"]


@pytest.mark.usefixtures("counted")
def test_month_that_is_over_keeps_what_was_counted_last(app: Flask, demo_database: Connection) -> None:
    browser = log_in(app, "supervisor")
    past = months_after(today(demo_database), -2)
    top = one(demo_database, "SELECT id FROM division WHERE level = 'REPUBLIC'")
    before = browser.text(f"/indicators/debt?month={past}")
    demo_database.execute(f"INSERT INTO indicator_value VALUES ('debt', '{past}', {top}, 12345678, 0, now())")

    after = browser.text(f"/indicators/debt?month={past}")
    demo_database.execute("DELETE FROM indicator_value WHERE part = 12345678")

    assert "123,456.78" not in before
    assert "123,456.78" in after


def test_region_sets_what_its_districts_are_to_reach(app: Flask, demo_database: Connection) -> None:
    browser, month_ = log_in(app, "supervisor"), months_after(today(demo_database), -1)
    region = one(demo_database, f"SELECT parent_id FROM division WHERE code = '{MINE}'")
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    address = f"/targets/set?indicator=paid&division={region}&month={month_}"

    assert browser.post(address, **{f"target_{district}": "1 000 000,50"}) == 302

    row = f"FROM indicator_target WHERE name = 'paid' AND division_id = {district} AND billing_month = '{month_}'"
    assert one(demo_database, f"SELECT target {row}") == "100000050"
    assert "1,000,000.50" in browser.text(f"/indicators/paid?division={region}&month={month_}")
    browser.post(address, **{f"target_{district}": "minus"})
    browser.post(address, **{f"target_{district}": "-5"})
    assert one(demo_database, f"SELECT target {row}") == "100000050", "what is no amount changes nothing"
    browser.post(address)
    assert one(demo_database, f"SELECT count(*) {row}") == "0"


def test_district_does_not_set_its_own_target(app: Flask, local: str, demo_database: Connection) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    before = one(demo_database, "SELECT count(*) FROM indicator_target")

    log_in(app, local).post(f"/targets/set?indicator=paid&division={district}", **{f"target_{district}": "1"})

    assert one(demo_database, "SELECT count(*) FROM indicator_target") == before


def load(browser: Browser, app: Flask, database: Connection, text: str, status: str = "DONE") -> str:
    """Load a file of targets and return the page of its job."""
    sent = {"file": (io.BytesIO(text.encode()), "targets.csv"), "csrf_token": browser.token}
    assert browser.client.post("/targets/load", data=sent, content_type="multipart/form-data").status_code == 302
    perform_latest(app, database, status)
    return browser.text(f"/jobview/show/{one(database, 'SELECT max(id) FROM job_run')}")


def test_targets_are_loaded_from_a_file_and_the_same_file_changes_nothing_again(
    app: Flask, supervisor: Browser, demo_database: Connection
) -> None:
    file = f"division;indicator;month;target\n{MINE};collected;2026-03;95,5\n{MINE};Billed;03.2026;1500000\n"

    first, second = (load(supervisor, app, demo_database, file) for _ in range(2))

    assert "2 rows, 2 targets changed, 0 rejected" in first
    assert "2 rows, 0 targets changed, 0 rejected" in second
    kept = f"""
        SELECT t.name || ' ' || t.target FROM indicator_target t JOIN division d ON d.id = t.division_id
        WHERE d.code = '{MINE}' AND t.billing_month = '2026-03-01' ORDER BY 1
        """
    assert [row[0] for row in demo_database.execute(kept).fetchall()] == ["billed 150000000", "collected 955"]


def test_row_of_targets_that_is_wrong_is_named_with_its_column_and_the_others_are_taken(
    app: Flask, supervisor: Browser, demo_database: Connection
) -> None:
    rows = [
        f"{MINE};collected;2026-04;90",
        "1799999;collected;2026-04;90",
        f"{MINE};happiness;2026-04;90",
        f"{MINE};collected;April;90",
        f"{MINE};paid;2026-04;much",
        f"{MINE};paid;2026-04;-1",
        f"{MINE};collected;2026-04;80",
    ]

    shown = unescape(load(supervisor, app, demo_database, "\n".join(["division;indicator;month;target", *rows]), "PARTLY"))

    assert "7 rows, 1 targets changed, 6 rejected" in shown
    lines = re.findall(r"[Rr]ow (\d)[^<]*", shown)
    assert {"3", "4", "5", "6", "7", "8"} <= set(lines)
    assert one(demo_database, "SELECT target FROM indicator_target WHERE billing_month = '2026-04-01'") == "900"


def test_targets_of_a_division_that_one_does_not_lie_above_are_not_loaded(app: Flask, chief: Browser, demo_database: Connection) -> None:
    before = one(demo_database, "SELECT count(*) FROM indicator_target")
    status = chief.client.get("/targets/load").status_code
    if status == 200:
        load(chief, app, demo_database, f"division;indicator;month;target\n{FOREIGN};collected;2026-05;90\n", "REFUSED")

    assert one(demo_database, "SELECT count(*) FROM indicator_target") == before


def test_alert_is_changed_on_its_form_and_watches_anew(supervisor: Browser, demo_database: Connection) -> None:
    key = one(demo_database, "SELECT min(id) FROM alert WHERE indicator = 'overdue_debt' OR indicator = 'collected' OR true")
    demo_database.execute("UPDATE alert SET indicator = 'billed', threshold = 123450, is_crossed = true WHERE id = %s", (key,))
    receiver, division = (
        one(demo_database, f"SELECT {what} FROM alert WHERE id = {key}") for what in ("receiver_ids[1]", "division_id")
    )  # fmt: skip
    form = {
        "indicator": "billed", "division": division, "comparison": "ABOVE", "threshold": "2 000,50", "receiver_ids": receiver,
        "change_reason": "the limit of this year",
    }  # fmt: skip

    assert 'value="1234.50"' in supervisor.text(f"/alertview/edit/{key}")
    assert supervisor.post(f"/alertview/edit/{key}", **form) == 302

    assert one(demo_database, f"SELECT threshold || ' ' || is_crossed FROM alert WHERE id = {key}") == "200050 false"
    assert supervisor.post(f"/alertview/edit/{key}", **{**form, "threshold": "much"}) == 200
    assert one(demo_database, f"SELECT threshold FROM alert WHERE id = {key}") == "200050"


def test_company_says_of_an_indicator_what_it_wants(app: Flask, demo_database: Connection) -> None:
    editor, supervisor = log_in(app, "editor"), log_in(app, "supervisor")

    assert editor.post("/indicators/billed/change", definition="Order 7, clause 3", owner="", source="", direction="LESS") == 302

    page = supervisor.text("/indicators/")
    assert "Order 7, clause 3" in page
    assert one(demo_database, "SELECT direction FROM indicator WHERE name = 'billed'") == "LESS"
    assert supervisor.post("/indicators/billed/change", definition="Mine") in {302, 403}
    assert "Mine" not in supervisor.text("/indicators/")


@pytest.mark.usefixtures("counted")
def test_worker_counts_again_only_what_is_due(app: Flask, demo_database: Connection) -> None:
    with app.app_context():
        runner.enter_worker("scheduler")
        assert jobs.keep_all() == 0
        demo_database.execute("UPDATE indicator_value SET counted_at = counted_at - interval '2 hours'")
        assert jobs.keep_all() == jobs.CHANGING
        db.session.remove()


@pytest.mark.usefixtures("counted")
def test_regions_are_counted_one_by_one_to_the_same_figures(app: Flask, demo_database: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    sums = """
        SELECT string_agg(concat_ws(':', name, begins_on, division_id, part, whole), ' ' ORDER BY name, begins_on, division_id)
        FROM indicator_value
        """
    together = one(demo_database, sums)
    demo_database.execute("DELETE FROM indicator_value")
    monkeypatch.setattr(queries, "FEW_ACCOUNTS", -2)
    with app.app_context():
        runner.enter_worker("scheduler")
        pieces = jobs.keep_all()
        db.session.remove()

    regions = int(one(demo_database, "SELECT count(*) FROM division WHERE level IN ('REGION', 'REPUBLIC')"))
    assert pieces == regions * jobs.MONTHS
    assert one(demo_database, sums) == together
