"""Rounds planned for inspectors, acts of phones kept once, and proposals accepted by the office's own acts and readings, or refused."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.calendar import TASHKENT
from app.domain.field_work import (
    MOST_POINTS,
    OLDEST,
    FieldAct,
    FieldFault,
    FieldRefused,
    ProposalEvent,
    ProposalKind,
    RoundReason,
    clock_is_off,
    happened_at,
    next_status,
)
from app.domain.metering import ReadingSource
from app.domain.readers import quantity
from app.domain.seals import SealedPart, SealPlace, SealRefused, numbers_in
from app.domain.supply import Consent, SupplyOrderKind
from app.models.acts import Act
from app.models.field_work import FieldProposal, FieldRound, RoundPoint
from app.queries import field_work as queries
from app.queries import maintenance as works
from app.queries import seals as seal_queries
from app.services import acts, metering, seals
from app.services.administration import store_file
from app.services.equipment import maintenance
from app.services.equipment.maintenance import CarriedOut
from app.services.once import added, once
from app.services.seals import SealCause, SealWork


class RoundPlan(NamedTuple):
    """Who is to go where, why, and on which day."""

    division_id: int
    department_id: int | None
    inspector_id: int
    reason: RoundReason
    round_on: date
    title: str
    street_id: int | None = None
    #: whose seals the inspector takes along
    brigade_id: int | None = None


def plan_round(session: Session, plan: RoundPlan, *, today: date) -> FieldRound:
    """Plan a round for an inspector, with the points that its reason leads to.

    :raises FieldRefused: if its day is over, or there is no such point, or more than a phone takes along
    """
    if plan.round_on < today:
        raise FieldRefused(FieldFault.DAY_IS_OVER)
    points = queries.points_for(session, plan.division_id, plan.reason, street_id=plan.street_id, on=plan.round_on, limit=MOST_POINTS + 1)
    if not points:
        raise FieldRefused(FieldFault.NO_POINTS)
    if len(points) > MOST_POINTS:
        raise FieldRefused(FieldFault.TOO_MANY_POINTS, str(MOST_POINTS))
    made = added(
        session,
        FieldRound(
            division_id=plan.division_id, department_id=plan.department_id, inspector_id=plan.inspector_id, round_reason=plan.reason,
            round_on=plan.round_on, title=plan.title, brigade_id=plan.brigade_id,
        ),
    )  # fmt: skip
    session.add_all(
        RoundPoint(division_id=plan.division_id, field_round_id=made.id, place=place, **point._asdict())
        for place, point in enumerate(points, 1)
    )
    session.flush()
    return made


class Received(NamedTuple):
    """A proposal that is kept, and whether the phone had sent it before."""

    proposal: FieldProposal
    is_repeat: bool


def receive(
    session: Session, act: FieldAct, *, inspector_id: int, sent_at: datetime, received_at: datetime, photo: bytes | None
) -> Received:
    """Keep what a phone sent about a point, once.

    :param photo: drawn anew; None: none was taken
    :raises FieldRefused: if its UUID was used for another act, the point is not of the inspector's rounds, or it is too old
    """
    fresh: list[int] = []

    def make() -> FieldProposal:
        made = _kept(session, act, inspector_id, sent_at, received_at, photo)
        fresh.append(made.id)
        return made

    proposal = once(
        session, ("field_proposal", act.uuid), find=select(FieldProposal).where(FieldProposal.uuid == act.uuid),
        contents={"sha256": act.sha256, "inspector_id": inspector_id},
        conflict=lambda first: FieldRefused(FieldFault.OTHER_CONTENTS, first), make=make,
    )  # fmt: skip
    return Received(proposal, not fresh)


def _kept(
    session: Session, act: FieldAct, inspector_id: int, sent_at: datetime, received_at: datetime, photo: bytes | None
) -> FieldProposal:
    point = queries.point_of_round(session, act.round_point_id)
    if point is None or point.inspector_id != inspector_id:
        raise FieldRefused(FieldFault.FOREIGN_POINT)
    happened = min(happened_at(act.done_at, sent_at, received_at), received_at)
    if received_at - happened > OLDEST:
        raise FieldRefused(FieldFault.TOO_OLD)
    registers = [int(register) for register in act.contents["dials"]]
    stored = None
    if photo is not None:
        stored = store_file(session, division_id=point.division_id, name=f"{act.uuid}.jpg", media_type="image/jpeg", content=photo)
    proposal = FieldProposal(
        division_id=point.division_id, account_id=point.account_id, round_point_id=point.id, uuid=act.uuid, sha256=act.sha256,
        kind=act.kind, contents=dict(act.contents), done_at=act.done_at, sent_at=sent_at, happened_at=happened, received_at=received_at,
        is_clock_off=clock_is_off(sent_at, received_at), inspector_id=inspector_id, stored_file_id=stored.id if stored else None,
        is_read_already=queries.is_read_since(session, point.account_id, registers, day_of(happened)),
    )  # fmt: skip
    return added(session, proposal)


def day_of(moment: datetime) -> date:
    """Return the day of a moment in Tashkent."""
    return moment.astimezone(TASHKENT).date()


def refuse(session: Session, proposal_id: int, *, reason: str, by: str, now: datetime) -> FieldProposal:
    """Refuse a proposal with a reason, which the inspector reads.

    :raises FieldRefused: if it was decided before, or no reason is given
    """
    if not reason.strip():
        raise FieldRefused(FieldFault.NO_REASON)
    proposal = _locked(session, proposal_id)
    return _decide(session, proposal, ProposalEvent.REFUSE, by=by, now=now, remark=reason.strip())


def accept(session: Session, proposal_id: int, *, sure: bool, by: str, now: datetime) -> FieldProposal:
    """Accept a proposal: its readings are booked, its order is ended, as the office's own pages do it.

    :param sure: whoever accepts was asked about what is odd and means it
    :raises FieldRefused: if it was decided before, or whoever accepts proposed it
    :raises metering.ReadingRefused: if a reading breaks a rule
    :raises metering.Doubtful: if a reading is odd and nobody was asked yet
    :raises ActRefused: if the order cannot be ended so
    :raises SealRefused: if a seal is not moved so
    :raises MaintenanceRefused: if a work is not ordered any more
    """
    proposal = _locked(session, proposal_id)
    next_status(proposal.status, ProposalEvent.ACCEPT)
    if proposal.inspector.username == by:
        raise FieldRefused(FieldFault.OWN_PROPOSAL)
    today = day_of(now)
    _seal(session, proposal, today)
    if proposal.kind == ProposalKind.READING:
        proposal.readings_count = len(_book(session, proposal, sure=sure, today=today))
    elif proposal.kind in _ENDS:
        proposal.act_id = _end_order(session, proposal, now=now).id
    elif proposal.kind == ProposalKind.WORK_DONE:
        _record_works(session, proposal, today=today)
    return _decide(session, proposal, ProposalEvent.ACCEPT, by=by, now=now)


def _point(session: Session, proposal: FieldProposal) -> queries.PointOfRound:
    found = queries.point_of_round(session, proposal.round_point_id)
    assert found is not None
    return found


def _sealed(session: Session, proposal: FieldProposal) -> SealPlace:
    """Return what a seal of a proposal locks: the meter of its point, or the place of supply where none stands."""
    point_id = _point(session, proposal).service_point_id
    meter_id = seal_queries.meter_at(session, point_id, day_of(proposal.happened_at))
    part = SealedPart(proposal.contents.get("sealed_part") or SealedPart.TERMINAL_COVER)
    return SealPlace(device_id=meter_id, service_point_id=None if meter_id else point_id, sealed_part=part)


def _keeper(session: Session, proposal: FieldProposal) -> int | None:
    brigade_id = _point(session, proposal).brigade_id
    return seal_queries.brigade_keeps(session, brigade_id) if brigade_id else None


def seal_fault(session: Session, proposal: FieldProposal) -> SealRefused | None:
    """Return why the seal that a proposal applies cannot be applied as the register stands; None: it can, or there is none."""
    numbers = numbers_in(proposal.contents.get("seal"))
    try:
        seals.check(
            session, numbers, _sealed(session, proposal), keeper_id=_keeper(session, proposal), on=day_of(proposal.happened_at)
        )  # fmt: skip
    except SealRefused as refused:
        return refused
    return None


def _seal(session: Session, proposal: FieldProposal, today: date) -> None:
    """Record seals that were found broken, and apply the brigade's; the seal of an order is its act's."""
    place, cause = _sealed(session, proposal), SealCause(field_proposal_id=proposal.id)
    work = SealWork(proposal.division_id, day_of(proposal.happened_at), today, cause)
    seals.find_broken(session, work, proposal.contents.get("broken") or [], place)
    numbers = numbers_in(proposal.contents.get("seal"))
    if numbers and proposal.kind != ProposalKind.ORDER_DONE:
        seals.apply(session, work, numbers, place, keeper_id=_keeper(session, proposal))


def _book(session: Session, proposal: FieldProposal, *, sure: bool, today: date) -> Sequence[Any]:
    dials = proposal.contents["dials"]
    by_meter: dict[str, dict[str, str]] = {}
    rows = queries.proposed_registers(session, proposal.account_id, [int(register) for register in dials])
    if len(rows) < len(dials):
        raise FieldRefused(FieldFault.MALFORMED)
    for row in rows:
        by_meter.setdefault(row.serial_number, {})[row.code] = dials[str(row.register_id)]
    made = []
    for meter, given in by_meter.items():
        made += metering.enter_registers(
            session, account_id=proposal.account_id, meter_number=meter, read_on=day_of(proposal.happened_at).isoformat(), dials=given,
            source=ReadingSource.CONTROLLER, sure=sure or proposal.contents["sure"], today=today,
        )  # fmt: skip
    return made


def _record_works(session: Session, proposal: FieldProposal, *, today: date) -> None:
    """Record the works that a proposal names as done on its day, with its remark and photograph; dials it has are booked too."""
    point, given = proposal.round_point, proposal.contents
    here = {each.id for each in works.works_at(session, [point.service_point_id])}
    for work, hours in given["works"].items():
        if int(work) not in here:
            raise FieldRefused(FieldFault.FOREIGN_POINT)
        done = CarriedOut(day_of(proposal.happened_at), quantity(hours), given["remark"], stored_file_id=proposal.stored_file_id)
        maintenance.carry_out(session, int(work), done, today=today)
    if given["dials"]:
        proposal.readings_count = len(_book(session, proposal, sure=True, today=today))


_ENDS = {ProposalKind.ORDER_DONE, ProposalKind.ORDER_REFUSED}
_RECORDS = {SupplyOrderKind.DISCONNECTION: ActKind.DISCONNECT, SupplyOrderKind.RECONNECTION: ActKind.RECONNECT}


def _end_order(session: Session, proposal: FieldProposal, *, now: datetime) -> Act:
    given, order = proposal.contents, proposal.round_point.supply_order
    if order is None:
        raise FieldRefused(FieldFault.FOREIGN_POINT)
    if given["hour"] and datetime.combine(day_of(proposal.happened_at), time.fromisoformat(given["hour"]), TASHKENT) > now:
        raise FieldRefused(FieldFault.FUTURE_HOUR)
    kind = _RECORDS[order.kind] if proposal.kind == ProposalKind.ORDER_DONE else ActKind.REFUSE_SUPPLY_ORDER
    parameters = {
        "order_id": order.id, "hour": given["hour"], "seal_number": given["seal"], "consent": given["consent"] or Consent.SIGNED.value,
        "witness_1": given["witness_1"], "witness_2": given["witness_2"], "brigade_id": _point(session, proposal).brigade_id,
        "readings": {register: quantity(dial) for register, dial in given["dials"].items()},
    }  # fmt: skip
    request = ActRequest(
        kind, proposal.division_id, day_of(proposal.happened_at), given["remark"] or f"№ {order.id}", parameters, f"field {proposal.uuid}",
        account_id=proposal.account_id,
    )  # fmt: skip
    return acts.submit(session, request, today=day_of(now))


def _locked(session: Session, proposal_id: int) -> FieldProposal:
    return session.execute(select(FieldProposal).where(FieldProposal.id == proposal_id).with_for_update()).scalar_one()


def _decide(
    session: Session, proposal: FieldProposal, event: ProposalEvent, *, by: str, now: datetime, remark: str | None = None
) -> FieldProposal:
    proposal.status = next_status(proposal.status, event)
    proposal.decided_by, proposal.decided_at, proposal.remark = by, now, remark
    session.flush()
    return proposal
