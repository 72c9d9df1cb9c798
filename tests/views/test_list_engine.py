"""What every list can do: columns, saved views, sums, the search box, pages, orders."""

import re
from collections import Counter
from html import unescape
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from app.domain.administration import PARAMETERS
from app.extensions import appbuilder, db
from app.jobs import runner
from app.jobs.lists import ACTS
from app.views.base import EntityView
from app.views.lists import rows
from tests.access import walk
from tests.browsers import Browser, log_in, one, perform_latest

#: Lists of dictionaries and of settings: a few hundred rows, which are sorted as they are found.
FEW = {
    "MeterDataSourceView",
    "PaymentFileLayoutView",
    "ContractTemplateView",
    "ReportRowView",
    "ReportColumnView",
    "VerificationIntervalView",
    "NoticeTemplateView",
    "MessageContractView",
    "ApplicationSourceView",
    "ApplicationTermView",
    "MaintenanceKindView",
    "MaterialView",
    "MaterialNormView",
    "PlannedVerificationView",
}


#: A page may ask the same of a table as often: once for its rows, once for its filters, once for what they refer to.
MOST_TIMES = 3


@pytest.fixture(scope="module")
def lists(app: Flask) -> list[EntityView]:
    assert app
    return [view for view in appbuilder.baseviews if isinstance(view, EntityView)]


@pytest.fixture(scope="module")
def supervisor(app: Flask) -> Browser:
    """A browser of somebody who works in the whole company and may share views."""
    return log_in(app, "supervisor")


@pytest.fixture(scope="module")
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


def heads(page: str) -> list[str]:
    table = page.partition("<thead>")[2].partition("</thead>")[0]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", head)).split()) for head in re.findall(r"<th [^>]*>(.*?)</th>", table, re.DOTALL)]


def foot(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.partition("<tfoot>")[2].partition("</tfoot>")[0])).split())


def som(tiyin: int) -> str:
    return f"{tiyin / 100:,.2f}"


def first(demo_database: psycopg.Connection, statement: str) -> tuple[object, ...]:
    row = demo_database.execute(statement).fetchone()
    assert row is not None
    return row


def test_list_shows_the_columns_the_address_names_and_its_file_too(supervisor: Browser) -> None:
    asked = "_col=account&_col=issued_on"

    assert heads(supervisor.text(f"/billview/list/?{asked}")) == ["Account", "Issued on"]
    assert supervisor.text(f"/billview/export.csv?{asked}").splitlines()[0].lstrip("\ufeff") == "Account;Issued on"


def test_columns_nobody_knows_are_not_shown(supervisor: Browser) -> None:
    assert heads(supervisor.text("/billview/list/?_col=public_id&_col=nothing")) == heads(supervisor.text("/billview/list/"))


def test_view_is_saved_renamed_opened_with_the_list_and_deleted(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    asked = "_col=account&_col=due_on&psize_DebtView=50"
    form = {"csrf_token": supervisor.token, "list": "DebtView", "name": "Old debts", "query": asked, "is_default": "1"}
    saved = supervisor.client.post("/list-views/save", data=form)
    view_id = one(demo_database, "SELECT id FROM list_view WHERE name = 'Old debts'")
    opened = supervisor.client.get("/debtview/list/")

    assert saved.location == opened.location == f"/debtview/list/?{asked}&_view={view_id}"
    page = supervisor.text(opened.location)
    assert "View: Old debts" in page
    assert heads(page) == ["Account", "Pay by"]
    assert "View: Old debts (changed)" in supervisor.text(f"{opened.location}&_oc_DebtView=due_on&_od_DebtView=desc")
    assert len(heads(supervisor.text("/debtview/list/?_plain=1"))) == 4

    assert supervisor.post(f"/list-views/{view_id}/rename", name="Older debts") == 302
    assert supervisor.post(f"/list-views/{view_id}/default") == 302
    assert one(demo_database, f"SELECT name || is_default FROM list_view WHERE id = {view_id}") == "Older debtsfalse"
    assert supervisor.status("/debtview/list/") == 200
    assert supervisor.post(f"/list-views/{view_id}/delete") == 302
    assert one(demo_database, f"SELECT count(*) FROM list_view WHERE id = {view_id}") == "0"
    assert one(demo_database, f"SELECT count(*) FROM audit_entry WHERE table_name = 'list_view' AND row_id = '{view_id}'") == "4"


def test_view_is_shared_with_a_role_below_a_division_by_who_may(
    supervisor: Browser, operator: Browser, app: Flask, demo_database: psycopg.Connection
) -> None:
    role, division = first(
        demo_database, "SELECT r.id, d.id FROM ab_role r, division d WHERE r.name = 'Billing operator' AND d.parent_id IS NULL"
    )
    form = {"list": "BillView", "name": "Shared by the chief", "query": "_col=account", "role": str(role), "division": str(division)}

    assert operator.post("/list-views/share", **form) in {302, 403}
    assert one(demo_database, "SELECT count(*) FROM list_view WHERE name = 'Shared by the chief'") == "0"
    assert supervisor.post("/list-views/share", **form) == 302
    view_id = one(demo_database, "SELECT id FROM list_view WHERE name = 'Shared by the chief'")

    assert "Shared by the chief" in operator.text("/billview/list/")
    assert operator.post(f"/list-views/{view_id}/delete") == 403
    assert "Shared by the chief" not in log_in(app, "cashier").text("/billview/list/")


def test_view_is_not_shared_before_role_and_division_are_chosen(supervisor: Browser, operator: Browser) -> None:
    form = {"list": "BillView", "name": "For whom", "query": "_col=account", "role": "", "division": ""}

    assert supervisor.post("/list-views/share", **form) == 302
    page = supervisor.text("/billview/list/")
    assert "Choose the role and the division the view is for." in page
    assert "For whom" not in page
    assert "Billing operator" in supervisor.text("/lookup/ab_role?q=billing")
    assert operator.status("/lookup/ab_role") == 403


def test_no_list_asks_for_related_rows_one_by_one(app: Flask, lists: list[EntityView]) -> None:
    everybody = log_in(app, "admin"), log_in(app, "operator"), log_in(app, "auditor")
    repeated = {}
    for view in lists:
        page = f"{view.route_base}/list/"
        browser = next((each for each in everybody if each.status(page) == 200), None)
        assert browser is not None or type(view).__name__ == "TranslationView", page
        if (
            browser is not None
            and (most := Counter(statement for statement, _given in asked_by(app, browser, page)).most_common(1))
            and most[0][1] > MOST_TIMES
        ):
            repeated[page] = most[0]

    assert repeated == {}


def asked_by(app: Flask, browser: Browser, page: str) -> list[tuple[str, Any]]:
    """Return the statements a page sends to the database with their values, but for those that only tell it who asks."""
    with app.app_context():
        engine = db.engine
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, given: Any, *_more: object) -> None:
        if "set_config" not in statement:
            asked.append((statement, given))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.status(page) == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def test_view_of_somebody_else_stays_shut(supervisor: Browser, operator: Browser, demo_database: psycopg.Connection) -> None:
    assert supervisor.post("/list-views/save", list="PaymentView", name="Mine alone", query="_col=id") == 302
    view_id = one(demo_database, "SELECT id FROM list_view WHERE name = 'Mine alone'")

    assert "Mine alone" not in operator.text(f"/paymentview/list/?_view={view_id}")
    assert operator.post(f"/list-views/{view_id}/rename", name="Taken") == 404


@pytest.mark.parametrize(("list_name", "status"), [("AuditTrailView", 404), ("NoSuchView", 404), ("UserView", 404)])
def test_view_of_a_list_one_may_not_see_is_refused(operator: Browser, list_name: str, status: int) -> None:
    assert operator.post("/list-views/save", list=list_name, name="x", query="") == status


def test_view_keeps_nothing_but_what_is_shown(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    supervisor.post("/list-views/save", list="DeviceView", name="Odd", query="_col=id&next=//x&_view=9&page_DeviceView=7&_plain=1")

    assert one(demo_database, "SELECT query FROM list_view WHERE name = 'Odd'") == "_col=id"


def test_foot_adds_up_the_whole_selection(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    (bills, total) = first(demo_database, "SELECT count(*), sum(amount_tiyin) FROM bill")

    shown = foot(supervisor.text("/billview/list/"))

    assert f"Total of all {int(str(bills)):,} rows" in shown
    assert som(int(str(total))) in shown
    units = demo_database.execute(
        "SELECT r.unit, sum(b.quantity_milli)::bigint FROM bill b "
        "JOIN (SELECT DISTINCT ON (account_id) * FROM supply ORDER BY account_id, valid_from DESC) s ON s.account_id = b.account_id "
        "JOIN service_point sp ON sp.id = s.service_point_id JOIN resource r ON r.id = sp.resource_id GROUP BY 1"
    ).fetchall()
    for unit, milli in units:
        assert f"{milli / 1000:,.3f}".rstrip("0").rstrip(".") + f"\xa0{unit}".replace("\xa0", " ") in shown


def test_reversal_is_taken_off_the_sum(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    demo_database.execute(
        "INSERT INTO payment (division_id, account_id, channel, reference, contents_sha256, amount_tiyin, received_on, reverses_id) "
        "SELECT division_id, account_id, channel, 'reversal-of-a-test', contents_sha256, amount_tiyin, received_on, id "
        "FROM payment ORDER BY id LIMIT 1"
    )
    (total,) = first(demo_database, "SELECT sum(amount_tiyin * CASE WHEN reverses_id IS NULL THEN 1 ELSE -1 END) FROM payment")

    shown = foot(supervisor.text("/paymentview/list/"))

    assert som(int(str(total))) in shown
    assert "reversals taken off" in shown


def test_sum_of_too_many_rows_is_asked_for_by_a_click(
    supervisor: Browser, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (total,) = first(demo_database, "SELECT sum(amount_tiyin) FROM bill")
    monkeypatch.setattr(rows.ListRows.counted, "__defaults__", (None, 10))

    few, all_ = supervisor.text("/billview/list/"), supervisor.text("/billview/list/?_sum=1")

    assert "more than 10 rows" in few
    assert "Sums are shown of at most 10 rows" in foot(few)
    assert som(int(str(total))) in foot(all_)


def test_page_comes_in_the_order_of_an_index_where_rows_are_many(
    supervisor: Browser, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SORTED", 5)
    wanted = demo_database.execute(
        "SELECT a.number FROM debt d JOIN account a ON a.id = d.account_id ORDER BY d.due_on DESC, d.bill_id DESC OFFSET 25 LIMIT 25"
    ).fetchall()

    page = supervisor.text("/debtview/list/?_oc_DebtView=due_on&_od_DebtView=desc&page_DebtView=1")

    assert re.findall(r'<a href="/debtview/show/[^"]*">([0-9]+)</a>', page) == [number for (number,) in wanted]
    assert "_oc_DebtView=remaining_tiyin" not in page
    assert "_oc_DebtView=due_on" in page


def test_far_page_of_many_rows_is_merged_and_not_sorted(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SORTED", 5)
    monkeypatch.setattr(rows, "NEAR", 0)
    asked = asked_by(app, supervisor, "/billview/list/?page_BillView=3")
    statement, given = next((text, values) for text, values in asked if "UNION ALL" in text and "bill.billing_month" in text)
    with demo_database.transaction():
        demo_database.execute("SELECT set_config('app.divisions', array_agg(id)::text, true) FROM division")
        demo_database.execute("SET LOCAL enable_sort = off")
        demo_database.execute("SET LOCAL ROLE pcb_web")
        plan = [line for (line,) in demo_database.execute(f"EXPLAIN {statement}", given)]

    assert any("Merge Append" in line for line in plan)
    assert not any("Sort  (" in line for line in plan)


@pytest.mark.parametrize("asked", ["page_BillView=-1", "page_BillView=x", "psize_BillView=x", "_oc_BillView=public_id&_od_BillView=asc"])
def test_page_or_order_that_makes_no_sense_is_refused(supervisor: Browser, asked: str) -> None:
    assert supervisor.status(f"/billview/list/?{asked}") == 400


def test_page_holds_at_most_a_hundred_rows(supervisor: Browser) -> None:
    assert supervisor.text("/billview/list/?psize_BillView=100000").count("/billview/show/") <= 100


@pytest.mark.parametrize("table", ["bill", "payment", "reading", "debt"])
def test_box_finds_rows_by_number_name_and_meter_of_their_account(
    supervisor: Browser, demo_database: psycopg.Connection, table: str
) -> None:
    number, serial = first(
        demo_database,
        f"SELECT a.number, min(m.serial_number) FROM {table} t JOIN account a ON a.id = t.account_id "
        "JOIN supply s ON s.account_id = a.id JOIN meter_installation i ON i.service_point_id = s.service_point_id "
        "JOIN device m ON m.id = i.meter_id GROUP BY 1 ORDER BY count(DISTINCT t) DESC, 1 LIMIT 1",
    )
    # A meter may bear the number of an account that it does not serve.
    count = one(
        demo_database,
        f"SELECT count(*) FROM {table} WHERE account_id IN (SELECT id FROM account WHERE number = '{number}' UNION "
        "SELECT s.account_id FROM supply s JOIN meter_installation i ON i.service_point_id = s.service_point_id "
        f"JOIN device m ON m.id = i.meter_id WHERE m.serial_number LIKE '%{number}%')",
    )

    assert f"{count} row" in supervisor.text(f"/{table}view/list/?_q={number}")
    assert str(number) in supervisor.text(f"/{table}view/list/?_q={serial}&psize_{table.capitalize()}View=100")


@pytest.mark.parametrize("path", ["meterinstallationview", "servicepointview", "accountview"])
def test_places_and_meters_are_found_by_account(supervisor: Browser, demo_database: psycopg.Connection, path: str) -> None:
    number = one(
        demo_database,
        "SELECT min(a.number) FROM account a JOIN supply s ON s.account_id = a.id "
        "JOIN meter_installation i ON i.service_point_id = s.service_point_id "
        "GROUP BY s.service_point_id HAVING count(*) = 1 ORDER BY 1 LIMIT 1",
    )

    assert "1 row" in supervisor.text(f"/{path}/list/?_q={number}")


def test_too_many_accounts_are_none_in_words(supervisor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.lists.search.MOST_ACCOUNTS", 1)

    page = supervisor.text("/billview/list/?_q=2690")

    assert "accounts match. Type more" in page
    assert "No records found" in page


def test_every_list_stands_in_an_order_that_an_index_serves(lists: list[EntityView]) -> None:
    unserved = {type(view).__name__ for view in lists if not view.datamodel.is_served(view.base_order[0])}

    assert unserved <= FEW


def test_every_column_a_large_list_is_sorted_by_has_an_index(lists: list[EntityView], demo_database: psycopg.Connection) -> None:
    defined = demo_database.execute(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY k.place) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (number, place) "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
        "WHERE i.indpred IS NULL AND i.indisvalid GROUP BY c.relname, i.indexrelid"
    ).fetchall()
    indexes = {(table, tuple(columns)) for table, columns in defined}

    for view in lists:
        table = view.datamodel.obj.__table__
        key = [column.name for column in table.primary_key]
        for column in set(view.order_columns) - set(table.info.get("orders", {})):
            before = ["division_id"] if "division_id" in table.c else []
            names = [*before, *dict.fromkeys([column, *key])]
            assert {(table.name, tuple(names)), (table.name, (*before, column))} & indexes, (type(view).__name__, column)


@pytest.mark.usefixtures("app")
def test_debtors_come_by_age_in_the_order_of_the_index_of_debts_and_nothing_else_is_read_for_it(demo_database: psycopg.Connection) -> None:
    order = "SELECT account_id FROM debtor WHERE division_id = 1 ORDER BY oldest_due_on DESC, oldest_bill_id DESC, account_id DESC LIMIT 25"
    with demo_database.transaction():
        for other in ("sort", "seqscan", "bitmapscan"):
            demo_database.execute(f"SET LOCAL enable_{other} = off")
        plan = "\n".join(line for (line,) in demo_database.execute(f"EXPLAIN {order}").fetchall())
        counted = "\n".join(line for (line,) in demo_database.execute("EXPLAIN SELECT count(*) FROM debtor").fetchall())

    assert "Backward using debt_division_id_due_on_idx" in plan
    assert not {"account_position", "consumer", "debt_work"} & {*re.findall(r"[a-z_]+", plan + counted)}


@pytest.mark.parametrize(
    ("column", "order"), [("oldest_due_on", "oldest_due_on DESC, oldest_bill_id DESC"), ("debt_tiyin", "debt_tiyin DESC, account_id DESC")]
)
def test_debtors_are_sorted_by_age_and_by_sum(supervisor: Browser, demo_database: psycopg.Connection, column: str, order: str) -> None:
    wanted = demo_database.execute(
        f"SELECT a.number FROM debtor d JOIN account a ON a.id = d.account_id ORDER BY {order} LIMIT 25"
    ).fetchall()

    page = supervisor.text(f"/debtorview/list/?_oc_DebtorView={column}&_od_DebtorView=desc")

    assert re.findall(r'<a href="/debtorview/show/[^"]*">([0-9]+)</a>', page) == [number for (number,) in wanted]


def test_every_sum_is_of_a_stored_column_that_the_list_can_show(lists: list[EntityView]) -> None:
    assert [(type(view).__name__, column) for view in lists for column in view.total_columns if column not in view.stored_columns] == []


def test_no_page_offers_more_choices_than_anybody_reads(app: Flask, lists: list[EntityView], pytestconfig: pytest.Config) -> None:
    admin = log_in(app, "admin")

    for view in walk.drawn(lists, pytestconfig.getoption("randomly_seed", 1)):
        for page in ("list", "add"):
            answer = admin.client.get(f"{view.route_base}/{page}/" if page == "list" else f"{view.route_base}/add")
            options = max((each.count("<option") for each in answer.text.split("<select")[1:]), default=0)
            assert options < 60, (type(view).__name__, page, options)


def test_act_on_all_that_match_is_shown_first_and_done_when_nothing_changed(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_database.execute("UPDATE notice SET status = 'FAILED' WHERE kind <> 'PORTAL_CODE'")
    monkeypatch.setattr("app.views.lists.selection.AT_ONCE", 0)
    (count,) = first(demo_database, "SELECT count(*) FROM notice WHERE status = 'FAILED'")
    form = {"csrf_token": supervisor.token, "all": "1", "action": "send_notices_again"}
    address = "/noticeview/action_post?_flt_0_status=FAILED"

    preview = unescape(supervisor.client.post(address, data=form).text)
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    again = unescape(supervisor.client.post(address, data=form | {"seen": "0:[]"}).text)
    started = supervisor.client.post(address, data=form | {"seen": seen})

    assert f"<dd>{count}</dd>" in preview
    assert "Other rows match now" in again
    assert "/jobview/show/" in started.location
    perform_latest(app, demo_database)
    assert int(one(demo_database, "SELECT count(*) FROM notice WHERE status = 'QUEUED'")) >= int(str(count))


def test_every_act_of_every_list_can_be_done_on_many_rows_by_a_job(lists: list[EntityView]) -> None:
    offered = {f"{type(view).__name__}.{name}" for view in lists for name in view.actions}

    assert offered == set(ACTS)


#: Acts of lists in one table each, with the change they make to all of its rows.
ACTS_ON_ALL = [
    ("/debtorview/", "take_debtors", "SELECT count(*) = count(*) FILTER (WHERE owner = 'supervisor') FROM debtor"),
    ("/debtorview/", "promise_debtors", "SELECT count(*) = count(*) FILTER (WHERE stage = 'PROMISED') FROM debtor"),
    ("/billexceptionview/", "settle_exceptions", "SELECT count(*) = count(*) FILTER (WHERE status = 'SETTLED') FROM bill_exception"),
]


@pytest.mark.parametrize(("path", "act", "all_changed"), ACTS_ON_ALL)
def test_all_rows_of_a_list_are_changed_by_a_job(
    supervisor: Browser,
    app: Flask,
    demo_database: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    act: str,
    all_changed: str,
) -> None:
    monkeypatch.setattr("app.views.lists.selection.AT_ONCE", 0)
    form = {"csrf_token": supervisor.token, "all": "1", "action": act}

    preview = unescape(supervisor.client.post(f"{path}action_post", data=form).text)
    started = supervisor.client.post(
        f"{path}action_post", data=form | {"seen": preview.partition('name="seen" value="')[2].partition('"')[0]}
    )
    perform_latest(app, demo_database)

    assert one(demo_database, all_changed) == "True"
    assert "0 left as they were" in supervisor.text(started.location)


@pytest.mark.parametrize("at_once", [0, 100])
def test_rows_that_do_not_allow_an_act_are_named_and_the_others_done(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("app.views.lists.selection.AT_ONCE", at_once)
    demo_database.execute("UPDATE job_run SET status = 'DONE', finished_at = now() WHERE status IN ('QUEUED', 'RUNNING')")
    demo_database.execute("UPDATE bill_run SET status = 'CANCELLED' WHERE status <> 'POSTED'")
    taken, free = demo_database.execute("SELECT id, name FROM division WHERE level = 'DISTRICT' ORDER BY id LIMIT 2").fetchall()
    month = "date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent') - interval '1 month'"
    demo_database.execute(f"INSERT INTO bill_run (division_id, billing_month) VALUES ({taken[0]}, {month})")
    form = {"csrf_token": supervisor.token, "action": "bill_month", "rowid": [str(taken[0]), str(free[0])]}

    answer = supervisor.client.post("/divisionview/action_post", data=form)
    if not at_once:
        job = answer.location.rpartition("/")[2]
        with app.app_context():
            runner.perform(int(job))
        assert one(demo_database, f"SELECT status FROM job_run WHERE id = {job}") == "PARTLY"
    told = supervisor.text(answer.location)

    assert taken[1] in told
    assert "A run of the month is under way there already" in told
    assert one(demo_database, f"SELECT count(*) FROM bill_run WHERE division_id = {free[0]} AND status = 'PREVIEWING'") == "1"


def test_act_one_may_not_do_is_not_done_on_all_either(app: Flask) -> None:
    cashier = log_in(app, "cashier")

    assert cashier.post("/noticeview/action_post", all="1", action="send_notices_again") == 403


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_file_of_many_rows_is_made_by_a_job(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, kind: str, begins: bytes
) -> None:
    monkeypatch.setitem(PARAMETERS, "lists.wait_rows", PARAMETERS["lists.wait_rows"]._replace(default=10))
    (count,) = first(demo_database, "SELECT count(*) FROM bill")

    started = supervisor.client.get(f"/billview/export.{kind}?_col=account&_col=amount_tiyin")
    perform_latest(app, demo_database)
    page = supervisor.text(started.location)
    file_id = page.partition('href="/files/')[2].partition('"')[0]

    assert f"bill.{kind}" in page
    assert f"{count} rows" in page
    assert supervisor.client.get(f"/files/{file_id}").data.startswith(begins)


def test_csv_of_any_length_is_sent_while_it_is_made(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    (count,) = first(demo_database, "SELECT count(*) FROM ledger_entry")
    before = int(one(demo_database, "SELECT count(*) FROM audit_entry"))

    answer = supervisor.client.get("/ledgerentryview/export.csv")

    assert answer.is_streamed
    assert len(answer.data.decode("utf-8-sig").splitlines()) == int(str(count)) + 1
    assert int(one(demo_database, "SELECT count(*) FROM audit_entry")) > before


@pytest.mark.parametrize(
    ("address", "table", "condition"),
    [
        ("/billview/list/?_flt_0_quality=ACTUAL", "bill", "quality = 'ACTUAL'"),
        ("/billview/list/?_flt_0_quality=ESTIMATED", "bill", "quality = 'ESTIMATED'"),
        ("/readingview/list/?_flt_0_kind=INITIAL", "reading", "kind = 'INITIAL'"),
        ("/paymentview/list/?_flt_0_channel=PAYNET", "payment", "channel = 'PAYNET'"),
    ],
)
def test_rows_of_a_state_are_counted_division_by_division(
    supervisor: Browser,
    app: Flask,
    demo_database: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    table: str,
    condition: str,
) -> None:
    count = one(demo_database, f"SELECT count(*) FROM {table} WHERE {condition}")
    statements = [
        statement for statement, _ in asked_by(app, supervisor, address) if "count(*)" in statement and "app_divisions()" in statement
    ]

    assert len(statements) == 1
    assert f"{count} row" in supervisor.text(address)
    if int(count) > 2:
        monkeypatch.setattr(rows, "SORTED", 2)
        assert "more than 2 rows" in supervisor.text(address)


@pytest.mark.parametrize(
    "address", ["/billview/list/", "/billview/list/?_flt_0_quality=ACTUAL&_q=1726", "/billview/list/?_flt_0_billing_month=2026-01-01"]
)
def test_rows_chosen_otherwise_are_counted_where_their_index_finds_them(supervisor: Browser, app: Flask, address: str) -> None:
    assert not [
        statement for statement, _ in asked_by(app, supervisor, address) if "count(*)" in statement and "app_divisions()" in statement
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("table", "condition", "index"),
    [("bill", "quality = 'ESTIMATED'", "bill_quality_idx"), ("reading", "kind = 'FINAL'", "reading_kind_idx")],
)
def test_rows_of_a_rare_kind_have_an_index_of_their_own(demo_database: psycopg.Connection, table: str, condition: str, index: str) -> None:
    with demo_database.transaction():
        for other in ("sort", "seqscan", "bitmapscan"):
            demo_database.execute(f"SET LOCAL enable_{other} = off")
        order = "billing_month DESC, id DESC" if table == "bill" else "id DESC"
        plan = demo_database.execute(
            f"EXPLAIN SELECT id FROM {table} WHERE division_id = 1 AND {condition} ORDER BY {order} LIMIT 25"
        ).fetchall()

    assert any(index in line for (line,) in plan)


def test_rows_of_one_month_are_merged_by_their_keys_alone(supervisor: Browser, app: Flask) -> None:
    """What is the same in all rows orders nothing, and would let the database sort a million rows."""
    address = "/billview/list/?_flt_0_billing_month=2026-09-01&page_BillView=20"

    pages = [statement for statement, _ in asked_by(app, supervisor, address) if "UNION ALL" in statement and "ORDER BY" in statement]

    assert all("ORDER BY bill.billing_month" not in statement for statement in pages)
