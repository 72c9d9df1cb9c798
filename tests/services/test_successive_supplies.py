"""An account with one supply after the other: each is billed to its end before the next begins, and days between are nobody's."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.billing.corrections import CorrectionKind
from app.queries import ledger, tariffs
from app.services.billing import corrections, replay
from app.services.billing.corrections import CorrectionRequest
from tests.builders import Home, bill_month, make_district, make_home, read

JAN, FEB, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))


def divide_supply(session: Session, home: Home, end: date, begin: date) -> None:
    session.execute(text("UPDATE supply SET valid_to = :day WHERE account_id = :id"), {"day": end, "id": home.account_id})
    session.execute(
        text(
            "INSERT INTO supply (division_id, account_id, service_point_id, tariff_group_id, valid_from, begins_anew) "
            "SELECT division_id, account_id, service_point_id, tariff_group_id, :day, true FROM supply WHERE account_id = :id"
        ),
        {"day": begin, "id": home.account_id},
    )


def billed(session: Session, home: Home) -> list[tuple[object, ...]]:
    rows = session.execute(
        text(
            "SELECT billing_month, period_from, period_to, quality, quantity_milli / 1000 FROM bill b WHERE account_id = :id "
            "AND cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill c WHERE c.cancels_id = b.id) ORDER BY 1"
        ),
        {"id": home.account_id},
    )
    return [tuple(row) for row in rows]


def replayed(session: Session, home: Home, month: date) -> list[object]:
    chunks = replay.replay_month(session, tariffs.prices(session), division_id=home.division_id, month=month)
    return [found for _, differences in chunks for found in differences]


@pytest.fixture
def home(session: Session) -> Home:
    made = make_home(session, make_district(session), dial=1000)
    read(session, made, FEB, 1310)
    bill_month(session, made.division_id, JAN)
    return made


def test_first_supply_is_billed_to_its_end_and_the_next_from_there(session: Session, home: Home) -> None:
    read(session, home, date(2026, 2, 11), 1400)
    read(session, home, APRIL, 2000)
    divide_supply(session, home, date(2026, 2, 11), date(2026, 2, 11))

    for month in (FEB, MARCH):
        bill_month(session, home.division_id, month)

    assert billed(session, home)[1:] == [
        (FEB, FEB, date(2026, 2, 11), "ACTUAL", 90),
        (MARCH, date(2026, 2, 11), APRIL, "ACTUAL", 600),
    ]
    assert [replayed(session, home, month) for month in (JAN, FEB, MARCH)] == [[], [], []]


def test_months_billed_again_end_where_the_supply_ended(session: Session, home: Home) -> None:
    read(session, home, date(2026, 2, 11), 1400)
    read(session, home, APRIL, 2000)
    divide_supply(session, home, date(2026, 2, 11), date(2026, 2, 11))
    for month in (FEB, MARCH):
        bill_month(session, home.division_id, month)
    before = billed(session, home)

    wanted = CorrectionRequest(home.division_id, JAN, CorrectionKind.REBILL, "again", "again", account_id=home.account_id)
    corrections.correct_account(session, wanted, today=APRIL)

    assert billed(session, home) == before
    assert ledger.drifts(session) == []
    assert [replayed(session, home, month) for month in (JAN, FEB, MARCH)] == [[], [], []]


def test_energy_between_two_supplies_is_nobodys(session: Session, home: Home) -> None:
    read(session, home, date(2026, 2, 11), 1400)
    read(session, home, date(2026, 3, 11), 1500)
    read(session, home, APRIL, 1700)
    divide_supply(session, home, date(2026, 2, 11), date(2026, 3, 11))

    for month in (FEB, MARCH):
        bill_month(session, home.division_id, month)

    assert billed(session, home)[1:] == [
        (FEB, FEB, date(2026, 2, 11), "ACTUAL", 90),
        (MARCH, date(2026, 3, 11), APRIL, "ACTUAL", 200),
    ]
    assert [replayed(session, home, month) for month in (FEB, MARCH)] == [[], []]
    assert ledger.drifts(session) == []
