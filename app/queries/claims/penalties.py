"""What a penalty run reads: bills with their late days, by windows of accounts, as arrays."""

from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.domain.calendar import NO_END, day_number
from app.domain.claims import EffectiveValues, Histories, PenaltyTerms
from app.domain.reference import ConsumerKind
from app.domain.values import Integers
from app.models.administration import OperatingParameter
from app.queries import arrays
from app.queries.live import taken_back
from app.queries.records import fetch_all, fetch_one

_DAYS = "- DATE '1970-01-01'"
#: Kinds of consumers in the order of ``Terms.rate_e6``, and the parameter of each.
KINDS = (ConsumerKind.HOUSEHOLD, ConsumerKind.LEGAL)
RATES = ("claims.penalty_rate_household", "claims.penalty_rate_legal")

#: Bills of a window of accounts that may have borne penalty: unpaid after their due day, paid late since the last run, or
#: taken back after they bore some.
_BILLS = f"""
    WITH late AS (
        SELECT bill_id FROM debt WHERE account_id = ANY(:ids) AND due_on < :to
        UNION
        SELECT a.bill_id FROM allocation a JOIN bill b ON b.id = a.bill_id AND b.billing_month = a.bill_month
        WHERE a.account_id = ANY(:ids) AND a.allocated_on >= :since AND a.allocated_on > b.due_on
        UNION
        SELECT q.bill_id FROM penalty q JOIN bill c ON c.cancels_id = q.bill_id WHERE q.account_id = ANY(:ids)
    )
    SELECT b.id, b.account_id,
           CASE WHEN {taken_back("b")} THEN 0 ELSE b.amount_tiyin - coalesce(
               (SELECT sum(l.amount_tiyin) FROM bill_line l
                WHERE l.bill_id = b.id AND l.billing_month = b.billing_month AND l.component = 'PENALTY'), 0) END,
           b.due_on {_DAYS}, array_position(:kinds, c.kind::text) - 1,
           coalesce(borne.charged, 0), coalesce(borne.standing, 0), b.billing_month {_DAYS}
    FROM late
    CROSS JOIN LATERAL (SELECT * FROM bill b WHERE b.id = late.bill_id AND b.cancels_id IS NULL LIMIT 1) b  -- by key, not by a scan
    JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id
    CROSS JOIN LATERAL (
        SELECT sum(q.amount_tiyin) AS charged, sum(q.amount_tiyin) FILTER (WHERE r.id IS NULL) AS standing
        FROM penalty q LEFT JOIN billable_charge r ON r.reverses_id = q.charge_id WHERE q.account_id = b.account_id AND q.bill_id = b.id
    ) borne
    ORDER BY b.account_id, b.id
"""
_PAID = f"""
    SELECT a.bill_id, a.allocated_on {_DAYS}, a.amount_tiyin FROM allocation a
    WHERE a.bill_id = ANY(:bills) ORDER BY a.bill_id, a.allocated_on, a.id
"""
_HELD = f"""
    SELECT account_id, valid_from {_DAYS}, coalesce(valid_to {_DAYS}, {NO_END}) FROM penalty_hold
    WHERE account_id = ANY(:ids) ORDER BY account_id, valid_from
"""


class Late(NamedTuple):
    """The late bills of a window of accounts; ``histories.account`` and the rest are by bill, in the order of account."""

    account_id: Integers
    bill_id: Integers
    billing_month_day: Integers
    #: penalty charged for the bill by earlier runs
    charged_tiyin: Integers
    #: what of it nobody took back
    standing_tiyin: Integers
    histories: Histories


class PenaltyWindow(NamedTuple):
    """The next accounts of a division, ascending."""

    ids: list[int]

    @property
    def last_id(self) -> int:
        """The id after which the next window begins."""
        return self.ids[-1]


def terms(session: Session) -> PenaltyTerms:
    """Return what the office charges for delay, with all that it ever was and will be."""
    household, legal, cap, start = (_steps(session, code) for code in (*RATES, "claims.penalty_cap_percent", "claims.penalty_start_days"))
    return PenaltyTerms((household, legal), cap, start)


def rate_sources(session: Session, day: date) -> tuple[str, ...]:
    """Return the documents that set the rates in force on a day, in the order of ``KINDS``."""
    return tuple(_source(session, code, day) for code in RATES)


def _steps(session: Session, code: str) -> EffectiveValues:
    rows = session.execute(
        select(OperatingParameter.valid_from, OperatingParameter.value)
        .where(OperatingParameter.code == code)
        .order_by(OperatingParameter.valid_from)
    ).all()
    days = [0, *(day_number(row.valid_from) for row in rows)]
    values = [PARAMETERS[code].default, *(int(row.value) for row in rows)]
    return EffectiveValues(np.array(days, dtype=np.int64), np.array(values, dtype=np.int64))


def _source(session: Session, code: str, day: date) -> str:
    newest = (
        select(OperatingParameter.source)
        .where(OperatingParameter.code == code, OperatingParameter.valid_from <= day)
        .order_by(OperatingParameter.valid_from.desc())
        .limit(1)
    )
    return session.scalar(newest) or PARAMETERS[code].source


def window(session: Session, *, division_id: int, after: int, limit: int) -> PenaltyWindow | None:
    """Return the next accounts of a division in the order of id; None: there are no more."""
    statement = "SELECT id FROM account WHERE division_id = :division_id AND id > :after ORDER BY id LIMIT :limit"
    ids = fetch_all(session, statement, int, division_id=division_id, after=after, limit=limit)
    return PenaltyWindow(ids) if ids else None


def count_accounts(session: Session, division_id: int) -> int:
    """Return how many accounts a division has."""
    return fetch_one(session, "SELECT count(*) FROM account WHERE division_id = :id", int, id=division_id)


def late_bills(session: Session, wanted: PenaltyWindow, *, since: date, to: date) -> Late:
    """Return the bills of a window that may bear penalty, with their payments and the holds of their accounts.

    :param since: payments before this day were looked at by earlier runs
    :param to: the day after the last one that bears penalty
    """
    bill, account, principal, due, kind, charged, standing, month = arrays.columns(
        session, _BILLS, 8, since=since, to=to, kinds=[kind.value for kind in KINDS], ids=wanted.ids
    )
    paid = arrays.columns(session, _PAID, 3, bills=bill.tolist())
    held = arrays.columns(session, _HELD, 3, ids=wanted.ids)
    order = np.argsort(bill)
    accounts, index = np.unique(account, return_inverse=True)
    known = np.isin(held[0], accounts)
    histories = Histories(
        principal_tiyin=principal,
        due_day=due,
        kind=kind,
        account=index.astype(np.int64),
        paid_bill=order[np.searchsorted(bill[order], paid[0])],
        paid_day=paid[1],
        paid_tiyin=paid[2],
        held_account=np.searchsorted(accounts, held[0][known]),
        held_from=held[1][known],
        held_to=held[2][known],
    )
    return Late(accounts, bill, month, charged, standing, histories)
