"""Inspection records: computed, asked for, and charged once a second person approves."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, roles
from app.domain.administration.translations import catalog_text
from app.domain.billing import Component
from app.domain.calendar import day_number, day_of
from app.domain.claims import inspections
from app.domain.claims.inspections import EnergyMethod, NoTariff, RecordStatus, Share, ViolationKind
from app.domain.seals import SealedPart, SealPlace, SealRefusal, SealRefused, numbers_in
from app.domain.tariffs import Priced
from app.domain.values import check_amounts
from app.models.accounts import Account
from app.models.administration import Approval
from app.models.billing import BillableCharge
from app.models.claims import InspectionRecord
from app.queries import administration as parameters
from app.queries import claims as queries
from app.queries import seals as seal_queries
from app.queries import tariffs
from app.services import seals
from app.services.administration import approvals
from app.services.seals import SealCause, SealWork


class WindowTooLong(Exception):
    """A window begins before the last check, or longer ago than the rules allow; the text is the earliest day."""


class NothingToCharge(Exception):
    """All the energy of the window was billed."""


class RecordNumberTaken(Exception):
    """The division has an inspection record of this number."""


class Finding(NamedTuple):
    """What an inspector writes down; entries of other methods are None."""

    account_id: int
    number: str
    drawn_on: date
    kind: ViolationKind
    inspector: str
    period_from: date
    #: exclusive; no later than ``drawn_on``
    period_to: date
    method: EnergyMethod
    findings: str = ""
    phases: int | None = None
    current_a: Decimal | None = None
    voltage_kv: Decimal | None = None
    power_factor: Decimal | None = None
    capacity_kw: Decimal | None = None
    hours_a_day: Decimal | None = None
    energy_milli: int | None = None
    #: numbers of seals on the account's meter that were found broken
    seals_broken: str = ""
    #: the inspection that the record ends
    inspection_id: int | None = None


class Computed(NamedTuple):
    """What a finding would charge."""

    total_milli: int
    billed_milli: int
    quantity_milli: int
    amount_tiyin: int
    vat_tiyin: int
    parts: list[Share]
    priced: Priced


def earliest_day(session: Session, account_id: int, *, until: date, today: date) -> date:
    """Return the first day a window that ends on a day may have: since the last check, and not longer than the rules allow."""
    checked = queries.last_checked(session, account_id)
    limit = parameters.value_on(session, "claims.window_days", today)
    start = inspections.window_start(
        to_day=day_number(until), most_days=limit, last_checked_day=day_number(checked) if checked else day_number(date.min)
    )
    return day_of(start)


def compute(session: Session, finding: Finding, *, today: date) -> Computed:
    """Return what a finding would charge: energy less what was billed, at the tariffs of its days.

    :raises NoTariff: if the account has no supply or no tariff on a day of the window
    :raises NothingToCharge: if nothing is left
    :raises WindowTooLong: if the window begins too early
    """
    earliest = earliest_day(session, finding.account_id, until=finding.period_to, today=today)
    if finding.period_from < earliest:
        raise WindowTooLong(earliest.isoformat())
    prices = tariffs.prices(session)
    parts = _parts(session, prices, finding)
    begin, end = (np.array([getattr(part, name) for part in parts], dtype=np.int64) for name in ("from_day", "to_day"))
    billed = queries.billed_energy(session, finding.account_id, begin, end)
    total = _energy(finding)
    quantity = inspections.unbilled(total, int(billed.sum()), finding.kind)
    above = billed if quantity < 0 or parameters.value_on(session, "claims.priced_above_billed", today) else np.zeros_like(billed)
    priced = inspections.price(prices.table, parts, quantity, above)
    amount, vat = int(priced.amount_tiyin.sum()), int(priced.vat_tiyin.sum())
    if not amount:
        raise NothingToCharge
    check_amounts(np.array([amount]))
    return Computed(total, int(billed.sum()), int(priced.quantity_milli.sum()), amount, vat, parts, priced)


def ask(session: Session, finding: Finding, *, today: date) -> InspectionRecord:
    """Record a finding with what it would charge and put it before a second person.

    :raises NoTariff: if the account has no supply or no tariff on a day of the window
    :raises NothingToCharge: if nothing is left
    :raises RecordNumberTaken: if there is a record of this number
    :raises SealRefused: if a seal is elsewhere, or the inspection has ended
    :raises WindowTooLong: if the window begins too early
    """
    computed = compute(session, finding, today=today)
    account = session.execute(select(Account).where(Account.id == finding.account_id)).scalar_one()
    kept = ("account_id", "number", "drawn_on", "kind", "inspector", "period_from", "period_to", "method")
    record = InspectionRecord(
        **{name: getattr(finding, name) for name in kept},
        division_id=account.division_id,
        findings=finding.findings or None,
        derivation=_derivation(finding, computed),
        quantity_milli=computed.quantity_milli,
        amount_tiyin=computed.amount_tiyin,
        vat_tiyin=computed.vat_tiyin,
        status=RecordStatus.ASKED,
    )
    try:
        with session.begin_nested():
            session.add(record)
            session.flush()
    except IntegrityError as error:
        raise RecordNumberTaken from error
    _record_seals(session, finding, record, today)
    contents = {name: getattr(computed, name) for name in ("quantity_milli", "amount_tiyin", "vat_tiyin")}
    subject = f"{finding.number}, {account.number}"
    approvals.ask(
        session, ApprovalKind.INSPECTION_RECORD, division_id=account.division_id, subject=subject, subject_id=record.id, contents=contents
    )
    return record


def _record_seals(session: Session, finding: Finding, record: InspectionRecord, today: date) -> None:
    """Record the seals that an inspection found broken, and end the inspection that led to it."""
    if finding.inspection_id is not None:
        seals.inspections.end(session, finding.inspection_id, on=finding.drawn_on, record_id=record.id)
    numbers = numbers_in(finding.seals_broken)
    place = seal_queries.place_of_account(session, finding.account_id, finding.drawn_on) if numbers else None
    if numbers and place is None:
        raise SealRefused(SealRefusal.NOT_ON_IT, ", ".join(numbers), column="seals")
    if place is not None:
        work = SealWork(record.division_id, finding.drawn_on, today, SealCause(inspection_record_id=record.id))
        there = SealPlace(None, *place, sealed_part=SealedPart.TERMINAL_COVER)
        seals.find_broken(session, work, numbers, there)


def _asked(session: Session, request: Approval) -> InspectionRecord:
    record = session.execute(select(InspectionRecord).where(InspectionRecord.id == request.subject_id).with_for_update()).scalar_one()
    assert record.status == RecordStatus.ASKED
    return record


def refuse(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Charge nothing for a record that was refused or taken back."""
    _asked(session, request).status = RecordStatus.REFUSED
    session.flush()


def apply(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Charge an approved record as it was computed when it was asked for."""
    record = _asked(session, request)
    charge = BillableCharge(
        division_id=record.division_id,
        account_id=record.account_id,
        component=Component.BACK_BILLING,
        period_from=record.period_from,
        period_to=record.period_to,
        quantity_milli=record.quantity_milli,
        amount_tiyin=record.amount_tiyin,
        vat_tiyin=record.vat_tiyin,
        basis=f"№ {record.number}, {record.drawn_on}",
        derivation={"inspection_record_id": record.id, **record.derivation},
    )
    session.add(charge)
    session.flush()
    record.charge_id, record.status = charge.id, RecordStatus.APPROVED
    session.flush()


def _parts(session: Session, prices: tariffs.Prices, finding: Finding) -> list[Share]:
    """Return the window cut by supplies, months and tariff versions; every day must have its tariff."""
    start, end = day_number(finding.period_from), day_number(finding.period_to)
    parts: list[Share] = []
    for supply in queries.supplies(session, prices, finding.account_id):
        first, last = max(start, supply.from_day), min(end, supply.to_day)
        if first < last:
            if supply.tariff < 0:
                raise NoTariff(str(day_of(first)))
            parts += inspections.shares(prices.table, tariff=supply.tariff, from_day=first, to_day=last)
    covered = sum(part.to_day - part.from_day for part in parts)
    if covered != end - start:
        raise NoTariff(str(finding.period_from))
    return parts


def _energy(finding: Finding) -> int:
    days = (finding.period_to - finding.period_from) // timedelta(days=1)
    hours = finding.hours_a_day if finding.hours_a_day is not None else Decimal(inspections.HOURS_A_DAY)
    if finding.method == EnergyMethod.WIRE:
        assert finding.phases
        assert finding.current_a is not None
        assert finding.voltage_kv is not None
        assert finding.power_factor is not None
        return inspections.energy_by_wire(
            phases=finding.phases,
            current_a=finding.current_a,
            voltage_kv=finding.voltage_kv,
            power_factor=finding.power_factor,
            hours=hours * days,
        )
    if finding.method == EnergyMethod.APPLIANCES:
        assert finding.capacity_kw is not None
        return inspections.energy_by_appliances(capacity_kw=finding.capacity_kw, hours_a_day=hours, days=days)
    assert finding.energy_milli is not None
    return finding.energy_milli


def _derivation(finding: Finding, computed: Computed) -> dict[str, Any]:
    """Return everything the charge can be computed again from, and the lines of its price."""
    entered = ("phases", "current_a", "voltage_kv", "power_factor", "capacity_kw", "hours_a_day", "energy_milli")
    given = {name: getattr(finding, name) for name in entered if getattr(finding, name) is not None}
    lines = zip(*(column.tolist() for column in computed.priced), strict=True)
    return {
        "method": finding.method,
        "entered": {name: str(value) if isinstance(value, Decimal) else value for name, value in given.items()},
        "total_milli": computed.total_milli,
        "billed_milli": computed.billed_milli,
        "lines": [
            {
                "period_from": day_of(computed.parts[part].from_day).isoformat(),
                "period_to": day_of(computed.parts[part].to_day).isoformat(),
                "block_no": block, "quantity_milli": quantity, "rate_e4": rate, "amount_tiyin": amount, "vat_tiyin": vat,
            }
            for part, block, quantity, rate, amount, vat in lines
        ],
    }  # fmt: skip


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.INSPECTION_RECORD,
        catalog_text("Inspection record"),
        catalog_text("approve inspection records"),
        (roles.LAWYER, roles.SUPERVISOR),
        apply,
        refuse=refuse,
        page_of=approvals.page_of_subject("InspectionRecordView.show"),
    )
)
