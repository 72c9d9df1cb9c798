"""The tree of divisions."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.administration import CHILD_LEVEL, DivisionLevel
from app.domain.reference import RefusedRow, RowFault, RowRefused
from app.gateways.divisions_file import DistrictRow
from app.models.administration import Division
from app.queries import administration as queries

_LONGEST_NAME = 200


class UnknownParent(Exception):
    """A division's parent is not there, or is not one level above."""


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


def import_districts(session: Session, rows: Iterable[DistrictRow]) -> tuple[int, list[RefusedRow]]:
    """Add or rename districts from a file; return how many were taken, and the rows that were not."""
    accepted, rejected = 0, []
    regions = {division.code: division for division in queries.divisions(session) if division.level == DivisionLevel.REGION}
    for row in rows:
        try:
            code = _code_of(row)
            region = regions.get(row.region_code.strip() or code[:4])
            _check_district(row, code, region)
        except RowRefused as refused:
            rejected.append(refused.of(row.row_no))
        else:
            assert region is not None
            _put_district(session, region, code, row)
            accepted += 1
    session.flush()
    return accepted, rejected


def _code_of(row: DistrictRow) -> str:
    if row.refusal:
        raise RowRefused(row.refusal.column, row.refusal.fault, row.refusal.value)
    try:
        return identifiers.soato(row.code)
    except identifiers.InvalidIdentifier:
        raise RowRefused("code", RowFault.NOT_A_CODE if row.code else RowFault.EMPTY, row.code) from None


def _check_district(row: DistrictRow, code: str, region: queries.DivisionRecord | None) -> None:
    if region is None or len(code) == 4:
        raise RowRefused("region", RowFault.UNKNOWN_ROW, row.region_code or code)
    if not row.name.strip():
        raise RowRefused("name", RowFault.EMPTY)
    longest = max((row.name, row.name_uz_cyrl, row.name_ru), key=len)
    if len(longest) > _LONGEST_NAME:
        raise RowRefused("name", RowFault.TEXT_TOO_LONG, longest)


def _put_district(session: Session, region: queries.DivisionRecord, code: str, row: DistrictRow) -> None:
    district = session.scalar(select(Division).where(Division.code == code))
    if district is None:
        district = Division(level=DivisionLevel.DISTRICT, code=code, parent_id=region.id)
        session.add(district)
    district.name, district.name_uz_cyrl, district.name_ru = row.name.strip(), row.name_uz_cyrl or None, row.name_ru or None
    with session.no_autoflush:
        place_division(session, district)
    session.flush()
