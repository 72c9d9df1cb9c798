"""What accounts took in actual periods before a month, to estimate from and to judge a bill by."""

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.domain.calendar import months_after
from app.domain.values import Integers
from app.queries import arrays


def history_of(rows: str) -> str:
    """Return the SQL of what to estimate from.

    The last column counts the periods that end behind ``:recent``.

    :param rows: the FROM and WHERE of actual consumption ``c``; ``:oldest`` bounds it
    """
    return f"""
    SELECT account_id,
           coalesce(sum(quantity) FILTER (WHERE place <= 3), 0), coalesce(sum(period_to - period_from) FILTER (WHERE place <= 3), 0),
           count(*) FILTER (WHERE place <= 3),
           coalesce(sum(quantity) FILTER (WHERE period_from < :last_year_to AND period_to > :last_year_from), 0),
           coalesce(sum(period_to - period_from) FILTER (WHERE period_from < :last_year_to AND period_to > :last_year_from), 0),
           coalesce(min(place) FILTER (WHERE quantity <> 0), count(*) + 1) - 1, count(*) FILTER (WHERE period_to > :recent)
    FROM (
        SELECT c.account_id, sum(c.quantity_milli) AS quantity, c.period_from, c.period_to,
               row_number() OVER (PARTITION BY c.account_id ORDER BY c.period_to DESC, c.period_from DESC) AS place
        {rows} AND c.quality = 'ACTUAL' AND c.period_to > :oldest
        GROUP BY c.account_id, c.period_from, c.period_to
    ) p GROUP BY account_id ORDER BY account_id
    """


_OF_ACCOUNT = "SELECT * FROM consumption x WHERE x.account_id = w.id AND"
#: Bills that take others back, and those: few, and found by account. No bill need be looked at to know that it stands.
_TAKEN_BACK = (
    "SELECT unnest(ARRAY[b.id, b.cancels_id]), b.billing_month - DATE '1970-01-01' FROM bill b "
    "WHERE b.cancels_id IS NOT NULL AND b.account_id = ANY(:ids)"
)


def _history_of(taken: str) -> str:
    return history_of(
        f"FROM unnest(CAST(:ids AS bigint[])) AS w (id) CROSS JOIN LATERAL ({taken}) c "
        "WHERE NOT (c.bill_id = ANY(CAST(:taken_back AS bigint[])) "
        "AND c.billing_month - DATE '1970-01-01' = ANY(CAST(:their_months AS int[])))"
    )


#: What was taken lately and about a year before is enough for most; each row stands on another page, so the fewer the better.
_RECENT = _history_of(
    f"""
    ({_OF_ACCOUNT} x.period_to > :recent OFFSET 0) UNION ALL
    ({_OF_ACCOUNT} x.period_to > :last_year_from AND x.period_to <= :recent AND x.period_from < :last_year_to OFFSET 0)
    """
)
_HISTORY = _history_of(f"{_OF_ACCOUNT} x.period_to > :oldest OFFSET 0")
#: Months in which most accounts have the latest periods that count.
_RECENT_MONTHS, _LATEST = 4, 3


def history_in(session: Session, statement: str, ids: Integers, month: date, window: dict[str, Any]) -> Integers:
    """Return the latest actual periods' energy, days and number, energy and days a year before, and how many had none just now.

    The last row is how many periods are recent.
    """
    days = {"last_year_from": -12, "last_year_to": -11, "oldest": -24, "recent": -_RECENT_MONTHS}
    window = window | {name: months_after(month, months) for name, months in days.items()}
    account, *found = arrays.columns(session, statement, 8, **window)
    history = np.zeros((7, len(ids)), dtype=np.int64)
    history[:, arrays.positions(ids, account)] = found
    return history


def recent_history(session: Session, ids: Integers, month: date) -> Integers:
    """Return what to estimate from; all of it is read of those accounts only that recent periods say too little of."""
    taken_back, months = arrays.columns(session, _TAKEN_BACK, 2, ids=ids)
    withdrawn = {"taken_back": taken_back, "their_months": np.unique(months)}
    *history, recent = found = history_in(session, _RECENT, ids, month, {"ids": ids} | withdrawn)
    short = (recent < _LATEST) | (history[-1] >= recent)
    found[:, short] = history_in(session, _HISTORY, ids[short], month, {"ids": ids[short]} | withdrawn)
    result: Integers = found[:-1]
    return result
