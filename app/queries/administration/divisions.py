"""The tree of divisions, and who may work where."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Label, func, literal_column, select
from sqlalchemy.orm import Session

from app.domain.administration import DivisionLevel
from app.models.administration import Division
from app.queries.names import named, shown
from app.queries.records import fetch_all, fetch_one


class DivisionRecord(NamedTuple):
    """A division and its place in the tree."""

    id: int
    parent_id: int | None
    level: DivisionLevel
    code: str
    branch_code: str | None
    name: str
    path: str


#: The name is in the language of the reader.
_NAME: Label[str] = literal_column(shown("division")).label("name")
_DIVISION = (Division.id, Division.parent_id, Division.level, Division.code, Division.branch_code, _NAME, Division.path)

_IS_HERE = Division.id == func.any(func.app_divisions())


def divisions(session: Session) -> list[DivisionRecord]:
    """Return all divisions in the order of the tree."""
    return [DivisionRecord(*row) for row in session.execute(select(*_DIVISION).order_by(Division.path))]


def division_by_code(session: Session, code: str) -> DivisionRecord | None:
    """Return a division by its SOATO code."""
    row = session.execute(select(*_DIVISION).where(Division.code == code)).one_or_none()
    return DivisionRecord(*row) if row else None


def whole_company(session: Session) -> int:
    """Return the division at the root of the tree; whoever works there works everywhere."""
    return session.scalars(select(Division.id).where(Division.level == DivisionLevel.REPUBLIC)).one()


def company_name(session: Session, language: str) -> str:
    """Return the legal name of the one division that stands highest of those that have one, else the name of the root in a language."""
    statement = f"""
        WITH legal AS (SELECT legal_name, rank() OVER (ORDER BY nlevel) AS place FROM
            (SELECT legal_name, array_length(string_to_array(path, '/'), 1) AS nlevel FROM division WHERE legal_name IS NOT NULL) named)
        SELECT coalesce((SELECT min(legal_name) FROM legal WHERE place = 1 HAVING count(*) = 1), {named("d", ":language")})
        FROM division d WHERE d.level = 'REPUBLIC'
    """
    return fetch_one(session, statement, str, language=language)


def works_everywhere(session: Session) -> bool:
    """Tell whether the divisions of this transaction are all of the company: the root is among them."""
    inside = "SELECT EXISTS (SELECT FROM division WHERE level = 'REPUBLIC' AND id = ANY (app_divisions()))"
    return fetch_one(session, inside, bool)


def divisions_here(session: Session) -> list[DivisionRecord]:
    """Return the divisions this transaction works in, in the order of the tree."""
    return [DivisionRecord(*row) for row in session.execute(select(*_DIVISION).where(_IS_HERE).order_by(Division.path))]


def divisions_of_scope(session: Session) -> list[int]:
    """Return the divisions whose rows this transaction may see."""
    return fetch_all(session, "SELECT unnest((SELECT app_divisions())::bigint[]) ORDER BY 1", int)


def granted_divisions(session: Session, user_id: int, on: date) -> frozenset[int]:
    """Return the divisions a user was given himself on a day; he works in those below them too."""
    statement = """
        SELECT division_id FROM division_access
        WHERE user_id = :user_id AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
        """
    return frozenset(fetch_all(session, statement, int, user_id=user_id, on=on))


def divisions_of_user(session: Session, user_id: int, on: date) -> list[DivisionRecord]:
    """Return the divisions a user may work in, subtrees and those of absent ones included, in the order of the tree."""
    statement = f"""
        SELECT d.id, d.parent_id, d.level, d.code, d.branch_code, {shown("d")} AS name, d.path
        FROM user_divisions(:user_id, :on) mine JOIN division d ON d.id = mine
        ORDER BY d.path
        """
    return fetch_all(session, statement, DivisionRecord, user_id=user_id, on=on)
