"""Schedules of reports by e-mail: when their jobs are asked for, pausing, and what became of each run."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.reports.schedules import ScheduleStatus, SendingOutcome, Timing
from app.models.reports import ReportSchedule, ReportSending
from app.queries import administration
from app.queries.reports import schedules
from app.services.administration import start_job


def start_due(session: Session, *, now: datetime, today: date) -> list[int]:
    """Ask for a job for each schedule whose hour has come, and return them; a schedule and day have one, whoever asks.

    A schedule whose owner does not work here any more is stopped.
    """
    active = select(ReportSchedule).where(ReportSchedule.status == ScheduleStatus.ACTIVE).order_by(ReportSchedule.id)
    started = []
    for each in session.scalars(active.with_for_update(skip_locked=True)):
        due = Timing(each.rhythm, each.weekday, each.month_day, each.hour).last_due(now, each.counts_from)
        if due is None or (each.last_run_on is not None and each.last_run_on >= due):
            continue
        if not works_here(session, each.owner_id, today):
            each.status = ScheduleStatus.OWNER_LEFT
            continue
        each.last_run_on = due
        started.append(_start(session, each, due, due.isoformat()))
    session.flush()
    return started


def start_at_once(session: Session, schedule_id: int, key: str, *, today: date) -> int:
    """Ask for a job that sends the report of a schedule now, and return it.

    :param key: of the form it was asked with: a repeat asks for the same run
    """
    found = session.execute(select(ReportSchedule).where(ReportSchedule.id == schedule_id).with_for_update()).scalar_one()
    return _start(session, found, today, f"{today.isoformat()} {key}"[:40])


def _start(session: Session, found: ReportSchedule, on: date, run: str) -> int:
    given = {"run": run, "on": on.isoformat()}
    return start_job(session, JobKind.REPORT_SENDING, division_id=found.division_id, subject_id=found.id, parameters=given)


def works_here(session: Session, user_id: int, today: date) -> bool:
    """Return whether a user is active, holds a post if he ever held one, and works in a division."""
    found = schedules.receiver(session, user_id, today)
    return found.is_active and found.is_appointed and bool(administration.division_ids_of_user(session, user_id, today))


def set_paused(session: Session, schedule_id: int, *, paused: bool, by: int, now: datetime) -> None:
    """Pause a schedule, or let it go on; days between are not made up for, and whoever lets it go on is its owner where that one left.

    :param by: the user who decides
    """
    found = session.execute(select(ReportSchedule).where(ReportSchedule.id == schedule_id).with_for_update()).scalar_one()
    if not paused and found.status == ScheduleStatus.OWNER_LEFT:
        found.owner_id = by
    if not paused:
        found.counts_from = now
    found.status = ScheduleStatus.PAUSED if paused else ScheduleStatus.ACTIVE
    session.flush()


def record_sending(
    session: Session,
    schedule: schedules.ScheduleRecord,
    run: str,
    user_id: int,
    outcome: SendingOutcome,
    *,
    notice_id: int | None = None,
    file_id: int | None = None,
    rows: int | None = None,
) -> None:
    """Record what became of a run for a receiver, in the transaction of the letter."""
    made = {"notice_id": notice_id, "stored_file_id": file_id, "rows": rows}
    session.add(
        ReportSending(division_id=schedule.division_id, report_schedule_id=schedule.id, run=run, user_id=user_id, outcome=outcome, **made)
    )
    session.flush()
