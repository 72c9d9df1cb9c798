"""Work on debtors: who looks after an account that owes, and how far it went."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.ledger.debts import DebtStage

#: What is known of a debtor counts as long as a debt of then is open: a debtor who paid and owes again begins anew.
_WORK = text(
    """
    INSERT INTO debt_work (division_id, account_id, owner, stage, newest_due_on)
    SELECT p.division_id, p.account_id, CAST(:owner AS text), coalesce(CAST(:stage AS text), 'NEW'), d.newest
    FROM account_position p
    CROSS JOIN LATERAL (SELECT min(due_on) AS oldest, max(due_on) AS newest FROM debt WHERE account_id = p.account_id) d
    WHERE p.account_id = ANY(:ids) AND d.newest IS NOT NULL ORDER BY p.account_id
    ON CONFLICT (account_id) DO UPDATE SET
        owner = CASE WHEN :keeps_owner AND debt_work.newest_due_on >= (SELECT min(due_on) FROM debt WHERE account_id = debt_work.account_id)
                     THEN coalesce(debt_work.owner, excluded.owner) ELSE excluded.owner END,
        stage = CASE WHEN CAST(:stage AS text) IS NULL
                          AND debt_work.newest_due_on >= (SELECT min(due_on) FROM debt WHERE account_id = debt_work.account_id)
                     THEN debt_work.stage ELSE excluded.stage END,
        newest_due_on = excluded.newest_due_on
    """
)


def assign(session: Session, account_ids: Sequence[int], *, owner: str | None) -> int:
    """Let a person look after debtors (None: nobody any more); return how many owe."""
    return _work(session, account_ids, owner=owner, stage=None)


def advance(session: Session, account_ids: Sequence[int], stage: DebtStage, *, by: str) -> int:
    """Record how far the work on debtors went; who has nobody gets the one who says so. Return how many owe."""
    return _work(session, account_ids, owner=by, stage=stage)


def _work(session: Session, account_ids: Sequence[int], *, owner: str | None, stage: DebtStage | None) -> int:
    given = {"ids": list(account_ids), "owner": owner, "stage": stage, "keeps_owner": stage is not None}
    done = session.execute(_WORK, given)
    return int(done.rowcount)  # type: ignore[attr-defined]
