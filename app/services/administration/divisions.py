"""The tree of divisions."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.administration import CHILD_LEVEL, DivisionLevel
from app.models.administration import Division
from app.queries import administration as queries

_LONGEST_NAME = 200


class UnknownParent(Exception):
    """A division's parent is not there, or is not one level above."""


class DivisionRow(NamedTuple):
    """A row of a file of districts."""

    row_no: int
    code: str
    region_code: str
    name: str
    name_uz_cyrl: str
    name_ru: str


class Rejected(NamedTuple):
    """A row that was refused: where, which column, and why."""

    row_no: int
    column: str
    reason: str


def place_division(session: Session, division: Division) -> None:
    """Check a division's code and level and compute its path from its parent's.

    :raises InvalidIdentifier: if the code is no SOATO code
    :raises UnknownParent: if the parent is not one level above
    """
    division.code = identifiers.soato(division.code)
    parent = division.parent or (session.get(Division, division.parent_id) if division.parent_id else None)
    if parent is None or CHILD_LEVEL.get(parent.level) != DivisionLevel(division.level):
        raise UnknownParent
    division.path = f"{parent.path}{division.code}/"
    if division.level == DivisionLevel.DISTRICT and not division.branch_code:
        usual = division.code[2:7].ljust(5, "0")
        taken = session.scalar(select(Division.id).where(Division.branch_code == usual))
        division.branch_code = None if taken else usual


def import_districts(session: Session, rows: Iterable[DivisionRow]) -> tuple[int, list[Rejected]]:
    """Add or rename districts from a file; return how many were taken, and the rows that were not."""
    accepted, rejected = 0, []
    regions = {division.code: division for division in queries.divisions(session) if division.level == DivisionLevel.REGION}
    for row in rows:
        try:
            code = identifiers.soato(row.code)
        except identifiers.InvalidIdentifier as error:
            rejected.append(Rejected(row.row_no, "code", error.reason))
            continue
        region = regions.get(row.region_code.strip() or code[:4])
        if region is None or len(code) == 4:
            rejected.append(Rejected(row.row_no, "region", "UNKNOWN_REGION"))
        elif not row.name.strip():
            rejected.append(Rejected(row.row_no, "name", "EMPTY"))
        elif max(map(len, (row.name, row.name_uz_cyrl, row.name_ru))) > _LONGEST_NAME:
            rejected.append(Rejected(row.row_no, "name", "TOO_LONG"))
        else:
            _put_district(session, region, code, row)
            accepted += 1
    session.flush()
    return accepted, rejected


def _put_district(session: Session, region: queries.DivisionRecord, code: str, row: DivisionRow) -> None:
    district = session.scalar(select(Division).where(Division.code == code))
    if district is None:
        district = Division(level=DivisionLevel.DISTRICT, code=code, parent_id=region.id)
        session.add(district)
    district.name, district.name_uz_cyrl, district.name_ru = row.name.strip(), row.name_uz_cyrl or None, row.name_ru or None
    with session.no_autoflush:
        place_division(session, district)
    session.flush()
