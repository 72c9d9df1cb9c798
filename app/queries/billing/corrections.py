"""What a correction of bills reads: the bills it takes back, what was set against them, and what came of it."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from app.domain.values import Integers
from app.queries import arrays
from app.queries.billing.rules import made_with
from app.queries.live import live
from app.queries.records import Choice, fetch_all, fetch_one, fetch_optional


class LiveBills(NamedTuple):
    """Bills that stand, sorted by account, the newest first."""

    id: Integers
    account_id: Integers
    month: list[date]
    #: days from 1970-01-01
    due_day: Integers
    amount_tiyin: Integers
    vat_tiyin: Integers
    #: set against each by payments, advances and credit notes
    allocated_tiyin: Integers


class MonthAmount(NamedTuple):
    """What an account's bill of a month comes to."""

    month: date
    quantity_milli: int
    amount_tiyin: int


class BilledMonth(NamedTuple):
    """A month some accounts were billed for, as they were billed."""

    month: date
    due_on: date
    #: the day the first bill of the month was issued: operating parameters hold as they did then
    first_issued_on: date
    account_ids: list[int]


class _LiveBill(NamedTuple):
    id: int
    account_id: int
    month: date
    due_day: int
    amount_tiyin: int
    vat_tiyin: int
    allocated_tiyin: int


def live_bills(session: Session, ids: Integers, *, since: date) -> LiveBills:
    """Return the bills of accounts that stand, of months from ``since`` on."""
    statement = f"""
        SELECT b.id, b.account_id, b.billing_month AS month, b.due_on - DATE '1970-01-01' AS due_day, b.amount_tiyin, b.vat_tiyin,
               coalesce(a.amount, 0) AS allocated_tiyin
        FROM bill b
        LEFT JOIN LATERAL (
            SELECT sum(amount_tiyin)::bigint AS amount FROM allocation WHERE bill_id = b.id AND bill_month = b.billing_month
        ) a ON true
        WHERE b.account_id = ANY(:ids) AND b.billing_month >= :since AND {live("b")}
        ORDER BY b.account_id, b.billing_month DESC, b.id DESC
        """
    rows = fetch_all(session, statement, _LiveBill, ids=ids.tolist(), since=since)
    columns = {name: np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in _LiveBill._fields if name != "month"}
    return LiveBills(month=[row.month for row in rows], **columns)


def first_month_touched(session: Session, account_id: int, day: date) -> date | None:
    """Return the first month of an account whose bill stands and covers a day or a later one, or None."""
    statement = f"SELECT min(b.billing_month) FROM bill b WHERE b.account_id = :id AND b.period_to > :day AND {live('b')}"
    return fetch_optional(session, statement, date, id=account_id, day=day)


def first_month_of_reading(session: Session, reading_id: int) -> date | None:
    """Return the first month whose bill stands and was made with a reading, or None."""
    statement = f"""
        SELECT min(b.billing_month) FROM reading r JOIN bill b ON b.account_id = r.account_id AND {live("b")}
        WHERE r.id = :id AND ({made_with("r")} OR EXISTS (
            SELECT 1 FROM consumption c
            WHERE c.bill_id = b.id AND c.billing_month = b.billing_month AND r.id IN (c.earlier_reading_id, c.later_reading_id)))
        """
    return fetch_optional(session, statement, date, id=reading_id)


def billed_months(session: Session, ids: list[int], *, since: date) -> list[BilledMonth]:
    """Return the months accounts are billed for from ``since`` on, oldest first, grouped by how they were billed."""
    statement = f"""
        SELECT b.billing_month AS month, b.due_on, f.first_issued_on, array_agg(b.account_id ORDER BY b.account_id) AS account_ids
        FROM bill b
        JOIN LATERAL (
            SELECT min(o.issued_on) AS first_issued_on FROM bill o
            WHERE o.account_id = b.account_id AND o.billing_month = b.billing_month AND o.cancels_id IS NULL
        ) f ON true
        WHERE b.account_id = ANY(:ids) AND b.billing_month >= :since AND {live("b")}
          AND f.first_issued_on IS NOT NULL
        GROUP BY b.billing_month, b.due_on, f.first_issued_on ORDER BY b.billing_month, b.due_on, f.first_issued_on
        """
    return fetch_all(session, statement, BilledMonth, ids=ids, since=since)


def month_amounts(session: Session, account_id: int, *, since: date) -> list[MonthAmount]:
    """Return what an account's bills that stand come to, from a month on, oldest first."""
    statement = f"""
        SELECT b.billing_month AS month, b.quantity_milli, b.amount_tiyin FROM bill b
        WHERE b.account_id = :account_id AND b.billing_month >= :since AND {live("b")} ORDER BY b.billing_month
        """
    return fetch_all(session, statement, MonthAmount, account_id=account_id, since=since)


_WANTED = f"""
    FROM account a
    JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id))
    WHERE a.id > :after AND (CAST(:account_id AS bigint) IS NULL OR a.id = :account_id)
      AND (CAST(:group_id AS bigint) IS NULL OR EXISTS (
          SELECT 1 FROM supply s WHERE s.account_id = a.id AND s.tariff_group_id = :group_id AND coalesce(s.valid_to > :since, true)))
      AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id AND b.billing_month >= :since AND {live("b")})
"""


def accounts_to_correct(session: Session, correction: Any, *, after: int, limit: int) -> Integers:
    """Return the next accounts a correction is about that have a bill to take back, in the order of id."""
    statement = f"SELECT a.id {_WANTED} ORDER BY a.id LIMIT :limit"
    return arrays.columns(session, statement, 1, **_given(correction), after=after, limit=limit)[0]


def count_to_correct(session: Session, correction: Any) -> int:
    """Return how many accounts a correction is about."""
    return fetch_one(session, f"SELECT count(*) {_WANTED}", int, **(_given(correction) | {"after": 0}))


def _given(correction: Any) -> dict[str, Any]:
    return {
        "division_id": correction.division_id,
        "account_id": correction.account_id,
        "group_id": correction.tariff_group_id,
        "since": correction.since_month,
    }


class ToCorrect(NamedTuple):
    """What a correction of many accounts would take back."""

    accounts: int
    bills: int
    amount_tiyin: int


def bills_to_correct(session: Session, *, division_id: int, tariff_group_id: int | None, since: date) -> ToCorrect:
    """Return what a correction of many accounts would take back."""
    statement = f"""
        SELECT count(DISTINCT b.account_id) AS accounts, count(*) AS bills, coalesce(sum(b.amount_tiyin), 0)::bigint AS amount_tiyin
        FROM bill b WHERE b.account_id IN (SELECT a.id {_WANTED}) AND b.billing_month >= :since AND {live("b")}
        """
    given = {"division_id": division_id, "account_id": None, "group_id": tariff_group_id, "since": since, "after": 0}
    return fetch_one(session, statement, ToCorrect, **given)


def closed_to_correct(session: Session, *, division_id: int, tariff_group_id: int | None, since: date) -> int:
    """Return the sum in tiyin of the bills of closed months that a correction of many accounts would take back, whatever their signs."""
    statement = f"""
        SELECT coalesce(sum(abs(b.amount_tiyin)), 0)::bigint FROM bill b
        WHERE b.account_id IN (SELECT a.id {_WANTED}) AND b.billing_month >= :since AND {live("b")}
          AND EXISTS (SELECT 1 FROM accounting_period p WHERE p.division_id = b.division_id AND p.status = 'CLOSED'
                      AND p.billing_month >= b.billing_month)
        """
    given = {"division_id": division_id, "account_id": None, "group_id": tariff_group_id, "since": since, "after": 0}
    return fetch_one(session, statement, int, **given)


def tariff_groups(session: Session) -> list[Choice]:
    """Return the tariff groups to choose from."""
    return fetch_all(session, "SELECT id, name FROM tariff_group ORDER BY name, id", Choice)


class CorrectedMonth(NamedTuple):
    """What a correction did to the bills of a month."""

    month: date
    taken_back: int
    taken_back_tiyin: int
    billed_again: int
    billed_again_tiyin: int


def months_of_correction(session: Session, correction_id: int) -> list[CorrectedMonth]:
    """Return what a correction took back and billed again, month by month."""
    statement = """
        SELECT b.billing_month AS month, count(b.cancels_id) AS taken_back,
               coalesce(sum(b.amount_tiyin) FILTER (WHERE b.cancels_id IS NOT NULL), 0)::bigint AS taken_back_tiyin,
               count(*) FILTER (WHERE b.cancels_id IS NULL) AS billed_again,
               coalesce(sum(b.amount_tiyin) FILTER (WHERE b.cancels_id IS NULL), 0)::bigint AS billed_again_tiyin
        FROM bill b JOIN bill_run r ON r.id = b.bill_run_id WHERE r.correction_id = :id GROUP BY 1 ORDER BY 1
        """
    return fetch_all(session, statement, CorrectedMonth, id=correction_id)


class CorrectedBill(NamedTuple):
    """A bill of a correction."""

    id: int
    month: date
    account_id: int
    number: str
    amount_tiyin: int
    cancels_id: int | None


def bills_of_correction(session: Session, correction_id: int, limit: int = 100) -> list[CorrectedBill]:
    """Return the first bills of a correction, by account and month, those that take back first."""
    statement = """
        SELECT b.id, b.billing_month AS month, b.account_id, a.number, b.amount_tiyin, b.cancels_id
        FROM bill b JOIN bill_run r ON r.id = b.bill_run_id JOIN account a ON a.id = b.account_id
        WHERE r.correction_id = :id ORDER BY b.account_id, b.billing_month, b.cancels_id NULLS LAST, b.id LIMIT :limit
        """
    return fetch_all(session, statement, CorrectedBill, id=correction_id, limit=limit)


class AdjustmentUse(NamedTuple):
    """A bill a credit note was set against."""

    id: int
    billing_month: date
    amount_tiyin: int


def adjustment_uses(session: Session, adjustment_id: int) -> list[AdjustmentUse]:
    """Return the bills a credit note was set against."""
    statement = (
        "SELECT b.id, b.billing_month, a.amount_tiyin FROM allocation a JOIN bill b ON b.id = a.bill_id AND b.billing_month = a.bill_month "
        "WHERE a.adjustment_id = :id ORDER BY b.billing_month, a.id"
    )
    return fetch_all(session, statement, AdjustmentUse, id=adjustment_id)


def adjustment_undone_by(session: Session, adjustment_id: int) -> int | None:
    """Return the note that undid a credit note, or None."""
    return fetch_optional(session, "SELECT id FROM adjustment WHERE reverses_id = :id", int, id=adjustment_id)
