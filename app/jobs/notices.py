"""Sending of queued messages."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.notices import NoticeStatus
from app.gateways.sms import deliver
from app.jobs.runner import Step, job
from app.queries.administration import JobRecord
from app.services import administration, notices


@job(JobKind.NOTICE_SEND)
def send(session: Session, record: JobRecord) -> Iterator[Step]:
    """Send what is queued, a message a step, so that none is sent twice for another's failure."""
    done = 0
    while True:
        waiting = notices.queued(session, most=1)
        if not waiting:
            break
        for notice in waiting:
            delivered = deliver(notice.phone, notice.text)
            notices.mark_sent(session, notice.id, NoticeStatus.SENT if delivered else NoticeStatus.FAILED, now=clock.now())
        done += len(waiting)
        yield Step(done, done + 1, {})
    administration.log_job(session, record.id, "%(count)s messages sent", count=done)
    yield Step(done, done, {})
