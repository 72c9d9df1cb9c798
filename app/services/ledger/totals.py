"""Sums of open debts by division, kind of consumer and due day, changed with the debts in the same statement.

A sum may stand in several rows, which are added up when they are read: who finds a row locked takes another one or makes it, so nobody
waits for anybody's commit, however many payments of a district are posted at once.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.values import Integers

#: Ends a statement whose ``moved`` are changes of debts: account_id, division_id, due_on, amount (tiyin), debts (how many more).
ADD_MOVED = """
    summed AS (
        SELECT m.division_id, c.kind AS consumer_kind, m.due_on, sum(m.amount)::bigint AS amount, sum(m.debts)::int AS debts
        FROM moved m JOIN account a ON a.id = m.account_id LEFT JOIN consumer c ON c.id = a.consumer_id
        GROUP BY m.division_id, c.kind, m.due_on
    ),
    placed AS (
        SELECT s.division_id, s.consumer_kind, s.due_on, s.amount, s.debts, t.id
        FROM summed s LEFT JOIN LATERAL (
            SELECT t.id FROM debt_total t
            WHERE t.division_id = s.division_id AND t.consumer_kind = s.consumer_kind AND t.due_on = s.due_on
            ORDER BY t.id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) t ON true
    ),
    changed AS (
        UPDATE debt_total t SET remaining_tiyin = t.remaining_tiyin + p.amount, debts = t.debts + p.debts FROM placed p WHERE t.id = p.id
    )
    INSERT INTO debt_total (division_id, consumer_kind, due_on, remaining_tiyin, debts)
    SELECT division_id, consumer_kind, due_on, amount, debts FROM placed WHERE id IS NULL
"""

_NEW_DEBTS = text(
    f"""
    WITH moved AS (
        SELECT n.account_id, n.division_id, CAST(:due_on AS date) AS due_on, n.amount, 1 AS debts
        FROM unnest(CAST(:account AS bigint[]), CAST(:division AS bigint[]), CAST(:amount AS bigint[]))
            AS n (account_id, division_id, amount)
    ),
    {ADD_MOVED}
    """
)
_OF_ACCOUNT = text(
    f"""
    WITH moved AS (
        SELECT account_id, division_id, due_on, CAST(:sign AS int) * remaining_tiyin AS amount, CAST(:sign AS int) AS debts
        FROM debt WHERE account_id = :account_id
    ),
    {ADD_MOVED}
    """
)


def add_debts(session: Session, account_id: Integers, division_id: Integers, amount_tiyin: Integers, *, due_on: date) -> None:
    """Add new debts of one due day to the sums."""
    if len(account_id):
        given = {"account": account_id, "division": division_id, "amount": amount_tiyin, "due_on": due_on}
        session.execute(_NEW_DEBTS, given)


def add_account(session: Session, account_id: int) -> None:
    """Add the debts of an account to the sums of its consumer's kind, when it has come to that consumer."""
    session.execute(_OF_ACCOUNT, {"account_id": account_id, "sign": 1})


def remove_account(session: Session, account_id: int) -> None:
    """Take the debts of an account from the sums of its consumer's kind, before it goes to another consumer."""
    session.execute(_OF_ACCOUNT, {"account_id": account_id, "sign": -1})
