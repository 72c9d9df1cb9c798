"""Documents, ledger and reports agree at each level, and each kind of planted error turns the sign red and names its row."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.domain.ledger.proofs import RULES, CheckCause
from app.extensions import db
from app.jobs import runner
from app.queries.ledger import BilledDivision, Drift, checks, proofs
from app.services.ledger import checks as service
from tests.browsers import FOREIGN, MINE, Browser, log_in, one


class Planted(NamedTuple):
    """An error: what is done in the database, and the row that must be named for it."""

    statement: str
    table: str
    key: str


#: Kind of error → how it is planted, and the row that is named.
ERRORS = {
    "an amount": Planted("UPDATE bill SET amount_tiyin = amount_tiyin + 100 WHERE id = {bill}", "bill", "{bill}"),
    "a sign": Planted("UPDATE ledger_entry SET debit = credit, credit = debit WHERE id = {entry}", "bill", "{bill}"),
    "a month": Planted(
        "UPDATE ledger_entry SET billing_month = billing_month + interval '1 month' WHERE id = {entry}",
        "account_balance", "{account} {month}",
    ),
    "a division": Planted(
        "UPDATE ledger_entry SET division_id = {foreign} WHERE id = {entry}", "ledger_entry", "{entry} of bill {bill}"
    ),
    "a missing entry": Planted("DELETE FROM ledger_entry WHERE id = {entry}", "bill", "{bill}"),
    "a doubled entry": Planted(
        "INSERT INTO ledger_entry (division_id, account_id, debit, credit, amount_tiyin, posted_on, billing_month, document_kind, "
        "document_id, document_month) SELECT division_id, account_id, debit, credit, amount_tiyin, posted_on, billing_month, "
        "document_kind, document_id, document_month FROM ledger_entry WHERE id = {entry}",
        "bill", "{bill}",
    ),
    "a balance": Planted(
        "UPDATE account_position SET debt_tiyin = debt_tiyin + 7, advance_tiyin = 0 WHERE account_id = {account}", "account", "{account}"
    ),
    "an allocation": Planted("UPDATE allocation SET amount_tiyin = amount_tiyin + 1 WHERE id = {allocation}", "bill", "{paid_bill}"),
    "a turnover of a division": Planted(
        "UPDATE division_turnover SET paid_tiyin = paid_tiyin + 5 WHERE division_id = {division} AND billing_month = '{month}'",
        "division_turnover", "{division} {month}",
    ),
    "a sum of debts": Planted(
        "UPDATE debt_total SET remaining_tiyin = remaining_tiyin + 5 WHERE id = {debt_total}", "debt_total", "{division} {kind} {due}"
    ),
    "an opening": Planted(
        "UPDATE account_balance SET opening_tiyin = opening_tiyin + 1, closing_tiyin = closing_tiyin + 1 "
        "WHERE account_id = {account} AND billing_month = '{month}'",
        "account_balance", "{account} {month}",
    ),
    "a changed line": Planted(
        "UPDATE bill_line SET amount_tiyin = amount_tiyin - 3 WHERE bill_id = {bill} AND line_no = 1", "bill", "{bill}"
    ),
    "a stored report": Planted(
        "UPDATE stored_report SET contents = replace(convert_from(contents, 'UTF8'), 'rows', 'Rows')::bytea WHERE id = {report}",
        "stored_report", "{report}",
    ),
}  # fmt: skip
#: Kinds that nothing a bill run touches is part of.
NOT_AFTER_A_RUN = {"a stored report"}


@pytest.fixture(scope="module")
def planted(demo_url: str) -> Iterator[Session]:
    """A session of the cluster's owner, past the guards, that never commits."""
    engine = create_engine(config.database_url(demo_url), poolclass=NullPool)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def books(planted: Session) -> Iterator[Session]:
    planted.execute(text("SET LOCAL session_replication_role = replica"))
    yield planted
    planted.rollback()


@pytest.fixture
def ids(books: Session) -> dict[str, Any]:
    """A bill of the district with its entry, an allocation, a sum of debts and a stored report."""
    first = books.execute(
        text(
            """
            SELECT b.id AS bill, b.account_id AS account, b.division_id AS division, b.billing_month AS month, e.id AS entry,
                   (SELECT id FROM division WHERE code = :foreign) AS foreign
            FROM bill b JOIN division d ON d.id = b.division_id AND d.code = :mine
            JOIN ledger_entry e ON e.document_kind = 'BILL' AND e.document_id = b.id AND e.credit = 'REVENUE'
            JOIN account_position p ON p.account_id = b.account_id AND p.advance_tiyin = 0
            WHERE b.cancels_id IS NULL AND NOT EXISTS (SELECT FROM bill c WHERE c.cancels_id = b.id)
            ORDER BY b.billing_month DESC, b.id LIMIT 1
            """
        ),
        {"mine": MINE, "foreign": FOREIGN},
    ).mappings().one()  # fmt: skip
    allocation = books.execute(
        text("SELECT id, bill_id FROM allocation WHERE division_id = :division AND payment_id IS NOT NULL ORDER BY id LIMIT 1"), first
    ).one()
    total = books.execute(
        text(
            "SELECT min(id), consumer_kind, due_on FROM debt_total WHERE division_id = :division GROUP BY consumer_kind, due_on "
            "HAVING sum(debts) > 0 ORDER BY due_on LIMIT 1"
        ),
        first,
    ).one()
    report = books.scalar(text("SELECT min(id) FROM stored_report WHERE division_id = :division"), first)
    more = {"allocation": allocation[0], "paid_bill": allocation[1], "debt_total": total[0], "kind": total[1], "due": total[2]}
    return {**first, **more, "report": report}


def check_billed(session: Session, billed: BilledDivision) -> list[Drift]:
    """Check and keep as a bill run does at its end."""
    found = service.find(session, limit=100, billed=billed)
    service.keep(session, CheckCause.BILL_RUN, found, division_id=billed.division_id)
    return found


def named(session: Session) -> set[tuple[str, str]]:
    return {(each.row_table, each.row_key) for each in checks.differences(session, limit=500)}


@pytest.mark.parametrize("kind", ERRORS)
def test_planted_error_turns_the_sign_red_and_names_the_row(books: Session, ids: dict[str, Any], kind: str) -> None:
    statement, table, key = ERRORS[kind]
    assert books.execute(text(statement.format(**ids))).rowcount == 1  # type: ignore[attr-defined]

    service.keep(books, CheckCause.NIGHT, service.find(books, limit=100))

    assert checks.books(books).differences > 0
    assert (table, key.format(**ids)) in named(books)
    of_row = next(each for each in checks.differences(books, limit=500) if (each.row_table, each.row_key) == (table, key.format(**ids)))
    division = books.scalar(text("SELECT name FROM division WHERE id = :division"), ids)
    foreign = books.scalar(text("SELECT name FROM division WHERE id = :foreign"), ids)
    assert of_row.division == (foreign if kind == "a division" else division)
    assert of_row.stored != of_row.computed


@pytest.mark.parametrize("kind", [kind for kind in ERRORS if kind not in NOT_AFTER_A_RUN])
def test_check_after_a_bill_run_finds_the_error_in_its_division(books: Session, ids: dict[str, Any], kind: str) -> None:
    statement, table, key = ERRORS[kind]
    books.execute(text(statement.format(**ids)))

    check_billed(books, BilledDivision(ids["division"], ids["month"]))

    wanted = ("division_turnover", "{division} {month}") if kind == "a division" else (table, key)
    assert (wanted[0], wanted[1].format(**ids)) in named(books)


def test_report_that_differs_from_its_documents_is_named_at_each_level(books: Session, ids: dict[str, Any]) -> None:
    books.execute(text("UPDATE division_turnover SET charged_tiyin = charged_tiyin + 9 WHERE division_id = :division"), ids)

    found = service.find(books, limit=100)

    above = books.execute(
        text("SELECT a.id FROM division a JOIN division d ON starts_with(d.path, a.path) WHERE d.id = :division"), ids
    ).scalars()  # fmt: skip
    reports = {each.row for each in found if each.rule == "report = documents: turnover.charged_tiyin"}
    assert reports == {f"division {key}" for key in above}
    assert len(reports) == 3


@pytest.mark.parametrize("report", ["turnover.paid_tiyin", "debts.debt_tiyin"])
def test_check_after_a_bill_run_names_the_report_of_each_level_that_differs(books: Session, ids: dict[str, Any], report: str) -> None:
    kind = "a turnover of a division" if report.startswith("turnover") else "a sum of debts"
    books.execute(text(ERRORS[kind].statement.format(**ids)))

    found = service.find(books, limit=100, billed=BilledDivision(ids["division"], ids["month"]))

    levels = books.scalars(
        text("SELECT a.id FROM division a JOIN division d ON starts_with(d.path, a.path) WHERE d.id = :division"), ids
    ).all()  # fmt: skip
    assert {each.row for each in found if each.rule == f"report = documents: {report}"} == {f"division {key}" for key in levels}
    assert len(levels) == 3
    assert {each.stored - each.computed for each in found if each.rule == f"report = documents: {report}"} == {5}


def test_clean_books_are_never_red(books: Session) -> None:
    months = books.execute(text("SELECT DISTINCT division_id, billing_month FROM bill ORDER BY 1, 2")).all()

    for division_id, month in months:
        assert check_billed(books, BilledDivision(division_id, month)) == []
    for _ in range(3):
        found = service.find(books, limit=100)
        service.keep(books, CheckCause.NIGHT, found)
        assert found == []

    assert len(months) > 5
    assert checks.books(books).differences == 0


def test_clean_check_of_the_division_takes_the_red_of_its_run_back_and_that_of_the_night_stays(books: Session, ids: dict[str, Any]) -> None:
    billed = BilledDivision(ids["division"], ids["month"])
    with books.begin_nested() as error:
        books.execute(text(ERRORS["an amount"].statement.format(**ids)))
        found = service.find(books, limit=100, billed=billed)
        error.rollback()
    service.keep(books, CheckCause.BILL_RUN, found, division_id=billed.division_id)
    assert checks.books(books).differences > 0

    check_billed(books, billed)
    assert checks.books(books).differences == 0

    service.keep(books, CheckCause.NIGHT, found)
    check_billed(books, billed)
    assert checks.books(books).differences > 0


def test_every_rule_says_what_it_compares() -> None:
    assert set(RULES) == set(proofs._PROOFS)


def test_sign_is_green_with_its_time_after_the_demo_is_made(app: Flask) -> None:
    supervisor = log_in(app, "supervisor")

    for page in ("/", "/reports/", "/reports/turnover", "/submitted-reports/", "/books/"):
        assert "Documents, books and reports agree" in supervisor.text(page), page
    assert "checked" in supervisor.text("/books/")
    assert "No row differs." in supervisor.text("/books/")


@pytest.fixture
def red(app: Flask, demo_database: psycopg.Connection) -> Iterator[str]:
    """A bill changed by 1 soʻm, and the books checked by the job of the night."""
    bill = one(demo_database, f"SELECT min(b.id) FROM bill b JOIN division d ON d.id = b.division_id WHERE d.code = '{MINE}'")
    change = "UPDATE bill SET amount_tiyin = amount_tiyin + %s WHERE id = %s"
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(change, (100, bill))
    check(app, demo_database)
    yield bill
    demo_database.execute("SET session_replication_role = replica")
    demo_database.execute(change, (-100, bill))
    check(app, demo_database)
    assert "No row differs." in log_in(app, "supervisor").text("/books/")


def check(app: Flask, database: psycopg.Connection) -> None:
    """Let the job of the night run."""
    root = one(database, "SELECT id FROM division WHERE level = 'REPUBLIC'")
    database.execute("SET session_replication_role = origin")
    key = one(database, f"INSERT INTO job_run (division_id, kind, parameters) VALUES ({root}, 'LEDGER_VERIFY', '{{}}') RETURNING id")
    with app.app_context():
        runner.perform(int(key))
        db.session.remove()


def test_red_sign_names_division_row_and_difference_and_is_told_to_who_answers_for_it(app: Flask, red: str) -> None:
    supervisor, page = log_in(app, "supervisor"), "/books/"

    assert "Documents, books and reports differ" in supervisor.text("/")
    assert "Documents, books and reports differ" in supervisor.text("/reports/")
    shown = supervisor.text(page)
    assert f"bill {red}" in shown
    assert f"{red}" in re.findall(r'href="[^"]*/show/(\d+)"', shown)
    assert "1.00" in shown
    assert "Turnover by division: Charged" in shown
    for user in ("supervisor", "admin"):
        assert "The books differ in" in log_in(app, user).text(page)


def test_books_that_turn_red_are_told_once_by_e_mail_to_who_sees_the_proof_of_the_whole_company(
    app: Flask, red: str, demo_database: psycopg.Connection
) -> None:
    told = """
        SELECT u.username FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE n.text LIKE '%/books/%' AND n.channel = 'EMAIL' ORDER BY 1
        """
    first = [row[0] for row in demo_database.execute(told).fetchall()]

    check(app, demo_database)

    assert red
    assert "supervisor" in first
    assert "cashier" not in first
    assert [row[0] for row in demo_database.execute(told).fetchall()] == first


@pytest.mark.usefixtures("red")
def test_rows_of_foreign_divisions_are_not_shown(chief: Browser, demo_database: psycopg.Connection) -> None:
    foreign = one(demo_database, f"SELECT id FROM division WHERE code = '{FOREIGN}'")
    assert "Documents, books and reports differ" in chief.text("/books/")

    demo_database.execute("SET ROLE pcb_web")
    demo_database.execute("SELECT set_config('app.divisions', %s, false)", (f"{{{foreign}}}",))
    seen = one(demo_database, "SELECT count(*) FROM books_difference")
    demo_database.execute("RESET ROLE")

    assert seen == "0"


def test_who_may_not_see_the_proof_is_refused(app: Flask) -> None:
    cashier = log_in(app, "cashier")

    assert cashier.status("/books/") == 403
    assert "Proof of the books" not in cashier.text("/")
