"""Messages by outbox: written with what they tell, claimed before they are sent, recorded after; and the codes that open the portal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.administration.privacy import scrubbed, without_codes
from app.domain.notices import (
    LIFETIMES,
    SENDABLE_AGAIN,
    Attachment,
    Delivery,
    DeliveryOutcome,
    DeliveryProblem,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    Outgoing,
    sms_text,
    status_after,
)
from app.models.accounts import Account, Consumer
from app.models.notices import Notice, NoticeAttempt
from app.queries import notices as queries
from app.queries.administration import stored_file
from app.queries.records import fetch_optional
from app.services.administration import start_job


class NoTelephone(Exception):
    """The consumer has no telephone number to write to."""


class NotSendableAgain(Exception):
    """A message is on its way, was sent, or held a code, which is not kept."""


class NotInDoubt(Exception):
    """It is known what became of a message."""


class Claim(NamedTuple):
    """A message a worker hands to a gateway: this attempt is its own."""

    notice_id: int
    attempt_id: int
    number: int
    channel: NoticeChannel
    message: Outgoing


def queue_notice(
    session: Session,
    account_id: int,
    message: str,
    *,
    now: datetime,
    kind: NoticeKind = NoticeKind.MESSAGE,
    lifetime: timedelta | None = None,
    phone: str | None = None,
) -> Notice:
    """Write an SMS to the outbox in the transaction of what it tells; a job sends it.

    :param lifetime: how long it is worth sending; that of its kind if None
    :param phone: where to; None: the telephone of the account's consumer
    :raises NoTelephone: if the consumer has no telephone number
    """
    statement = select(Account.division_id, Consumer.phone).join(Consumer, Consumer.id == Account.consumer_id)
    row = session.execute(statement.where(Account.id == account_id)).one()
    phone = phone or row.phone
    if phone is None:
        raise NoTelephone
    notice = Notice(
        division_id=row.division_id,
        account_id=account_id,
        kind=kind,
        channel=NoticeChannel.SMS,
        phone=phone,
        text=sms_text(message),
        due_at=now,
        expires_at=now + (lifetime or LIFETIMES[kind]),
    )
    session.add(notice)
    session.flush()
    return notice


def queue_staff_notice(
    session: Session, user_id: int, kind: NoticeKind, *, subject: str, message: str, now: datetime, stored_file_id: int | None = None
) -> Notice | None:
    """Write an e-mail to a user to the outbox; None if he has no address, or works in no division the writer may see.

    :param stored_file_id: a file that goes with it
    """
    email = fetch_optional(session, "SELECT nullif(email, '') FROM ab_user WHERE id = :id", str, id=user_id)
    division_id = fetch_optional(session, _DIVISION_OF_USER, int, id=user_id, today=now.date())
    if email is None or division_id is None:
        return None
    notice = Notice(
        division_id=division_id,
        user_id=user_id,
        kind=kind,
        channel=NoticeChannel.EMAIL,
        email=email,
        subject=subject[:200],
        text=message,
        stored_file_id=stored_file_id,
        due_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    session.add(notice)
    session.flush()
    return notice


#: The division a user works in, the highest first; else the highest of the writer's own.
_DIVISION_OF_USER = """
    SELECT d.id FROM division d
    LEFT JOIN division_access a ON a.division_id = d.id AND a.user_id = :id AND a.valid_from <= :today
        AND (a.valid_to IS NULL OR a.valid_to > :today)
    WHERE d.id = ANY (coalesce(app_divisions(), ARRAY(SELECT id FROM division)))
    ORDER BY a.id IS NULL, length(d.path), d.id LIMIT 1
    """


def claim(session: Session, providers: Mapping[NoticeChannel, str], *, job_id: int, now: datetime) -> Claim | None:
    """Claim the message that expires first of those that are due; the caller commits before it hands it to the gateway.

    :param providers: the channels that have a gateway, and its name
    :return: None if nothing is due; messages another worker claims are left to it
    """
    due = select(Notice).where(
        Notice.status == NoticeStatus.QUEUED, Notice.channel.in_(list(providers)), Notice.due_at <= now, Notice.expires_at > now
    )
    notice = session.scalar(due.order_by(Notice.expires_at, Notice.id).limit(1).with_for_update(skip_locked=True))
    if notice is None:
        return None
    notice.status, notice.attempts, notice.provider = NoticeStatus.SENDING, notice.attempts + 1, providers[notice.channel]
    attempt = NoticeAttempt(
        division_id=notice.division_id,
        notice_id=notice.id,
        number=notice.attempts,
        job_run_id=job_id,
        provider=notice.provider,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    address = notice.phone if notice.channel == NoticeChannel.SMS else notice.email
    assert address is not None
    attached = None if notice.stored_file_id is None else stored_file(session, notice.stored_file_id)
    message = Outgoing(address, notice.subject or "", notice.text, f"notice-{notice.id}", Attachment(*attached) if attached else None)
    return Claim(notice.id, attempt.id, notice.attempts, notice.channel, message)


def record(session: Session, claimed: Claim, delivery: Delivery, *, now: datetime) -> NoticeStatus:
    """Record what became of an attempt, and return the state of its message.

    What is known counts, also if the attempt was given up for lost meanwhile; what a person decided stays.
    """
    notice = _locked(session, claimed.notice_id)
    detail = scrubbed(delivery.detail)[:300] or None
    values = {"outcome": delivery.outcome, "problem": delivery.problem, "finished_at": now, "detail": detail}
    session.execute(update(NoticeAttempt).where(NoticeAttempt.id == claimed.attempt_id).values(values))
    if notice.status not in {NoticeStatus.SENDING, NoticeStatus.IN_DOUBT} or notice.attempts != claimed.number:
        return notice.status
    notice.problem, notice.detail = delivery.problem, detail
    status, due_at = status_after(delivery, attempts=notice.attempts, now=now, expires_at=notice.expires_at)
    _set(notice, status, due_at)
    if status == NoticeStatus.SENT:
        notice.sent_at, notice.provider_reference = now, delivery.reference[:200] or None
    session.flush()
    return status


def doubt_abandoned(session: Session, *, job_id: int | None, now: datetime) -> int:
    """Put in doubt what was being sent when its worker died, and return how many messages that are.

    :param job_id: a job the caller has taken over, so that its earlier worker is known to have died
    """
    count = 0
    for attempt in queries.abandoned_attempts(session, job_id):
        notice = _locked(session, attempt.notice_id)
        values = {"outcome": DeliveryOutcome.UNKNOWN, "problem": DeliveryProblem.WORKER_ENDED, "finished_at": now}
        session.execute(update(NoticeAttempt).where(NoticeAttempt.id == attempt.id, NoticeAttempt.outcome.is_(None)).values(values))
        if notice.status == NoticeStatus.SENDING and notice.attempts == attempt.number:
            notice.problem, notice.detail = DeliveryProblem.WORKER_ENDED, None
            _set(notice, NoticeStatus.IN_DOUBT, now)
            count += 1
    session.flush()
    return count


def expire(session: Session, *, now: datetime) -> int:
    """Mark the queued messages whose last moment has come as expired, and return how many there were."""
    late = select(Notice).where(Notice.status == NoticeStatus.QUEUED, Notice.expires_at <= now)
    found = list(session.scalars(late.with_for_update(skip_locked=True)))
    for notice in found:
        _set(notice, NoticeStatus.EXPIRED, now)
    session.flush()
    return len(found)


def start_due(session: Session, channels: Collection[NoticeChannel], *, now: datetime) -> int | None:
    """Ask for a job that sends what is due and return its number; None if nothing is, or a job is queued or running."""
    statement = """
        SELECT (SELECT id FROM division WHERE parent_id IS NULL)
        WHERE NOT EXISTS (SELECT 1 FROM job_run WHERE kind = 'NOTICE_SEND' AND status IN ('QUEUED', 'RUNNING'))
          AND EXISTS (SELECT 1 FROM notice WHERE status = 'QUEUED' AND due_at <= :now AND expires_at > :now AND channel = ANY (:channels))
        """
    division_id = fetch_optional(session, statement, int, now=now, channels=[str(each) for each in channels])
    return None if division_id is None else start_job(session, JobKind.NOTICE_SEND, division_id=division_id)


def send_again(session: Session, notice_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """Queue messages anew, with a new last moment.

    :param by: name of the user who decides
    :raises NotSendableAgain: if one of them is queued, being sent, sent, or held a code
    """
    for notice in (_locked(session, notice_id) for notice_id in sorted(notice_ids)):
        if notice.status not in SENDABLE_AGAIN or notice.kind not in LIFETIMES:
            raise NotSendableAgain(str(notice.id))
        notice.expires_at, notice.problem, notice.detail = now + LIFETIMES[notice.kind], None, None
        notice.decided_by, notice.decided_at = by, now
        _set(notice, NoticeStatus.QUEUED, now)
    session.flush()


def mark_sent(session: Session, notice_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """Record that a person found messages in doubt to be sent; the provider's number stays unknown.

    :param by: name of the user who decides
    :raises NotInDoubt: if what became of one of them is known
    """
    for notice in (_locked(session, notice_id) for notice_id in sorted(notice_ids)):
        if notice.status != NoticeStatus.IN_DOUBT:
            raise NotInDoubt(str(notice.id))
        notice.decided_by, notice.decided_at = by, now
        _set(notice, NoticeStatus.SENT, now)
    session.flush()


def _locked(session: Session, notice_id: int) -> Notice:
    return session.execute(select(Notice).where(Notice.id == notice_id).with_for_update()).scalar_one()


def _set(notice: Notice, status: NoticeStatus, due_at: datetime) -> None:
    """Move a message; a code that is not about to be sent is not kept."""
    notice.status, notice.due_at = status, due_at
    if notice.kind == NoticeKind.PORTAL_CODE and status != NoticeStatus.QUEUED:
        notice.text = without_codes(notice.text)
