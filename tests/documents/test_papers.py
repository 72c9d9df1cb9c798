"""Tax invoices and acts: sums to the tiyin, numbers without gaps, and totals that the ledger proves."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import labels
from app.documents import ledger as reconciliation
from app.documents.billing import invoices
from app.domain.payments.channels import Channel
from app.queries import documents as paper_queries
from app.queries import ledger
from app.queries.billing import invoices as queries
from app.services import payments
from app.services.billing import invoices as service
from app.services.documents import keep_statement
from tests.builders import Home, bill_month, make_district, make_home, read, settle

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
MXIK = "12345678901234567"
_CORRECTS, _ADDITIONAL = (f"{word} the tax invoice № %(number)s of %(day)s" for word in ("Corrects", "Additional to"))
Make = Callable[[Session], list[int]]


def name_of(_head: Any, line: Any) -> str:
    return f"{line.component} {line.line_no}"


def legal_bills(session: Session, *, stir: str | None = "301234567", mxik: str | None = MXIK, homes: int = 3) -> list[int]:
    """Bill three legal consumers of a district that sells under its own name; return their bills."""
    district = make_district(session)
    made = [make_home(session, district, number, group="LEGAL") for number in range(1, homes + 1)]
    for home in made:
        session.execute(
            text("UPDATE consumer SET kind = 'LEGAL', stir = :stir WHERE id = (SELECT consumer_id FROM account WHERE id = :id)"),
            {"stir": stir, "id": home.account_id},
        )
        read(session, home, FEBRUARY, 1000 + 37 * int(home.serial[-1]))
    session.execute(text("UPDATE resource SET catalog_code = :mxik WHERE code = 'ELECTRICITY'"), {"mxik": mxik})
    session.execute(
        text("UPDATE division SET stir = '306350099', legal_name = 'Seller', address = 'Tashkent' WHERE id = :id"), {"id": district.id}
    )
    settle(session)
    bill_month(session, district.id, date(2026, 1, 1))
    statement = text("SELECT id FROM bill WHERE division_id = :id ORDER BY id")
    return list(session.scalars(statement, {"id": district.id}))


def tiyin(som: str) -> int:
    return int(Decimal(som) * 100)


def test_json_of_an_invoice_adds_up_to_its_bill_to_the_tiyin(session: Session) -> None:
    for bill_id in legal_bills(session):
        issued = service.issue(session, bill_id, invoiced_on=FEBRUARY, name_of=name_of)

        sent = json.loads(issued.contents)
        rows = sent["ProductList"]["Products"]
        amount, vat = session.execute(text("SELECT amount_tiyin, vat_tiyin FROM bill WHERE id = :id"), {"id": bill_id}).one()
        assert (sent["SellerTin"], sent["BuyerTin"]) == ("306350099", "301234567")
        assert vat > 0
        assert sum(tiyin(row["DeliverySumWithVat"]) for row in rows) == amount == issued.amount_tiyin
        assert sum(tiyin(row["VatSum"]) for row in rows) == vat == issued.vat_tiyin
        assert all(tiyin(row["DeliverySum"]) + tiyin(row["VatSum"]) == tiyin(row["DeliverySumWithVat"]) for row in rows)
        assert {(row["CatalogCode"], row["VatRate"], row["WithoutVat"]) for row in rows} == {(MXIK, "12", False)}
        assert issued.contents_sha256 == hashlib.sha256(issued.contents.encode()).hexdigest()


def test_numbers_have_no_gaps_and_a_repeat_returns_the_first_invoice(session: Session) -> None:
    bills = legal_bills(session)

    first = service.issue(session, bills[0], invoiced_on=FEBRUARY, name_of=name_of)
    nested = session.begin_nested()
    given_back = service.issue(session, bills[1], invoiced_on=FEBRUARY, name_of=name_of)
    nested.rollback()
    second = service.issue(session, bills[2], invoiced_on=FEBRUARY, name_of=name_of)
    again = service.issue(session, bills[0], invoiced_on=MARCH, name_of=name_of)
    next_year = service.issue(session, bills[1], invoiced_on=date(2027, 1, 1), name_of=name_of)

    assert [each.number[-11:] for each in (first, given_back, second)] == ["2026-000001", "2026-000002", "2026-000002"]
    assert again == first
    assert next_year.number.endswith("2027-000001")


@pytest.mark.parametrize(("stir", "mxik", "refusal"), [(None, MXIK, service.NoBuyerStir), ("301234567", None, service.NoCatalogCode)])
def test_bill_without_what_an_invoice_needs_gets_none(
    session: Session, stir: str | None, mxik: str | None, refusal: type[service.NoTaxInvoice]
) -> None:
    (bill_id,) = legal_bills(session, stir=stir, mxik=mxik, homes=1)

    with pytest.raises(refusal):
        service.issue(session, bill_id, invoiced_on=FEBRUARY, name_of=name_of)


def test_bill_that_is_not_there_gets_no_invoice(session: Session) -> None:
    with pytest.raises(service.NotForInvoice):
        service.issue(session, 0, invoiced_on=FEBRUARY, name_of=name_of)


def cancelled(session: Session, bill_id: int) -> int:
    """Take a bill back by a further one, line by line."""
    new_id: int = session.execute(
        text(
            """
            INSERT INTO bill (division_id, account_id, bill_run_id, billing_month, period_from, period_to, quality, quantity_milli,
                              amount_tiyin, vat_tiyin, issued_on, due_on, cancels_id)
            SELECT division_id, account_id, bill_run_id, billing_month, period_from, period_to, quality, -quantity_milli,
                   -amount_tiyin, -vat_tiyin, issued_on, due_on, id FROM bill WHERE id = :id RETURNING id
            """
        ),
        {"id": bill_id},
    ).scalar_one()
    session.execute(
        text(
            """
            INSERT INTO bill_line (bill_id, billing_month, line_no, division_id, account_id, kind, for_month, period_from, period_to,
                                   tariff_version_id, block_no, quantity_milli, rate, amount_tiyin, vat_tiyin)
            SELECT :new, billing_month, line_no, division_id, account_id, 'REVERSAL', for_month, period_from, period_to, tariff_version_id,
                   block_no, -quantity_milli, rate, -amount_tiyin, -vat_tiyin FROM bill_line WHERE bill_id = :id
            """
        ),
        {"new": new_id, "id": bill_id},
    )
    return new_id


@pytest.mark.parametrize(("setting", "kind", "said"), [(None, 4, _CORRECTS), (0, 4, _CORRECTS), (1, 1, _ADDITIONAL)])
def test_invoice_of_a_cancelled_bill_has_the_type_that_is_set(
    app: Flask, session: Session, setting: int | None, kind: int, said: str
) -> None:
    (bill_id,) = legal_bills(session, homes=1)
    if setting is not None:
        session.execute(
            text("INSERT INTO operating_parameter (code, value, valid_from) VALUES ('billing.further_invoice', :value, '2020-01-01')"),
            {"value": setting},
        )
    taking_back = cancelled(session, bill_id)
    first = service.issue(session, bill_id, invoiced_on=FEBRUARY, name_of=name_of)

    issued = service.issue(session, taking_back, invoiced_on=MARCH, name_of=name_of)

    with app.test_request_context():
        (sheet,) = invoices.invoice_sheets(session, [issued.id], {})
        with force_locale(sheet.language):
            wanted = gettext(said, number=first.number, day=labels.day(FEBRUARY))
    shown = [line for row in sheet.pages[0].rows for cell in row.cells for line in cell.lines]
    assert json.loads(issued.contents)["FacturaType"] == kind
    assert wanted in shown


def test_invoice_of_a_cancelled_bill_is_corrected_by_a_negative_one_that_names_it(session: Session) -> None:
    (bill_id,) = legal_bills(session, homes=1)
    taking_back = cancelled(session, bill_id)

    with pytest.raises(service.NothingToCorrect):
        service.issue(session, taking_back, invoiced_on=FEBRUARY, name_of=name_of)
    first = service.issue(session, bill_id, invoiced_on=FEBRUARY, name_of=name_of)
    second = service.issue(session, taking_back, invoiced_on=MARCH, name_of=name_of)

    old, new = json.loads(first.contents), json.loads(second.contents)
    assert new["OldFacturaDoc"] == {
        "OldFacturaId": old["FacturaId"], "OldFacturaNo": first.number, "OldFacturaDate": "2026-02-01",
    }  # fmt: skip
    assert (old["FacturaType"], old["OldFacturaDoc"]) == (0, None)
    assert second.corrects_id == first.id
    assert second.amount_tiyin == -first.amount_tiyin


def test_paper_says_what_was_sent(app: Flask, session: Session) -> None:
    (bill_id,) = legal_bills(session, homes=1)
    with app.test_request_context():
        issued = service.issue(session, bill_id, invoiced_on=FEBRUARY, name_of=invoices.line_name)
        paper = invoices.invoice_pdf(session, issued, copy_of=None)

    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).replace("\xa0", " ")
    for word in (issued.number, "306350099", "301234567", MXIK, "Seller", json.loads(issued.contents)["FacturaId"]):
        assert word in words


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 5_000_000), st.sampled_from([FEBRUARY, MARCH, APRIL]), st.booleans()), max_size=8))
def test_act_closes_where_the_ledger_does(app: Flask, session: Session, moves: list[tuple[int, date, bool]]) -> None:
    nested = session.begin_nested()
    home = history(session, moves)

    with app.test_request_context():
        whole = reconciliation.act(session, home.account_id, since=date(2026, 1, 1), until=date(2026, 6, 1))
        parts = [
            reconciliation.act(session, home.account_id, since=since, until=until)
            for since, until in [(date(2026, 1, 1), MARCH), (MARCH, date(2026, 6, 1))]
        ]

    debt, advance, _ = ledger.position(session, home.account_id)
    assert whole.opening_tiyin == 0
    assert whole.opening_tiyin + whole.debit_tiyin - whole.credit_tiyin == whole.closing_tiyin == debt - advance
    assert parts[0].closing_tiyin == parts[1].opening_tiyin
    assert [*parts[0].lines, *parts[1].lines] == sorted(whole.lines, key=[*parts[0].lines, *parts[1].lines].index)
    balances = {row.billing_month: row.closing_tiyin for row in ledger.month_balances(session, home.account_id, 24)}
    assert whole.closing_tiyin == balances[max(balances)]
    nested.rollback()


def history(session: Session, moves: list[tuple[int, date, bool]]) -> Home:
    """Bill a month, then pay and take payments back."""
    district = make_district(session)
    home = make_home(session, district)
    read(session, home, FEBRUARY, 1300)
    bill_month(session, district.id, date(2026, 1, 1))
    for number, (amount, day, is_reversed) in enumerate(moves):
        money = payments.MoneyReceived(account_id=home.account_id, channel=Channel.CASHIER, reference=f"p{number}", amount_tiyin=amount)
        payment = payments.book(session, money, received_on=day)
        if is_reversed:
            payments.reverse(session, payment, reference=f"r{number}", reason="Mistake", reversed_on=day)
    return home


def test_workbook_of_an_act_has_the_sums_as_numbers(app: Flask, session: Session) -> None:
    import python_calamine  # noqa: PLC0415

    home = history(session, [(123_45, FEBRUARY, False)])
    with app.test_request_context():
        made = reconciliation.act(session, home.account_id, since=date(2026, 1, 1), until=APRIL)
        contents = reconciliation.contents(made)
        kept_id = keep_statement(session, home.account_id, since=made.since, until=made.until, contents=contents)
        record = paper_queries.statement(session, kept_id)
        assert record is not None
        book, paper = reconciliation.act_xlsx(record), reconciliation.act_pdf(session, record, copy_of=None)

    assert reconciliation.kept(record.contents) == made

    rows = python_calamine.load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[3][3] == 123.45
    assert len(PdfReader(io.BytesIO(paper)).pages) == 1


def test_division_sells_under_the_name_of_the_one_above_until_it_has_its_own(session: Session) -> None:
    district = make_district(session)
    session.execute(
        text("UPDATE division SET stir = '306350099', legal_name = 'Above', address = 'A' WHERE id = :id"), {"id": district.parent_id}
    )

    above = queries.seller(session, district.id)
    session.execute(text("UPDATE division SET stir = '306350100', legal_name = 'Own', address = 'B' WHERE id = :id"), {"id": district.id})
    own = queries.seller(session, district.id)

    assert (above and above.name, own and own.name) == ("Above", "Own")
