"""Whom a campaign finds, and what became of its messages."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all, fetch_one


class Audience(NamedTuple):
    """Whom a campaign is for.

    :ivar consumer_kind: None: both
    :ivar overdue_by: only with a bill due before this day that is not paid; None: whether or not
    """

    division_id: int
    consumer_kind: str | None
    debt_from_tiyin: int
    overdue_by: date | None


class CampaignSize(NamedTuple):
    """An account a campaign finds."""

    account_id: int
    debt_tiyin: int


_FOUND = """
    FROM account a JOIN consumer c ON c.id = a.consumer_id JOIN division d ON d.id = a.division_id
    LEFT JOIN account_position p ON p.account_id = a.id
    WHERE d.path LIKE (SELECT path FROM division WHERE id = :division_id) || '%' AND a.status = 'OPEN'
      AND (CAST(:consumer_kind AS text) IS NULL OR c.kind = :consumer_kind) AND coalesce(p.debt_tiyin, 0) >= :debt_from_tiyin
      AND (CAST(:overdue_by AS date) IS NULL OR EXISTS (SELECT 1 FROM debt t WHERE t.account_id = a.id AND t.due_on < :overdue_by))
    """


def audience(session: Session, wanted: Audience, *, after: int, limit: int) -> list[CampaignSize]:
    """Return the next accounts a campaign finds, by their numbers in the database."""
    statement = f"SELECT a.id AS account_id, coalesce(p.debt_tiyin, 0) AS debt_tiyin {_FOUND} AND a.id > :after ORDER BY a.id LIMIT :limit"
    return fetch_all(session, statement, CampaignSize, after=after, limit=limit, **wanted._asdict())


def count_audience(session: Session, wanted: Audience) -> int:
    """Return how many accounts a campaign finds."""
    return fetch_one(session, f"SELECT count(*) {_FOUND}", int, **wanted._asdict())


class _StatusCount(NamedTuple):
    status: str
    rows: int


def states(session: Session, campaign_id: int) -> dict[str, int]:
    """Return how many messages of a campaign stand in each state."""
    statement = "SELECT status, count(*) AS rows FROM notice WHERE campaign_id = :id GROUP BY status ORDER BY status"
    return dict(fetch_all(session, statement, _StatusCount, id=campaign_id))


def numbers_told(session: Session, campaign_id: int, phones: list[str]) -> set[str]:
    """Return which of some numbers a campaign wrote to already."""
    statement = "SELECT DISTINCT phone FROM notice WHERE campaign_id = :id AND phone = ANY(:phones)"
    return set(fetch_all(session, statement, str, id=campaign_id, phones=phones))
