"""Maintenance begins and ends; while it lasts nothing but payments changes."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models.administration.maintenance import Maintenance


def begin(session: Session, message: str) -> None:
    """Make the back office read-only for everybody, and tell why."""
    statement = insert(Maintenance).values(id=1, message=message[:300])
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"message": statement.excluded.message}))


def end(session: Session) -> None:
    """Let everybody work again."""
    session.execute(delete(Maintenance))


def message(session: Session) -> str | None:
    """Return what people are told while maintenance lasts, or None while it does not."""
    found: str | None = session.scalar(select(Maintenance.message))
    return found
