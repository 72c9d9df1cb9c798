"""Accounting periods: which months are closed, and what stands in the way of closing one."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.calendar import months_after
from app.domain.ledger.periods import Checked, MonthOf, PeriodCheck, is_over
from app.queries import locks
from app.queries.live import live
from app.queries.locks import Lock
from app.queries.records import fetch_all, fetch_one, fetch_optional

#: Rows shown of those that stand in the way, unless told otherwise.
MOST = 50

_SUBTREE = """subtree AS (
    SELECT d.id, d.path FROM division top JOIN division d ON starts_with(d.path, top.path) WHERE top.id = :division_id
)"""
#: Runs of the subtree, and of a division above that take it in.
_RUN_TAKES_IN = """EXISTS (
    SELECT 1 FROM division r JOIN subtree d ON starts_with(d.path, r.path) OR starts_with(r.path, d.path) WHERE r.id = run.division_id
) AND run.status IN ('PREVIEWING', 'PREVIEWED', 'POSTING')"""
#: A failed posting stands in the way too: it left accounts of its month unbilled, which another check tells.
_BILL_RUNS = f"SELECT run.id, run.id::text AS name FROM bill_run run WHERE run.billing_month <= :month AND {_RUN_TAKES_IN}"
_PENALTY_RUNS = f"SELECT run.id, run.id::text AS name FROM penalty_run run WHERE run.period_from < :month_to AND {_RUN_TAKES_IN}"
#: Accounts supplied in the month that have neither a bill that reaches it nor are parked in a posted run of it.
_UNBILLED = f"""
    SELECT a.id, a.number AS name FROM account a JOIN subtree d ON d.id = a.division_id
    JOIN LATERAL (
        SELECT * FROM supply s WHERE s.account_id = a.id AND s.valid_from < :month_to ORDER BY s.valid_from DESC LIMIT 1
    ) s ON true
    LEFT JOIN account_position p ON p.account_id = a.id
    WHERE (p.billed_month IS NULL OR p.billed_month < :month)
      AND (s.valid_to IS NULL OR s.valid_to > coalesce(p.billed_to, s.valid_from))
      AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id AND b.billing_month = :month AND {live("b")})
      AND NOT EXISTS (
          SELECT 1 FROM bill_exception x JOIN bill_run r ON r.id = x.bill_run_id AND r.billing_month = :month AND r.status = 'POSTED'
          WHERE x.account_id = a.id AND x.parked)
"""
_MONTHS_BEFORE = """
    SELECT t.division_id AS id, t.billing_month::text AS name FROM division_turnover t JOIN subtree d ON d.id = t.division_id
    WHERE t.billing_month < :month AND NOT EXISTS (
        SELECT 1 FROM accounting_period p
        WHERE p.division_id = t.division_id AND p.billing_month >= t.billing_month AND p.status = 'CLOSED')
"""
#: Stored figures of the month that differ from what they add up to: a balance from the month before or from the month's entries,
#: a division's turnover from its balances. The proof of everything is ``queries.ledger.proofs``.
_BOOKS = """
    SELECT b.account_id AS id, 'account_balance ' || b.account_id AS name FROM subtree d
    JOIN account_balance b ON b.division_id = d.id AND b.billing_month = :month
    LEFT JOIN LATERAL (
        SELECT closing_tiyin FROM account_balance q WHERE q.account_id = b.account_id AND q.billing_month < :month
        ORDER BY q.billing_month DESC LIMIT 1
    ) before ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(amount_tiyin * ((debit IN ('RECEIVABLE', 'ADVANCE'))::int - (credit IN ('RECEIVABLE', 'ADVANCE'))::int)), 0)
               AS net
        FROM ledger_entry e WHERE e.account_id = b.account_id AND e.billing_month = :month
    ) e ON true
    WHERE b.opening_tiyin <> coalesce(before.closing_tiyin, 0) OR b.closing_tiyin - b.opening_tiyin <> e.net
    UNION ALL
    SELECT NULL, 'division_turnover ' || d.id FROM subtree d
    LEFT JOIN division_turnover t ON t.division_id = d.id AND t.billing_month = :month
    LEFT JOIN LATERAL (
        SELECT sum(charged_tiyin) AS charged, sum(paid_tiyin) AS paid, sum(adjusted_tiyin) AS adjusted
        FROM account_balance b WHERE b.division_id = d.id AND b.billing_month = :month
    ) b ON true
    WHERE (coalesce(t.charged_tiyin, 0), coalesce(t.paid_tiyin, 0), coalesce(t.adjusted_tiyin, 0))
       <> (coalesce(b.charged, 0), coalesce(b.paid, 0), coalesce(b.adjusted, 0))
"""
_COUNTED = {
    PeriodCheck.MONTHS_BEFORE: _MONTHS_BEFORE,
    PeriodCheck.ACCOUNTS_BILLED: _UNBILLED,
    PeriodCheck.BILL_RUNS: _BILL_RUNS,
    PeriodCheck.PENALTY_RUNS: _PENALTY_RUNS,
    PeriodCheck.BOOKS: _BOOKS,
}


class _ClosedMonth(NamedTuple):
    division_id: int
    billing_month: date


def first_open_months(session: Session, division_ids: list[int]) -> dict[int, date]:
    """Return the first open month of each division that ever closed one.

    The divisions' periods stay as they are until the transaction ends: whoever closes a month waits for those who post.
    """
    locks.acquire_shared(session, Lock.ACCOUNTING_PERIOD, sorted(division_ids))
    newest = (
        "SELECT division_id, max(billing_month) AS billing_month FROM accounting_period "
        "WHERE status = 'CLOSED' AND division_id = ANY(:ids) GROUP BY division_id"
    )
    return {row.division_id: months_after(row.billing_month, 1) for row in fetch_all(session, newest, _ClosedMonth, ids=division_ids)}


def checks(session: Session, division_id: int, month: date, *, today: date) -> list[Checked]:
    """Look at what stands in the way of closing a month of a division and all below it, by every check."""
    state = months_of(session, division_id, [month])[0]
    found = [
        Checked(PeriodCheck.MONTH_OVER, int(not is_over(month, today))),
        Checked(PeriodCheck.STILL_OPEN, int(state.closed == state.divisions)),
    ]
    for check, rows in _COUNTED.items():
        statement = f"WITH {_SUBTREE} SELECT count(*) FROM ({rows}) found"
        found.append(Checked(check, fetch_one(session, statement, int, **_named(division_id, month))))
    return found


class Behind(NamedTuple):
    """A row that stands in the way: of what the check is about, with its number or its month; a turnover has no page and no id."""

    id: int | None
    name: str


def rows_behind(session: Session, check: PeriodCheck, division_id: int, month: date, *, limit: int = MOST) -> list[Behind]:
    """Return the first rows a check counts."""
    if check not in _COUNTED:
        return []
    statement = f"WITH {_SUBTREE} {_COUNTED[check]} ORDER BY id, name LIMIT :limit"
    return fetch_all(session, statement, Behind, **_named(division_id, month), limit=limit)


def open_before(session: Session, division_id: int, month: date) -> list[date]:
    """Return the months before one in which something was posted in a division or below it and that are open, ascending."""
    statement = f"WITH {_SUBTREE} SELECT DISTINCT name::date AS month FROM ({_MONTHS_BEFORE}) found ORDER BY month"
    return fetch_all(session, statement, date, division_id=division_id, month=month)


#: Something of division ``d`` counts for month ``m`` or one before it.
_BEGUN = "EXISTS (SELECT 1 FROM division_turnover t WHERE t.division_id = d.id AND t.billing_month <= m.month)"
_ANY = f"count(p.id) > 0 OR coalesce(bool_or({_BEGUN}), false)"


def months_of(session: Session, division_id: int, months: Iterable[date]) -> list[MonthOf]:
    """Return how many divisions of a subtree closed each of some months."""
    statement = (
        f"WITH {_SUBTREE} SELECT m.month, count(p.id) AS closed, count(*) AS divisions, {_ANY} AS begun "
        "FROM unnest(CAST(:months AS date[])) AS m (month) CROSS JOIN subtree d "
        "LEFT JOIN accounting_period p ON p.division_id = d.id AND p.billing_month = m.month AND p.status = 'CLOSED' "
        "GROUP BY m.month ORDER BY m.month DESC"
    )
    return fetch_all(session, statement, MonthOf, division_id=division_id, months=list(months))


class _MonthOfDivision(NamedTuple):
    division_id: int
    month: date
    closed: int
    divisions: int
    begun: bool


def months_of_divisions(session: Session, division_ids: list[int], months: list[date]) -> dict[int, list[MonthOf]]:
    """Return the same of many divisions, months descending."""
    statement = (
        f"SELECT top.id AS division_id, m.month, count(p.id) AS closed, count(*) AS divisions, {_ANY} AS begun "
        "FROM division top JOIN division d ON starts_with(d.path, top.path) "
        "CROSS JOIN unnest(CAST(:months AS date[])) AS m (month) "
        "LEFT JOIN accounting_period p ON p.division_id = d.id AND p.billing_month = m.month AND p.status = 'CLOSED' "
        "WHERE top.id = ANY(:ids) GROUP BY top.id, m.month ORDER BY top.id, m.month DESC"
    )
    found: dict[int, list[MonthOf]] = {}
    for row in fetch_all(session, statement, _MonthOfDivision, ids=division_ids, months=months):
        found.setdefault(row.division_id, []).append(MonthOf(row.month, row.closed, row.divisions, row.begun))
    return found


def newest_closed(session: Session, division_id: int) -> date | None:
    """Return the newest month that a division or one below it closed."""
    statement = (
        f"WITH {_SUBTREE} SELECT max(p.billing_month) FROM accounting_period p JOIN subtree d ON d.id = p.division_id "
        "WHERE p.status = 'CLOSED'"
    )
    return fetch_optional(session, statement, date, division_id=division_id)


def subtree(session: Session, division_id: int) -> list[int]:
    """Return a division and all below it, ascending."""
    return fetch_all(session, f"WITH {_SUBTREE} SELECT id FROM subtree ORDER BY id", int, division_id=division_id)


class PeriodDecision(NamedTuple):
    """Who closed or reopened a month last, when and why."""

    status: str
    decided_by: str
    decided_at: datetime
    reason: str | None


def history(session: Session, division_id: int, month: date) -> PeriodDecision | None:
    """Return who closed or reopened a month of a division last, when and why; None: nobody ever did."""
    statement = (
        "SELECT status, decided_by, decided_at, reason FROM accounting_period WHERE division_id = :division_id AND billing_month = :month"
    )
    return fetch_optional(session, statement, PeriodDecision, division_id=division_id, month=month)


def _named(division_id: int, month: date) -> dict[str, Any]:
    return {"division_id": division_id, "month": month, "month_to": months_after(month, 1)}
