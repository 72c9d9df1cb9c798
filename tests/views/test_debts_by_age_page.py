"""Debts by age on the screen, the work lists, and what the menu counts."""

import re

import psycopg
import pytest
from flask import Flask

from app.views import shell
from tests.browsers import FOREIGN, MINE, Browser, log_in, one

ROOT = "SELECT id FROM division WHERE level = 'REPUBLIC'"
_COUNT = re.compile(r'<a class="count"[^>]*>\s*([^<]*)</a>')


@pytest.fixture(autouse=True)
def fresh_counts(app: Flask) -> None:
    """Nothing was counted before a test."""
    app.extensions.pop("menu_counts", None)


def som(text: str) -> int:
    """Return an amount on a page in tiyin."""
    return int(re.sub(r"[^0-9−-]", "", text).replace("−", "-"))


def figures(page: str) -> list[tuple[str, int]]:
    """Return the figures of a page's table that open something: address and amount."""
    return [(link, som(amount)) for link, amount in re.findall(r'<td class="num"[^>]*><a href="([^"]+)">([^<]+)</a>', page)]


def total(page: str) -> int:
    """Return the last figure of the table: all together."""
    return som(re.findall(r'<td class="num"[^>]*>([^<]+)</td>', page)[-1])


def owed(demo_database: psycopg.Connection, condition: str = "true") -> int:
    statement = (
        "SELECT coalesce(sum(d.remaining_tiyin), 0) FROM debt d JOIN account a ON a.id = d.account_id "
        f"JOIN consumer c ON c.id = a.consumer_id WHERE {condition}"
    )
    return int(one(demo_database, statement))


@pytest.mark.parametrize(("kind", "condition"), [("", "true"), ("LEGAL", "c.kind = 'LEGAL'"), ("HOUSEHOLD", "c.kind = 'HOUSEHOLD'")])
def test_last_row_is_all_that_is_owed(supervisor: Browser, demo_database: psycopg.Connection, kind: str, condition: str) -> None:
    page = supervisor.text(f"/debts-by-age/?division={one(demo_database, ROOT)}&consumers={kind}")

    assert total(page) == owed(demo_database, condition)
    assert sum(amount for _link, amount in figures(page.rpartition("<tr>")[2])) == owed(demo_database, condition)


def test_every_figure_opens_the_rows_that_make_it_up(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    found = figures(supervisor.text(f"/debts-by-age/?division={district}"))

    assert found
    for link, amount in found:
        address, made_up = link, 0
        while address:
            page = supervisor.text(address)
            made_up += sum(each for _link, each in figures(page))
            older = re.search(r'rel="next"[^>]*href="([^"]+)"', page)
            address = older[1] if older else ""
        assert made_up == amount


def test_parts_lead_down_to_districts(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    page = supervisor.text(f"/debts-by-age/?division={one(demo_database, ROOT)}")
    inside = re.findall(r'<tr>\s*<td[^>]*><a href="([^"]+)">', page)

    assert inside
    assert all(supervisor.status(link) == 200 for link in inside)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
@pytest.mark.parametrize(
    "address", ["/debts-by-age/export.{kind}?division={id}", "/debts-by-age/rows/{id}/0/export.{kind}?consumers=LEGAL"]
)
def test_tables_are_sent_as_files(supervisor: Browser, demo_database: psycopg.Connection, address: str, kind: str) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")

    answer = supervisor.client.get(address.format(kind=kind, id=district))

    assert answer.status_code == 200
    assert f".{kind}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    ["/debts-by-age/?division={foreign}", "/debts-by-age/rows/{foreign}/0", "/debts-by-age/rows/{mine}/7", "/debts-by-age/?division=x"],
)
def test_what_is_not_there_or_not_the_readers_is_not_found(chief: Browser, demo_database: psycopg.Connection, address: str) -> None:
    ids = {
        name: one(demo_database, f"SELECT id FROM division WHERE code = '{code}'") for name, code in (("mine", MINE), ("foreign", FOREIGN))
    }

    assert chief.status(address.format(**ids)) == 404


def test_who_works_in_a_district_sees_its_debts_alone(chief: Browser, demo_database: psycopg.Connection) -> None:
    page = chief.text("/debts-by-age/")

    mine = f"d.division_id = (SELECT id FROM division WHERE code = '{MINE}')"
    assert total(page) == owed(demo_database, mine)


def test_debtors_are_taken_up_and_called_many_at_once(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    rows = demo_database.execute(
        "SELECT account_id FROM debtor WHERE owner IS NULL AND division_id = (SELECT id FROM division WHERE code = %s) ORDER BY 1 LIMIT 2",
        (MINE,),
    ).fetchall()
    ids = [str(row[0]) for row in rows]
    form = {"csrf_token": operator.token, "rowid": ids}

    answers = [
        operator.client.post("/debtorview/action_post", data=form | {"action": action}).status_code
        for action in ("take_debtors", "promise_debtors")
    ]

    assert answers == [302, 302]
    state = f"SELECT string_agg(owner || ' ' || stage, ',') FROM debtor WHERE account_id IN ({', '.join(ids)})"
    assert one(demo_database, state) == "operator PROMISED,operator PROMISED"
    page = operator.text("/debtorview/list/")
    assert "operator" in page
    assert "+998" in page


def test_exceptions_are_taken_up_and_settled_many_at_once(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    demo_database.execute(
        "INSERT INTO bill_exception (division_id, bill_run_id, account_id, reason, parked) "
        "SELECT a.division_id, (SELECT min(id) FROM bill_run), a.id, 'HIGH', false FROM account a "
        "JOIN division d ON d.id = a.division_id WHERE d.code = %s ORDER BY a.id LIMIT 2 ON CONFLICT DO NOTHING",
        (MINE,),
    )
    ids = [str(row[0]) for row in demo_database.execute("SELECT id FROM bill_exception ORDER BY id DESC LIMIT 2").fetchall()]
    form = {"csrf_token": operator.token, "rowid": ids}

    answers = [
        operator.client.post("/billexceptionview/action_post", data=form | {"action": action}).status_code
        for action in ("take_exceptions", "settle_exceptions")
    ]

    assert answers == [302, 302]
    state = f"SELECT string_agg(owner || ' ' || status, ',') FROM bill_exception WHERE id IN ({', '.join(ids)})"
    assert one(demo_database, state) == "operator SETTLED,operator SETTLED"
    assert operator.status("/billexceptionview/list/") == 200


def test_consumer_with_two_exceptions_is_one_row_and_one_piece_of_work(app: Flask, demo_database: psycopg.Connection) -> None:
    operator = log_in(app, "operator")
    account = one(demo_database, f"SELECT max(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{MINE}'")
    for reason in ("HIGH", "ESTIMATED_LONG"):
        demo_database.execute(
            "INSERT INTO bill_exception (division_id, bill_run_id, account_id, reason, parked) SELECT division_id, "
            "(SELECT max(id) FROM bill_run), id, %s, false FROM account WHERE id = %s ON CONFLICT DO NOTHING",
            (reason, account),
        )
    address = f"/billexceptionview/list/?_flt_0_account={account}&_flt_0_status=OPEN"

    page = operator.text(address)
    by_reason = operator.text(f"{address}&_flt_0_reason=HIGH")
    newest = one(demo_database, f"SELECT max(id) FROM bill_exception WHERE account_id = {account}")
    form = {"csrf_token": operator.token, "rowid": [newest], "action": "settle_exceptions"}
    operator.client.post("/billexceptionview/action_post", data=form)

    assert [each.count("rowid") for each in (page, by_reason)] == [1, 1]
    assert "Much higher than usual; " in page or "; Much higher than usual" in page
    assert one(demo_database, f"SELECT string_agg(DISTINCT status::text, '') FROM bill_exception WHERE account_id = {account}") == "SETTLED"


def test_act_on_chosen_debtors_takes_the_row_of_an_address_too(app: Flask, demo_database: psycopg.Connection) -> None:
    pk = one(demo_database, f"SELECT max(account_id) FROM debtor WHERE division_id = (SELECT id FROM division WHERE code = '{MINE}')")

    assert log_in(app, "operator").post(f"/debtorview/action/call_debtors/{pk}") == 302

    assert one(demo_database, f"SELECT stage FROM debtor WHERE account_id = {pk}") == "CONTACTED"


@pytest.mark.parametrize("action", ["take_debtors", "claim_debtors"])
def test_who_may_only_look_changes_no_debtor(app: Flask, demo_database: psycopg.Connection, action: str) -> None:
    auditor = log_in(app, "auditor")
    pk = one(demo_database, "SELECT min(account_id) FROM debtor")

    answer = auditor.client.post("/debtorview/action_post", data={"csrf_token": auditor.token, "rowid": [pk], "action": action})

    assert auditor.status("/debtorview/list/") == 200
    assert answer.status_code in {302, 403}
    assert one(demo_database, f"SELECT count(*) FROM debt_work WHERE account_id = {pk} AND stage = 'TO_CLAIM'") == "0"


def test_menu_groups_the_digits_of_its_counts_as_the_reader_does(app: Flask, demo_database: psycopg.Connection) -> None:
    more = "UPDATE debt_total SET debts = debts {} 1000 WHERE ctid = (SELECT min(ctid) FROM debt_total WHERE due_on < current_date)"
    demo_database.execute(more.format("+"))
    operator = log_in(app, "operator")

    english = _COUNT.findall(operator.text("/billexceptionview/list/"))
    operator.client.get("/language/ru")
    russian = _COUNT.findall(operator.text("/billexceptionview/list/"))
    demo_database.execute(more.format("-"))

    assert any("," in each for each in english)
    assert [each.replace("\u00a0", ",") for each in russian] == english


def counted(page: str) -> dict[str, str]:
    """Return the counts of the menu by the list they open."""
    return dict(re.findall(r'<a class="count" href="([^"?]*)[^>]*>\s*([^<]*)</a>', page))


def test_menu_counts_what_waits_and_shows_nothing_where_nothing_does(app: Flask, demo_database: psycopg.Connection) -> None:
    demo_database.execute("UPDATE bill_exception SET status = 'SETTLED'")
    demo_database.execute("DELETE FROM bill_hold")
    nothing = counted(log_in(app, "operator").text("/billexceptionview/list/"))
    demo_database.execute(
        "INSERT INTO bill_exception (division_id, bill_run_id, account_id, reason, parked) "
        "SELECT a.division_id, (SELECT min(id) FROM bill_run), a.id, 'ZERO_MONTHS', false FROM account a "
        "JOIN division d ON d.id = a.division_id WHERE d.code = %s ORDER BY a.id LIMIT 1",
        (MINE,),
    )
    app.extensions.pop("menu_counts", None)

    shown = counted(log_in(app, "operator").text("/billexceptionview/list/"))

    overdue = int(one(demo_database, "SELECT coalesce(sum(debts), 0) FROM debt_total WHERE due_on < current_date"))
    assert shown == nothing | {"/billexceptionview/list/": "1"}
    assert "/billexceptionview/list/" not in nothing
    assert "/billholdview/list/" not in nothing
    assert ("/debtview/list/" in nothing) == bool(overdue)
    assert shell.COUNTED_FOR.total_seconds() <= 60
