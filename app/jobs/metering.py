"""Files of readings as jobs: check in a child process, then acceptance, a batch of rows a step."""

from collections.abc import Generator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.metering import ImportContent, ImportStatus, ReadingSource
from app.extensions import db
from app.gateways.device_data import read_device_content as parse_device_file
from app.gateways.device_data.profiles import read_profile_file
from app.gateways.meter_data import parse_readings
from app.gateways.tables import Unreadable
from app.jobs.runner import FILE_REFUSED, JobRefused, JobSpec, JobStep, file_refusal, log_unread
from app.queries import administration as files
from app.queries.administration import JobRecord
from app.services import administration, metering

BATCH = 2000


def check(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Parse a file and judge each row; nothing is booked. An interrupted check begins anew."""
    target = metering.reading_import(session, record.subject_id or 0)
    if target.status != ImportStatus.RECEIVED:
        return _status_of(target)
    metering.forget_rows(session, target)
    stored = files.stored_file(session, target.stored_file_id)
    assert stored is not None
    try:
        rows, sheets = parse_readings(stored[2], stored[0])
    except Unreadable as unreadable:
        metering.refuse_file(target, unreadable.problem, unreadable.message, **unreadable.parameters)
        administration.log_job(session, record.id, FILE_REFUSED, **file_refusal(unreadable))
        return JobStatus.REFUSED
    target.unread_sheets = list(sheets)
    log_unread(session, record, sheets)
    done, seen = 0, metering.Seen()
    for first in range(0, len(rows), BATCH):
        some = rows[first : first + BATCH]
        metering.check_rows(session, target, some, seen, today=clock.today())
        done += len(some)
        yield JobStep(done, len(rows) + 1, {})
    metering.finish_check(session, target, today=clock.today())
    counts = {"rows": target.received, "good": target.accepted, "rejected": target.rejected}
    administration.log_job(session, record.id, catalog_text("%(rows)s rows, %(good)s good, %(rejected)s rejected"), **counts)
    yield JobStep(len(rows), len(rows), {})
    return _status_of(target)


def accept(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Book the good rows of a checked file, from the checkpoint on."""
    target = metering.reading_import(session, record.subject_id or 0)
    if target.status == ImportStatus.ACCEPTED:
        return _status_of(target)
    if target.status != ImportStatus.CHECKED:
        raise JobRefused(catalog_text("The file was discarded."))
    if metering.refuse_if_recorded(session, target):
        refused = target.problem or {}
        about = {**refused["parameters"], "problem": refused["problem"], "detail": refused["detail"]}
        administration.log_job(session, record.id, FILE_REFUSED, **about)
        return JobStatus.REFUSED
    after, total = int(record.checkpoint.get("after", 0)), target.accepted
    done = int(record.checkpoint.get("done", 0))
    while True:
        last = metering.accept_rows(session, target, after=after, limit=BATCH, today=clock.today())
        if not last:
            break
        after, done = last, min(done + BATCH, total)
        yield JobStep(done, total + 1, {"after": after, "done": done})
    metering.finish_acceptance(session, target)
    counts = {"readings": target.accepted, "rejected": target.rejected}
    administration.log_job(session, record.id, catalog_text("%(readings)s readings booked, %(rejected)s rows rejected"), **counts)
    yield JobStep(total, total, {"after": after, "done": total})
    return _status_of(target)


def load_devices(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Take a file of devices' readings or profiles, chunk after chunk; after an interruption from the checkpoint on."""
    target = metering.reading_import(session, record.subject_id or 0)
    if target.status != ImportStatus.RECEIVED:
        return _status_of(target)
    stored = files.stored_file(session, target.stored_file_id)
    assert stored is not None
    total, after = stored[2].count(b"\n"), int(record.checkpoint.get("after", 0))
    take = _take_profiles if target.content == ImportContent.PROFILES else _take_devices
    try:
        for last in take(session, target, stored[2], stored[0], after):
            yield JobStep(min(target.received, total), total + 1, {"after": last})
    except Unreadable as unreadable:
        administration.log_job(session, record.id, FILE_REFUSED, **file_refusal(unreadable))
        if not target.received:
            metering.refuse_file(target, unreadable.problem, unreadable.message, **unreadable.parameters)
            return JobStatus.REFUSED
    metering.finish(session, target)
    counts = {"rows": target.received, "good": target.accepted, "held": target.held, "parked": target.parked, "rejected": target.rejected}
    words = catalog_text("%(rows)s rows: %(good)s recorded, %(held)s held, %(parked)s parked, %(rejected)s refused")
    administration.log_job(session, record.id, words, **counts)
    yield JobStep(target.received, target.received, {"after": total})
    return _status_of(target)


def _take_devices(session: Session, target: Any, content: bytes, name: str, after: int) -> Generator[int, None, None]:
    chunks = (rows for rows in parse_device_file(content, name) if rows.last_row > after)
    with Session(db.engine) as one, Session(db.engine) as other:
        for matched in metering.match_ahead(chunks, (one, other), division_id=target.division_id, today=clock.today()):
            metering.take_matched(session, target, matched, source=ReadingSource.TELEMETRY, today=clock.today(), now=clock.now())
            yield matched.rows.last_row


def _take_profiles(session: Session, target: Any, content: bytes, name: str, after: int) -> Generator[int, None, None]:
    rows = [row for row in read_profile_file(content, name) if row.row_no > after]
    for first in range(0, len(rows), BATCH):
        some = rows[first : first + BATCH]
        metering.take_profiles(session, target, some, today=clock.today())
        yield some[-1].row_no


def post_parked(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Post the parked readings of a division whose devices are installed by now."""
    after, posted = int(record.checkpoint.get("after", 0)), int(record.checkpoint.get("posted", 0))
    while rows := metering.next_to_post(session, record.division_id, after=after):
        posted += metering.post_parked(session, rows, today=clock.today(), now=clock.now())
        after = rows[-1].id
        yield JobStep(posted, posted + 1, {"after": after, "posted": posted})
    metering.follow_waiting(session, record.division_id, now=clock.now())
    administration.log_job(session, record.id, catalog_text("%(readings)s parked readings found their device"), readings=posted)
    yield JobStep(posted, posted, {"after": after, "posted": posted})
    return JobStatus.DONE


def _status_of(target: Any) -> JobStatus:
    """Return how a job about a file ended, from the file's own counts."""
    if target.status == ImportStatus.REFUSED:
        return JobStatus.REFUSED
    return job_status_of(done=target.accepted + target.held + target.parked, left_out=target.rejected)


JOBS = (
    JobSpec(
        JobKind.READING_CHECK, _l("Check of a file of readings"), check, ("can_load", "ReadingImportView"), page="ReadingImportView.show"
    ),
    JobSpec(
        JobKind.READING_ACCEPT,
        _l("Acceptance of a file of readings"),
        accept,
        ("can_accept", "ReadingImportView"),
        page="ReadingImportView.show",
    ),
    JobSpec(
        JobKind.DEVICE_FILE_LOAD,
        _l("Loading of a file of devices"),
        load_devices,
        ("can_load_devices", "ReadingImportView"),
        page="ReadingImportView.show",
    ),
    JobSpec(
        JobKind.PARKED_POST,
        _l("Posting of parked readings"),
        post_parked,
        ("can_post", "ParkedDeviceView"),
        daily_at="schedule.parked_hour",
    ),
)
