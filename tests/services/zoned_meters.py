"""Meters with registers of zones."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import ReadingKind
from app.models.equipment import Register
from tests.builders import Home, make_district, make_home, read

JAN, FEB, TODAY = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


ALL = ("DAY", "NIGHT", "PEAK", "REACTIVE", "DEMAND")


def make_zoned(session: Session, codes: tuple[str, ...] = ALL, *, capacity_kw: int = 10) -> Home:
    """Add an account whose meter has further registers, each read on 1 January: 600 by day, 400 by night, 0 the others."""
    home = make_home(session, make_district(session), group="LEGAL", capacity_kw=capacity_kw)
    meter_id = session.scalar(text("SELECT meter_id FROM register WHERE id = :id"), {"id": home.register_id})
    for code in codes:
        register = Register(meter_id=meter_id, code=code, digits=6, decimals=0)
        session.add(register)
        session.flush()
        first = {"DAY": 600, "NIGHT": 400}.get(code, 0)
        read(session, home._replace(register_id=register.id), JAN, first, kind=ReadingKind.INITIAL)
    return home


def recorded(session: Session, day: date) -> dict[str, int]:
    rows = session.execute(
        text("SELECT g.code, r.dial_milli / 1000 FROM reading r JOIN register g ON g.id = r.register_id WHERE r.read_on = :day"),
        {"day": day},
    )
    return {str(row[0]): int(row[1]) for row in rows}
