"""Numbers of contracts: one after another in a division and year."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.contracts import contract_number
from app.queries.administration import value_on
from app.queries.records import fetch_one, fetch_optional

_NEXT = """
    WITH taken AS (
        INSERT INTO contract_counter (division_id, year, last_no) VALUES (:division_id, :year, 1)
        ON CONFLICT (division_id, year) DO UPDATE SET last_no = contract_counter.last_no + 1 RETURNING last_no
    )
    SELECT t.last_no, coalesce(d.branch_code, d.code) AS branch FROM taken t, division d WHERE d.id = :division_id
    """


class _Number(NamedTuple):
    last_no: int
    branch: str


def next_number(session: Session, division_id: int, *, on: date) -> str:
    """Return the next number of a division's contracts in the year of a day.

    Numbers have no gaps: who rolls back gives the number back, and the next one waits until it is decided. A number that an
    older contract bears already is passed over.
    """
    form, width = value_on(session, "contracts.number_form", on), value_on(session, "contracts.number_width", on)
    while True:
        sequence_no, branch = fetch_one(session, _NEXT, _Number, division_id=division_id, year=on.year)
        number = contract_number(form, branch=branch, year=on.year, sequence_no=sequence_no, width=width)
        known = "SELECT 1 FROM contract WHERE number = :number AND division_id = :division_id LIMIT 1"
        if not fetch_optional(session, known, int, number=number, division_id=division_id):
            return number
