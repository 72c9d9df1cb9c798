"""Opening an account with all that belongs to it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import identifiers
from app.domain.equipment import DeviceEvent, DevicePlace, PlaceKind
from app.domain.metering import ReadingKind, ReadingSource, RegisterCode
from app.domain.reference import ConsumerKind
from app.models.accounts import Account, ServicePoint, Supply
from app.models.administration import Division
from app.models.equipment import Device, DeviceModel, MeterInstallation, Register
from app.models.household_consumers import HouseholdConsumer
from app.models.legal_consumers import LegalConsumer
from app.models.metering import Reading
from app.models.reference import Street, TariffGroup
from app.queries import equipment as devices
from app.services import equipment
from app.services.contracts import make_standard_contract


class ForeignNumber(Exception):
    """An account number begins with the branch code of its district; the text is that code."""


class AccountNumberTaken(Exception):
    """An account with this number is there already."""


class MeterInUse(Exception):
    """A meter with this number is there already, of whatever model; the text names it."""


class NewAccount(NamedTuple):
    """What is needed to open an account; the division is the street's."""

    kind: ConsumerKind
    name: str
    #: JSHSHIR or STIR, by kind; may be empty
    identifier: str | None
    phone: str | None
    language: str
    number: str
    opened_on: date
    street: Street
    house: str
    flat: str | None
    capacity_milli: int
    tariff_group: TariffGroup
    resource_id: int
    meter_model: DeviceModel
    serial_number: str
    digits: int
    ct_primary: int
    ct_secondary: int
    first_dial_milli: int
    #: code of each further register → its first dial in thousandths
    registers: Mapping[str, int] = {}
    #: one who is known already; the fields of a new consumer are not read then
    consumer_id: int | None = None


class NewConsumer(NamedTuple):
    """Who is not known yet."""

    division_id: int
    kind: ConsumerKind
    name: str
    #: JSHSHIR or STIR, by kind; may be empty
    identifier: str | None
    phone: str | None
    language: str


def check_number(number: str, division: Division) -> None:
    """Refuse an account number of another branch; a district without a branch code takes any.

    :raises ForeignNumber: naming the branch code
    """
    if division.branch_code and not number.startswith(division.branch_code):
        raise ForeignNumber(division.branch_code)


def open_account(session: Session, wanted: NewAccount) -> Account:
    """Add a consumer, an account with its contract, a service point, a meter and its first reading, all from one day on.

    :raises AccountNumberTaken: if there is an account with the number
    :raises MeterInUse: if there is such a meter
    """
    check_number(wanted.number, wanted.street.division)
    if session.scalar(select(Account.id).where(Account.number == wanted.number)):
        raise AccountNumberTaken
    if others := devices.names_of_number(session, wanted.serial_number):
        raise MeterInUse(", ".join(others))
    division_id = wanted.street.division_id
    consumer_id = wanted.consumer_id or add_consumer(
        session, NewConsumer(division_id, wanted.kind, wanted.name, wanted.identifier, wanted.phone, wanted.language)
    )
    account = Account(division_id=division_id, number=wanted.number, consumer_id=consumer_id, opened_on=wanted.opened_on)
    point = ServicePoint(
        division_id=division_id,
        resource_id=wanted.resource_id,
        street_id=wanted.street.id,
        house=wanted.house,
        flat=wanted.flat or None,
        capacity_milli=wanted.capacity_milli,
    )
    session.add_all([account, point])
    session.flush()
    session.add(
        Supply(
            division_id=division_id,
            account_id=account.id,
            service_point_id=point.id,
            tariff_group_id=wanted.tariff_group.id,
            valid_from=wanted.opened_on,
        )
    )
    _install_meter(session, wanted, account, point)
    make_standard_contract(session, account, on=wanted.opened_on)
    return account


def add_consumer(session: Session, wanted: NewConsumer) -> int:
    """Add a consumer and return the row's id.

    :raises InvalidIdentifier: if the JSHSHIR or STIR cannot be one
    """
    common = {"division_id": wanted.division_id, "name": wanted.name, "phone": wanted.phone or None, "language": wanted.language}
    consumer: HouseholdConsumer | LegalConsumer
    if wanted.kind == ConsumerKind.HOUSEHOLD:
        consumer = HouseholdConsumer(pinfl=identifiers.pinfl(wanted.identifier) if wanted.identifier else None, **common)
    else:
        consumer = LegalConsumer(stir=identifiers.stir(wanted.identifier) if wanted.identifier else None, **common)
    session.add(consumer)
    session.flush()
    return int(consumer.id)


def _install_meter(session: Session, wanted: NewAccount, account: Account, point: ServicePoint) -> None:
    meter = Device(division_id=account.division_id, model_id=wanted.meter_model.id, serial_number=wanted.serial_number)
    session.add(meter)
    session.flush()
    dials = {RegisterCode.TOTAL.value: wanted.first_dial_milli, **wanted.registers}
    registers = [Register(meter_id=meter.id, code=code, digits=wanted.digits) for code in dials]
    installation = MeterInstallation(
        division_id=account.division_id,
        meter_id=meter.id,
        service_point_id=point.id,
        valid_from=wanted.opened_on,
        ct_primary=wanted.ct_primary,
        ct_secondary=wanted.ct_secondary,
    )
    session.add_all([*registers, installation])
    session.flush()
    place = DevicePlace(PlaceKind.SERVICE_POINT, service_point_id=point.id)
    equipment.move(session, meter.id, DeviceEvent.TAKE_OVER, on=wanted.opened_on, today=wanted.opened_on, to=place)
    session.add_all(
        Reading(
            division_id=account.division_id,
            account_id=account.id,
            meter_installation_id=installation.id,
            register_id=register.id,
            read_on=wanted.opened_on,
            dial_milli=dials[register.code],
            kind=ReadingKind.INITIAL,
            source=ReadingSource.OFFICE,
        )
        for register in registers
    )
    session.flush()
