"""What supervisors of the demo watch: reports by e-mail; nothing of it went anywhere."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.alerts import AlertComparison
from app.domain.notices import NoticeChannel
from app.domain.reports.schedules import FileFormat, RelativePeriod, Rhythm
from app.domain.tasks import TaskEvent
from app.models.alerts import Alert
from app.models.reports import ReportSchedule
from app.queries.administration import division_by_code
from app.queries.records import fetch_one
from app.services import tasks
from app.services.administration import finish_job, start_job
from app.services.demo.messages import send_waiting
from app.services.tasks import NewTask


def schedule_reports(session: Session, *, now: datetime) -> int:
    """Schedule two reports, and return the one that is to be sent at once: of its three receivers one may not see it."""
    users = {name: fetch_one(session, "SELECT id FROM ab_user WHERE username = :name", int, name=name) for name in _RECEIVERS}
    region = division_by_code(session, "1726")
    assert region is not None
    common = {"division_id": region.id, "owner_id": users["supervisor"], "counts_from": now}
    monthly = ReportSchedule(
        report="payments", span=RelativePeriod.LAST_MONTH, file_format=FileFormat.XLSX, rhythm=Rhythm.MONTHLY, month_day=2, hour=8,
        receiver_ids=list(users.values()), **common,
    )  # fmt: skip
    daily = ReportSchedule(
        report="payments_by_day", span=RelativePeriod.YESTERDAY, file_format=FileFormat.PDF, rhythm=Rhythm.DAILY, hour=7,
        receiver_ids=[users["operator"]], **common,
    )  # fmt: skip
    session.add_all([monthly, daily])
    session.flush()
    return monthly.id


def give_tasks(session: Session, *, today: date) -> None:
    """Give the operator a task whose term is over, one to come, and one that is given back."""
    users = {name: fetch_one(session, "SELECT id FROM ab_user WHERE username = :name", int, name=name) for name in _RECEIVERS}
    region = division_by_code(session, "1726")
    assert region is not None
    week, operator, supervisor = timedelta(days=7), users["operator"], users["supervisor"]

    def give(title: str, page: str, term_on: date) -> int:
        return tasks.give(session, NewTask(region.id, title, page, operator, supervisor, term_on), today=today)

    give("Muddati oʻtgan istisnolarni koʻrib chiqing", "/billexceptionview/list/", today - week)
    returned = give("Qarzdorlar roʻyxatini tekshiring", "", today + week)
    tasks.advance(session, returned, TaskEvent.TAKE, today=today)
    tasks.advance(session, returned, TaskEvent.RETURN, today=today, reason="Bu ish yuristniki")
    give("Kassa kunini yoping", "", today + week)


def watch_figures(session: Session) -> None:
    """Watch the debt of the region, which is above the threshold, and the jobs that failed."""
    users = {name: fetch_one(session, "SELECT id FROM ab_user WHERE username = :name", int, name=name) for name in _RECEIVERS}
    region = division_by_code(session, "1726")
    assert region is not None
    common = {"division_id": region.id, "owner_id": users["supervisor"], "receiver_ids": [users["supervisor"], users["operator"]]}
    session.add(Alert(indicator="debt", comparison=AlertComparison.ABOVE, threshold=100_000, **common))
    session.add(Alert(indicator="failed_jobs", comparison=AlertComparison.ABOVE, threshold=1000, **common))
    session.flush()


_RECEIVERS = ("supervisor", "operator", "engineer")


def deliver_letters(session: Session, division_id: int, *, now: datetime) -> None:
    """Record the letters that wait as sent by the demo's own gateway, which sends nothing."""
    job_id = start_job(session, JobKind.NOTICE_SEND, division_id=division_id)
    send_waiting(session, NoticeChannel.EMAIL, job_id, now=now + timedelta(seconds=1))
    finish_job(session, job_id, JobStatus.DONE, now=now)
