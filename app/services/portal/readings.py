"""Readings that consumers send: booked as the office's own are, or held as doubtful for a person, each with its photograph."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.metering import Doubt, DoubtfulStatus, ReadingSource, RowProblem
from app.models.metering.devices import DoubtfulReading
from app.models.portal import ConsumerReading
from app.queries import portal as queries
from app.queries.administration import value_on
from app.services.administration import store_file
from app.services.metering import Doubtful, Judged, ReadingRefused
from app.services.metering.readings import book, judge_registers

_DAY = timedelta(hours=24)


class TooManyReadings(Exception):
    """More readings of the account were sent within a day than are taken."""


class AlreadySent(Exception):
    """A reading of the meter and day waits for the office, or the very same one was decided before."""


class ReadingRequest(NamedTuple):
    """What a consumer read from a meter.

    :ivar dials: register code → what it showed, as it was typed
    :ivar photo: drawn anew; None: none was taken
    :ivar portal_user_id: who sent it, if somebody signed in
    :ivar portal_link_id: the link it was sent by, if it was one
    """

    account_id: int
    meter_number: str
    read_on: str
    dials: Mapping[str, str]
    photo: bytes | None = None
    portal_user_id: int | None = None
    portal_link_id: int | None = None


class ReadingOutcome(NamedTuple):
    """A reading that was taken, and whether it waits for the office before it counts."""

    id: int
    is_held: bool


def send_reading(session: Session, request: ReadingRequest, *, sure: bool, today: date, now: datetime) -> ReadingOutcome:
    """Take a reading of a consumer: what nothing speaks against is booked, what is odd waits for the office once the consumer is sure.

    :raises ReadingRefused: if one breaks a rule or is missing, or none is given
    :raises TooManyReadings: if the account's readings of the day are spent
    :raises Doubtful: if some are odd and the consumer was not asked yet
    :raises AlreadySent: if one of the meter and day waits already
    """
    if not any(dial.strip() for dial in request.dials.values()):
        raise ReadingRefused(RowProblem.EMPTY, "dial")
    given = {"account_id": request.account_id, "meter_number": request.meter_number, "read_on": request.read_on, "dials": request.dials}
    judged = judge_registers(session, **given, source=ReadingSource.PORTAL, today=today)  # type: ignore[arg-type]
    if queries.readings_sent_since(session, request.account_id, since=now - _DAY) >= value_on(session, "portal.readings_day", today):
        raise TooManyReadings
    odd = [(each.series.register, each.doubt, each.quantity_milli or 0) for each in judged if each.doubt]
    if odd and not sure:
        raise Doubtful(odd[0][1], odd[0][2], odd)
    sent = _kept(session, request, judged[0], now)
    if odd:
        _hold(session, judged)
    else:
        for each in judged:
            book(session, each, ReadingSource.PORTAL)
    return ReadingOutcome(sent.id, bool(odd))


def _kept(session: Session, request: ReadingRequest, first: Judged, now: datetime) -> ConsumerReading:
    stored = None
    if request.photo is not None:
        name = f"{request.meter_number}-{first.read_on.isoformat()}.jpg"
        stored = store_file(session, division_id=first.series.division_id, name=name, media_type="image/jpeg", content=request.photo)
    sent = ConsumerReading(
        division_id=first.series.division_id,
        account_id=request.account_id,
        meter_installation_id=first.series.meter_installation_id,
        portal_user_id=request.portal_user_id,
        portal_link_id=request.portal_link_id,
        read_on=first.read_on,
        dials=dict(request.dials),
        stored_file_id=stored.id if stored else None,
        sent_at=now,
    )
    session.add(sent)
    session.flush()
    return sent


def _hold(session: Session, judged: Sequence[Judged]) -> None:
    """Put the registers of a meter into the queue of doubtful readings together: one alone is not billed right."""
    for each in judged:
        series = each.series
        held = queries.HeldSeries(series.account_id, series.meter_installation_id, series.register_id, each.read_on, each.dial_milli)
        if queries.is_held_already(session, held):
            raise AlreadySent
    session.add_all(
        DoubtfulReading(
            division_id=each.series.division_id,
            account_id=each.series.account_id,
            meter_installation_id=each.series.meter_installation_id,
            register_id=each.series.register_id,
            row_no=0,
            read_on=each.read_on,
            dial_milli=each.dial_milli,
            quantity_milli=each.quantity_milli,
            source=ReadingSource.PORTAL,
            other_reading_id=each.replaces_id,
            doubt=each.doubt or Doubt.INCOMPLETE,
            status=DoubtfulStatus.WAITING,
        )
        for each in judged
    )
    session.flush()
