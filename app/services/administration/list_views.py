"""Views of lists: kept under a name, renamed, made the one a list opens with, deleted."""

from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.administration import ListView


class NameTaken(Exception):
    """There is a view of this list with that name already."""


class Owner(NamedTuple):
    """Whose a view is: a user's own, or of those who hold a role in a division or below it."""

    user_id: int | None = None
    role_id: int | None = None
    division_id: int | None = None


def save(session: Session, owner: Owner, *, list_name: str, name: str, query: str, is_default: bool) -> int:
    """Keep a view under a name and return its id; one that has the name takes the new contents."""
    found = _named(session, owner, list_name, name) or ListView(**owner._asdict(), list_name=list_name, name=name)
    if is_default:
        _clear_default(session, owner, list_name)
    found.query, found.is_default = query, is_default
    session.add(found)
    session.flush()
    return found.id


def rename(session: Session, view_id: int, name: str) -> None:
    """Give a view another name.

    :raises NameTaken: if its owner has a view of this list with that name
    """
    found = session.get_one(ListView, view_id)
    other = _named(session, _owner(found), found.list_name, name)
    if other is not None and other.id != view_id:
        raise NameTaken(name)
    found.name = name
    session.flush()


def set_default(session: Session, view_id: int, *, is_default: bool) -> None:
    """Let a list open with a view for its owner, or no longer."""
    found = session.get_one(ListView, view_id)
    if is_default:
        _clear_default(session, _owner(found), found.list_name)
    found.is_default = is_default
    session.flush()


def delete(session: Session, view_id: int) -> None:
    """Delete a view."""
    session.delete(session.get_one(ListView, view_id))
    session.flush()


def _owner(view: ListView) -> Owner:
    return Owner(view.user_id, view.role_id, view.division_id)


def _named(session: Session, owner: Owner, list_name: str, name: str) -> ListView | None:
    return session.scalar(select(ListView).filter_by(**owner._asdict(), list_name=list_name, name=name))


def _clear_default(session: Session, owner: Owner, list_name: str) -> None:
    session.execute(update(ListView).filter_by(**owner._asdict(), list_name=list_name, is_default=True).values(is_default=False))
