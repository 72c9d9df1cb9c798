"""Rows that are kept for a time are deleted when it is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.administration.retention import RETENTION
from app.models.columns import metadata

#: Rows a step.
ROWS = 10_000


def delete_old(session: Session, table: str, days: Mapping[str, int], *, now: datetime) -> int:
    """Delete the oldest rows of a table that are older than they are kept, a step at most, and return how many were.

    :param days: how long rows are kept, by operating parameter
    """
    rows = metadata.tables[table]
    before = now - timedelta(days=days[RETENTION[table]])
    old = select(rows.c.id).where(rows.c.created_at < before).order_by(rows.c.id).limit(ROWS)
    return len(session.execute(delete(rows).where(rows.c.id.in_(old)).returning(rows.c.id)).all())
