"""References checked set-wise: each one the models know is checked, and what is wrong is refused as by a foreign key."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.columns import metadata
from app.services import bulk, payments
from tests.begun import begun, undone
from tests.builders import bill_month, make_district, make_home, read
from tests.catalogue import checked_references

JAN, NOBODY = date(2026, 1, 1), 999_999_999_999
#: Tables that refer to a bill → the column with its month.
MONTHS = {
    "bill": "billing_month", "bill_line": "billing_month", "consumption": "billing_month", "debt": "billing_month",
    "allocation": "bill_month",
}  # fmt: skip


def of_models(*, set_wise: bool) -> set[tuple[str, str, str]]:
    return {
        (table.name, key.parent.name, key.column.table.name)
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if bool(key.info.get("set_wise")) == set_wise
    }


def test_every_set_wise_reference_of_the_models_is_checked(session: Session) -> None:
    assert checked_references(session) == of_models(set_wise=True)


def test_every_check_looks_for_each_of_its_references(session: Session) -> None:
    bodies = dict(session.execute(text("SELECT proname, prosrc FROM pg_proc WHERE starts_with(proname, 'check_references_of_')")).all())

    for table, column, parent in checked_references(session):
        month = f" AND p.billing_month = n.{MONTHS[table]}" if parent == "bill" else ""
        assert f"LEFT JOIN {parent} p ON p.id = n.{column}{month} WHERE p.id IS NULL" in bodies[f"check_references_of_{table}"]


def test_every_parent_is_kept(session: Session) -> None:
    rows = session.execute(
        text(
            "SELECT tgrelid::regclass::text, string_to_array(encode(tgargs, 'escape'), '\\000') FROM pg_trigger "
            "WHERE tgname = tgrelid::regclass || '_referenced' AND tgenabled = 'O'"
        )
    )
    kept = {(table, column, parent) for parent, given in rows for table, column in zip(given[1:-1:2], given[2::2], strict=True)}

    assert kept == of_models(set_wise=True)


def billed_account(session: Session) -> dict[str, Any]:
    """Make an account with a bill; return ids by name."""
    district = make_district(session)
    home = make_home(session, district)
    read(session, home, date(2026, 1, 31), 1310)
    run = bill_month(session, district.id, JAN)
    bill = session.scalar(text("SELECT id FROM bill WHERE account_id = :id"), {"id": home.account_id})
    contract = session.scalar(text("SELECT min(id) FROM payment_contract WHERE channel = 'CASHIER'"))
    control = payments.day_control(session, contract, JAN)
    ids = {"division": district.id, "account": home.account_id, "installation": home.installation_id, "register": home.register_id}
    return {**ids, "run": run, "bill": bill, "contract": contract, "control": control}


@pytest.fixture(scope="module")
def begun_account(engine: Engine) -> Iterator[tuple[Connection, dict[str, Any]]]:
    with begun(engine, billed_account) as made:
        yield made


@pytest.fixture
def session(begun_account: tuple[Connection, dict[str, Any]]) -> Iterator[Session]:
    """A session that sees the account."""
    with undone(begun_account[0]) as session:
        yield session


@pytest.fixture
def account(begun_account: tuple[Connection, dict[str, Any]]) -> dict[str, Any]:
    """An account with a bill; ids by name."""
    return begun_account[1]


def rows_of(table: str, account: dict[str, Any], count: int) -> dict[str, Any]:
    """Return columns of new rows that refer to what there is."""
    place = {"division_id": np.full(count, account["division"]), "account_id": np.full(count, account["account"])}
    month = {"billing_month": date(2030, 1, 1)}
    days = {"period_from": JAN, "period_to": date(2026, 2, 1), "quantity_milli": 1}
    bill = {"bill_id": np.full(count, account["bill"]), "billing_month": JAN}
    number = np.arange(count)
    return {
        "bill": {
            **place, **month, **days, "revision": number, "bill_run_id": np.full(count, account["run"]), "quality": "ACTUAL",
            "amount_tiyin": 1, "vat_tiyin": 0, "issued_on": JAN, "due_on": JAN, "cancels_id": [None] * count,
        },
        "bill_line": {
            **place, **bill, **days, "line_no": number + 100, "kind": "CHARGE", "for_month": JAN, "block_no": 1, "rate": "1",
            "amount_tiyin": 1, "vat_tiyin": 0, "tariff_version_id": [None] * count, "charge_id": [None] * count,
            "benefit_id": [None] * count, "prepaid_id": [None] * count,
        },
        "consumption": {
            **place, **bill, **days, "quality": "ACTUAL", "rolled_over": False, "earlier_reading_id": [None] * count,
            "later_reading_id": [None] * count,
        },
        "ledger_entry": {
            **place, **month, "debit": "RECEIVABLE", "credit": "REVENUE", "amount_tiyin": 1, "posted_on": JAN, "document_kind": "BILL",
            "document_id": account["bill"], "document_month": JAN, "reverses_id": [None] * count,
        },
        "account_balance": {
            **place, "billing_month": [date(2030 + each // 12, each % 12 + 1, 1) for each in range(count)], "opening_tiyin": 0,
            "charged_tiyin": 0, "paid_tiyin": 0, "closing_tiyin": 0,
        },
        "allocation": {
            **place, "bill_id": bill["bill_id"], "bill_month": JAN, "amount_tiyin": 1, "allocated_on": JAN,
            "payment_id": [None] * count, "adjustment_id": [None] * count,
        },
        "reading": {
            **place, "meter_installation_id": np.full(count, account["installation"]), "register_id": np.full(count, account["register"]),
            "read_on": date(2030, 1, 1), "dial_milli": number, "kind": "PERIODIC", "source": "OFFICE", "replaces_id": [None] * count,
            "reading_import_id": [None] * count,
        },
        "debt": {**place, **bill, "due_on": JAN, "remaining_tiyin": 1},
        "payment": {
            **place, "channel": "BANK", "reference": [f"r{each}" for each in range(count)], "contents_sha256": "0" * 64,
            "amount_tiyin": 1, "received_on": JAN, "reverses_id": [None] * count, "tender_id": [None] * count,
        },
        "tender": {
            **place, "payment_contract_id": np.full(count, account["contract"]), "reference": [f"t{each}" for each in range(count)],
            "amount_tiyin": 1, "status": "PERFORMED", "provider_ms": 1, "created_ms": 1, "received_on": JAN,
            "payment_control_id": np.full(count, account["control"]), "reversal_control_id": [None] * count,
        },
    }[table]  # fmt: skip


CASES = sorted(of_models(set_wise=True))


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize(("table", "column", "parent"), CASES)
def test_row_that_refers_to_nothing_is_refused_among_many(
    session: Session, account: dict[str, Any], table: str, column: str, parent: str, count: int
) -> None:
    rows = rows_of(table, account, count)
    if table == "debt":
        session.execute(text("DELETE FROM debt WHERE bill_id = :id"), {"id": account["bill"]})
        # A bill has one debt, so only the faulty row differs.
        count = 1
        rows = rows_of(table, account, count)
    values = list(rows[column])
    values[count // 2] = NOBODY
    rows[column] = values

    with pytest.raises(Exception, match=f"({table}|audit_entry)_{column}_fkey") as refused, session.begin_nested():
        bulk.copy(session, table, rows, count)

    error = getattr(refused.value, "orig", refused.value)
    assert error.sqlstate == "23503"
    # A division that is not there may be refused by the trail's own reference first.
    if not error.diag.table_name.startswith("audit_entry"):
        assert (error.diag.constraint_name, error.diag.table_name) == (f"{table}_{column}_fkey", table)
        assert f"({NOBODY})" in error.diag.message_detail
        assert parent in error.diag.message_detail


@pytest.mark.parametrize("table", sorted(MONTHS))
def test_row_with_another_month_than_its_bill_is_refused(session: Session, account: dict[str, Any], table: str) -> None:
    session.execute(text("DELETE FROM debt WHERE bill_id = :id"), {"id": account["bill"]})
    column = "cancels_id" if table == "bill" else "bill_id"
    rows = rows_of(table, account, 1) | {column: [account["bill"]], MONTHS[table]: date(2026, 2, 1)}

    with pytest.raises(Exception, match=f"{table}_{column}_fkey") as refused, session.begin_nested():
        bulk.copy(session, table, rows, 1)

    assert getattr(refused.value, "orig", refused.value).sqlstate == "23503"


def test_month_of_a_debt_is_not_changed_later(session: Session, account: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="facts are never changed"), session.begin_nested():
        session.execute(text("UPDATE debt SET billing_month = '2026-02-01' WHERE bill_id = :id"), {"id": account["bill"]})


@pytest.mark.parametrize("table", sorted({table for table, _, _ in CASES} - {"debt"}))
def test_rows_that_refer_to_what_there_is_are_taken(session: Session, account: dict[str, Any], table: str) -> None:
    before = session.scalar(text(f"SELECT count(*) FROM {table}"))

    bulk.copy(session, table, rows_of(table, account, 300), 300)

    assert session.scalar(text(f"SELECT count(*) FROM {table}")) == before + 300


@pytest.mark.parametrize(("table", "column"), [case[:2] for case in CASES if case[0] in {"account_balance", "debt"}])
def test_reference_is_not_changed_later(session: Session, account: dict[str, Any], table: str, column: str) -> None:
    with pytest.raises(IntegrityError, match="facts are never changed"), session.begin_nested():
        session.execute(
            text(f"UPDATE {table} SET {column} = :id WHERE account_id = :account"), {"id": NOBODY, "account": account["account"]}
        )


@pytest.mark.parametrize("column", sorted(column for table, column, _ in CASES if table == "tender"))
def test_tender_refers_to_what_there_is_also_later(session: Session, account: dict[str, Any], column: str) -> None:
    bulk.copy(session, "tender", rows_of("tender", account, 3), 3)

    with pytest.raises(IntegrityError, match=f"(tender|audit_entry)_{column}_fkey"), session.begin_nested():
        session.execute(
            text(f"UPDATE tender SET {column} = :id WHERE account_id = :account"), {"id": NOBODY, "account": account["account"]}
        )


@pytest.mark.parametrize(("parent", "name"), [("payment_contract", "contract"), ("payment_control", "control")])
def test_what_tenders_refer_to_stays(session: Session, account: dict[str, Any], parent: str, name: str) -> None:
    session.execute(text("RESET ROLE"))
    bulk.copy(session, "tender", rows_of("tender", account, 3), 3)

    with pytest.raises(IntegrityError, match=r"violates (set-wise reference|foreign key)"), session.begin_nested():
        session.execute(text(f"DELETE FROM {parent} WHERE id = :id"), {"id": account[name]})


@pytest.mark.parametrize(
    ("parent", "name"),
    [
        ("account", "account"),
        ("division", "division"),
        ("bill_run", "run"),
        ("tariff_version", None),
        ("meter_installation", "installation"),
        ("register", "register"),
    ],
)
def test_what_is_referred_to_stays(session: Session, account: dict[str, Any], parent: str, name: str | None) -> None:
    session.execute(text("RESET ROLE"))
    key = account[name] if name else session.scalar(text("SELECT max(tariff_version_id) FROM bill_line"))

    for statement in (f"DELETE FROM {parent} WHERE id = :id", f"UPDATE {parent} SET id = {NOBODY} WHERE id = :id"):
        with pytest.raises(IntegrityError, match=r"violates (set-wise reference|foreign key)|bills were made with"), session.begin_nested():
            session.execute(text(statement), {"id": key})


def test_bill_run_without_bills_may_go(session: Session, account: dict[str, Any]) -> None:
    run = session.scalar(
        text("INSERT INTO bill_run (division_id, billing_month) VALUES (:id, '2030-01-01') RETURNING id"), {"id": account["division"]}
    )

    session.execute(text("DELETE FROM bill_run WHERE id = :id"), {"id": run})

    assert session.scalar(text("SELECT count(*) FROM bill_run WHERE id = :id"), {"id": run}) == 0
