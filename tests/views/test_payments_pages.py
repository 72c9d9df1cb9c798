"""The cashier's shift, payment files with their layouts, and money in suspense on the screens."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from app.cli.payments import credit_all
from app.jobs import runner
from tests.browsers import Browser, log_in, one, perform_latest

NUMBER = (
    "SELECT a.number FROM account a JOIN division d ON d.id = a.division_id "
    "WHERE d.code LIKE '1726%' AND a.closed_on IS NULL ORDER BY a.id LIMIT 1"
)


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    """Leave no request that waits and no shift that is open: other tests meet the same users."""
    yield
    demo_database.execute("DELETE FROM approval WHERE kind IN ('TENDER_TRANSFER', 'PAYMENT_MOVE')")
    demo_database.execute(
        "UPDATE payment_control c SET status = 'CLOSED', counted_tiyin = s.received, received_tiyin = s.received, tenders = s.tenders "
        "FROM (SELECT o.id, count(t.id) FILTER (WHERE t.payment_control_id = o.id) AS tenders, "
        "coalesce(sum(t.amount_tiyin) FILTER (WHERE t.payment_control_id = o.id), 0) "
        "- coalesce(sum(t.amount_tiyin) FILTER (WHERE t.reversal_control_id = o.id), 0) AS received "
        "FROM payment_control o LEFT JOIN tender t ON o.id IN (t.payment_control_id, t.reversal_control_id) GROUP BY o.id) s "
        "WHERE s.id = c.id AND c.kind = 'SHIFT' AND c.status <> 'CLOSED'"
    )
    demo_database.execute(
        "DELETE FROM payment_file_layout p WHERE NOT EXISTS (SELECT 1 FROM payment_control c WHERE c.payment_file_layout_id = p.id)"
    )


def owed(demo_database: psycopg.Connection, number: str) -> int:
    statement = (
        f"SELECT debt_tiyin - advance_tiyin FROM account_position p JOIN account a ON a.id = p.account_id WHERE a.number = '{number}'"
    )
    return int(one(demo_database, statement))


def take(browser: Browser, demo_database: psycopg.Connection, number: str, som: str) -> int:
    """Take a sum, and answer yes to whatever is asked about it."""
    account_id = one(demo_database, f"SELECT id FROM account WHERE number = '{number}'")
    asked = str(int(Decimal(som.replace(",", ".")) * 100))
    return browser.post(f"/cashier/take/{account_id}", amount_tiyin=som, reference=uuid4().hex, asked=asked, confirmed="y")


def explain(browser: Browser, shift: str) -> None:
    assert browser.post(f"/paymentcontrolview/explain/{shift}", difference_reason="change was given wrongly") == 302


def shift_of(demo_database: psycopg.Connection, cashier: str) -> str:
    return one(demo_database, f"SELECT max(id) FROM payment_control WHERE kind = 'SHIFT' AND cashier = '{cashier}'")


def test_shift_opens_with_the_first_payment_is_counted_and_closed_by_another(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, supervisor, number = log_in(app, "cashier"), log_in(app, "supervisor"), one(demo_database, NUMBER)
    if one(demo_database, "SELECT count(*) FROM payment_control WHERE kind = 'SHIFT' AND cashier = 'cashier' AND status = 'OPEN'") == "1":
        # The demo's cashier is at work.
        assert cashier.post(f"/paymentcontrolview/count/{shift_of(demo_database, 'cashier')}", counted_tiyin="0") == 302
        explain(supervisor, shift_of(demo_database, "cashier"))
        assert supervisor.post(f"/paymentcontrolview/close/{shift_of(demo_database, 'cashier')}") == 302
    before = owed(demo_database, number)

    assert take(cashier, demo_database, number, "1500") == 302
    assert take(cashier, demo_database, number, "500,50") == 302
    shift = shift_of(demo_database, "cashier")
    page = f"/paymentcontrolview/show/{shift}"
    assert owed(demo_database, number) == before - 200_050
    assert "2,000.50" not in cashier.text("/cashier/") + cashier.text(page), "the count is blind"
    assert cashier.post(f"/paymentcontrolview/close/{shift}") == 403
    assert cashier.post(f"/paymentcontrolview/count/{shift}", counted_tiyin="2000") == 302

    assert take(cashier, demo_database, number, "100") == 302
    assert owed(demo_database, number) == before - 200_050, "a counted shift takes nothing more"
    assert "2,000.50" in cashier.text(page)
    assert supervisor.post(f"/paymentcontrolview/close/{shift}") == 302
    assert one(demo_database, f"SELECT status FROM payment_control WHERE id = {shift}") == "COUNTED", "a difference has a reason"
    explain(cashier, shift)
    assert supervisor.post(f"/paymentcontrolview/close/{shift}") == 302

    found = demo_database.execute(
        "SELECT status, tenders, received_tiyin, counted_tiyin, closed_by FROM payment_control WHERE id = %s", (shift,)
    ).fetchone()
    assert found == ("CLOSED", 2, 200_050, 200_000, "supervisor")
    assert (
        one(demo_database, f"SELECT debit || ' ' || amount_tiyin FROM control_entry WHERE payment_control_id = {shift}") == "OVER_SHORT 50"
    )
    assert "OVER_SHORT" not in supervisor.text(page)
    assert take(cashier, demo_database, number, "100") == 302
    assert shift_of(demo_database, "cashier") != shift


def test_drawer_is_counted_by_its_cashier_or_a_supervisor_and_never_below_zero(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, operator, supervisor = log_in(app, "cashier"), log_in(app, "operator"), log_in(app, "supervisor")
    take(cashier, demo_database, one(demo_database, NUMBER), "1000")
    shift = shift_of(demo_database, "cashier")

    operator.post(f"/paymentcontrolview/count/{shift}", counted_tiyin="1")
    cashier.post(f"/paymentcontrolview/count/{shift}", counted_tiyin="-1")
    assert one(demo_database, f"SELECT status FROM payment_control WHERE id = {shift}") == "OPEN"
    supervisor.post(f"/paymentcontrolview/count/{shift}", counted_tiyin="1000")

    assert one(demo_database, f"SELECT status FROM payment_control WHERE id = {shift}") == "COUNTED"


def test_who_counted_does_not_close(app: Flask, demo_database: psycopg.Connection) -> None:
    supervisor, number = log_in(app, "supervisor"), one(demo_database, NUMBER)
    take(supervisor, demo_database, number, "1000")
    shift = shift_of(demo_database, "supervisor")

    supervisor.post(f"/paymentcontrolview/count/{shift}", counted_tiyin="1000")
    supervisor.post(f"/paymentcontrolview/close/{shift}")

    assert one(demo_database, f"SELECT status FROM payment_control WHERE id = {shift}") == "COUNTED"


def test_money_given_back_leaves_the_drawer(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, supervisor, number = log_in(app, "cashier"), log_in(app, "supervisor"), one(demo_database, NUMBER)
    before = owed(demo_database, number)
    take(cashier, demo_database, number, "1000")
    take(cashier, demo_database, number, "300")
    payment = one(demo_database, "SELECT max(id) FROM payment WHERE channel = 'CASHIER' AND reverses_id IS NULL")

    assert cashier.post(f"/cashier/reverse/{payment}", move="REFUND", account_number="", reason="counted twice") == 302
    assert owed(demo_database, number) == before - 130_000
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'PAYMENT_MOVE'")
    assert cashier.post(f"/approvalview/decide/{request}", decision="approve") == 403
    assert supervisor.post(f"/approvalview/decide/{request}", decision="approve") == 302

    assert owed(demo_database, number) == before - 100_000
    shift = shift_of(demo_database, "cashier")
    assert one(demo_database, f"SELECT tenders || ' ' || received_tiyin FROM control_sums({shift})") == "2 100000"


def test_text_no_column_can_hold_is_refused_wherever_it_is_written(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, number = log_in(app, "cashier"), one(demo_database, NUMBER)
    take(cashier, demo_database, number, "100")
    payment = one(demo_database, "SELECT max(id) FROM payment WHERE channel = 'CASHIER' AND reverses_id IS NULL")

    assert cashier.post(f"/cashier/reverse/{payment}", move="REFUND", account_number="", reason="why \0 not") == 400


def test_payment_of_a_wrong_account_is_moved_and_a_wrong_number_is_named(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, supervisor, number = log_in(app, "cashier"), log_in(app, "supervisor"), one(demo_database, NUMBER)
    other = one(demo_database, NUMBER.replace("LIMIT 1", "OFFSET 1 LIMIT 1"))
    before = owed(demo_database, number), owed(demo_database, other)
    take(cashier, demo_database, number, "700")
    payment = one(demo_database, "SELECT max(id) FROM payment WHERE channel = 'CASHIER' AND reverses_id IS NULL")
    page = f"/cashier/reverse/{payment}"

    assert "700.00" in cashier.text(page)
    assert cashier.post(page, move="TRANSFER", account_number="no such", reason="mistyped") == 200
    assert cashier.post(page, move="TRANSFER", account_number=other, reason="mistyped") == 302
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'PAYMENT_MOVE'")
    page = supervisor.text(f"/approvalview/show/{request}")
    assert number in page
    assert "700.00" in page
    supervisor.post(f"/approvalview/decide/{request}", decision="approve")

    assert (owed(demo_database, number), owed(demo_database, other)) == (before[0], before[1] - 70_000)


LAYOUT: dict[str, Any] = {
    "name": "Test CSV", "form": "CSV", "encoding": "utf-8", "delimiter": ";", "quote": '"', "header_rows": "0", "decimal_separator": ",",
    "group_separator": "", "date_format": "dd.mm.yyyy", "unit": "SOM", "totals_place": "MARKER", "totals_row": "1",
    "totals_marker": "ИТОГО",
    "column_reference": "1", "column_account_number": "2", "column_amount": "3", "column_paid_on": "4", "column_payer": "5",
    "totals_count": "2", "totals_sum": "3", "is_active": "y",
    "unique": ["paid_on", "payer", "reference", "occurrence"], "own_transfers": "LEFT_OUT", "own_accounts": "",
}  # fmt: skip


def lay_out(app: Flask, demo_database: psycopg.Connection, **change: str) -> Browser:
    administrator = log_in(app, "admin")
    contract = one(demo_database, "SELECT id FROM payment_contract WHERE channel = 'BANK'")
    assert administrator.post("/paymentfilelayoutview/lay_out/", payment_contract_id=contract, **(LAYOUT | change)) in {200, 302}
    return administrator


def send(browser: Browser, demo_database: psycopg.Connection, content: bytes) -> int:
    profile = one(demo_database, "SELECT max(id) FROM payment_file_layout")
    division = one(demo_database, "SELECT id FROM division WHERE code = '1726'")
    form = {"profile": profile, "division": division, "file": (BytesIO(content), "r.csv"), "csrf_token": browser.token}
    return browser.client.post("/paymentfilelayoutview/load", data=form).status_code


def test_layout_is_tried_on_a_file_before_it_is_kept_and_a_wrong_field_is_named(app: Flask, demo_database: psycopg.Connection) -> None:
    administrator = log_in(app, "admin")
    contract = one(demo_database, "SELECT id FROM payment_contract WHERE channel = 'BANK'")
    form = LAYOUT | {"name": "Only tried", "payment_contract_id": contract, "csrf_token": administrator.token}

    tried = administrator.client.post(
        "/paymentfilelayoutview/lay_out/", data=form | {"file": (BytesIO(b"7;269010000001;1 500,00;02.03.2026;Karimov\n"), "a.csv")}
    ).text
    wrong = administrator.client.post("/paymentfilelayoutview/lay_out/", data=form | {"column_amount": ""}).text

    assert "269010000001" in tried
    assert one(demo_database, "SELECT count(*) FROM payment_file_layout WHERE name = 'Only tried'") == "0"
    assert "columns.amount" in wrong


def test_dictionary_of_layouts_opens(app: Flask) -> None:
    assert "/paymentfilelayoutview/lay_out/" in log_in(app, "admin").text("/paymentfilelayoutview/list/")


def test_request_that_waits_is_shown_to_who_asked_and_he_may_take_it_back(app: Flask, demo_database: psycopg.Connection) -> None:
    cashier, number = log_in(app, "cashier"), one(demo_database, NUMBER)
    take(cashier, demo_database, number, "100")
    payment = one(demo_database, "SELECT max(id) FROM payment WHERE channel = 'CASHIER' AND reverses_id IS NULL")
    cashier.post(f"/cashier/reverse/{payment}", move="SUSPENSE", account_number="", reason="whose is it")
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'PAYMENT_MOVE'")

    assert f"/approvalview/show/{request}" in cashier.text(f"/cashier/receipt/{payment}")
    assert "Put into suspense" in cashier.text(f"/approvalview/show/{request}")
    assert cashier.post(f"/approvalview/withdraw/{request}") == 302
    assert one(demo_database, f"SELECT status FROM approval WHERE id = {request}") == "WITHDRAWN"


def test_new_layout_may_begin_with_an_example(app: Flask) -> None:
    page = log_in(app, "admin").text("/paymentfilelayoutview/lay_out/?like=O%CA%BBzbekiston+pochtasi+DBF+(cp866)")

    assert 'value="LS"' in page


def test_payment_file_is_loaded_once_and_unknown_money_transferred_by_two_persons(app: Flask, demo_database: psycopg.Connection) -> None:
    lay_out(app, demo_database)
    operator, supervisor, number = log_in(app, "operator"), log_in(app, "supervisor"), one(demo_database, NUMBER)
    before = owed(demo_database, number)
    key = uuid4().hex[:8]
    rows = (
        f"{key}1;{number};1000,00;02.03.2026;K\n{key}2;{number}99;250,00;02.03.2026;K\n{key}3;{number};zero;02.03.2026;K\nИТОГО;3;1250,00\n"
    )

    assert send(operator, demo_database, rows.encode()) == 302
    perform_latest(app, demo_database, "PARTLY")
    with app.app_context():
        credit_all()

    control = one(demo_database, "SELECT max(id) FROM payment_control WHERE kind = 'PAYMENT_FILE'")
    found = demo_database.execute(
        "SELECT received, accepted, suspense, repeated, rejected FROM payment_control WHERE id = %s", (control,)
    ).fetchone()
    assert found == (3, 1, 1, 0, 1)
    assert owed(demo_database, number) == before - 100_000
    page = operator.text(f"/paymentcontrolview/show/{control}")
    assert "zero" in page
    assert send(operator, demo_database, rows.encode()) == 302
    assert one(demo_database, "SELECT max(id) FROM payment_control WHERE kind = 'PAYMENT_FILE'") == control

    tender = one(demo_database, f"SELECT id FROM tender WHERE payment_control_id = {control} AND account_id IS NULL")
    assert operator.status("/suspenseview/list/") == operator.status(f"/suspenseview/show/{tender}") == 200
    assert operator.post(f"/suspenseview/transfer/{tender}", account_number=number, basis="a letter of the payer") == 302
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'TENDER_TRANSFER'")
    assert "250.00" in supervisor.text(f"/approvalview/show/{request}")
    assert operator.post(f"/approvalview/decide/{request}", decision="approve") in {302, 403}
    assert owed(demo_database, number) == before - 100_000
    assert supervisor.post(f"/approvalview/decide/{request}", decision="approve") == 302
    with app.app_context():
        credit_all()

    assert owed(demo_database, number) == before - 125_000


def test_rows_that_another_file_brought_are_shown_beside_it_and_decided_by_one_or_two_persons(
    app: Flask, demo_database: psycopg.Connection
) -> None:
    lay_out(app, demo_database)
    operator, supervisor, number = log_in(app, "operator"), log_in(app, "supervisor"), one(demo_database, NUMBER)
    with app.app_context():
        credit_all()
    key, before = uuid4().hex[:8], owed(demo_database, number)
    rows = [f"{key}{place};{number};{som},00;02.03.2026;Karimov A." for place, som in enumerate((1000, 200_000))]
    send(operator, demo_database, "\n".join([*rows, "ИТОГО;2;201000,00"]).encode())
    perform_latest(app, demo_database)
    first = one(demo_database, "SELECT max(id) FROM payment_control WHERE kind = 'PAYMENT_FILE'")
    send(operator, demo_database, "\n".join([*rows, rows[0].replace(f"{key}0", f"{key}9"), "ИТОГО;3;202000,00"]).encode())
    perform_latest(app, demo_database, "PARTLY")
    job = one(demo_database, "SELECT max(id) FROM job_run")
    control = one(demo_database, "SELECT max(id) FROM payment_control WHERE kind = 'PAYMENT_FILE'")
    held = [row[0] for row in demo_database.execute(f"SELECT id FROM held_row WHERE payment_control_id = {control} ORDER BY row_no")]

    assert "2 rows held for a person: 201,000.00" in operator.text(f"/jobview/show/{job}")
    assert "Decide about 2 rows held" in operator.text(f"/paymentcontrolview/show/{control}")
    page = operator.text(f"/heldrowview/of/{control}")
    assert f"/paymentcontrolview/show/{first}" in page
    assert "row 2" in page
    assert "by operator" in page
    assert "Waits for a person" in operator.text("/heldrowview/list/")

    decide = f"/heldrowview/decide/{control}"
    assert operator.post(decide, decision="REPEAT", row=str(held[0]), basis="") == 302
    assert operator.post(decide, decision="REPEAT", row=str(held[0]), basis="the bank says so") == 302
    perform_latest(app, demo_database)
    assert operator.post(decide, decision="ACCEPT", all="y", basis="another order") == 302
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'HELD_DECISION'")
    assert "200,000.00" in supervisor.text(f"/approvalview/show/{request}")
    assert operator.post(f"/approvalview/decide/{request}", decision="approve") == 403
    assert supervisor.post(f"/approvalview/decide/{request}", decision="approve") == 302
    perform_latest(app, demo_database)
    with app.app_context():
        credit_all()

    assert owed(demo_database, number) == before - 40_200_000
    shown = re.sub(r"<[^>]+>|\s+", " ", operator.text(f"/paymentcontrolview/show/{control}"))
    assert re.search(
        r"Rows accepted +2 +201,000.00 soʻm +In suspense +0 +0.00 soʻm +Rows held +0 +0.00 soʻm +Repeated +1 +1,000.00 soʻm", shown
    ), shown
    sent = operator.client.get(f"/paymentcontrolview/rows/{control}.csv").text
    assert f"1;Repeated;{key}0;{number};1000,00" in sent
    assert "201000,00" in operator.client.get("/paymentcontrolview/export.csv").text


def at_once(*calls: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def test_two_files_that_share_a_payment_and_are_loaded_at_once_take_it_once(app: Flask, demo_database: psycopg.Connection) -> None:
    lay_out(app, demo_database)
    operator, number, key = log_in(app, "operator"), one(demo_database, NUMBER), uuid4().hex[:8]
    for own in ("a", "b"):
        rows = [f"{key}{name};{number};1000,00;02.03.2026;K" for name in ("shared", own)]
        assert send(operator, demo_database, "\n".join([*rows, "ИТОГО;2;2000,00"]).encode()) == 302
    jobs = [row[0] for row in demo_database.execute("SELECT id FROM job_run ORDER BY id DESC LIMIT 2")]

    def perform(job_id: int) -> None:
        with app.app_context():
            runner.perform(job_id)

    at_once(*(partial(perform, job_id) for job_id in jobs))

    counted = demo_database.execute(
        "SELECT received, accepted, held FROM payment_control WHERE kind = 'PAYMENT_FILE' ORDER BY id DESC LIMIT 2"
    ).fetchall()
    assert sorted(counted) == [(2, 1, 1), (2, 2, 0)]
    assert one(demo_database, f"SELECT count(*) FROM tender WHERE reference LIKE '{key}shared%'") == "1"


def test_same_file_sent_twice_at_once_is_taken_once(app: Flask, demo_database: psycopg.Connection) -> None:
    lay_out(app, demo_database)
    operators, key = [log_in(app, name) for name in ("operator", "supervisor")], uuid4().hex[:8]
    content = f"{key};1;1000,00;02.03.2026;K\nИТОГО;1;1000,00\n".encode()
    before = int(one(demo_database, "SELECT count(*) FROM payment_control WHERE kind = 'PAYMENT_FILE'"))

    answers = at_once(*(partial(send, operator, demo_database, content) for operator in operators))

    assert answers == [302, 302]
    assert int(one(demo_database, "SELECT count(*) FROM payment_control WHERE kind = 'PAYMENT_FILE'")) == before + 1
    perform_latest(app, demo_database)


def test_payment_file_with_other_totals_is_refused_and_says_why(app: Flask, demo_database: psycopg.Connection) -> None:
    lay_out(app, demo_database)
    operator, key = log_in(app, "operator"), uuid4().hex[:8]

    assert send(operator, demo_database, f"{key}1;1;1000,00;02.03.2026;K\nИТОГО;1;1250,00\n".encode()) == 302
    perform_latest(app, demo_database, "REFUSED")

    control = one(demo_database, "SELECT max(id) FROM payment_control WHERE kind = 'PAYMENT_FILE'")
    job = one(demo_database, "SELECT max(id) FROM job_run")
    said = "The file tells of 1,250.00\u00a0soʻm and holds 1,000.00\u00a0soʻm: nothing of it was taken."
    assert said in operator.text(f"/paymentcontrolview/show/{control}")
    assert said in operator.text(f"/jobview/show/{job}")
    assert f"/paymentcontrolview/show/{control}" in operator.text(f"/jobview/show/{job}")
    assert one(demo_database, f"SELECT status FROM payment_control WHERE id = {control}") == "REFUSED"
    assert one(demo_database, f"SELECT count(*) FROM tender WHERE payment_control_id = {control}") == "0"


def test_strangers_to_money_are_kept_out(app: Flask) -> None:
    inspector = log_in(app, "inspector")
    pages = (
        "/paymentcontrolview/list/",
        "/suspenseview/list/",
        "/paymentfilelayoutview/list/",
        "/paymentfilelayoutview/load",
        "/paymentblockview/list/",
    )

    assert [inspector.client.get(page).status_code == 200 for page in pages] == [False] * len(pages)
