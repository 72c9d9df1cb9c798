"""A user of one division neither sees nor moves anything of another, and no role does another's work."""

import io
import re
from typing import NamedTuple

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import appbuilder
from app.views.administration import LookupView
from app.views.base import EntityView
from tests.browsers import FOREIGN, LOCAL, MINE, Browser, log_in, one


class Foreign(NamedTuple):
    """Rows of the other district."""

    division: str
    account: str
    number: str
    bill: str
    payment: str
    reading: str
    run: str
    job: str
    file: str
    reading_import: str


@pytest.fixture(scope="module")
def foreign(demo_url: str) -> Foreign:
    """Rows of the other district; among them a previewed run, a job, and a checked file of readings."""
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        division = one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")
        account = one(
            demo_database, f"SELECT min(b.account_id) FROM bill b JOIN payment p USING (account_id) WHERE b.division_id = {division}"
        )
        rows = {
            name: one(demo_database, f"SELECT id FROM {name} WHERE account_id = {account} ORDER BY 1 LIMIT 1")
            for name in ("bill", "payment", "reading")
        }
        run = one(
            demo_database,
            f"INSERT INTO bill_run (division_id, billing_month, status) VALUES ({division}, '2020-01-01', 'PREVIEWED') RETURNING id",
        )
        job = one(
            demo_database, f"INSERT INTO job_run (division_id, kind, status) VALUES ({division}, 'NOTICE_SEND', 'FAILED') RETURNING id"
        )
        demo_database.execute(f"INSERT INTO job_event (job_run_id, message) VALUES ({job}, 'secret of the other district')")
        file = one(
            demo_database,
            "INSERT INTO stored_file (division_id, name, media_type, sha256, content) "
            f"VALUES ({division}, 'secret.csv', 'text/csv', 'none', 'secret') RETURNING id",
        )
        import_id = one(
            demo_database,
            f"INSERT INTO reading_import (division_id, stored_file_id, status) VALUES ({division}, {file}, 'CHECKED') RETURNING id",
        )
        number = one(demo_database, f"SELECT number FROM account WHERE id = {account}")
        return Foreign(division, account, number, run=run, job=job, file=file, reading_import=import_id, **rows)


PAGES = [
    "/accountview/show/{account}",
    "/billview/show/{bill}",
    "/billview/pdf/{bill}",
    "/billrunview/show/{run}",
    "/cashier/receipt/{payment}",
    "/cashier/receipt/{payment}.pdf",
    "/cashier/reverse/{payment}",
    "/cashier/take/{account}",
    "/charts/?division={division}",
    "/charts/accounts/{division}",
    "/files/{file}",
    "/jobview/show/{job}",
    "/paymentview/show/{payment}",
    "/reading-entry/{account}",
    "/reading-entry/{account}/correct/{reading}",
    "/readingimportview/report/{reading_import}.csv",
    "/readingimportview/report/{reading_import}.xlsx",
    "/readingimportview/show/{reading_import}",
    "/readingview/show/{reading}",
]
OF_INSPECTOR = [page for page in PAGES if not page.startswith(("/cashier", "/charts")) and "edit" not in page]


@pytest.mark.parametrize("page", PAGES)
def test_page_of_another_district_is_not_there(chief: Browser, foreign: Foreign, page: str) -> None:
    assert chief.status(page.format(**foreign._asdict())) == 404


@pytest.mark.parametrize("page", OF_INSPECTOR)
def test_page_of_another_district_is_not_there_for_the_inspector(app: Flask, foreign: Foreign, page: str) -> None:
    assert log_in(app, "inspector").status(page.format(**foreign._asdict())) == 404


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("user", [LOCAL, "inspector"])
def test_own_pages_are_there(app: Flask, demo_database: psycopg.Connection, user: str) -> None:
    browser = log_in(app, user)
    account = one(demo_database, f"SELECT min(b.account_id) FROM bill b JOIN division d ON d.id = b.division_id WHERE d.code = '{MINE}'")
    bill = one(demo_database, f"SELECT id FROM bill WHERE account_id = {account} ORDER BY 1 LIMIT 1")

    pages = [f"/accountview/show/{account}", f"/billview/show/{bill}", f"/billview/pdf/{bill}", f"/reading-entry/{account}"]

    assert [browser.status(page) for page in pages] == [200] * 4


def divided_views() -> list[EntityView]:
    """Return the views of tables whose rows belong to a division."""
    views = [view for view in appbuilder.baseviews if isinstance(view, EntityView)]
    return [view for view in views if "division_id" in view.datamodel.obj.__table__.c and type(view).__name__ != "DivisionAccessView"]


@pytest.mark.usefixtures("foreign")
def test_every_list_counts_the_rows_of_the_users_district_and_no_others(chief: Browser, demo_database: psycopg.Connection) -> None:
    kinds = {
        "HouseholdConsumerView": " AND kind = 'HOUSEHOLD'", "LegalConsumerView": " AND kind = 'LEGAL'",
        "SuspenseView": " AND account_id IS NULL AND status = 'PERFORMED'",
        "UnmeteredSupplyView": " AND t.id IN (SELECT supply_id FROM unmetered_supply)",
    }  # fmt: skip
    rows = {"BillExceptionView": "DISTINCT (t.account_id, t.status)"}
    expected = {
        view.route_base: one(
            demo_database,
            f"SELECT count({rows.get(type(view).__name__, '*')}) FROM {view.datamodel.obj.__tablename__} t "
            f"JOIN division d ON d.id = t.division_id WHERE d.code = '{MINE}'{kinds.get(type(view).__name__, '')}",
        )
        for view in divided_views()
    }

    shown = {address: re.findall(r'<span class="muted">([\d,]+) rows?</span>', chief.text(f"{address}/list/")) for address in expected}

    assert len(shown) > 20
    assert {address: "".join(found).replace(",", "") for address, found in shown.items()} == expected


def test_row_of_another_district_can_be_neither_shown_nor_edited_nor_deleted(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection
) -> None:
    answers: dict[str, int] = {}
    for view in divided_views():
        table, key = view.datamodel.obj.__tablename__, view.datamodel.get_pk_name()
        if isinstance(key, list):
            continue
        row = demo_database.execute(f"SELECT {key} FROM {table} WHERE division_id = {foreign.division} ORDER BY 1 LIMIT 1").fetchone()
        if row is None:
            continue
        for verb in ("show", "edit"):
            if f"can_{verb}" in view.base_permissions:
                answers[f"{view.route_base}/{verb}/{row[0]}"] = chief.status(f"{view.route_base}/{verb}/{row[0]}")
        if "can_delete" in view.base_permissions:
            answers[f"{view.route_base}/delete/{row[0]}"] = chief.post(f"{view.route_base}/delete/{row[0]}")

    assert len(answers) > 20
    assert {address: status for address, status in answers.items() if status != 404} == {}


def test_register_of_a_foreign_meter_is_not_there_and_no_register_has_a_form(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection
) -> None:
    register = one(
        demo_database, f"SELECT min(g.id) FROM register g JOIN device m ON m.id = g.meter_id WHERE m.division_id = {foreign.division}"
    )

    answers = [chief.status(f"/registerview/show/{register}"), chief.status(f"/registerview/edit/{register}")]

    assert answers == [404, 403]


@pytest.mark.parametrize("name", sorted(set(LookupView.SEARCHED) - {"tariff_version"}))
def test_lookup_offers_only_rows_of_the_users_district(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection, name: str
) -> None:
    division = {"register": "(SELECT m.division_id FROM device m WHERE m.id = t.meter_id)"}.get(name, "t.division_id")
    word = {"account": foreign.number, "register": "TOTAL"}.get(name, "")

    found = chief.client.get(f"/lookup/{name}", query_string={"q": word}).get_json()["results"]

    ids = [row["id"] for row in found]
    rows = demo_database.execute(f"SELECT DISTINCT {division} FROM {name} t WHERE id = ANY(%s)", (ids,)).fetchall()
    assert foreign.division not in {str(row[0]) for row in rows}
    assert len(rows) == (0 if name == "account" else 1)


def test_search_does_not_find_a_foreign_account(app: Flask, chief: Browser, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    words = demo_database.execute(
        "SELECT a.number, c.phone, c.name, m.serial_number FROM account a JOIN consumer c ON c.id = a.consumer_id "
        "JOIN supply s ON s.account_id = a.id JOIN meter_installation i ON i.service_point_id = s.service_point_id "
        f"JOIN device m ON m.id = i.meter_id WHERE a.division_id = {foreign.division} AND c.phone IS NOT NULL ORDER BY 1 LIMIT 1"
    ).fetchone()
    assert words is not None

    pages = [
        browser.client.get("/search/", query_string={"q": word}).text for browser in (chief, log_in(app, "inspector")) for word in words
    ]

    assert len(pages) == 8
    assert [page for page in pages if f">{words[0]}<" in page] == []


def test_charts_name_no_other_district(chief: Browser) -> None:
    page = chief.text("/charts/")

    assert "Namuna tumani" in page
    assert "Bogʻzor" not in page
    assert "Andoza" not in page


def test_jobs_and_home_page_tell_nothing_of_another_district(chief: Browser, foreign: Foreign) -> None:
    assert f"/jobview/show/{foreign.job}" not in chief.text("/jobview/list/?psize_JobView=100")
    assert "secret" not in chief.text("/readingimportview/list/")
    assert chief.status("/") == 200


def test_foreign_bill_run_is_not_moved(chief: Browser, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    mine = one(
        demo_database,
        "INSERT INTO bill_run (division_id, billing_month, status) "
        f"SELECT id, '2020-01-01', 'PREVIEWED' FROM division WHERE code = '{MINE}' RETURNING id",
    )
    jobs = one(demo_database, "SELECT count(*) FROM job_run")

    answers = [
        chief.post("/billrunview/action_post", action="post_runs", rowid=foreign.run),
        chief.client.post(
            "/billrunview/action_post", data={"csrf_token": chief.token, "action": "post_runs", "rowid": [mine, foreign.run]}
        ).status_code,
        chief.post(f"/billrunview/action/post_runs/{foreign.run}"),
        chief.post(f"/billrunview/post/{foreign.run}"),
        chief.post(f"/billrunview/cancel/{foreign.run}"),
    ]
    statuses = demo_database.execute("SELECT status FROM bill_run WHERE id = ANY(%s)", ([int(mine), int(foreign.run)],)).fetchall()
    demo_database.execute("DELETE FROM bill_run WHERE id = %s", (mine,))

    assert answers == [404] * 5
    assert statuses == [("PREVIEWED",), ("PREVIEWED",)]
    assert one(demo_database, "SELECT count(*) FROM job_run") == jobs


def test_foreign_division_can_be_neither_billed_nor_given_a_file(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection
) -> None:
    counts = (
        "SELECT (SELECT count(*) FROM bill_run) || ' ' || (SELECT count(*) FROM reading_import) || ' ' || (SELECT count(*) FROM job_run)"
    )
    before = one(demo_database, counts)
    month = one(demo_database, "SELECT max(billing_month) FROM bill")

    chief.post("/billrunview/open", division=foreign.division, month=month)
    chief.client.post(
        "/readingimportview/load",
        data={
            "csrf_token": chief.token,
            "division": foreign.division,
            "file": (io.BytesIO(b"account;date;reading"), "x.csv"),
        },
    )

    assert one(demo_database, counts) == before


def test_previews_are_not_started_in_a_foreign_division(chief: Browser, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    counts = "SELECT (SELECT count(*) FROM bill_run) || ' ' || (SELECT count(*) FROM job_run)"
    before = one(demo_database, counts)

    status = chief.post("/divisionview/action_post", action="bill_month", rowid=foreign.division)

    assert status in {302, 403, 404}
    assert one(demo_database, counts) == before


def test_foreign_job_is_not_cancelled_and_foreign_file_not_accepted(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection
) -> None:
    demo_database.execute(f"UPDATE job_run SET status = 'RUNNING', seen_at = now() WHERE id = {foreign.job}")

    chief.post(f"/jobview/cancel/{foreign.job}")
    accepted = chief.post(f"/readingimportview/accept/{foreign.reading_import}")
    asked = one(demo_database, f"SELECT cancel_requested FROM job_run WHERE id = {foreign.job}")
    demo_database.execute(f"UPDATE job_run SET status = 'FAILED' WHERE id = {foreign.job}")

    assert asked == "False"
    assert accepted == 404
    assert one(demo_database, f"SELECT status FROM reading_import WHERE id = {foreign.reading_import}") == "CHECKED"


def test_no_payment_is_taken_or_undone_for_a_foreign_account(chief: Browser, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    before = one(demo_database, "SELECT count(*) FROM payment")

    found = chief.client.get("/cashier/", query_string={"q": foreign.number}, follow_redirects=True).text
    answers = [
        chief.post(f"/cashier/take/{foreign.account}", amount_tiyin="1000", reference="boundary"),
        chief.post(f"/cashier/reverse/{foreign.payment}", reason="to see whether it works"),
    ]

    assert "0 accounts found" in found
    assert answers == [404, 404]
    assert one(demo_database, "SELECT count(*) FROM payment") == before


def test_no_reading_is_entered_or_corrected_for_a_foreign_account(app: Flask, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    inspector, before = log_in(app, "inspector"), one(demo_database, "SELECT count(*) FROM reading")

    answers = [
        inspector.post(f"/reading-entry/{foreign.account}", meter_number="", read_on="2026-01-01", dial="1", sure="y"),
        inspector.post(f"/reading-entry/{foreign.account}/correct/{foreign.reading}", dial="1", sure="y"),
    ]

    assert answers == [404, 404]
    assert one(demo_database, "SELECT count(*) FROM reading") == before


def test_own_account_does_not_open_a_foreign_reading(app: Flask, foreign: Foreign, demo_database: psycopg.Connection) -> None:
    mine = one(demo_database, f"SELECT min(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{MINE}'")

    assert log_in(app, "inspector").status(f"/reading-entry/{mine}/correct/{foreign.reading}") == 404


@pytest.mark.parametrize(
    ("table", "form"),
    [
        ("street", {"division": "{division}", "name": "Boundary"}),
        ("consumer", {"division": "{division}", "name": "Boundary", "language": "uz"}),
        ("stock_place", {"division": "{division}", "kind": "WAREHOUSE", "name": "Boundary", "keeper": "Boundary"}),
    ],
)
def test_form_that_names_a_foreign_row_is_refused_and_stores_nothing(
    chief: Browser, foreign: Foreign, demo_database: psycopg.Connection, table: str, form: dict[str, str]
) -> None:
    names = foreign._asdict()
    before = one(demo_database, f"SELECT count(*) FROM {table}")
    address = {"consumer": "householdconsumer", "stock_place": "stockplace"}.get(table, table)

    status = chief.post(f"/{address}view/add", **{name: value.format(**names) for name, value in form.items()})

    assert status == 200  # the form again, with the reason
    assert one(demo_database, f"SELECT count(*) FROM {table}") == before


@pytest.mark.parametrize(
    ("user", "method", "address"),
    [
        ("cashier", "GET", "/billrunview/open"),
        ("cashier", "POST", "/billrunview/post/1"),
        ("cashier", "POST", "/billrunview/cancel/1"),
        ("cashier", "POST", "/billrunview/action/post_runs/1"),
        ("cashier", "POST", "/billrunview/action_post?action=post_runs"),
        ("cashier", "GET", "/reading-entry/1"),
        ("cashier", "GET", "/readingimportview/load"),
        ("cashier", "POST", "/readingimportview/accept/1"),
        ("inspector", "GET", "/cashier/reverse/1"),
        ("inspector", "POST", "/cashier/reverse/1"),
        ("cashier", "POST", "/jobview/cancel/1"),
        ("cashier", "GET", "/charts/"),
        ("cashier", "GET", "/ledgerentryview/list/"),
        ("cashier", "POST", "/servicepointview/edit/1"),
        ("cashier", "GET", "/console/"),
        ("inspector", "GET", "/cashier/"),
        ("inspector", "GET", "/cashier/take/1"),
        ("inspector", "POST", "/cashier/take/1"),
        ("inspector", "GET", "/cashier/receipt/1"),
        ("inspector", "GET", "/billrunview/open"),
        ("inspector", "POST", "/billrunview/post/1"),
        ("inspector", "GET", "/servicepointview/add"),
        ("inspector", "POST", "/servicepointview/delete/1"),
        ("inspector", "GET", "/new-account/"),
        ("inspector", "GET", "/lookup/ab_user"),
        ("operator", "GET", "/cashier/"),
        ("operator", "POST", "/tariffversionview/add"),
        ("operator", "GET", "/tariffgroupview/list/"),
        ("operator", "GET", "/division-file/load"),
        ("operator", "GET", "/divisionaccessview/list/"),
        ("operator", "GET", "/users/list/"),
        ("operator", "GET", "/roles/list/"),
        ("supervisor", "GET", "/users/list/"),
        ("supervisor", "GET", "/divisionaccessview/add"),
        ("supervisor", "GET", "/console/job_run/"),
        ("editor", "GET", "/accountview/list/"),
        ("editor", "GET", "/billview/list/"),
        ("editor", "GET", "/paymentview/list/"),
        ("editor", "GET", "/householdconsumerview/list/"),
        ("editor", "POST", "/divisionview/add"),
    ],
)
def test_role_without_the_permission_is_turned_away(
    app: Flask, demo_database: psycopg.Connection, user: str, method: str, address: str
) -> None:
    browser = log_in(app, user)
    counts = "SELECT (SELECT count(*) FROM audit_entry) || ' ' || (SELECT count(*) FROM job_run) || ' ' || (SELECT count(*) FROM payment)"
    before = one(demo_database, counts)

    path, _, query = address.partition("?")
    form = dict(pair.split("=") for pair in query.split("&") if pair) | {"rowid": "1"}
    status = browser.status(address) if method == "GET" else browser.post(path, **form)

    assert status in {302, 403}
    assert one(demo_database, counts) == before


@pytest.mark.parametrize(
    "address",
    ["/accountview/list/", "/accountview/show/1", "/billview/pdf/1", "/cashier/", "/charts/", "/search/?q=a", "/lookup/account", "/files/1",
     "/jobview/show/1", "/readingimportview/report/1.csv", "/console/", "/console/notice/", "/users/list/", "/new-account/"],
)  # fmt: skip
def test_stranger_is_led_to_the_login(client: FlaskClient, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert "/login" in response.headers["Location"]


def test_access_that_has_ended_shows_nothing(app: Flask, demo_database: psycopg.Connection) -> None:
    ending = "UPDATE division_access SET valid_to = {} FROM ab_user u WHERE u.id = user_id AND u.username = 'cashier'"
    browser = log_in(app, "cashier")
    account = one(demo_database, f"SELECT min(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{MINE}'")
    before = browser.status(f"/accountview/show/{account}")

    demo_database.execute(ending.format("current_date - 1"))
    after = browser.status(f"/accountview/show/{account}")
    demo_database.execute(ending.format("NULL"))

    assert (before, after) == (200, 403)
