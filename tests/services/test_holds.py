"""Bills that look wrong wait for a person; what he decides holds for that bill and no other."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing import ExceptionReason, HoldEvent, HoldStatus
from app.models.billing import Bill, BillHold
from app.queries import ledger
from app.services.billing import holds as service
from tests.builders import Home, bill_month, make_district, make_home, read

JAN = date(2026, 1, 1)
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)


def strict(session: Session, **limits: int) -> None:
    for name, value in limits.items():
        session.execute(
            text("INSERT INTO operating_parameter (code, value, valid_from, source) VALUES (:code, :value, '2020-01-01', 'test')"),
            {"code": f"billing.{name}", "value": value},
        )


def large(session: Session) -> Home:
    """A home whose January comes to 200 kWh, 120,000 soʻm, above the largest bill."""
    strict(session, largest_bill_som=100_000)
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1200)
    bill_month(session, home.division_id, JAN)
    return home


def held(session: Session) -> BillHold:
    session.expire_all()
    return session.scalars(select(BillHold)).one()


def bills(session: Session) -> list[int]:
    return list(session.scalars(select(Bill.amount_tiyin)))


def test_bill_above_the_largest_sum_waits_and_is_posted_once_it_is_released(session: Session) -> None:
    home = large(session)
    waiting = held(session)

    assert bills(session) == []
    assert (waiting.reason, waiting.status, waiting.amount_tiyin) == (ExceptionReason.OVER_AMOUNT, HoldStatus.OPEN, 12_000_000)
    assert service.assign(session, [waiting.id], owner="operator") == 1
    bill_month(session, home.division_id, JAN)
    assert bills(session) == []
    service.decide(session, [waiting.id], HoldEvent.RELEASE, by="operator", remark="shop opened", now=NOW)
    bill_month(session, home.division_id, JAN)

    assert bills(session) == [12_000_000]
    assert (held(session).owner, held(session).decided_by, held(session).remark) == ("operator", "operator", "shop opened")
    assert ledger.drifts(session) == []


def test_release_holds_for_that_amount_only(session: Session) -> None:
    home = large(session)
    service.decide(session, [held(session).id], HoldEvent.RELEASE, by="operator", remark="", now=NOW)

    read(session, home, date(2026, 2, 1), 1300)
    bill_month(session, home.division_id, JAN)

    assert bills(session) == []
    assert held(session).status == HoldStatus.OPEN
    assert held(session).amount_tiyin != 12_000_000


def test_what_is_put_right_is_billed_and_waits_no_longer(session: Session) -> None:
    home = large(session)

    session.execute(text("UPDATE operating_parameter SET value = 1000000 WHERE code = 'billing.largest_bill_som'"))
    bill_month(session, home.division_id, JAN)

    assert bills(session) == [12_000_000]
    assert held(session).status == HoldStatus.CORRECTED


def test_parked_account_gets_no_bill_until_somebody_decides_otherwise(session: Session) -> None:
    home = large(session)
    service.decide(session, [held(session).id], HoldEvent.PARK, by="operator", remark="", now=NOW)
    bill_month(session, home.division_id, JAN)
    assert (bills(session), held(session).status) == ([], HoldStatus.PARKED)

    service.decide(session, [held(session).id], HoldEvent.RELEASE, by="operator", remark="", now=NOW)
    bill_month(session, home.division_id, JAN)

    assert bills(session) == [12_000_000]


def test_bill_that_cannot_be_made_cannot_be_released(session: Session) -> None:
    home = make_home(session, make_district(session), capacity_kw=1)
    read(session, home, date(2026, 1, 31), 9000)
    bill_month(session, home.division_id, JAN)
    waiting = held(session)

    assert (waiting.reason, waiting.amount_tiyin) == (ExceptionReason.IMPLAUSIBLE, None)
    with pytest.raises(service.HoldRefused):
        service.decide(session, [waiting.id], HoldEvent.RELEASE, by="operator", remark="", now=NOW)
    service.decide(session, [waiting.id], HoldEvent.CORRECT, by="operator", remark="", now=NOW)
    with pytest.raises(service.HoldRefused):
        service.decide(session, [waiting.id], HoldEvent.RELEASE, by="operator", remark="", now=NOW)


@pytest.mark.parametrize(("check", "dials"), [("hold_high", (1100, 2500)), ("hold_negative", ()), ("hold_zero_months", (1000, 1000))])
def test_each_check_holds_only_where_its_parameter_says_so(session: Session, check: str, dials: tuple[int, ...]) -> None:
    homes = make_home(session, make_district(session)), make_home(session, make_district(session, "1726998"), 2)
    strict(session, zero_months=2, largest_bill_som=0)
    for home in homes:
        for month, dial in enumerate(dials, 1):
            read(session, home, date(2026, month, 28), dial)
    for month in range(1, len(dials)):
        bill_month(session, homes[0].division_id, date(2026, month, 1))
        bill_month(session, homes[1].division_id, date(2026, month, 1))
    if not dials:
        bill_month(session, homes[0].division_id, JAN)
        bill_month(session, homes[1].division_id, JAN)
        for home in homes:
            read(session, home, date(2026, 2, 28), 1001)
    last = date(2026, max(len(dials), 2), 1)

    bill_month(session, homes[0].division_id, last)
    noted = session.scalars(select(BillHold)).all()
    strict(session, **{check: 1})
    bill_month(session, homes[1].division_id, last)

    assert noted == []
    assert held(session).account_id == homes[1].account_id
