"""Whoever waited for a lock sees what was done while he waited."""

from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.models.reference import Bank


def test_row_that_is_locked_is_read_anew(engine: Engine) -> None:
    with Session(engine) as first, Session(engine) as second:
        first.add(Bank(mfo="09999", name="before"))
        first.commit()
        try:
            chosen = select(Bank).where(Bank.mfo == "09999")
            known = second.scalars(chosen).one()
            first.execute(text("UPDATE bank SET name = 'after' WHERE mfo = '09999'"))
            first.commit()

            assert second.scalars(chosen).one().name == "before"
            assert second.scalars(chosen.with_for_update()).one() is known
            assert known.name == "after"
            second.rollback()
            second.get(Bank, known.id)
            first.execute(text("UPDATE bank SET name = 'later' WHERE mfo = '09999'"))
            first.commit()
            assert second.get(Bank, known.id, with_for_update=True).name == "later"  # type: ignore[union-attr]
        finally:
            second.rollback()
            first.execute(text("DELETE FROM bank WHERE mfo = '09999'"))
            first.commit()
