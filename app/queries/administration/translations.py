"""Texts that translators corrected."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.administration import Translation


def corrected_texts(session: Session) -> dict[str, dict[str, list[str]]]:
    """Return language → message → texts."""
    result: dict[str, dict[str, list[str]]] = {}
    for row in session.execute(select(Translation.language, Translation.message, Translation.texts).order_by(Translation.id)):
        result.setdefault(row[0], {})[row[1]] = row[2]
    return result


def version_of_texts(session: Session) -> int:
    """Return a number that rises whenever a text is corrected."""
    return int(session.scalar(select(func.coalesce(func.max(Translation.id), 0))) or 0)
