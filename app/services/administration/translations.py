"""Correction of the texts of the screens."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.translations import check_texts
from app.models.administration import Translation


def correct_text(session: Session, *, language: str, source: Sequence[str], texts: Sequence[str]) -> None:
    """Put texts in place of a message's shipped ones in a language; the old correction stays in the audit trail.

    :raises EmptyText: if a form is empty
    :raises PlacesDiffer: if a place of the source is missing, or one is there that the source has not
    """
    check_texts(source, texts)
    session.execute(delete(Translation).where(Translation.language == language, Translation.message == source[0]))
    # A new row rather than a changed one, so that the highest number tells every process that something changed.
    session.add(Translation(language=language, message=source[0], texts=list(texts)))
    session.flush()
