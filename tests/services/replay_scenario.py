"""Accounts with bills of every kind."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import ReadingKind
from tests.builders import Home, bill_month, install, make_district, make_home, read

JAN, FEB, MARCH, APRIL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def billed_story(session: Session) -> Home:
    """Homes with four months: read, estimated, put right, and one with a meter exchanged."""
    district = make_district(session)
    homes = [make_home(session, district, serial) for serial in range(1, 8)]
    for number, home in enumerate(homes):
        read(session, home, date(2026, 1, 31), 1300 + number)
    bill_month(session, district.id, JAN)
    bill_month(session, district.id, FEB)
    for number, home in enumerate(homes[:6]):
        read(session, home, date(2026, 3, 20 + number), 1500 + 7 * number)
    new = install_new(session, homes[0])
    bill_month(session, district.id, MARCH)
    read(session, new, date(2026, 4, 30), 200)
    bill_month(session, district.id, APRIL)
    return homes[0]


def install_new(session: Session, home: Home) -> Home:
    read(session, home, date(2026, 3, 25), 1550, kind=ReadingKind.FINAL)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-03-25' WHERE id = :id"), {"id": home.installation_id})
    new = install(session, home, "NEW", date(2026, 3, 25))
    read(session, new, date(2026, 3, 25), 0, kind=ReadingKind.INITIAL)
    return new
