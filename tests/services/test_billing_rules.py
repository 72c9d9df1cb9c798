"""Rules of the bill from the tables to the posted lines."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing import POLICY_PARAMETERS, Component, Policy, TermKind
from app.domain.metering import ReadingKind, ReadingSource
from app.domain.payments.channels import Channel
from app.models.billing import BillableCharge, BillRun
from app.models.equipment import Register
from app.models.household_consumers import AccountBenefit
from app.models.metering import Reading
from app.models.reference import Benefit, Resource, TariffGroup
from app.models.supply import SupplyTerm
from app.models.tariffs import Tariff, TariffVersion
from app.queries import ledger
from app.services import payments, tariffs
from app.services.billing.prepaid import grant_prepaid, prepaid_offers
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, make_district, make_home, owed, read
from tests.services.bill_lines import lines_of

JAN, FEB, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def agree(session: Session, home: Home, kind: TermKind, value_milli: int, since: date = JAN, **more: Any) -> None:
    session.add(
        SupplyTerm(
            division_id=home.division_id, account_id=home.account_id, kind=kind, value_milli=value_milli, valid_from=since,
            basis="agreement no. 1", **more,
        )
    )  # fmt: skip
    session.flush()


def add_register(session: Session, home: Home, code: str) -> Home:
    meter_id = session.scalar(text("SELECT meter_id FROM register WHERE id = :id"), {"id": home.register_id})
    register = Register(meter_id=meter_id, code=code, digits=6, decimals=0)
    session.add(register)
    session.flush()
    return home._replace(register_id=register.id)


def show(session: Session, home: Home, days: dict[date, int]) -> None:
    for day, dial in days.items():
        session.add(
            Reading(
                division_id=home.division_id, account_id=home.account_id, meter_installation_id=home.installation_id,
                register_id=home.register_id, read_on=day, dial_milli=dial * 1000, kind=ReadingKind.PERIODIC,
                source=ReadingSource.OFFICE,
            )
        )  # fmt: skip
    session.flush()


def test_benefit_and_families_are_lines_and_steps_of_the_posted_bill(session: Session) -> None:
    home = make_home(session, make_district(session))
    benefit = session.scalars(select(Benefit)).first()
    assert benefit is not None
    session.add(AccountBenefit(division_id=home.division_id, account_id=home.account_id, benefit_id=benefit.id, valid_from=JAN))
    agree(session, home, TermKind.FAMILIES, 2000)
    read(session, home, date(2026, 1, 25), 1310)

    bill_month(session, home.division_id, JAN)

    assert lines_of(session, home, JAN) == [
        ("CHARGE", "ENERGY", "TOTAL", 1, 310, 18_600_000),
        ("CHARGE", "BENEFIT", "TOTAL", 1, 310, -9_300_000),
    ]
    assert owed(session, home) == (9_300_000, 0)
    assert session.scalar(text("SELECT benefit_id FROM bill_line WHERE component = 'BENEFIT'")) == benefit.id
    assert ledger.drifts(session) == []


def test_benefit_on_an_estimated_month_is_taken_back_with_it(session: Session) -> None:
    home = make_home(session, make_district(session))
    benefit = session.scalars(select(Benefit)).first()
    assert benefit is not None
    session.add(AccountBenefit(division_id=home.division_id, account_id=home.account_id, benefit_id=benefit.id, valid_from=JAN))
    read(session, home, date(2026, 1, 31), 1300)
    bill_month(session, home.division_id, JAN)
    bill_month(session, home.division_id, FEB)
    read(session, home, date(2026, 3, 31), 1400)

    bill_month(session, home.division_id, MARCH)

    march = lines_of(session, home, MARCH)
    assert sum(line[5] for line in march if line[1] == "BENEFIT") * 2 == -sum(line[5] for line in march if line[1] == "ENERGY")
    assert {line[1] for line in march if line[0] == "REVERSAL"} == {"ENERGY", "BENEFIT"}
    assert ledger.drifts(session) == []


def test_charge_beside_the_energy_is_billed_once(session: Session) -> None:
    home = make_home(session, make_district(session))
    session.add(
        BillableCharge(
            division_id=home.division_id, account_id=home.account_id, component=Component.PENALTY, period_from=JAN,
            period_to=date(2026, 1, 20), amount_tiyin=12_345, basis="19 days",
        )
    )  # fmt: skip
    read(session, home, date(2026, 1, 31), 1000)
    bill_month(session, home.division_id, JAN)
    read(session, home, date(2026, 2, 28), 1000)

    bill_month(session, home.division_id, FEB)

    assert [line[1:] for line in lines_of(session, home, JAN)] == [("ENERGY", "TOTAL", 1, 0, 0), ("PENALTY", "TOTAL", 0, 0, 12_345)]
    assert [line[1] for line in lines_of(session, home, FEB)] == ["ENERGY"]
    assert owed(session, home) == (12_345, 0)
    assert ledger.drifts(session) == []


def test_zones_and_reactive_energy_are_read_from_their_registers(session: Session) -> None:
    home = make_home(session, make_district(session), group="LEGAL")
    tariff = session.scalars(select(Tariff).join(TariffGroup).where(TariffGroup.code == "LEGAL").join(Resource)).first()
    assert tariff is not None
    tariffs.add_version(
        session,
        {"tariff_id": tariff.id, "valid_from": "2026-01-01", "source": "contract", "blocks": "DAY: =1500 | NIGHT: =500 | REACTIVE: =200"},
    )
    agree(session, home, TermKind.TG_NORM, 400)
    read(session, home, date(2026, 1, 31), 2000)
    for code, taken in (("DAY", 700), ("NIGHT", 300), ("REACTIVE", 750)):
        show(session, add_register(session, home, code), {JAN: 0, date(2026, 1, 31): taken})

    bill_month(session, home.division_id, JAN)

    assert lines_of(session, home, JAN) == [
        ("CHARGE", "ENERGY", "DAY", 1, 700, 105_000_000),
        ("CHARGE", "ENERGY", "NIGHT", 1, 300, 15_000_000),
        ("CHARGE", "REACTIVE", "REACTIVE", 1, 350, 7_000_000),
    ]
    zones = session.execute(text("SELECT zone, quantity_milli FROM consumption ORDER BY zone")).all()
    assert [tuple(row) for row in zones] == [("DAY", 700_000), ("NIGHT", 300_000)]
    assert ledger.drifts(session) == []


def test_losses_by_passport_come_from_the_term(session: Session) -> None:
    home = make_home(session, make_district(session), capacity_kw=1000, digits=6)
    agree(session, home, TermKind.LOSS_PERCENT, 2500)
    agree(session, home, TermKind.LOSS_BOUNDARY, 0, passport={"no_load_kw": 0.1, "load_kw": 0.0})
    read(session, home, date(2026, 1, 31), 2000)

    bill_month(session, home.division_id, JAN)

    taken = session.execute(text("SELECT quality, quantity_milli FROM consumption ORDER BY quality")).all()
    assert [tuple(row) for row in taken] == [("ACTUAL", 1_000_000), ("LOSSES", 25_000 + 72_000)]


def test_who_paid_ahead_keeps_the_old_price_for_what_was_paid(session: Session) -> None:
    district = make_district(session)
    home = make_home(session, district)
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, district.id, JAN)
    money = [MoneyReceived(Channel.CASHIER, "ahead", home.account_id, 6_000_000 + 30_000_000)]
    payments.book_many(session, money, received_on=date(2026, 2, 2))
    tariff = session.scalars(select(Tariff).join(TariffGroup).where(TariffGroup.code == "HOUSEHOLD")).first()
    assert tariff is not None
    old = session.scalars(select(TariffVersion).where(TariffVersion.tariff_id == tariff.id, TariffVersion.valid_to.is_(None))).one()
    tariffs.add_version(session, {"tariff_id": tariff.id, "valid_from": "2026-02-01", "source": "decree", "blocks": "=1000"})

    granted = [grant_prepaid(session, division_id=district.id, day=FEB, basis="decree") for _ in range(2)]
    read(session, home, date(2026, 2, 28), 1700)
    bill_month(session, district.id, FEB)

    assert granted == [1, 0]
    assert session.scalar(text("SELECT quantity_milli FROM prepaid_volume")) == 400_000  # two months of the norm
    rows = session.execute(
        text(
            "SELECT l.tariff_version_id, l.prepaid_id IS NOT NULL, l.quantity_milli FROM bill_line l JOIN bill b ON b.id = l.bill_id "
            "WHERE b.billing_month = :month ORDER BY l.line_no"
        ),
        {"month": FEB},
    ).all()
    assert sum(quantity for version, kept, quantity in rows if kept and version == old.id) == 400_000
    assert sum(quantity for _version, kept, quantity in rows if not kept) == 200_000
    assert ledger.drifts(session) == []


@pytest.mark.parametrize(
    ("kind", "blocks", "kept_milli"),
    [("HOUSEHOLD", "200=600; =800", 400_000), ("HOUSEHOLD", "=600", 200_000), ("LEGAL", "200=600; =800", 100_000)],
    ids=["two months of the norm", "two usual months where there is no norm", "one usual month of a firm, whatever the norm"],
)
def test_old_price_is_kept_for_so_many_months(session: Session, kind: str, blocks: str, kept_milli: int) -> None:
    district = make_district(session)
    home = make_home(session, district)
    tariff = session.scalars(select(Tariff.id).join(TariffGroup).where(TariffGroup.code == "HOUSEHOLD")).first()
    for day, priced in (("2026-01-01", blocks), ("2026-02-01", "=1000")):
        tariffs.add_version(session, {"tariff_id": tariff, "valid_from": day, "source": "decree", "blocks": priced})
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, district.id, JAN)
    payments.book(session, MoneyReceived(Channel.CASHIER, "ahead", home.account_id, 60_000_000), received_on=FEB)
    of_account = text("UPDATE consumer SET kind = :kind, stir = :stir WHERE id = (SELECT consumer_id FROM account WHERE id = :id)")
    session.execute(of_account, {"kind": kind, "stir": "301234567" if kind == "LEGAL" else None, "id": home.account_id})

    (offer,) = prepaid_offers(session, division_id=district.id, day=FEB)

    assert (offer["account_id"], offer["quantity_milli"], offer["valid_from"]) == (home.account_id, kept_milli, FEB)


def test_run_remembers_what_its_bills_were_computed_with(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)

    run_id = bill_month(session, home.division_id, JAN)

    assert session.get_one(BillRun, run_id).policy == Policy()._asdict()


def test_every_field_of_a_policy_is_the_operating_parameter_of_its_name() -> None:
    assert tuple(code.partition(".")[2] for code in POLICY_PARAMETERS) == Policy._fields
