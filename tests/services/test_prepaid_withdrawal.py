"""An old price that was kept for what was paid ahead is withdrawn from a day on, and given back by the counter-act."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused
from app.models.supply import PrepaidVolume
from app.models.tariffs import Tariff, TariffVersion
from app.services import acts
from tests.builders import bill_month, make_district, make_home, read
from tests.services.bill_act_scenario import MONTHS, TODAY, Office, group_id

#: The first day of the period that the bill of February is of: the day of the reading in January.
FEB = date(2026, 1, 31)


@pytest.fixture
def kept(session: Session) -> tuple[Office, int]:
    """An account billed for three months, whose first 800 kWh keep a price of 1 soʻm."""
    home = make_home(session, make_district(session))
    tariff = session.scalars(select(Tariff).where(Tariff.tariff_group_id == group_id(session, "HOUSEHOLD_STOVE"))).first()
    assert tariff is not None
    version = session.scalars(select(TariffVersion).where(TariffVersion.tariff_id == tariff.id)).first()
    assert version is not None
    volume = PrepaidVolume(
        division_id=home.division_id, account_id=home.account_id, tariff_version_id=version.id, quantity_milli=800_000,
        valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1), basis="decree",
    )  # fmt: skip
    session.add(volume)
    session.flush()
    days = (date(2026, 1, 31), 1300), (date(2026, 2, 28), 1600), (date(2026, 3, 31), 1900)
    readings = [read(session, home, day, dial) for day, dial in days]
    for month in MONTHS:
        bill_month(session, home.division_id, month)
    return Office(session, home, readings), volume.id


def test_old_price_is_kept_up_to_the_day_of_its_withdrawal(kept: tuple[Office, int]) -> None:
    office, volume = kept
    before = office.bills()

    act = office.act(ActKind.WITHDRAW_PREPAID, FEB, prepaid_volume_id=volume)

    after = office.bills()
    assert [bill[:2] for bill in after] == [bill[:2] for bill in before]
    assert after[0] == before[0]
    assert [now[2] != then[2] for now, then in zip(after[1:], before[1:], strict=True)] == [True, True]
    assert office.session.get_one(PrepaidVolume, volume).kept_to == FEB
    assert dict(act.result["details"])["kept_to_before"] == "2027-01-01"
    assert office.is_sound()


def test_period_that_began_before_the_day_keeps_the_old_price(kept: tuple[Office, int]) -> None:
    office, volume = kept
    before = office.bills()

    office.act(ActKind.WITHDRAW_PREPAID, date(2026, 2, 10), prepaid_volume_id=volume)

    assert [now[2] != then[2] for now, then in zip(office.bills(), before, strict=True)] == [False, False, True]
    assert office.is_sound()


def test_old_price_withdrawn_from_its_first_day_never_was(kept: tuple[Office, int]) -> None:
    office, volume = kept
    before = office.bills()

    office.act(ActKind.WITHDRAW_PREPAID, date(2026, 1, 1), prepaid_volume_id=volume)

    assert all(now[2] != then[2] for now, then in zip(office.bills()[:2], before[:2], strict=True))
    assert office.is_sound()


def test_counter_act_gives_the_very_bills_and_the_old_price_back(kept: tuple[Office, int]) -> None:
    office, volume = kept
    before = office.bills()

    office.undo(office.act(ActKind.WITHDRAW_PREPAID, FEB, prepaid_volume_id=volume))

    assert office.bills() == before
    assert office.session.get_one(PrepaidVolume, volume).kept_to == date(2027, 1, 1)
    assert office.is_sound()


def test_preview_writes_nothing(kept: tuple[Office, int]) -> None:
    office, volume = kept
    before = office.bills()

    found = acts.preview(office.session, office.ask(ActKind.WITHDRAW_PREPAID, FEB, prepaid_volume_id=volume), today=TODAY)

    assert found["bills"] != []
    assert office.bills() == before
    assert office.session.get_one(PrepaidVolume, volume).kept_to == date(2027, 1, 1)


@pytest.mark.parametrize("days", [["2026-02-10", "2026-02-10"], ["2026-02-10", "2026-03-01"], ["2025-12-31"]])
def test_price_that_is_not_kept_on_the_day_is_not_withdrawn(kept: tuple[Office, int], days: list[str]) -> None:
    office, volume = kept
    for place, day in enumerate(days[:-1]):
        office.act(ActKind.WITHDRAW_PREPAID, date.fromisoformat(day), f"form-{place}", prepaid_volume_id=volume)

    with pytest.raises(ActRefused) as refused:
        office.act(ActKind.WITHDRAW_PREPAID, date.fromisoformat(days[-1]), "last", prepaid_volume_id=volume)

    assert refused.value.refusal == ActRefusal.NOTHING_CHANGES
