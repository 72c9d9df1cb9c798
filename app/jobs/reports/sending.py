"""Reports that users get by e-mail on a schedule, as jobs: a letter for each receiver, made with what he may see that day."""

from collections.abc import Generator
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.documents import reports as documents
from app.documents import tables
from app.documents.reports import REPORTS
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.notices import NoticeKind
from app.domain.reports import period_of
from app.domain.reports.schedules import WRITTEN, SendingOutcome, days_of, refusal
from app.extensions import transaction
from app.jobs import runner
from app.jobs.notices import page_address, speaking
from app.jobs.reports import MadeFile, file_of
from app.jobs.runner import JobRefused, JobSpec, JobStep
from app.queries import administration as queries
from app.queries.administration import JobRecord
from app.queries.reports import schedules
from app.queries.reports.schedules import ScheduleRecord
from app.services import administration, notices
from app.services.reports import schedules as service

#: Permission and page: who has it may ask for reports at all.
ASKS = ("can_show", "ReportsView")


class Letter(NamedTuple):
    """A report for a receiver."""

    title: str
    username: str
    file: MadeFile


def send_report(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Write a letter with a report to each receiver of a schedule: each is a step, and is left out if an earlier worker did it."""
    assert record.subject_id is not None
    found, run = schedules.schedule(session, record.subject_id), record.parameters["run"]
    on, total = date.fromisoformat(record.parameters["on"]), len(found.receiver_ids) + 1
    outcomes = schedules.done_for(session, found.id, run)
    for user_id in found.receiver_ids:
        if user_id not in outcomes:
            outcomes[user_id] = _send_to(session, found, run, user_id, on)
            yield JobStep(len(outcomes), total, record.checkpoint)
    missed = {user_id: outcome for user_id, outcome in outcomes.items() if outcome not in WRITTEN}
    if "told" not in record.checkpoint:
        if missed:
            _tell_owner(session, found, missed)
        yield JobStep(total, total, {"told": True})
    message = catalog_text("%(sent)s letters written, %(missed)s receivers get none")
    administration.log_job(session, record.id, message, sent=len(outcomes) - len(missed), missed=len(missed))
    return job_status_of(done=len(outcomes) - len(missed), left_out=len(missed))


def _send_to(session: Session, found: ScheduleRecord, run: str, user_id: int, on: date) -> SendingOutcome:
    """Make the report with the rights a receiver has today and write the letter; return what became of it."""
    today, spec = clock.today(), REPORTS[found.report]
    reader = schedules.receiver(session, user_id, today)
    rights = queries.permissions_of_user(session, user_id, today)
    with speaking(reader.language):
        mine = queries.divisions_of_user(session, user_id, today)
        chosen = next((each for each in mine if each.id == found.division_id), None)
        outcome = refusal(
            reader, may_see={ASKS, spec.permission} <= rights, works_there=chosen is not None, works_anywhere=bool(mine)
        )  # fmt: skip
        if outcome is None:
            assert chosen is not None
            asked = spec.request(mine, chosen, period_of(spec.period, *days_of(found.span, on), today=today))
            title = documents.title_of(spec, chosen.name, asked)
            try:
                made = file_of(session, spec, found.file_format.lower(), asked, {each.id: each.name for each in mine}, title)
            except JobRefused:
                outcome = SendingOutcome.TOO_MANY_ROWS
            else:
                return _write_letter(session, found, run, user_id, Letter(title, reader.username, made))
    service.record_sending(session, found, run, user_id, outcome)
    return outcome


def _write_letter(session: Session, found: ScheduleRecord, run: str, user_id: int, letter: Letter) -> SendingOutcome:
    kind, title, content = found.file_format.lower(), letter.title, letter.file.content
    kept = {"name": f"{found.report}.{kind}", "media_type": tables.FORMATS[kind].media_type, "content": content, "by": letter.username}
    file_id = administration.store_file(session, division_id=found.division_id, **kept).id
    largest = queries.value_on(session, "reports.attachment_kb", clock.today()) * 1024
    outcome = SendingOutcome.ATTACHED if len(content) <= largest else SendingOutcome.LINKED
    address = page_address(f"/files/{file_id}")
    note = (
        _("The report is attached.") if outcome == SendingOutcome.ATTACHED
        else _("The file is too large for a letter. Take it here after signing in: %(address)s", address=address)
    )  # fmt: skip
    message = "\n\n".join([title, note, _("It was made with the rights you have today.")])
    notice = notices.queue_staff_notice(
        session, user_id, NoticeKind.REPORT, subject=title, message=message, now=clock.now(),
        stored_file_id=file_id if outcome == SendingOutcome.ATTACHED else None,
    )  # fmt: skip
    assert notice is not None, "a receiver with an address works somewhere"
    service.record_sending(session, found, run, user_id, outcome, notice_id=notice.id, file_id=file_id, rows=letter.file.rows)
    return outcome


def _tell_owner(session: Session, found: ScheduleRecord, missed: dict[int, SendingOutcome]) -> None:
    """Write the owner of a schedule who got nothing, and why."""
    owner = schedules.receiver(session, found.owner_id, clock.today())
    with speaking(owner.language):
        subject = _("Scheduled report: %(report)s: not everybody got it", report=REPORTS[found.report].title)
        names = {user_id: schedules.receiver(session, user_id, clock.today()).username for user_id in missed}
        lines = [f"{names[user_id]}: {labels.member_of(SendingOutcome, why)}" for user_id, why in missed.items()]
        message = "\n".join([_("Schedule № %(number)s. These receivers got nothing:", number=found.id), *lines])
    notices.queue_staff_notice(session, found.owner_id, NoticeKind.MESSAGE, subject=subject, message=message, now=clock.now())


def start_due() -> list[int]:
    """Start a job for each schedule whose hour has come; return them."""
    with transaction() as session:
        started = service.start_due(session, now=clock.now(), today=clock.today())
    for job_id in started:
        runner.enqueue(job_id)
    return started


JOBS = (
    JobSpec(
        JobKind.REPORT_SENDING, _l("Sending of a report"), send_report, ("can_send", "ReportScheduleView"), page="ReportScheduleView.show"
    ),
)
