"""A paper once made prints the same for ever, whatever is changed afterwards; only the word copy is added."""

import io
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.documents import ledger
from app.documents import payments as receipts
from app.documents.billing import bills, invoices
from app.domain.documents import PrintedKind
from app.domain.payments.channels import Channel
from app.queries import billing as bill_queries
from app.queries import documents as queries
from app.queries import payments
from app.queries.billing import invoices as invoice_queries
from app.queries.documents import as_made
from app.services import documents as papers
from app.services import payments as payment_service
from app.services.billing import invoices as invoice_service
from tests.builders import Home, bill_month, make_district, make_home, read, settle

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


class Paper(NamedTuple):
    """A document of a kind, and how its text comes about."""

    kind: PrintedKind
    id: int
    text: Callable[[datetime | None], str]


def words(paper: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages))


def sold(session: Session) -> tuple[Home, Home]:
    """Bill a firm and a household of a district for two months, with payments before, between and after the bills."""
    district = make_district(session)
    firm, household = make_home(session, district, 1, group="LEGAL", ct_primary=20), make_home(session, district, 2)
    session.execute(text("INSERT INTO bank (mfo, name) VALUES ('00999', 'Old Bank')"))
    for channel, number in (("PAYME", "1111"), ("CLICK", "2222")):
        session.execute(
            text(
                "INSERT INTO payment_contract (channel, name, merchant_number, service_number, key_sha256, smallest_tiyin, largest_tiyin) "
                "VALUES (:channel, 'Old', :number, :number, 'marker', 100, 2000000)"
            ),
            {"channel": channel, "number": number},
        )
    session.execute(
        text(
            "UPDATE division SET stir = '306350099', legal_name = 'Old Company', address = 'Old Street 1', mfo = '00999', "
            "bank_account = '20208000000000000001', director = 'Old Director' WHERE id = :id"
        ),
        {"id": district.id},
    )
    session.execute(
        text("UPDATE consumer SET kind = 'LEGAL', stir = '301234567' WHERE id = (SELECT consumer_id FROM account WHERE id = :id)"),
        {"id": firm.account_id},
    )
    session.execute(text("UPDATE resource SET catalog_code = '12345678901234567' WHERE code = 'ELECTRICITY'"))
    contract_id = session.scalar(
        text(
            "INSERT INTO contract (division_id, consumer_id, kind, number, status, signed_on, valid_from) "
            "SELECT division_id, consumer_id, 'SUPPLY', 'OLD-7', 'SIGNED', DATE '2025-12-20', DATE '2026-01-01' "
            "FROM account WHERE id = :account RETURNING id"
        ),
        {"account": firm.account_id},
    )
    session.execute(
        text(
            "INSERT INTO contract_account (division_id, contract_id, account_id, valid_from) "
            "VALUES (:division, :contract, :account, DATE '2026-01-01')"
        ),
        {"division": district.id, "contract": contract_id, "account": firm.account_id},
    )
    settle(session)
    pay(session, household, "p1", 5_000_00, JANUARY)
    for month, after, dial in ((JANUARY, FEBRUARY, 1300), (FEBRUARY, MARCH, 1700)):
        for home in (firm, household):
            read(session, home, after, dial)
        bill_month(session, district.id, month)
        pay(session, household, f"p{dial}", 7_000_00, after)
    return firm, household


def pay(session: Session, home: Home, reference: str, amount_tiyin: int, on: date) -> int:
    money = payment_service.MoneyReceived(Channel.CASHIER, reference, home.account_id, amount_tiyin)
    return payment_service.book(session, money, received_on=on)


def all_papers(session: Session, firm: Home, household: Home) -> list[Paper]:
    """Return every bill, receipt, tax invoice and statement of two accounts."""
    accounts = [firm.account_id, household.account_id]
    found = [Paper(PrintedKind.BILL, bill_id, bill_text(session, bill_id)) for bill_id in ids(session, "bill", accounts)]
    for bill_id in ids(session, "bill", [firm.account_id]):
        issued = invoice_service.issue(session, bill_id, invoiced_on=MARCH, name_of=invoices.line_name)
        found.append(Paper(PrintedKind.TAX_INVOICE, issued.id, invoice_text(session, issued.id)))
    found += [Paper(PrintedKind.RECEIPT, payment_id, receipt_text(session, payment_id)) for payment_id in ids(session, "payment", accounts)]
    for account_id in accounts:
        statement_id = statement(session, account_id)
        found.append(Paper(PrintedKind.STATEMENT, statement_id, statement_text(session, statement_id)))
    return found


def ids(session: Session, table: str, accounts: list[int]) -> list[int]:
    return list(session.scalars(text(f"SELECT id FROM {table} WHERE account_id = ANY(:accounts) ORDER BY id"), {"accounts": accounts}))


def statement(session: Session, account_id: int) -> int:
    made = ledger.act(session, account_id, since=JANUARY, until=APRIL)
    contents = ledger.contents(made)
    return papers.keep_statement(session, account_id, since=JANUARY, until=APRIL, contents=contents)


def bill_text(session: Session, bill_id: int) -> Callable[[datetime | None], str]:
    def render(copy_of: datetime | None) -> str:
        head = bill_queries.bill_head(session, bill_id)
        assert head is not None
        return words(bills.bill_pdf(session, head, copy_of=copy_of))

    return render


def invoice_text(session: Session, invoice_id: int) -> Callable[[datetime | None], str]:
    def render(copy_of: datetime | None) -> str:
        record = invoice_queries.invoice(session, invoice_id)
        assert record is not None
        return words(invoices.invoice_pdf(session, record, copy_of=copy_of))

    return render


def receipt_text(session: Session, payment_id: int) -> Callable[[datetime | None], str]:
    def render(copy_of: datetime | None) -> str:
        receipt = payments.receipt(session, payment_id)
        assert receipt is not None
        return words(receipts.receipt_pdf(session, receipt, copy_of=copy_of))

    return render


def statement_text(session: Session, statement_id: int) -> Callable[[datetime | None], str]:
    def render(copy_of: datetime | None) -> str:
        record = queries.statement(session, statement_id)
        assert record is not None
        return words(ledger.act_pdf(session, record, copy_of=copy_of))

    return render


def change_everything(session: Session) -> int:
    """Write another value into every column of every table that papers draw from, as far as the database lets; return how many."""
    columns = session.execute(
        text(
            "SELECT table_name::text, column_name::text, data_type::text, coalesce(character_maximum_length, 200) "
            "FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ANY(:tables) AND column_name <> 'id' "
            "AND column_name NOT LIKE 'created_%' AND column_name NOT LIKE '%_id' ORDER BY 1, 2"
        ),
        {"tables": [*as_made.TABLES, "operating_parameter", "vat_rate", "tariff_group", "device_model"]},
    ).all()
    changed = 0
    for table, column, kind, width in columns:
        values = {
            "character varying": f"left('New ' || id || ' ' || coalesce({column}, ''), {width})",
            "date": f"{column} + 1",
            "text": "'New'",
        }
        digits = f"translate({column}, '0123456789', '1234567890')"
        for value in (values.get(kind, f"{column} + 3"), digits if kind == "character varying" else "NULL"):
            try:
                with session.begin_nested():
                    changed += session.execute(text(f"UPDATE {table} SET {column} = {value} WHERE {column} IS NOT NULL")).rowcount
                    break
            except DatabaseError:
                continue
    for statement_ in (
        "DELETE FROM supply",
        "DELETE FROM contract_account",
        "UPDATE meter_installation SET ct_primary = 100, ct_secondary = 5",
    ):
        with suppress(DatabaseError), session.begin_nested():
            session.execute(text(statement_))
    session.expire_all()
    return changed


def without_mark(paper: str) -> str:
    return re.sub(r"(NUSXA|COPY|КОПИЯ|НУСХА)\. .*?\d{2}\.\d{2}\.\d{4}[^.]*\. ?", "", paper)


def test_every_paper_prints_the_same_after_everything_was_changed(app: Flask, session: Session) -> None:
    with app.test_request_context():
        firm, household = sold(session)
        made = all_papers(session, firm, household)
        before = [paper.text(None) for paper in made]
        payment = payment_service.reverse(
            session, ids(session, "payment", [household.account_id])[0], reference="r", reason="Mistake", reversed_on=MARCH
        )
        pay(session, household, "later", 1_000_00, MARCH)

        changed = change_everything(session)
        after = [paper.text(None) for paper in made]
        reversal = receipt_text(session, payment)(None)

    assert changed > 200
    assert {paper.kind for paper in made} == set(PrintedKind)
    for paper, old, new in zip(made, before, after, strict=True):
        assert new == old, paper
    assert "Old Company" in before[0]
    assert "OLD-7" in before[0]
    assert "Karimov Anvar 2" in reversal or "New" in reversal


def test_balance_on_a_bill_is_the_one_after_that_bill_and_adds_up(app: Flask, session: Session) -> None:
    _firm, household = sold(session)
    first, second = ids(session, "bill", [household.account_id])
    amounts = dict(session.execute(text("SELECT id, amount_tiyin FROM bill WHERE account_id = :id"), {"id": household.account_id}).all())

    balances = [balance(session, household, bill_id) for bill_id in (first, second)]

    assert [each.previous_tiyin for each in balances] == [0, balances[0].after_tiyin]
    assert [each.paid_tiyin for each in balances] == [5_000_00, 7_000_00]
    assert [each.own_tiyin for each in balances] == [amounts[first], amounts[second]]
    assert balances[1].after_tiyin == amounts[first] + amounts[second] - 12_000_00
    assert app


def balance(session: Session, home: Home, bill_id: int) -> queries.BalanceAfter:
    made = session.execute(text("SELECT created_at FROM bill WHERE id = :id"), {"id": bill_id}).scalar_one()
    return queries.balance_after(session, home.account_id, bills._KINDS, bill_id, made)


def test_second_print_is_a_copy_and_says_when_the_first_was(app: Flask, session: Session) -> None:
    _firm, household = sold(session)
    (bill_id, _second) = ids(session, "bill", [household.account_id])

    first = papers.record_print(session, PrintedKind.BILL, bill_id)
    second = papers.record_print(session, PrintedKind.BILL, bill_id)

    assert first is None
    assert second is not None
    with app.test_request_context():
        original, copy = (bill_text(session, bill_id)(moment) for moment in (first, second))
    assert original != copy
    assert without_mark(copy) == original


@pytest.mark.parametrize("change", ["largest_tiyin = 1000000", "merchant_number = '3333', service_number = '3333'", "is_stopped = true"])
def test_bill_keeps_the_codes_for_paying_it_was_made_with(app: Flask, session: Session, change: str) -> None:
    firm, _household = sold(session)
    bill_id = ids(session, "bill", [firm.account_id])[0]
    head = bill_queries.bill_head(session, bill_id)
    assert head is not None
    with app.test_request_context():
        before = bills.bill_page(session, head, copy_of=None)
        session.execute(text(f"UPDATE payment_contract SET {change}"))
        after = bills.bill_page(session, head, copy_of=None)
        now = bills.paying_ways(session, head.account_number, 10_000_000_00)
        then = bills.paying_ways(session, head.account_number, 10_000_000_00, moment=head.created_at)

    assert after == before
    assert "Payme" in before
    assert now != then


def test_kept_version_of_a_contract_holds_no_key(session: Session) -> None:
    sold(session)

    session.execute(text("UPDATE payment_contract SET name = 'New'"))

    kept = session.scalars(text("SELECT contents FROM row_version WHERE table_name = 'payment_contract'")).all()
    assert kept
    assert "marker" not in str(kept)


def test_statement_with_the_same_figures_is_the_same_statement(app: Flask, session: Session) -> None:
    with app.test_request_context():
        _firm, household = sold(session)
        first = statement(session, household.account_id)
        session.execute(text("UPDATE consumer SET name = 'Another'"))
        again = statement(session, household.account_id)
        pay(session, household, "later", 1_000_00, MARCH)
        other = statement(session, household.account_id)

    assert again == first
    assert other > first


def test_multiplier_is_kept_with_the_consumption(session: Session) -> None:
    firm, _household = sold(session)

    kept = session.execute(
        text("SELECT DISTINCT multiplier_numerator, multiplier_denominator FROM consumption WHERE account_id = :id"),
        {"id": firm.account_id},
    ).all()

    assert [tuple(row) for row in kept] == [(20, 1)]


@pytest.mark.parametrize("table", sorted(as_made.TABLES))
def test_every_table_that_papers_show_keeps_its_earlier_versions(session: Session, table: str) -> None:
    found = session.scalar(
        text("SELECT count(*) FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND tgfoid = 'keep_row_version()'::regprocedure"),
        {"table": table},
    )

    assert found == 1


def test_unchanged_row_leaves_no_version(session: Session) -> None:
    sold(session)
    before = session.scalar(text("SELECT count(*) FROM row_version"))

    session.execute(text("UPDATE consumer SET name = name"))

    assert session.scalar(text("SELECT count(*) FROM row_version")) == before
