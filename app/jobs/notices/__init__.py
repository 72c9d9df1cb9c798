"""Sending of queued messages: each is claimed and committed, then handed to its gateway outside of any transaction, then recorded."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.notices import NoticeKind, NoticeStatus, SendingRules, rules_at
from app.extensions import scope, set_scope, transaction
from app.jobs import runner
from app.jobs.runner import JobSpec, JobStep
from app.queries import administration as people
from app.queries.administration import JobRecord
from app.services import administration, notices


def send(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Send what is due by the gateways there are; what an earlier worker left half done is put in doubt, never sent twice."""
    ways = notices.agreed(session, current_app.config)
    own = {channel: each.way for channel, each in ways.items()}
    counts: Counter[str] = Counter(record.checkpoint)
    counts[NoticeStatus.IN_DOUBT] += notices.doubt_abandoned(session, job_id=record.id, now=clock.now())
    yield _step(counts)
    while claimed := notices.claim(session, own, rules=_rules(session), job_id=record.id, now=clock.now()):
        # The claims are committed first, whatever was asked: nobody else sends the messages from here on.
        yield _step(counts)
        for channel, claims in claimed.items():
            deliveries = ways[channel].sender.send([each.message for each in claims])
            counts.update(notices.record(session, list(zip(claims, deliveries, strict=True)), now=clock.now()))
            yield _step(counts, is_more=True)
    message = catalog_text("%(sent)s messages sent, %(failed)s failed, %(again)s to be tried again, %(in_doubt)s in doubt")
    administration.log_job(session, record.id, message, **_places(counts))
    yield _step(counts)
    sent = counts[NoticeStatus.SENT] + counts[NoticeStatus.DELIVERED]
    return job_status_of(done=sent, left_out=counts.total() - sent, nothing=JobStatus.FAILED)


def _rules(session: Session) -> SendingRules:
    return rules_at(clock.now(), people.values_on(session, "notices", clock.today()))


def _step(counts: Counter[str], *, is_more: bool = False) -> JobStep:
    done = counts.total()
    return JobStep(done, done + is_more, {str(status): count for status, count in counts.items() if count})


def _places(counts: Counter[str]) -> dict[str, int]:
    counts = counts + Counter({NoticeStatus.SENT: counts[NoticeStatus.DELIVERED]})
    places = {"sent": NoticeStatus.SENT, "failed": NoticeStatus.FAILED, "again": NoticeStatus.QUEUED}
    places["in_doubt"] = NoticeStatus.IN_DOUBT
    return {place: counts[status] for place, status in places.items()}


def _end(session: Session, record: JobRecord, _status: JobStatus) -> None:
    """Put what the job was sending when it failed in doubt."""
    notices.doubt_abandoned(session, job_id=record.id, now=clock.now())


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak a language, also in names that statements choose by it; without one, the company's."""
    current = scope.get()
    assert current is not None
    with force_locale(language or current_app.config["BABEL_DEFAULT_LOCALE"]):
        set_scope(current)
        yield
    set_scope(current)


def tell(session: Session, user_ids: Iterable[int], words: Callable[[], tuple[str, str]]) -> None:
    """Write an e-mail to each of some users, in the language of each.

    :param words: returns the subject and the text in the language in force
    """
    for user_id in user_ids:
        with speaking(people.language_of_user(session, user_id)):
            subject, message = words()
        notices.queue_staff_notice(session, user_id, NoticeKind.MESSAGE, subject=subject, message=message, now=clock.now())


def page_address(path: str) -> str:
    """Return the address of a page of the office for a letter; a job has no request to tell it by."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}{path}"


def start_due() -> int | None:
    """Mark messages whose last moment has come, and start a job if others are due and none is under way; return its id."""
    with transaction() as session:
        notices.expire(session, now=clock.now())
        notices.doubt_abandoned(session, job_id=None, now=clock.now())
        ways = notices.channels_with_gateway(session, current_app.config)
        job_id = notices.start_due(session, ways, rules=_rules(session), now=clock.now())
    if job_id is not None:
        runner.enqueue(job_id)
    return job_id


JOBS = (JobSpec(JobKind.NOTICE_SEND, _l("Sending of messages"), send, ("can_list", "NoticeView"), on_failure=_end),)
