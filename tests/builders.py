"""Small worlds for tests of services: a district, an account with a meter, readings, a billed month."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import DivisionLevel
from app.domain.calendar import months_after
from app.domain.metering import ReadingKind, ReadingSource
from app.domain.runs import RunEvent
from app.models.accounts import Account, ServicePoint, Supply
from app.models.administration import Division
from app.models.equipment import Device, DeviceModel, MeterInstallation, Register
from app.models.household_consumers import HouseholdConsumer
from app.models.metering import Reading
from app.models.reference import Resource, Street, TariffGroup
from app.queries import tariffs
from app.services import billing, runs
from app.services.administration import place_division
from app.services.tariffs import add_version

SINCE = date(2026, 1, 1)


class Home(NamedTuple):
    """An account with its meter."""

    account_id: int
    number: str
    division_id: int
    service_point_id: int
    installation_id: int
    register_id: int
    serial: str


def make_district(session: Session, code: str = "1726999") -> Division:
    """Add a district of the city of Tashkent, with a street."""
    region = session.execute(select(Division).where(Division.code == code[:4])).scalar_one()
    district = Division(level=DivisionLevel.DISTRICT, code=code, name=f"District {code}", parent_id=region.id)
    place_division(session, district)
    session.add(district)
    session.flush()
    session.add(Street(division_id=district.id, name="Navoiy"))
    session.flush()
    return district


def make_home(
    session: Session,
    district: Division,
    serial: int = 1,
    *,
    since: date = SINCE,
    group: str = "HOUSEHOLD",
    dial: int = 1000,
    digits: int = 5,
    ct_primary: int = 1,
    capacity_kw: int = 10,
    phone: str | None = "+998901234567",
) -> Home:
    """Add a household with an account, a service point, a meter and its first reading."""
    electricity = session.execute(select(Resource).where(Resource.code == "ELECTRICITY")).scalar_one()
    tariff_group = session.execute(select(TariffGroup).where(TariffGroup.code == group)).scalar_one()
    street = session.execute(select(Street).where(Street.division_id == district.id)).scalar_one()
    consumer = HouseholdConsumer(division_id=district.id, name=f"Karimov Anvar {serial}", phone=phone)
    session.add(consumer)
    session.flush()
    account = Account(division_id=district.id, number=f"{district.branch_code}{serial:07d}", consumer_id=consumer.id, opened_on=since)
    point = ServicePoint(
        division_id=district.id, resource_id=electricity.id, street_id=street.id, house=str(serial), capacity_milli=capacity_kw * 1000
    )
    session.add_all([account, point])
    session.flush()
    supply = Supply(
        division_id=district.id, account_id=account.id, service_point_id=point.id, tariff_group_id=tariff_group.id, valid_from=since
    )
    session.add(supply)
    session.flush()
    home = Home(account.id, account.number, district.id, point.id, 0, 0, "")
    home = install(session, home, f"S{district.code}{serial:04d}", since, digits=digits, ct_primary=ct_primary)
    read(session, home, since, dial, kind=ReadingKind.INITIAL)
    return home


def install(session: Session, home: Home, serial: str, since: date, *, digits: int = 5, ct_primary: int = 1) -> Home:
    """Install a new meter at the home's service point."""
    electricity = session.execute(select(Resource).where(Resource.code == "ELECTRICITY")).scalar_one()
    model = session.scalar(select(DeviceModel)) or DeviceModel(name="Test meter", resource_id=electricity.id)
    session.add(model)
    session.flush()
    meter = Device(division_id=home.division_id, model_id=model.id, serial_number=serial)
    session.add(meter)
    session.flush()
    register = Register(meter_id=meter.id, code="TOTAL", digits=digits, decimals=0)
    installation = MeterInstallation(
        division_id=home.division_id, meter_id=meter.id, service_point_id=home.service_point_id, valid_from=since, ct_primary=ct_primary
    )
    session.add_all([register, installation])
    session.flush()
    return home._replace(installation_id=installation.id, register_id=register.id, serial=serial)


def read(
    session: Session, home: Home, day: date, dial: int, *, kind: ReadingKind = ReadingKind.PERIODIC, recorded_at: datetime | None = None
) -> int:
    """Record a reading in whole units and return its id.

    :param recorded_at: None: now, with all that the test's transaction records
    """
    reading = Reading(
        division_id=home.division_id,
        account_id=home.account_id,
        meter_installation_id=home.installation_id,
        register_id=home.register_id,
        read_on=day,
        dial_milli=dial * 1000,
        kind=kind,
        source=ReadingSource.CONTROLLER,
        **({"created_at": recorded_at} if recorded_at else {}),
    )
    session.add(reading)
    session.flush()
    return reading.id


def price_zones(session: Session, blocks: str, *, since: date = SINCE) -> None:
    """Let legal consumers pay for electricity by zones from a day on."""
    tariff_id = session.scalar(
        text(
            "SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id AND g.code = 'LEGAL' "
            "JOIN resource r ON r.id = t.resource_id AND r.code = 'ELECTRICITY'"
        )
    )
    add_version(session, {"tariff_id": tariff_id, "valid_from": since.isoformat(), "source": "contract", "blocks": blocks})


def bill_month(session: Session, division_id: int, month: date) -> int:
    """Preview and post a division's month on the first day after it; return the run's id."""
    billed_on = months_after(month, 1)
    run = billing.open_run(session, division_id=division_id, month=month, today=billed_on)
    prices, policy = tariffs.prices(session), billing.policy_on(session, billed_on)
    found = [billing.empty_preview(), *(found for found, _ in billing.preview_steps(session, run, prices, policy))][-1]
    billing.finish_preview(session, run, found)
    billing.begin_posting(session, run.id)
    after, count = 0, 1
    while count:
        after, count = billing.post_chunk(session, run, prices, policy, after=after, due_on=billed_on.replace(day=10), posted_on=billed_on)
    runs.close_run(session, billing.RUN, run.id, RunEvent.CLOSE)
    session.flush()
    return run.id


def owed(session: Session, home: Home) -> tuple[int, int]:
    """Return the debt and the advance of an account in tiyin."""
    row = session.execute(
        text("SELECT debt_tiyin, advance_tiyin FROM account_position WHERE account_id = :id"), {"id": home.account_id}
    ).one()
    return int(row[0]), int(row[1])


def settle(session: Session) -> None:
    """Let everything changed so far count as changed before what is recorded next: all rows of a test have the same moment."""
    role = session.scalar(text("SELECT current_user"))
    session.execute(text("RESET ROLE"))
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE row_version SET superseded_at = now() - interval '1 day' WHERE superseded_at > now()"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.execute(text(f"SET ROLE {role}"))
