"""Demo accounts that show rules of the bill: benefits, families, ordered energy, all registers, old prices, gas by season."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing import TermKind
from app.domain.metering import ReadingKind, ReadingSource
from app.domain.reference import ConsumerKind
from app.domain.values import Integers
from app.models.accounts import Account, ServicePoint, Supply
from app.models.equipment import Device, DeviceModel, MeterInstallation, Register
from app.models.household_consumers import AccountBenefit
from app.models.metering import Reading
from app.models.reference import Benefit, Resource, Street, TariffGroup
from app.models.supply import PrepaidVolume, SupplyTerm
from app.models.tariffs import Tariff, TariffVersion
from app.services import tariffs

_ZONES = "LEGAL_ZONES"
_SOURCE = "namunaviy yozuv"
_ZONE_PRICES = "DAY: =1300 | PEAK: =1800 | NIGHT: =600 | REACTIVE: =150 | DEMAND: =25000"
_LIMITED = "IMTIYOZ_100"
_GAS_PRICES = {3: "100=1000; =1800", 11: "500=1000; =1800"}
_GAS_YEARS = range(2024, 2028)

#: A reading of each further register on the day the whole counter was read: five tenths by day, one at the peak, the rest by
#: night; half as much reactive energy; six tenths of the connected capacity.
_READ_ZONES = """
    INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source)
    SELECT r.division_id, r.account_id, r.meter_installation_id, z.id, r.read_on,
           CASE z.code WHEN 'NIGHT' THEN r.dial_milli - r.dial_milli * 5 / 10000 * 1000 - r.dial_milli / 10000 * 1000
                       WHEN 'DAY' THEN r.dial_milli * 5 / 10000 * 1000
                       WHEN 'PEAK' THEN r.dial_milli / 10000 * 1000
                       WHEN 'DEMAND' THEN p.capacity_milli * 6 / 10000 * 1000 ELSE r.dial_milli / 2000 * 1000 END,
           r.kind, r.source
    FROM reading r
    JOIN meter_installation i ON i.id = r.meter_installation_id
    JOIN service_point p ON p.id = i.service_point_id
    JOIN register t ON t.id = r.register_id AND t.code = 'TOTAL'
    JOIN register z ON z.meter_id = t.meter_id AND z.code <> 'TOTAL'
    WHERE r.division_id = :division_id AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.register_id = z.id AND n.read_on = r.read_on)
"""

_READ_GAS = """
    INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source)
    SELECT r.division_id, r.account_id, r.meter_installation_id, r.register_id, :day, max(r.dial_milli) + :used_milli, :kind, :source
    FROM reading r
    JOIN meter_installation i ON i.id = r.meter_installation_id
    JOIN service_point p ON p.id = i.service_point_id
    JOIN resource s ON s.id = p.resource_id AND s.code = 'GAS'
    WHERE r.division_id = :division_id GROUP BY 1, 2, 3, 4
"""


def make_reference(session: Session) -> None:
    """Add prices by zone for legal consumers, and of gas by season."""
    resources = dict(session.execute(select(Resource.code, Resource.id)).tuples().all())
    group = TariffGroup(code=_ZONES, name="Yuridik isteʼmolchilar, zonali hisob", consumer_kind=ConsumerKind.LEGAL)
    session.add(group)
    session.add(
        Benefit(code=_LIMITED, name="Namunaviy imtiyoz: oyiga 100 kVt·soatgacha", percent=Decimal(50), limit_milli=100_000, source=_SOURCE)
    )
    household = session.scalars(select(TariffGroup.id).where(TariffGroup.code == "HOUSEHOLD")).one()
    session.flush()
    zones = Tariff(resource_id=resources["ELECTRICITY"], tariff_group_id=group.id, name=f"Elektr energiyasi: {group.name}")
    gas = Tariff(resource_id=resources["GAS"], tariff_group_id=household, name="Tabiiy gaz: Aholi")
    session.add_all([zones, gas, DeviceModel(name="Namuna-G4", resource_id=resources["GAS"])])
    session.flush()
    prices = [(zones.id, date(2020, 1, 1), _ZONE_PRICES)]
    prices += [(gas.id, date(year, month, 1), steps) for year in _GAS_YEARS for month, steps in _GAS_PRICES.items()]
    for tariff_id, day, blocks in prices:
        tariffs.add_version(session, {"tariff_id": tariff_id, "valid_from": day.isoformat(), "source": _SOURCE, "blocks": blocks})


def make_rules(session: Session, account_ids: Integers, legal: Integers, base: Integers, steady: Integers, since: date) -> None:
    """Give some accounts of a district benefits, families, ordered energy; one a meter with zones, one a gas meter too.

    :param legal: flags of the legal consumers
    :param base: units a month
    :param steady: flags of the accounts whose meter is never exchanged and has no transformers
    """
    household = np.flatnonzero(~legal)
    benefit = session.scalars(select(Benefit.id).order_by(Benefit.id).limit(1)).one_or_none()
    division_id = session.scalars(select(Account.division_id).where(Account.id == int(account_ids[0]))).one()
    rows: list[AccountBenefit | SupplyTerm | PrepaidVolume] = []
    if benefit:
        rows += [
            AccountBenefit(division_id=division_id, account_id=account_id, benefit_id=benefit, valid_from=since)
            for account_id in account_ids[household[3::29]].tolist()
        ]
    limited = session.scalars(select(Benefit.id).where(Benefit.code == _LIMITED)).one()
    rows += [
        AccountBenefit(division_id=division_id, account_id=account_id, benefit_id=limited, valid_from=since)
        for account_id in account_ids[household[9::31]].tolist()
    ]
    rows += _prepaid(session, division_id, account_ids[household[11::97]].tolist(), since)
    terms = [(account_id, TermKind.FAMILIES, 2000) for account_id in account_ids[household[5::37]].tolist()]
    terms += [
        (account_id, TermKind.CONTRACT_LIMIT, units * 1100)
        for account_id, units in zip(account_ids[legal].tolist(), base[legal].tolist(), strict=True)
    ]
    terms += _voltages(account_ids[legal].tolist())
    rows += [
        SupplyTerm(division_id=division_id, account_id=account_id, kind=kind, value_milli=value, valid_from=since, basis=_SOURCE)
        for account_id, kind, value in terms
    ]
    session.add_all(rows)
    session.flush()
    for place in np.flatnonzero(legal & steady)[:1].tolist():
        _give_zones(session, int(account_ids[place]))
    _open_beside(session, int(account_ids[household[0]]), since, resource_code="GAS", group_code="HOUSEHOLD", digit="9")
    for place in np.flatnonzero(legal)[:1].tolist():
        _open_beside(session, int(account_ids[place]), since, resource_code="ELECTRICITY", group_code="LEGAL", digit="8")


def _voltages(account_ids: list[int]) -> list[tuple[int, TermKind, int]]:
    """Return the voltage of the first firms, in volts."""
    return [(account_id, TermKind.VOLTAGE, volts) for account_id, volts in zip(account_ids, (10_000, 35_000, 110_000, 6_000), strict=False)]


def read_rules(session: Session, division_id: int, month: date) -> None:
    """Read the zone registers and the gas meters of a district for a month."""
    session.execute(text(_READ_ZONES), {"division_id": division_id})
    used = (60 + month.month * 7) * (4 if month.month in {11, 12, 1, 2} else 1)
    session.execute(
        text(_READ_GAS),
        {
            "division_id": division_id,
            "day": month.replace(day=25),
            "used_milli": used * 1000,
            "kind": ReadingKind.PERIODIC,
            "source": ReadingSource.CONTROLLER,
        },
    )


def _prepaid(session: Session, division_id: int, account_ids: list[int], since: date) -> list[PrepaidVolume]:
    """Return a volume for each account that keeps the price before the present one."""
    statement = select(TariffVersion.id).join(Tariff).join(TariffGroup).join(Resource, Resource.id == Tariff.resource_id)
    old = session.scalars(
        statement.where(TariffGroup.code == "HOUSEHOLD", Resource.code == "ELECTRICITY", TariffVersion.valid_to <= since)
        .order_by(TariffVersion.valid_from.desc())
        .limit(1)
    ).one_or_none()
    return [
        PrepaidVolume(
            division_id=division_id, account_id=account_id, tariff_version_id=old, quantity_milli=150_000, valid_from=since,
            valid_to=since + timedelta(days=366), basis=_SOURCE,
        )
        for account_id in account_ids
        if old
    ]  # fmt: skip


def _give_zones(session: Session, account_id: int) -> None:
    """Put an account under prices by zone and its meter under registers for them."""
    supply = session.scalars(select(Supply).where(Supply.account_id == account_id)).one()
    supply.tariff_group_id = session.scalars(select(TariffGroup.id).where(TariffGroup.code == _ZONES)).one()
    installation = session.scalars(select(MeterInstallation).where(MeterInstallation.service_point_id == supply.service_point_id)).one()
    session.add_all(
        Register(meter_id=installation.meter_id, code=code, digits=6, decimals=0) for code in ("DAY", "PEAK", "NIGHT", "REACTIVE", "DEMAND")
    )
    session.flush()
    session.execute(text(_READ_ZONES), {"division_id": supply.division_id})


def _open_beside(session: Session, account_id: int, since: date, *, resource_code: str, group_code: str, digit: str) -> None:
    """Open another account of an account's consumer."""
    home = session.get_one(Account, account_id)
    street = session.scalars(select(Street.id).where(Street.division_id == home.division_id).order_by(Street.id).limit(1)).one()
    resource = session.scalars(select(Resource.id).where(Resource.code == resource_code)).one()
    group = session.scalars(select(TariffGroup.id).where(TariffGroup.code == group_code)).one()
    model = session.scalars(select(DeviceModel.id).where(DeviceModel.resource_id == resource).limit(1)).one()
    own = {"division_id": home.division_id}
    account = Account(number=f"{home.number[:5]}{digit}{home.number[6:]}", consumer_id=home.consumer_id, opened_on=since, **own)
    point = ServicePoint(resource_id=resource, street_id=street, house="1", capacity_milli=6000, **own)
    meter = Device(model_id=model, serial_number=f"{resource_code[0]}{digit}{home.number}", **own)
    session.add_all([account, point, meter])
    session.flush()
    register = Register(meter_id=meter.id, code="TOTAL", digits=5, decimals=0)
    installed = MeterInstallation(meter_id=meter.id, service_point_id=point.id, valid_from=since, ct_primary=1, **own)
    supply = Supply(account_id=account.id, service_point_id=point.id, tariff_group_id=group, valid_from=since, **own)
    session.add_all([register, installed, supply])
    session.flush()
    session.execute(text("INSERT INTO account_position (account_id, division_id) VALUES (:account, :division)"), {
        "account": account.id, "division": home.division_id,
    })  # fmt: skip
    session.add(
        Reading(
            account_id=account.id, meter_installation_id=installed.id, register_id=register.id, read_on=since, dial_milli=120_000,
            kind=ReadingKind.INITIAL, source=ReadingSource.CONTROLLER, **own,
        )
    )  # fmt: skip
    session.flush()
