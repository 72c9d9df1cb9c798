"""Posting entries, and the sums that change with them in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import ledger
from app.domain.ledger import ACCOUNTS, DOCUMENT_KINDS, Entries, Movements
from app.domain.ledger.periods import posting_month
from app.domain.values import Flags, Integers, sums_by
from app.queries import arrays
from app.queries import ledger as ledger_queries
from app.queries.ledger import periods
from app.services import bulk


class PostingAccounts(NamedTuple):
    """The accounts a posting is about, in ascending order of id; entries refer to them by index."""

    account_id: Integers
    division_id: Integers
    #: debt less advance before the posting, in tiyin, if it is known; it must have been read under the lock
    before_tiyin: Integers | None = None


class BilledUpTo(NamedTuple):
    """How far bills bring accounts; indexes into the books, days from 1970-01-01."""

    account: Integers
    to_day: Integers
    #: up to ``to_day`` all energy is actual
    actual: Flags
    #: the day up to which energy is actual if it was not known
    first_day: Integers
    month: date


_BALANCES = text(
    """
    INSERT INTO account_balance (account_id, billing_month, division_id, opening_tiyin, charged_tiyin, paid_tiyin, adjusted_tiyin,
        closing_tiyin)
    SELECT m.account_id, :month, m.division_id, coalesce(before.closing_tiyin, 0), m.charged, m.paid, m.adjusted,
           coalesce(before.closing_tiyin, 0) + m.charged - m.paid + m.adjusted
    FROM unnest(CAST(:account AS bigint[]), CAST(:division AS bigint[]), CAST(:charged AS bigint[]), CAST(:paid AS bigint[]),
            CAST(:adjusted AS bigint[]))
        AS m (account_id, division_id, charged, paid, adjusted)
    LEFT JOIN LATERAL (
        SELECT closing_tiyin FROM account_balance b
        WHERE b.account_id = m.account_id AND b.billing_month < :month ORDER BY billing_month DESC LIMIT 1
    ) before ON true
    ON CONFLICT (account_id, billing_month) DO UPDATE SET
        charged_tiyin = account_balance.charged_tiyin + excluded.charged_tiyin,
        paid_tiyin = account_balance.paid_tiyin + excluded.paid_tiyin,
        adjusted_tiyin = account_balance.adjusted_tiyin + excluded.adjusted_tiyin,
        closing_tiyin = account_balance.closing_tiyin + excluded.charged_tiyin - excluded.paid_tiyin + excluded.adjusted_tiyin
    """
)
_LATER_BALANCES = text(
    """
    UPDATE account_balance b
    SET opening_tiyin = b.opening_tiyin + m.charged - m.paid + m.adjusted,
        closing_tiyin = b.closing_tiyin + m.charged - m.paid + m.adjusted
    FROM unnest(CAST(:account AS bigint[]), CAST(:charged AS bigint[]), CAST(:paid AS bigint[]), CAST(:adjusted AS bigint[]))
        AS m (account_id, charged, paid, adjusted)
    WHERE b.account_id = m.account_id AND b.billing_month > :month
    """
)
_POSITIONS = text(
    """
    UPDATE account_position p
    SET debt_tiyin = p.debt_tiyin + m.debt, advance_tiyin = p.advance_tiyin + m.advance
    FROM unnest(CAST(:account AS bigint[]), CAST(:debt AS bigint[]), CAST(:advance AS bigint[])) AS m (account_id, debt, advance)
    WHERE p.account_id = m.account_id
    """
)
#: ``billed`` 0: not billed; 1: by an estimate; 2: by a reading.
_BILLED_POSITIONS = text(
    """
    UPDATE account_position p
    SET debt_tiyin = p.debt_tiyin + m.debt, advance_tiyin = p.advance_tiyin + m.advance,
        billed_to = CASE WHEN m.billed > 0 THEN DATE '1970-01-01' + m.day ELSE p.billed_to END,
        billed_month = CASE WHEN m.billed > 0 THEN CAST(:month AS date) ELSE p.billed_month END,
        actual_to = CASE m.billed WHEN 2 THEN DATE '1970-01-01' + m.day
                                  WHEN 1 THEN coalesce(p.actual_to, DATE '1970-01-01' + m.first) ELSE p.actual_to END
    FROM unnest(
        CAST(:account AS bigint[]), CAST(:debt AS bigint[]), CAST(:advance AS bigint[]), CAST(:billed AS int[]), CAST(:day AS int[]),
        CAST(:first AS int[])
    ) AS m (account_id, debt, advance, billed, day, first)
    WHERE p.account_id = m.account_id
    """
)
_TURNOVER = text(
    """
    INSERT INTO division_turnover (division_id, billing_month, charged_tiyin, paid_tiyin, debt_change_tiyin, advance_change_tiyin,
        adjusted_tiyin)
    SELECT division_id, :month, charged, paid, debt, advance, adjusted
    FROM unnest(
        CAST(:division AS bigint[]), CAST(:charged AS bigint[]), CAST(:paid AS bigint[]), CAST(:debt AS bigint[]),
        CAST(:advance AS bigint[]), CAST(:adjusted AS bigint[])
    ) AS m (division_id, charged, paid, debt, advance, adjusted)
    ON CONFLICT (division_id, billing_month) DO UPDATE SET
        charged_tiyin = division_turnover.charged_tiyin + excluded.charged_tiyin,
        paid_tiyin = division_turnover.paid_tiyin + excluded.paid_tiyin,
        debt_change_tiyin = division_turnover.debt_change_tiyin + excluded.debt_change_tiyin,
        advance_change_tiyin = division_turnover.advance_change_tiyin + excluded.advance_change_tiyin,
        adjusted_tiyin = division_turnover.adjusted_tiyin + excluded.adjusted_tiyin
    """
)


def open_positions(session: Session, division_id: int) -> None:
    """Give every account of a division's subtree a position that has none."""
    session.execute(
        text(
            "INSERT INTO account_position (account_id, division_id) SELECT a.id, a.division_id FROM account a "
            "JOIN division d ON d.id = a.division_id AND starts_with(d.path, (SELECT path FROM division WHERE id = :division_id)) "
            "WHERE NOT EXISTS (SELECT 1 FROM account_position p WHERE p.account_id = a.id) ORDER BY a.id ON CONFLICT DO NOTHING"
        ),
        {"division_id": division_id},
    )


def lock_positions(session: Session, account_ids: Integers) -> tuple[Integers, Integers]:
    """Lock the accounts' positions in the order of id and return their debts and advances in tiyin.

    :param account_ids: ascending
    """
    session.execute(
        text("INSERT INTO account_position (account_id, division_id) SELECT id, division_id FROM account a WHERE id = ANY(:ids) "
             "AND NOT EXISTS (SELECT 1 FROM account_position p WHERE p.account_id = a.id) ON CONFLICT DO NOTHING"),
        {"ids": account_ids.tolist()},
    )  # fmt: skip
    locked = "SELECT debt_tiyin, advance_tiyin FROM account_position WHERE account_id = ANY(:ids) ORDER BY account_id FOR UPDATE"
    debt, advance = arrays.columns(session, locked, 2, ids=account_ids)
    assert len(debt) == len(account_ids)
    return debt, advance


def post(
    session: Session, books: PostingAccounts, posted: Entries, *, month: date, posted_on: date, billed: BilledUpTo | None = None
) -> None:
    """Append entries and change the balances, positions and turnover they move.

    Every account of the books gets its balance of the month, whether an entry moves it or not. An entry of a month that
    the account's division has closed counts for the first open month.
    """
    post_months(session, books, [(month, posted, np.arange(len(books.account_id)))], posted_on=posted_on, billed=billed)


def post_months(
    session: Session,
    books: PostingAccounts,
    several: Sequence[tuple[date, Entries, Integers]],
    *,
    posted_on: date,
    billed: BilledUpTo | None = None,
) -> None:
    """Append entries of several months at once: an account's debt and advance change by what all of them add up to.

    :param several: month, entries that count for it, and the accounts (as indices) that get a balance of it
    """
    opened = periods.first_open_months(session, np.unique(books.division_id).tolist())
    for month, posted, accounts in several:
        for counted, mine in _by_open_month(month, books, accounts, opened):
            chosen = Entries(*(column[np.isin(posted.account, mine)] for column in posted)) if len(mine) < len(accounts) else posted
            _post_month(session, books, chosen, mine, month=counted, posted_on=posted_on)
    moved = ledger.movements(ledger.joined(*(posted for _, posted, _ in several)), len(books.account_id))
    _add_positions(session, books, moved, billed)


def _by_open_month(month: date, books: PostingAccounts, accounts: Integers, opened: Mapping[int, date]) -> list[tuple[date, Integers]]:
    """Return accounts (as indices) by the month that what is posted to them counts for."""
    if not any(first > month for first in opened.values()):
        return [(month, accounts)]
    divisions, places = np.unique(books.division_id[accounts], return_inverse=True)
    counted = np.array([posting_month(month, opened.get(each)).toordinal() for each in divisions.tolist()], dtype=np.int64)[places]
    return [(date.fromordinal(day), accounts[counted == day]) for day in np.unique(counted).tolist()]


def _post_month(session: Session, books: PostingAccounts, posted: Entries, accounts: Integers, *, month: date, posted_on: date) -> None:
    bulk.copy(
        session,
        "ledger_entry",
        {
            "division_id": books.division_id[posted.account],
            "account_id": books.account_id[posted.account],
            "debit": bulk.Coded(ACCOUNTS, posted.debit),
            "credit": bulk.Coded(ACCOUNTS, posted.credit),
            "amount_tiyin": posted.amount_tiyin,
            "posted_on": posted_on,
            "billing_month": month,
            "document_kind": bulk.Coded(DOCUMENT_KINDS, posted.kind),
            "document_id": posted.document,
            "document_month": bulk.dates(posted.month_day),
        },
        len(posted.account),
    )
    moved = Movements(*(column[accounts] for column in ledger.movements(posted, len(books.account_id))))
    before = None if books.before_tiyin is None else books.before_tiyin[accounts]
    mine = PostingAccounts(books.account_id[accounts], books.division_id[accounts], before)
    _add_balances(session, mine, moved, month)
    _add_turnover(session, mine, moved, month)


def _add_balances(session: Session, books: PostingAccounts, moved: Movements, month: date) -> None:
    """Add to the balances of the month, and to those of later months; a row that is not there yet is copied in."""
    if books.before_tiyin is None:
        account, sums = (
            {"account": books.account_id},
            {"charged": moved.charged_tiyin, "paid": moved.paid_tiyin, "adjusted": moved.adjusted_tiyin},
        )
        session.execute(_BALANCES, account | sums | {"month": month} | {"division": books.division_id})
        session.execute(_LATER_BALANCES, account | sums | {"month": month})
        return
    of_month, later = ledger_queries.months_from(session, books.account_id, month)
    known = np.isin(books.account_id, np.union1d(of_month, later))
    if known.any():
        _add_balances(session, PostingAccounts(books.account_id[known], books.division_id[known]), _of(moved, known), month)
    fresh, new = ~known, _of(moved, ~known)
    opening = books.before_tiyin[fresh]
    bulk.copy(
        session,
        "account_balance",
        {
            "account_id": books.account_id[fresh],
            "billing_month": month,
            "division_id": books.division_id[fresh],
            "opening_tiyin": opening,
            "charged_tiyin": new.charged_tiyin,
            "paid_tiyin": new.paid_tiyin,
            "adjusted_tiyin": new.adjusted_tiyin,
            "closing_tiyin": opening + new.charged_tiyin - new.paid_tiyin + new.adjusted_tiyin,
        },
        len(opening),
    )


def _add_positions(session: Session, books: PostingAccounts, moved: Movements, billed: BilledUpTo | None) -> None:
    sums = {"account": books.account_id, "debt": moved.debt_tiyin, "advance": moved.advance_tiyin}
    if billed is None:
        session.execute(_POSITIONS, sums)
        return
    state, day, first = np.zeros((3, len(books.account_id)), dtype=np.int64)
    state[billed.account], day[billed.account], first[billed.account] = 1 + billed.actual, billed.to_day, billed.first_day
    session.execute(_BILLED_POSITIONS, {**sums, "billed": state, "day": day, "first": first, "month": billed.month})


def _of(moved: Movements, chosen: Flags) -> Movements:
    return Movements(*(column[chosen] for column in moved))


def _add_turnover(session: Session, books: PostingAccounts, moved: Movements, month: date) -> None:
    division, index = np.unique(books.division_id, return_inverse=True)
    names = ("charged", "paid", "debt", "advance", "adjusted")
    sums = {name: sums_by(index, values, len(division)).tolist() for name, values in zip(names, moved, strict=True)}
    session.execute(_TURNOVER, {"division": division.tolist(), "month": month, **sums})
