"""Numbers of contracts: one after another in a division and year."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.contracts import contract_number
from app.queries.administration import value_on

_NEXT = text(
    """
    WITH taken AS (
        INSERT INTO contract_counter (division_id, year, last_no) VALUES (:division_id, :year, 1)
        ON CONFLICT (division_id, year) DO UPDATE SET last_no = contract_counter.last_no + 1 RETURNING last_no
    )
    SELECT t.last_no, coalesce(d.branch_code, d.code) FROM taken t, division d WHERE d.id = :division_id
    """
)


def next_number(session: Session, division_id: int, *, on: date) -> str:
    """Return the next number of a division's contracts in the year of a day.

    Numbers have no gaps: who rolls back gives the number back, and the next one waits until it is decided. A number that an
    older contract bears already is passed over.
    """
    form, width = value_on(session, "contracts.number_form", on), value_on(session, "contracts.number_width", on)
    while True:
        sequence_no, branch = session.execute(_NEXT, {"division_id": division_id, "year": on.year}).one()
        number = contract_number(form, branch=branch, year=on.year, sequence_no=sequence_no, width=width)
        known = text("SELECT 1 FROM contract WHERE number = :number AND division_id = :division_id")
        if session.execute(known, {"number": number, "division_id": division_id}).first() is None:
            return number
