"""Payments, tenders and contracts with payment providers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain import payments
from app.queries.names import shown
from app.queries.payments.accounts import AccountPayment as AccountPayment
from app.queries.payments.accounts import TenderOnItsWay as TenderOnItsWay
from app.queries.payments.accounts import account_payments as account_payments
from app.queries.payments.accounts import tenders_on_their_way as tenders_on_their_way
from app.queries.payments.cash import ControlTender as ControlTender
from app.queries.payments.cash import OpenShift as OpenShift
from app.queries.payments.cash import Receipt as Receipt
from app.queries.payments.cash import control_tenders as control_tenders
from app.queries.payments.cash import open_shift as open_shift
from app.queries.payments.cash import receipt as receipt
from app.queries.payments.contracts import PaymentContractRecord as PaymentContractRecord
from app.queries.payments.contracts import contract as contract
from app.queries.payments.contracts import contract_as_of as contract_as_of
from app.queries.payments.contracts import contracts as contracts
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional


class TenderRecord(NamedTuple):
    """A tender as its provider asks about it."""

    id: int
    contract_id: int
    reference: str
    account_id: int | None
    account_number: str
    amount_tiyin: int
    status: str
    provider_ms: int
    created_ms: int
    performed_ms: int
    cancelled_ms: int
    cancel_reason: int | None
    received_on: date | None


class PayableAccount(NamedTuple):
    """An account as a provider shows it to the payer."""

    account_id: int
    consumer_name: str
    is_blocked: bool
    #: what it owes (below zero: has ahead), with all that was received, also what the ledger has not heard of yet
    owed_tiyin: int


#: A closed account ``c`` takes a provider's money only while it owes some.
PAYABLE = """(c.closed_on IS NULL OR EXISTS (
    SELECT 1 FROM account_position o WHERE o.account_id = c.id AND o.debt_tiyin > 0))"""
#: Account ``c`` is of a division that works on its own node, and this database is not it.
ELSEWHERE = """
    EXISTS (SELECT 1 FROM division d JOIN node n ON n.number <> 0 AND n.dropped_at IS NULL JOIN division top ON top.id = n.division_id
            WHERE d.id = c.division_id AND starts_with(d.path, top.path)
              AND n.number <> coalesce((SELECT number FROM node_setting), 0))
"""
#: No money may be taken for account ``c``.
BLOCKED = """
    EXISTS (SELECT 1 FROM payment_block b WHERE b.account_id = c.id AND b.valid_from <= :today
            AND (b.valid_to IS NULL OR b.valid_to > :today))
"""
#: Money received for an account, less what was undone, of which the ledger has not heard yet.
WAITING = """
    coalesce((SELECT sum(CASE o.status WHEN 'REVERSED' THEN -o.amount_tiyin ELSE o.amount_tiyin END)
              FROM tender o WHERE o.account_id = {0} AND o.waiting), 0)
"""


_TENDER = (
    "SELECT id, payment_contract_id AS contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms, "
    "created_ms, performed_ms, cancelled_ms, cancel_reason, received_on FROM tender "
)


def tender(session: Session, contract_id: int, reference: str, *, lock: bool = False) -> TenderRecord | None:
    """Return a tender by the provider's number; locked, nobody else moves it meanwhile."""
    statement = f"{_TENDER} WHERE payment_contract_id = :contract_id AND reference = :reference {'FOR UPDATE' if lock else ''}"
    return fetch_optional(session, statement, TenderRecord, contract_id=contract_id, reference=reference)


def tender_of(session: Session, contract_id: int, tender_id: int, *, lock: bool = False) -> TenderRecord | None:
    """Return a contract's tender by our number."""
    statement = f"{_TENDER} WHERE payment_contract_id = :contract_id AND id = :id {'FOR UPDATE' if lock else ''}"
    return fetch_optional(session, statement, TenderRecord, contract_id=contract_id, id=tender_id)


def tender_by_id(session: Session, tender_id: int, *, lock: bool = False) -> TenderRecord | None:
    """Return a tender of whatever contract by our number."""
    return fetch_optional(session, f"{_TENDER} WHERE id = :id {'FOR UPDATE' if lock else ''}", TenderRecord, id=tender_id)


def tenders_between(session: Session, contract_id: int, first_ms: int, last_ms: int) -> list[TenderRecord]:
    """Return tenders by the provider's moment, both ends included, in its order."""
    statement = (
        f"{_TENDER} WHERE payment_contract_id = :contract_id AND provider_ms > 0 "
        "AND provider_ms BETWEEN :first AND :last ORDER BY provider_ms, id LIMIT 10000"
    )
    return fetch_all(session, statement, TenderRecord, contract_id=contract_id, first=first_ms, last=last_ms)


def standing(session: Session, account_number: str, today: date) -> PayableAccount | None:
    """Return an account as a provider asks for it, or None if no money may be taken for it here, as for one closed and settled."""
    statement = f"""
        SELECT c.id AS account_id, k.name AS consumer_name, {BLOCKED} AS is_blocked,
               (coalesce(p.debt_tiyin - p.advance_tiyin, 0) - {WAITING.format("c.id")})::bigint AS owed_tiyin
        FROM account c JOIN consumer k ON k.id = c.consumer_id LEFT JOIN account_position p ON p.account_id = c.id
        WHERE c.number = :number AND {PAYABLE} AND NOT {ELSEWHERE}
        """
    return fetch_optional(session, statement, PayableAccount, number=account_number, today=today)


class MoveRequest(NamedTuple):
    """A request to move a payment."""

    id: int
    status: str
    move: str | None


def move_request(session: Session, payment_id: int) -> MoveRequest | None:
    """Return the newest request to move a payment: its id, status and move, or None if there is none."""
    statement = (
        "SELECT id, status, contents ->> 'move' AS move FROM approval WHERE kind = 'PAYMENT_MOVE' AND subject_id = :id "
        "ORDER BY id DESC LIMIT 1"
    )
    return fetch_optional(session, statement, MoveRequest, id=payment_id)


class Sums(NamedTuple):
    """What a control should hold."""

    tenders: int
    #: received less given back
    received_tiyin: int


def sums(session: Session, control_id: int) -> Sums:
    """Return what was received under a control, less what was given back under it, in whatever divisions."""
    return fetch_one(session, "SELECT tenders, received_tiyin FROM control_sums(:id)", Sums, id=control_id)


class ControlPosting(NamedTuple):
    """What was posted beside consumers' accounts under a control."""

    id: int
    debit: str
    credit: str
    amount_tiyin: int
    posted_on: date
    reason: str
    tender_id: int | None
    created_by: str


def control_entries(session: Session, control_id: int) -> list[ControlPosting]:
    """Return what was posted beside consumers' accounts under a control."""
    statement = (
        "SELECT id, debit, credit, amount_tiyin, posted_on, reason, tender_id, created_by FROM control_entry "
        "WHERE payment_control_id = :id ORDER BY id"
    )
    return fetch_all(session, statement, ControlPosting, id=control_id)


class ProfileChoice(NamedTuple):
    """A layout of payment files, with its contract."""

    id: int
    name: str
    contract: str


def profiles(session: Session) -> list[ProfileChoice]:
    """Return the layouts in use, with their contracts."""
    statement = (
        f"SELECT p.id, p.name, {shown('k')} AS contract FROM payment_file_layout p "
        "JOIN payment_contract k ON k.id = p.payment_contract_id WHERE p.is_active AND k.is_active ORDER BY contract, p.name"
    )
    return fetch_all(session, statement, ProfileChoice)


def contract_choices(session: Session, channels: Sequence[str]) -> list[Choice]:
    """Return the contracts of some channels for a choice."""
    statement = f"SELECT id, {shown('k')} AS name FROM payment_contract k WHERE channel = ANY(:channels) AND is_active ORDER BY name"
    return fetch_all(session, statement, Choice, channels=list(channels))


def account_id_of(session: Session, number: str) -> int | None:
    """Return the account of a number, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, "SELECT id FROM account WHERE number = :number", int, number=number)


class ProblemRow(NamedTuple):
    """A row of a payment file that was not taken or was left out."""

    row_no: int
    reference: str | None
    account_number: str | None
    amount_tiyin: int | None
    problem: str
    column_name: str | None
    value: str | None


def payment_file_problems(session: Session, control_id: int, *, limit: int = 500) -> list[ProblemRow]:
    """Return the rows of a payment file that were not taken or were left out, in the order of the file."""
    statement = (
        "SELECT row_no, reference, account_number, amount_tiyin, problem, column_name, value FROM payment_file_problem "
        "WHERE payment_control_id = :id ORDER BY row_no, id LIMIT :limit"
    )
    return fetch_all(session, statement, ProblemRow, id=control_id, limit=limit)


class PaymentFileOutcome(NamedTuple):
    """A row of a payment file, and what became of it: a status, or the problem it has."""

    row_no: int | None
    became: str
    reference: str | None
    account_number: str | None
    amount_tiyin: int | None
    paid_on: date | None
    value: str | None
    twin_file: str | None
    twin_row_no: int | None
    account_id: int | None


def payment_file_rows(session: Session, control_id: int, *, limit: int) -> list[PaymentFileOutcome]:
    """Return all rows of a payment file in the order of the file, and what became of each: a status of it, or the problem it has."""
    statement = """
        SELECT row_no, became, reference, account_number, amount_tiyin, paid_on, value, twin_file, twin_row_no, account_id FROM (
            SELECT row_no, CASE WHEN account_id IS NULL THEN 'SUSPENSE' ELSE 'ACCEPTED' END AS became, reference, account_number,
                   amount_tiyin, received_on AS paid_on, NULL AS value, NULL AS twin_file, NULL::int AS twin_row_no, account_id, id
            FROM tender WHERE payment_control_id = :id
            UNION ALL
            SELECT row_no, status, repeat_key || '-1', account_number, amount_tiyin, paid_on, NULL, twin_file, twin_row_no, NULL, id
            FROM held_row WHERE payment_control_id = :id AND status <> 'ACCEPTED'
            UNION ALL
            SELECT row_no, problem, reference, account_number, amount_tiyin, NULL, value, NULL, NULL, NULL, id
            FROM payment_file_problem WHERE payment_control_id = :id
        ) r ORDER BY row_no, id LIMIT :limit
        """
    return fetch_all(session, statement, PaymentFileOutcome, id=control_id, limit=limit)


class HeldRowRecord(NamedTuple):
    """A row of a payment file that waits for a decision, or waited."""

    id: int
    row_no: int
    reference: str
    reason: str
    account_number: str
    amount_tiyin: int
    paid_on: date | None
    payer: str | None
    purpose: str | None
    status: str
    twin_control_id: int | None
    twin_file: str | None
    twin_row_no: int | None
    twin_on: date | None
    twin_account_number: str | None
    twin_amount_tiyin: int | None
    twin_loaded_by: str | None
    twin_loaded_at: datetime | None
    approval_id: int | None
    decided_by: str | None
    decided_at: datetime | None
    basis: str | None
    tender_id: int | None


def held_rows(session: Session, control_id: int, *, limit: int = 500) -> list[HeldRowRecord]:
    """Return the held rows of a payment file, those that wait first, then in the order of the file."""
    statement = """
        SELECT id, row_no, repeat_key || '-1' AS reference, reason, account_number, amount_tiyin, paid_on, payer, purpose, status,
               twin_control_id, twin_file, twin_row_no, twin_on, twin_account_number, twin_amount_tiyin, twin_loaded_by, twin_loaded_at,
               approval_id, decided_by, decided_at, basis, tender_id
        FROM held_row WHERE payment_control_id = :id ORDER BY decided_by IS NOT NULL, row_no, id LIMIT :limit
        """
    return fetch_all(session, statement, HeldRowRecord, id=control_id, limit=limit)


class HeldTwins(NamedTuple):
    """A file that waiting rows of a payment file may repeat; no file: they are of the future."""

    twin_control_id: int | None
    twin_file: str | None
    twin_loaded_by: str | None
    twin_loaded_at: datetime | None
    rows: int
    sum_tiyin: int
    future: int


def held_twins(session: Session, control_id: int) -> list[HeldTwins]:
    """Return the files that waiting rows of a payment file may repeat, with how many rows of each; no file: rows of the future."""
    statement = """
        SELECT twin_control_id, twin_file, twin_loaded_by, twin_loaded_at, count(*) AS rows, sum(amount_tiyin)::bigint AS sum_tiyin,
               count(*) FILTER (WHERE reason = 'FUTURE') AS future
        FROM held_row WHERE payment_control_id = :id AND status = 'WAITING'
        GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, twin_control_id LIMIT 20
        """
    return fetch_all(session, statement, HeldTwins, id=control_id)


class Candidate(NamedTuple):
    """An account that money in suspense may be meant for, and what speaks for it."""

    id: int
    number: str
    consumer_name: str
    #: NUMBER, NAME, PHONE
    because: str
    debt_tiyin: int


def suspense_candidates(session: Session, number: str, payer: str, phone: str, *, limit: int = 20) -> list[Candidate]:
    """Return accounts whose number is a slip away from what was written, whose consumer is named like the payer or has his telephone."""
    statement = """
        WITH hit AS (
            SELECT a.id, 1 AS rank, 'NUMBER' AS because FROM account a WHERE a.number = ANY(:slips)
            UNION ALL
            SELECT a.id, 2, 'PHONE' FROM consumer c JOIN account a ON a.consumer_id = c.id
            WHERE length(:phone) = 9 AND c.phone = '+998' || :phone
            UNION ALL
            (SELECT a.id, 3, 'NAME' FROM consumer c JOIN account a ON a.consumer_id = c.id
             WHERE length(:payer) >= 4 AND lower(c.name) % lower(:payer)
             ORDER BY similarity(lower(c.name), lower(:payer)) DESC, a.id LIMIT :limit)
        )
        SELECT a.id, a.number, c.name AS consumer_name, h.because, coalesce(p.debt_tiyin, 0) AS debt_tiyin
        FROM (SELECT DISTINCT ON (id) id, rank, because FROM hit ORDER BY id, rank) h
        JOIN account a ON a.id = h.id JOIN consumer c ON c.id = a.consumer_id LEFT JOIN account_position p ON p.account_id = a.id
        ORDER BY h.rank, a.number LIMIT :limit
        """
    digits = "".join(character for character in phone if character.isdigit())[-9:]
    given = {"slips": payments.near_misses(number), "payer": payer.strip(), "phone": digits, "limit": limit}
    return fetch_all(session, statement, Candidate, **given)
