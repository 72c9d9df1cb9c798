"""Whose papers these are."""

from app import labels
from app.extensions import db
from app.queries import administration


def author() -> str:
    """Return the name of the company, in the language that is spoken: what a PDF says of its author."""
    return administration.company_name(db.session(), labels.locale_code())
