from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.identifiers import InvalidIdentifier
from app.domain.metering import ReadingSource
from app.domain.reference import ConsumerKind
from app.models.equipment import DeviceModel
from app.models.reference import Resource, Street, TariffGroup
from app.services import accounts, metering, tariffs
from app.services.accounts import NewAccount
from tests.builders import bill_month, make_district, make_home, read

OPENED = date(2026, 1, 10)


def wanted(session: Session, **changes: object) -> NewAccount:
    district = make_district(session)
    electricity = session.execute(select(Resource).where(Resource.code == "ELECTRICITY")).scalar_one()
    model = DeviceModel(name="New model", resource_id=electricity.id)
    session.add(model)
    session.flush()
    given = NewAccount(
        kind=ConsumerKind.HOUSEHOLD,
        name="Toʻlqinov Oʻtkir",
        identifier="30101199001232",
        phone="+998901112233",
        language="uz",
        number="269990000077",
        opened_on=OPENED,
        street=session.execute(select(Street).where(Street.division_id == district.id)).scalar_one(),
        house="7",
        flat=None,
        capacity_milli=5000,
        tariff_group=session.execute(select(TariffGroup).where(TariffGroup.code == "HOUSEHOLD")).scalar_one(),
        resource_id=electricity.id,
        meter_model=model,
        serial_number="Z-1",
        digits=5,
        ct_primary=1,
        ct_secondary=1,
        first_dial_milli=12_000,
    )
    return given._replace(**changes)


def test_account_opened_from_one_form_is_billed_with_the_first_month(session: Session) -> None:
    account = accounts.open_account(session, wanted(session))
    metering.enter(
        session, account_id=account.id, meter_number="", read_on="2026-01-31", dial="212",
        source=ReadingSource.OFFICE, sure=True, today=date(2026, 2, 1),
    )  # fmt: skip

    bill_month(session, account.division_id, date(2026, 1, 1))

    bill = session.execute(text("SELECT period_from, quantity_milli, amount_tiyin FROM bill")).one()
    assert tuple(bill) == (OPENED, 200_000, 12_000_000)


def test_taken_number_and_used_meter_are_refused(session: Session) -> None:
    first = wanted(session)
    accounts.open_account(session, first)

    with pytest.raises(accounts.AccountNumberTaken):
        accounts.open_account(session, first._replace(serial_number="Z-2", identifier=None))
    with pytest.raises(accounts.MeterInUse):
        accounts.open_account(session, first._replace(number="269990000078", identifier=None))


def test_wrong_identifier_is_refused(session: Session) -> None:
    with pytest.raises(InvalidIdentifier):
        accounts.open_account(session, wanted(session, identifier="30101199001231"))


def test_wrong_reading_is_replaced_by_a_further_one_and_billed_right(session: Session) -> None:
    home = make_home(session, make_district(session))
    wrong = read(session, home, date(2026, 1, 31), 1900)

    right = metering.correct(session, account_id=home.account_id, reading_id=wrong, dial="1090", sure=True, today=date(2026, 2, 1))
    bill_month(session, home.division_id, date(2026, 1, 1))

    assert right.replaces_id == wrong
    assert session.scalar(text("SELECT quantity_milli FROM bill")) == 90_000
    assert session.scalar(text("SELECT dial_milli FROM reading WHERE id = :id"), {"id": wrong}) == 1_900_000


def test_reading_that_was_billed_or_replaced_is_not_corrected(session: Session) -> None:
    home = make_home(session, make_district(session))
    first = read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, date(2026, 1, 1))
    second = read(session, home, date(2026, 2, 28), 1200)
    metering.correct(session, account_id=home.account_id, reading_id=second, dial="1190", sure=True, today=date(2026, 3, 1))

    for reading in (first, second):
        with pytest.raises(metering.ReadingAlreadyBilled):
            metering.correct(session, account_id=home.account_id, reading_id=reading, dial="1150", sure=True, today=date(2026, 3, 1))


def test_price_that_bills_were_made_with_stays(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, date(2026, 1, 1))

    with pytest.raises(tariffs.PricesAlreadyBilled):
        tariffs.check_unbilled(session, date(2025, 5, 1))
    tariffs.check_unbilled(session, date(2026, 2, 1))
