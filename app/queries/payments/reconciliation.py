"""Statements beside tenders and the ledger, the days compared, and what was not equal."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.payments.channels import Collection, collected_by
from app.domain.payments.reconciliation import STATES, STATUSES, OurRecords, ProviderRecords
from app.domain.values import Integers
from app.queries.names import shown
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional


class DueRow(NamedTuple):
    """A transaction that is to be asked about again."""

    id: int
    contract_id: int
    business_day: date
    reference: str


class Asking(NamedTuple):
    """Where and as whom a provider is asked; nowhere if the address is empty."""

    channel: str
    url: str
    login: str
    service_number: str
    secret: str | None

    def __repr__(self) -> str:
        return f"<asking {self.channel}>"


_THEIRS = (
    "SELECT reference, amount_tiyin, array_position(CAST(:words AS text[]), state::text) - 1 AS state FROM statement_row "
    "WHERE payment_contract_id = :contract_id AND source = 'GATEWAY' AND business_day = :day ORDER BY id"
)
#: What the ledger holds of tender ``t``: a payment that was undone is nothing.
STANDING = """
    coalesce((SELECT sum(p.amount_tiyin) FROM payment p
              WHERE p.tender_id = t.id AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = p.id)), 0)
"""
#: A tender belongs to the day the statement says, and to the day of its control only if no statement has it: so it has one day.
_OURS = f"""
    WITH own AS (
        SELECT t.* FROM statement_row s
        JOIN tender t ON t.payment_contract_id = s.payment_contract_id AND t.reference = s.reference
        WHERE s.payment_contract_id = :contract_id AND s.source = 'GATEWAY' AND s.business_day = :day
        UNION ALL
        SELECT t.* FROM payment_control c JOIN tender t ON t.payment_control_id = c.id
        WHERE c.payment_contract_id = :contract_id AND c.business_day = :day
          AND NOT EXISTS (SELECT 1 FROM statement_row s WHERE s.payment_contract_id = t.payment_contract_id
                          AND s.source = 'GATEWAY' AND s.reference = t.reference)
    )
    SELECT t.reference, t.amount_tiyin, array_position(CAST(:words AS text[]), t.status::text) - 1 AS status,
           ({STANDING}
         + coalesce((SELECT sum(CASE e.credit WHEN 'SUSPENSE' THEN e.amount_tiyin ELSE -e.amount_tiyin END)
                     FROM control_entry e WHERE e.tender_id = t.id AND 'SUSPENSE' IN (e.debit, e.credit)), 0))::bigint AS ledger_tiyin
    FROM own t ORDER BY t.id
    """


class _TheirRow(NamedTuple):
    reference: str
    amount_tiyin: int
    state: int


class _OurRow(NamedTuple):
    reference: str
    amount_tiyin: int
    status: int
    ledger_tiyin: int


def has_statement(session: Session, contract_id: int, day: date) -> bool:
    """Tell whether the provider's statements say anything of a day."""
    statement = (
        "SELECT EXISTS (SELECT 1 FROM statement_row "
        "WHERE payment_contract_id = :contract_id AND source = 'GATEWAY' AND business_day = :day)"
    )
    return fetch_one(session, statement, bool, contract_id=contract_id, day=day)


def theirs(session: Session, contract_id: int, day: date) -> ProviderRecords:
    """Return what the provider's statements say of a day."""
    rows = fetch_all(session, _THEIRS, _TheirRow, contract_id=contract_id, day=day, words=[*STATES])
    return ProviderRecords([row.reference for row in rows], *_columns(rows, "amount_tiyin", "state"))


def ours(session: Session, contract_id: int, day: date) -> OurRecords:
    """Return the tenders of a day, with what the ledger (or suspense) has of each."""
    rows = fetch_all(session, _OURS, _OurRow, contract_id=contract_id, day=day, words=[*STATUSES])
    return OurRecords([row.reference for row in rows], *_columns(rows, "amount_tiyin", "status", "ledger_tiyin"))


def _columns(rows: Sequence[NamedTuple], *names: str) -> list[Integers]:
    return [np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in names]


def bank_tiyin(session: Session, contract_id: int, day: date) -> int | None:
    """Return what the bank received from a provider for a day: by its statement, else as it was counted; None: nobody has told."""
    statement = """
        SELECT coalesce(
            (SELECT sum(amount_tiyin)::bigint FROM statement_row
             WHERE payment_contract_id = :contract_id AND source = 'BANK' AND business_day = :day AND state = 'PERFORMED'),
            (SELECT counted_tiyin FROM payment_control
             WHERE payment_contract_id = :contract_id AND kind = 'GATEWAY_DAY' AND business_day = :day))
        """
    return fetch_optional(session, statement, int, contract_id=contract_id, day=day)


def day_control(session: Session, contract_id: int, day: date) -> int | None:
    """Return what a provider's day is counted by, or None if nothing came of it."""
    statement = "SELECT id FROM payment_control WHERE payment_contract_id = :contract_id AND kind = 'GATEWAY_DAY' AND business_day = :day"
    return fetch_optional(session, statement, int, contract_id=contract_id, day=day)


def commission_percent(session: Session, contract_id: int) -> Decimal:
    """Return what a provider keeps."""
    return fetch_one(session, "SELECT commission_percent FROM payment_contract WHERE id = :id", Decimal, id=contract_id)


def unequal_references(session: Session, contract_id: int) -> set[str]:
    """Return the transactions of a contract that were not equal when they were compared last."""
    statement = "SELECT reference FROM reconciliation_row WHERE payment_contract_id = :id AND verdict <> 'EQUAL'"
    return set(fetch_all(session, statement, str, id=contract_id))


def compared_days(session: Session, contract_id: int, days: Sequence[date]) -> list[date]:
    """Return those of some days that were compared before, in their order."""
    statement = (
        "SELECT business_day FROM reconciliation WHERE payment_contract_id = :id AND business_day = ANY(:days) ORDER BY business_day"
    )
    return fetch_all(session, statement, date, id=contract_id, days=list(days))


def due(session: Session, *, now: datetime, limit: int) -> list[DueRow]:
    """Return what is to be asked about again by now, the longest due first."""
    statement = (
        "SELECT id, payment_contract_id AS contract_id, business_day, reference FROM reconciliation_row "
        "WHERE status = 'WAITS' AND next_ask_at <= :now ORDER BY next_ask_at, id LIMIT :limit"
    )
    return fetch_all(session, statement, DueRow, now=now, limit=limit)


def asking(session: Session, contract_id: int) -> Asking:
    """Return where and as whom the provider of a contract is asked."""
    statement = "SELECT channel, ask_url AS url, ask_login AS login, service_number, secret FROM payment_contract WHERE id = :id"
    return fetch_one(session, statement, Asking, id=contract_id)


def provider_contracts(session: Session) -> list[Choice]:
    """Return the number and name of each active contract with somebody who sends statements."""
    statement = f"SELECT id, {shown('k')} AS name FROM payment_contract k WHERE is_active AND channel <> ALL(:ours) ORDER BY id"
    return fetch_all(session, statement, Choice, ours=collected_by(Collection.CASH))


def is_asked_about(session: Session, *, since: datetime) -> bool:
    """Tell whether a round of questions is under way, or one that began since a moment has failed."""
    statement = (
        "SELECT EXISTS (SELECT 1 FROM job_run WHERE kind = 'RECONCILE' AND parameters = '{}' "
        "AND (status IN ('QUEUED', 'RUNNING') OR (status = 'FAILED' AND created_at > :since)))"
    )
    return fetch_one(session, statement, bool, since=since)


#: A transaction of a day with the way to its tender and account.
_ROW = f"""
    SELECT r.id, r.reference, r.verdict, r.doubt_reason, r.their_state, r.theirs_tiyin, r.our_status, r.ours_tiyin, r.ledger_tiyin,
           r.status, r.asked_times, r.next_ask_at, r.answer, r.decision, r.decided_by, r.decided_at, r.remark, r.appeared_at,
           r.payment_contract_id, r.business_day, {shown("k")} AS contract, t.id AS tender_id, t.account_id, t.account_number
    FROM reconciliation_row r JOIN payment_contract k ON k.id = r.payment_contract_id
    LEFT JOIN tender t ON t.payment_contract_id = r.payment_contract_id AND t.reference = r.reference
"""


class DayRow(NamedTuple):
    """A transaction of a day that was not equal, with the way to its tender and account."""

    id: int
    reference: str
    verdict: str
    doubt_reason: str | None
    their_state: str | None
    theirs_tiyin: int | None
    our_status: str | None
    ours_tiyin: int | None
    ledger_tiyin: int
    status: str
    asked_times: int
    next_ask_at: datetime | None
    answer: str
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None
    appeared_at: datetime
    payment_contract_id: int
    business_day: date
    contract: str
    tender_id: int | None
    account_id: int | None
    account_number: str | None


def day_rows(session: Session, contract_id: int, day: date, *, verdict: str | None, limit: int) -> list[DayRow]:
    """Return the transactions of a day that were not equal, with those that became so; or those of one verdict."""
    statement = (
        f"{_ROW} WHERE r.payment_contract_id = :contract_id AND r.business_day = :day "
        "AND (CAST(:verdict AS text) IS NULL OR r.verdict = :verdict) ORDER BY r.verdict = 'EQUAL', r.id LIMIT :limit"
    )
    return fetch_all(session, statement, DayRow, contract_id=contract_id, day=day, verdict=verdict, limit=limit)


def row(session: Session, row_id: int) -> DayRow | None:
    """Return a transaction that was not equal, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, f"{_ROW} WHERE r.id = :id", DayRow, id=row_id)


class EqualRow(NamedTuple):
    """A transaction of a day that was equal from the first."""

    id: str | None
    reference: str
    verdict: str
    doubt_reason: str | None
    their_state: str
    theirs_tiyin: int
    our_status: str | None
    ours_tiyin: int | None
    ledger_tiyin: Decimal
    status: str | None
    tender_id: int | None
    account_id: int | None
    account_number: str | None


def equal_rows(session: Session, contract_id: int, day: date, *, limit: int) -> list[EqualRow]:
    """Return transactions of a day's statements that were equal from the first, the newest first."""
    statement = f"""
        SELECT NULL AS id, s.reference, 'EQUAL' AS verdict, NULL AS doubt_reason, s.state AS their_state, s.amount_tiyin AS theirs_tiyin,
               t.status AS our_status, t.amount_tiyin AS ours_tiyin, {STANDING} AS ledger_tiyin, NULL AS status,
               t.id AS tender_id, t.account_id, t.account_number
        FROM statement_row s LEFT JOIN tender t ON t.payment_contract_id = s.payment_contract_id AND t.reference = s.reference
        WHERE s.payment_contract_id = :contract_id AND s.source = 'GATEWAY' AND s.business_day = :day
          AND NOT EXISTS (SELECT 1 FROM reconciliation_row r
                          WHERE r.payment_contract_id = s.payment_contract_id AND r.reference = s.reference)
        ORDER BY s.id DESC LIMIT :limit
        """
    return fetch_all(session, statement, EqualRow, contract_id=contract_id, day=day, limit=limit)
