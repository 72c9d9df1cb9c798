"""An account opened with its place, meter and first reading."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.equipment import DeviceEvent
from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Supply
from app.models.acts import Act
from app.models.equipment import DeviceModel, MeterInstallation
from app.models.metering import Reading
from app.models.reference import Street, TariffGroup
from app.queries import acts as queries
from app.queries.equipment import last_standing
from app.services import accounts, equipment
from app.services.accounts import NewAccount
from app.services.acts import supply as steps
from app.services.acts.core import performs
from app.services.acts.owner import check_number, consumer_given
from app.services.contracts import leave_contract


def _undo(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """End the account on the day it began: its bills are taken back, its place and meter are free again; its number stays used."""
    account = steps.account_of(session, undone)
    if account.status != AccountStatus.OPEN:
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    since = queries.first_month_after(session, account.id, account.opened_on)
    supplies = session.scalars(select(Supply).where(Supply.account_id == account.id)).all()
    for installation in session.scalars(
        select(MeterInstallation).where(MeterInstallation.service_point_id.in_([each.service_point_id for each in supplies]))
    ):
        installation.valid_to = installation.valid_from + timedelta(days=1)
        last = last_standing(session, installation.meter_id)
        if last is not None and last.event == DeviceEvent.TAKE_OVER:
            equipment.undo(session, last, act_id=counter.id)
    session.execute(delete(Supply).where(Supply.account_id == account.id))
    readings = session.scalars(select(Reading.id).where(Reading.account_id == account.id, Reading.replaces_id.is_(None))).all()
    steps.withdraw_readings(session, readings)
    leave_contract(session, account.id, on=account.opened_on, reason=counter.reason)
    if since:
        steps.cancel(session, counter, account.id, since, today=today)
    if balance := queries.standing(session, account.id).balance_tiyin:
        raise ActRefused(ActRefusal.UNSETTLED, str(balance))
    account.status, account.closed_on = AccountStatus.CLOSED, account.opened_on
    return ActOutcome({"account_number": account.number, "closed_on": account.opened_on.isoformat()})


@performs(ActKind.OPEN_ACCOUNT, reverse=_undo)
def open_account(session: Session, act: Act, _today: date) -> ActOutcome:
    """Open an account for a consumer found or entered.

    :raises ActRefused: if its number or meter is taken
    """
    given = act.parameters | {"number": check_number(session, act.parameters["number"], act.division_id)}
    consumer = consumer_given(session, act)
    try:
        account = accounts.open_account(session, _wanted(session, act, given, consumer.id))
    except accounts.MeterInUse as error:
        raise ActRefused(ActRefusal.METER_TAKEN, str(error), column="serial_number") from error
    act.account_id = account.id
    return ActOutcome(_details(session, account, given) | {"consumer": consumer.name})


def _wanted(session: Session, act: Act, given: dict[str, Any], consumer_id: int) -> NewAccount:
    plain = "number house flat capacity_milli resource_id serial_number digits ct_primary ct_secondary first_dial_milli".split()
    return NewAccount(
        **{name: given[name] for name in plain},
        kind=ConsumerKind(given["kind"]), name=given.get("name") or "", identifier=None, phone=None, language=given["language"],
        opened_on=act.effective_on,
        street=session.execute(select(Street).where(Street.id == given["street"])).scalar_one(),
        tariff_group=session.execute(select(TariffGroup).where(TariffGroup.id == given["tariff_group"])).scalar_one(),
        meter_model=session.execute(select(DeviceModel).where(DeviceModel.id == given["meter_model"])).scalar_one(),
        consumer_id=consumer_id, registers=given.get("registers") or {},
    )  # fmt: skip


def _details(session: Session, account: Account, given: dict[str, Any]) -> dict[str, Any]:
    supply = session.scalars(select(Supply).where(Supply.account_id == account.id)).one()
    return {
        "account_number": account.number,
        "opened_on": account.opened_on.isoformat(),
        "address": repr(supply.service_point),
        "tariff_group": repr(supply.tariff_group),
        "serial_number": given["serial_number"],
        "dials": [
            f"{given['serial_number']} {code}: {dial // 1000}.{dial % 1000:03d}"
            for code, dial in {"TOTAL": given["first_dial_milli"], **(given.get("registers") or {})}.items()
        ],
    }
