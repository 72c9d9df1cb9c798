"""Views of lists that a user may open: their own, and those shared with a role of theirs."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.administration.staff import ROLES_ON_A_DAY
from app.queries.records import fetch_all, fetch_optional


class SavedView(NamedTuple):
    """A view of a list.

    :ivar query: the arguments of its address
    :ivar role_name: with whom it is shared; None: the user's own
    :ivar division_id: where it is shared; None: the user's own
    """

    id: int
    list_name: str
    name: str
    query: str
    is_default: bool
    role_name: str | None
    division_id: int | None


_VIEWS = f"""
    SELECT v.id, v.list_name, v.name, v.query, v.is_default, r.name AS role_name, v.division_id
    FROM list_view v LEFT JOIN ab_role r ON r.id = v.role_id LEFT JOIN division d ON d.id = v.division_id
    WHERE (v.user_id = :user_id OR v.role_id IN ({ROLES_ON_A_DAY}))
"""


def list_views(session: Session, list_name: str, *, user_id: int, on: date) -> list[SavedView]:
    """Return the views of a list that a user may open: first their own, then those shared nearest to them with a role of a day."""
    statement = f"{_VIEWS} AND v.list_name = :list_name ORDER BY v.user_id IS NULL, length(d.path) DESC, v.name, v.id"
    return fetch_all(session, statement, SavedView, list_name=list_name, user_id=user_id, on=on)


def list_view(session: Session, view_id: int, *, user_id: int, on: date) -> SavedView | None:
    """Return a view that a user may open on a day, or None."""
    return fetch_optional(session, f"{_VIEWS} AND v.id = :id", SavedView, id=view_id, user_id=user_id, on=on)
