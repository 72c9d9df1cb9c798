"""Doubtful readings of devices, decided by a person: recorded, replaced, asked for again, or left to an estimate."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain import metering
from app.domain.metering import Doubt, DoubtfulStatus, Effect, ReadingKind, ReadingSource
from app.gateways.meter_data import ReadingRow
from app.models.metering import Reading
from app.models.metering.devices import DoubtfulReading
from app.queries import metering as queries
from app.queries.records import fetch_optional
from app.services.metering.judging import dial_text, judge, limits_on
from app.services.metering.readings import correct


class ReadingDecided(Exception):
    """Somebody decided about the reading meanwhile."""


class ReadingDecision(NamedTuple):
    """What a person decided.

    :ivar basis: how it is known
    :ivar dial: the value that is recorded in its place, where it is replaced
    """

    status: DoubtfulStatus
    by: str
    basis: str
    dial: str = ""


def decide_doubtful(session: Session, doubtful_id: int, decision: ReadingDecision, *, today: date, now: datetime) -> int:
    """Decide about a reading, and about the other registers of its meter that wait on that day with it; return how many were decided.

    What is recorded goes through the rules once more, as a reading that somebody means. Another value is that of one register alone.

    :raises ReadingDecided: if it does not wait any more
    :raises ReadingRefused: if it breaks a rule by now, or the other value does
    :raises ReadingAlreadyBilled: if a bill rests on the reading it conflicts with
    """
    first = _locked(session, DoubtfulReading.id == doubtful_id)
    if not first or first[0].status != DoubtfulStatus.WAITING:
        raise ReadingDecided
    together = first if decision.status == DoubtfulStatus.REPLACED else _together(session, first[0])
    session.execute(text("SELECT 1 FROM account WHERE id = :id FOR NO KEY UPDATE"), {"id": first[0].account_id})
    for each in together:
        if decision.status in {DoubtfulStatus.ACCEPTED, DoubtfulStatus.REPLACED}:
            each.reading_id = _recorded(session, each, decision, today)
        each.status, each.decided_by, each.decided_at, each.basis = decision.status, decision.by, now, decision.basis.strip()[:300]
    session.flush()
    return len(together)


def _locked(session: Session, *conditions: object) -> list[DoubtfulReading]:
    statement = select(DoubtfulReading).where(*conditions).order_by(DoubtfulReading.id).with_for_update()  # type: ignore[arg-type]
    return list(session.scalars(statement).all())


def _together(session: Session, first: DoubtfulReading) -> Sequence[DoubtfulReading]:
    """Return what waits of the same meter, account and day."""
    return _locked(
        session,
        DoubtfulReading.meter_installation_id == first.meter_installation_id,
        DoubtfulReading.account_id == first.account_id,
        DoubtfulReading.read_on == first.read_on,
        DoubtfulReading.status == DoubtfulStatus.WAITING,
    )


def _recorded(session: Session, waiting: DoubtfulReading, decision: ReadingDecision, today: date) -> int | None:
    """Record a reading, and return its id."""
    is_replaced = decision.status == DoubtfulStatus.REPLACED
    doubt = Doubt(waiting.doubt)
    dial = decision.dial if is_replaced else dial_text(waiting.dial_milli)
    standing = _standing(session, waiting)
    if metering.rule_of(doubt).effect == Effect.INSPECT and not is_replaced:
        return standing
    if standing is not None:
        corrected = correct(session, account_id=waiting.account_id, reading_id=standing, dial=dial, sure=True, today=today)
        return corrected.id
    known = [
        series
        for series in queries.series_of_account(session, waiting.account_id)
        if (series.meter_installation_id, series.register_id) == (waiting.meter_installation_id, waiting.register_id)
    ]
    judged = judge(ReadingRow(0, "", "", waiting.read_on.isoformat(), dial), known, limits_on(session, today), today=today)
    reading = Reading(
        division_id=judged.series.division_id, account_id=waiting.account_id, meter_installation_id=waiting.meter_installation_id,
        register_id=waiting.register_id, read_on=judged.read_on, dial_milli=judged.dial_milli,
        kind=ReadingKind.PERIODIC if judged.series.last_read_on else ReadingKind.INITIAL,
        source=ReadingSource.OFFICE if is_replaced else waiting.source, reading_import_id=waiting.reading_import_id,
    )  # fmt: skip
    session.add(reading)
    session.flush()
    return reading.id


def _standing(session: Session, waiting: DoubtfulReading) -> int | None:
    """Return the reading of the register and day that stands."""
    statement = """
        SELECT r.id FROM reading r
        WHERE r.meter_installation_id = :installation_id AND r.register_id = :register_id AND r.account_id = :account_id
          AND r.read_on = :day AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id)
        ORDER BY r.id DESC LIMIT 1
        """
    given = {"installation_id": waiting.meter_installation_id, "register_id": waiting.register_id, "account_id": waiting.account_id}
    return fetch_optional(session, statement, int, **given, day=waiting.read_on)
