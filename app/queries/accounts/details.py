"""What the card of an account says besides its head: consumer's details, contract, place, benefits, terms, requests, documents."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.accounts import Account
from app.models.columns import described_columns
from app.queries.accounts import CAPACITY
from app.queries.holdings import ALWAYS, Holding
from app.queries.records import fetch_all, fetch_one, fetch_optional


class Details(NamedTuple):
    """Facts of an account's consumer, contract and place on a day; what is not known is empty."""

    consumer_id: int
    pinfl: str | None
    stir: str | None
    vat_registration: str | None
    oked: str | None
    director: str | None
    bank_account: str | None
    mfo: str | None
    bank: str | None
    contract_id: int | None
    contract_number: str | None
    contract_signed_on: date | None
    contract_from: date | None
    contract_to: date | None
    cadastre_number: str | None
    heating: str | None
    stove: str | None
    capacity_milli: int | None
    #: whose money comes first by law, if no payments are taken for the account
    creditor: str | None


class DatedValue(NamedTuple):
    """A benefit or a term of an account, with its days."""

    name: str
    value_milli: int | None
    basis: str
    valid_from: date
    valid_to: date | None
    #: in force on the day asked for
    holds: bool


class Waiting(NamedTuple):
    """A request about an account that nobody decided yet."""

    id: int
    kind: str
    subject: str
    created_at: datetime
    created_by: str


class HeldBill(NamedTuple):
    """A bill that waits for a person before it is posted."""

    id: int
    billing_month: date
    reason: str
    amount_tiyin: int | None
    owner: str | None
    created_at: datetime


class Document(NamedTuple):
    """A document attached to an account."""

    id: int
    account_id: int
    stored_file_id: int
    title: str
    name: str
    bytes: int
    created_at: datetime
    created_by: str


_IN_FORCE = "{0}.valid_from <= :today AND ({0}.valid_to IS NULL OR {0}.valid_to > :today)"


def creditor(session: Session, account_id: int, today: date) -> str | None:
    """Return to whom an account's debt is paid first by law; None: to nobody."""
    statement = f"SELECT creditor FROM payment_block x WHERE x.account_id = :id AND {_IN_FORCE.format('x')} LIMIT 1"
    return fetch_optional(session, statement, str, id=account_id, today=today)


def details(session: Session, account_id: int, today: date) -> Details:
    """Return the facts of an account on a day."""
    statement = f"""
        SELECT c.id AS consumer_id, c.pinfl, c.stir, c.vat_registration, c.oked, c.director, c.bank_account, b.mfo, b.name AS bank,
               k.id AS contract_id, k.number AS contract_number, k.signed_on AS contract_signed_on, l.valid_from AS contract_from,
               l.valid_to AS contract_to, sp.cadastre_number, sp.heating, sp.stove, {CAPACITY} AS capacity_milli,
               (SELECT creditor FROM payment_block x WHERE x.account_id = a.id AND {_IN_FORCE.format("x")} LIMIT 1) AS creditor
        FROM account a JOIN consumer c ON c.id = a.consumer_id LEFT JOIN bank b ON b.id = c.bank_id
        LEFT JOIN LATERAL (
            SELECT * FROM contract_account m WHERE m.account_id = a.id AND NOT m.is_draft AND m.valid_from <= :today
            ORDER BY m.valid_from DESC, m.id DESC LIMIT 1
        ) l ON true
        LEFT JOIN contract k ON k.id = l.contract_id
        LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
        LEFT JOIN service_point sp ON sp.id = s.service_point_id
        WHERE a.id = :id
        """
    return fetch_one(session, statement, Details, id=account_id, today=today)


def benefits(session: Session, account_id: int, today: date, held: Holding = ALWAYS) -> list[DatedValue]:
    """Return an account's benefits, newest first.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    statement = f"""
        SELECT b.name, b.limit_milli AS value_milli, b.percent::text || ' %' AS basis, x.valid_from, x.valid_to,
               {_IN_FORCE.format("x")} AS holds
        FROM account_benefit x JOIN benefit b ON b.id = x.benefit_id
        WHERE x.account_id = :id AND coalesce(x.valid_to > :held_since, true) ORDER BY x.valid_from DESC, x.id DESC
        """
    return fetch_all(session, statement, DatedValue, id=account_id, today=today, held_since=held.since)


def terms(session: Session, account_id: int, today: date, held: Holding = ALWAYS) -> list[DatedValue]:
    """Return an account's terms by kind, newest first: residents, families, ordered energy, losses, norms.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    statement = f"""
        SELECT x.kind AS name, x.value_milli, x.basis, x.valid_from, x.valid_to, {_IN_FORCE.format("x")} AS holds
        FROM supply_term x WHERE x.account_id = :id AND coalesce(x.valid_to > :held_since, true)
        ORDER BY x.kind, x.valid_from DESC, x.id DESC
        """
    return fetch_all(session, statement, DatedValue, id=account_id, today=today, held_since=held.since)


def waiting_requests(session: Session, account_id: int) -> list[Waiting]:
    """Return the requests about an account, its payments, charges, notes and inspection records that wait for a decision."""
    statement = """
        SELECT a.id, a.kind, a.subject, a.created_at, a.created_by FROM approval a
        WHERE a.status = 'PENDING' AND a.division_id = (SELECT division_id FROM account WHERE id = :id) AND (
            a.contents ->> 'account_id' = CAST(:id AS text)
            OR a.kind = 'PAYMENT_MOVE' AND a.subject_id IN (SELECT id FROM payment WHERE account_id = :id)
            OR a.kind = 'CHARGE_REVERSAL' AND a.subject_id IN (SELECT id FROM billable_charge WHERE account_id = :id)
            OR a.kind = 'INSPECTION_RECORD' AND a.subject_id IN (SELECT id FROM inspection_record WHERE account_id = :id)
            OR a.kind = 'ADJUSTMENT' AND a.subject_id IN (SELECT id FROM adjustment WHERE account_id = :id)
            OR a.kind = 'ACT' AND a.subject_id IN (SELECT id FROM act WHERE account_id = :id)
        ) ORDER BY a.id
        """
    return fetch_all(session, statement, Waiting, id=account_id)


def held_bills(session: Session, account_id: int) -> list[HeldBill]:
    """Return an account's bills that wait for a person."""
    statement = (
        "SELECT id, billing_month, reason, amount_tiyin, owner, created_at FROM bill_hold "
        "WHERE account_id = :id AND status = 'OPEN' ORDER BY billing_month, id"
    )
    return fetch_all(session, statement, HeldBill, id=account_id)


_DOCUMENTS = """
    SELECT d.id, d.account_id, d.stored_file_id, d.title, f.name, octet_length(f.content) AS bytes, d.created_at, d.created_by
    FROM account_document d JOIN stored_file f ON f.id = d.stored_file_id
"""


def documents(session: Session, account_id: int) -> list[Document]:
    """Return the documents attached to an account, newest first."""
    return fetch_all(session, f"{_DOCUMENTS} WHERE d.account_id = :id ORDER BY d.id DESC", Document, id=account_id)


def document(session: Session, document_id: int) -> Document | None:
    """Return a document, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, f"{_DOCUMENTS} WHERE d.id = :id", Document, id=document_id)


class Due(NamedTuple):
    """What an account has to pay by when, in tiyin; a day is empty where there is nothing to pay."""

    overdue_tiyin: int
    overdue_since: date | None
    next_tiyin: int
    next_on: date | None


def due(session: Session, account_id: int, today: date) -> Due:
    """Return what is overdue since when (the day after its last day), and what is to be paid by which day next."""
    statement = """
        WITH d AS (SELECT due_on, remaining_tiyin FROM debt WHERE account_id = :id)
        SELECT coalesce(sum(remaining_tiyin) FILTER (WHERE due_on < :today), 0)::bigint AS overdue_tiyin,
               min(due_on) FILTER (WHERE due_on < :today) + 1 AS overdue_since,
               coalesce(sum(remaining_tiyin) FILTER (WHERE due_on = (SELECT min(due_on) FROM d WHERE due_on >= :today)), 0)::bigint
                   AS next_tiyin,
               min(due_on) FILTER (WHERE due_on >= :today) AS next_on
        FROM d
        """
    return fetch_one(session, statement, Due, id=account_id, today=today)


def described(session: Session, account_id: int) -> dict[str, object]:
    """Return the columns of an account that say of themselves that lists, forms and cards show them."""
    names = described_columns(Account)
    row = session.execute(select(*(Account.__table__.c[name] for name in names)).where(Account.id == account_id)).one()
    return dict(zip(names, row, strict=True))
