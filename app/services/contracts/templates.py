"""Texts papers of contracts are made from: a new version is in force from its day on, an old one is never changed."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.contracts import ContractPaperKind, check_template
from app.models.contracts import ContractTemplate


class TemplateInThePast(Exception):
    """A text would change papers of days that are over."""


def add_template(
    session: Session, *, kind: ContractPaperKind, language: str, valid_from: date, body: str, source: str, today: date
) -> ContractTemplate:
    """Add the text of a kind of paper in a language, in force from a day on.

    :raises TemplateInThePast: if the day is over
    :raises TemplateRefused: if its variables are not those of the kind
    """
    if valid_from < today:
        raise TemplateInThePast
    check_template(kind, body)
    made = ContractTemplate(kind=kind, language=language, valid_from=valid_from, body=body.strip(), source=source.strip())
    session.add(made)
    session.flush()
    return made
