"""What a tax invoice is made of, and invoices as they were sent."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.documents import as_made
from app.queries.names import named
from app.queries.records import fetch_all, fetch_one, fetch_optional


class Party(NamedTuple):
    """A side of a tax invoice; what is not known is empty."""

    name: str
    stir: str | None
    vat_registration: str | None
    oked: str | None
    mfo: str | None
    bank: str | None
    bank_account: str | None
    address: str | None
    phone: str | None
    director: str | None
    accountant: str | None


class InvoiceHead(NamedTuple):
    """A bill as a tax invoice sees it."""

    bill_id: int
    public_id: str
    account_id: int
    account_number: str
    division_id: int
    branch_code: str
    language: str
    billing_month: date
    cancels_id: int | None
    amount_tiyin: int
    vat_tiyin: int
    contract_number: str | None
    contract_signed_on: date | None
    resource: str
    unit: str
    catalog_code: str | None
    measure_code: str | None


class InvoiceLine(NamedTuple):
    """A bill line as a tax invoice sees it."""

    line_no: int
    kind: str
    component: str
    zone: str
    block_no: int
    period_from: date
    period_to: date
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    vat_percent: Decimal


class InvoiceRecord(NamedTuple):
    """A tax invoice as it was sent."""

    id: int
    bill_id: int
    account_id: int
    division_id: int
    number: str
    invoiced_on: date
    corrects_id: int | None
    amount_tiyin: int
    vat_tiyin: int
    contents: str
    contents_sha256: str
    created_at: datetime


class AccountForAct(NamedTuple):
    """An account's number, its consumer's language and its division."""

    number: str
    language: str
    division_id: int


_MOMENT = "CAST(:moment AS timestamptz)"
_HEAD = f"""
    SELECT b.id AS bill_id, b.public_id::text, b.account_id, a.number AS account_number, b.division_id,
           coalesce(d.branch_code, d.code) AS branch_code, c.language, b.billing_month,
           b.cancels_id, b.amount_tiyin, b.vat_tiyin, k.number AS contract_number, k.signed_on AS contract_signed_on,
           {as_made.consumers_name("r")} AS resource,
           r.unit, r.catalog_code, r.measure_code
    FROM bill b {as_made.addressee("b", "b.period_to", _MOMENT)} {as_made.contract("b", "b.period_to", _MOMENT)}
    WHERE b.id = :bill_id AND c.kind = 'LEGAL' AND r.id IS NOT NULL
"""

_BUYER = f"""
    SELECT c.name, c.stir, c.vat_registration, c.oked, k.mfo, k.name AS bank, c.bank_account,
           concat_ws(', ', {named("d", "c.language")}, st.name, sp.house || coalesce('-' || sp.flat, '')) AS address, c.phone, c.director,
           NULL AS accountant
    FROM account a
    JOIN consumer c ON c.id = a.consumer_id
    JOIN division d ON d.id = a.division_id
    LEFT JOIN bank k ON k.id = c.bank_id
    LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
    LEFT JOIN service_point sp ON sp.id = s.service_point_id
    LEFT JOIN street st ON st.id = sp.street_id
    WHERE a.id = :account_id
"""

#: The division's own details, or those of the nearest one above that has a STIR.
_SELLER = """
    SELECT coalesce(s.legal_name, s.name) AS name, s.stir, s.vat_registration, s.oked, s.mfo, k.name AS bank, s.bank_account, s.address,
           s.phone, s.director, s.accountant
    FROM division d JOIN division s ON starts_with(d.path, s.path) AND s.stir IS NOT NULL
    LEFT JOIN bank k ON k.mfo = s.mfo
    WHERE d.id = :division_id ORDER BY length(s.path) DESC LIMIT 1
"""

_LINES = """
    SELECT l.line_no, l.kind, l.component, l.zone, l.block_no, l.period_from, l.period_to, l.quantity_milli, l.amount_tiyin, l.vat_tiyin,
           CASE WHEN l.vat_tiyin = 0 AND l.amount_tiyin <> 0 THEN 0 ELSE coalesce(
               (SELECT v.percent FROM vat_rate v WHERE v.valid_from <= l.period_from ORDER BY v.valid_from DESC LIMIT 1),
               0) END AS vat_percent
    FROM bill_line l WHERE l.bill_id = :bill_id ORDER BY l.line_no
"""


def invoice_head(session: Session, bill_id: int, *, recorded_at: datetime | None = None) -> InvoiceHead | None:
    """Return a legal consumer's bill, or None if it is not there, not the reader's, or a household's.

    :param recorded_at: with names as they were recorded then; None: as they are now
    """
    return fetch_optional(session, _HEAD, InvoiceHead, bill_id=bill_id, moment=recorded_at or "infinity")


def invoice_lines(session: Session, bill_id: int) -> list[InvoiceLine]:
    """Return the lines of a bill with the VAT rate of their first day; 0 for a line without VAT."""
    return fetch_all(session, _LINES, InvoiceLine, bill_id=bill_id)


def buyer(session: Session, account_id: int) -> Party:
    """Return the consumer of an account as a side of a document."""
    return fetch_one(session, _BUYER, Party, account_id=account_id)


def seller(session: Session, division_id: int) -> Party | None:
    """Return the details a division sells under; None if neither it nor a division above has a STIR."""
    return fetch_optional(session, _SELLER, Party, division_id=division_id)


def account_for_act(session: Session, account_id: int) -> AccountForAct:
    """Return an account as a reconciliation act names it."""
    statement = "SELECT a.number, c.language, a.division_id FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = :id"
    return fetch_one(session, statement, AccountForAct, id=account_id)


def invoice(session: Session, invoice_id: int) -> InvoiceRecord | None:
    """Return a tax invoice, or None if it is not there (or not the reader's)."""
    return _record(session, "id = :key", invoice_id)


def invoice_of_bill(session: Session, bill_id: int) -> InvoiceRecord | None:
    """Return the tax invoice of a bill, if it was issued."""
    return _record(session, "bill_id = :key", bill_id)


def last_sequence_no(session: Session, *, division_id: int, year: int) -> int:
    """Return the last number a division used in a year; 0 before its first."""
    statement = "SELECT coalesce(max(sequence_no), 0) FROM tax_invoice WHERE division_id = :division_id AND year = :year"
    return fetch_one(session, statement, int, division_id=division_id, year=year)


def _record(session: Session, where: str, key: int) -> InvoiceRecord | None:
    columns = ", ".join(InvoiceRecord._fields)
    return fetch_optional(session, f"SELECT {columns} FROM tax_invoice WHERE {where}", InvoiceRecord, key=key)
