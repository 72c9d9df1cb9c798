"""Messages on their way: claimed before they are sent, recorded after, in doubt where nobody knows."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.administration.privacy import scrubbed, without_codes
from app.domain.notices import (
    KINDS,
    SENDABLE_AGAIN,
    Attachment,
    Delivery,
    DeliveryOutcome,
    DeliveryProblem,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    Outgoing,
    SendingRules,
    Urgency,
    Way,
    status_after,
)
from app.models.notices import Notice, NoticeAttempt
from app.queries import notices as queries
from app.queries.administration import stored_file
from app.queries.records import fetch_all, fetch_optional
from app.services.administration import start_job

#: Messages that expire in one transaction.
_ROWS = 5000


class NotSendableAgain(Exception):
    """A message is on its way, was sent, or held a code, which is not kept."""


class NotInDoubt(Exception):
    """It is known what became of a message."""


class Claim(NamedTuple):
    """A message a worker hands to a gateway: this attempt is its own."""

    notice_id: int
    attempt_id: int
    number: int
    message: Outgoing


class _Claimed(NamedTuple):
    id: int
    division_id: int
    attempts: int
    address: str
    subject: str
    text: str
    stored_file_id: int | None


#: What may go now by a channel: e-mail, codes and answers always; other SMS at loud hours, to numbers that want it and got less than the
#: day's budget. What a number got and what waits for it are found by an index each.
_MAY_GO = """
    n.channel = :channel AND n.status = 'QUEUED' AND n.due_at <= :now AND n.expires_at > :now AND n.urgency <= :least_urgent
    AND (n.urgency <= 1 OR n.phone IS NULL
         OR (NOT EXISTS (SELECT 1 FROM notice_stop s WHERE s.phone = n.phone AND s.ended_at IS NULL)
             AND (SELECT count(*) FROM notice s WHERE s.phone = n.phone AND s.sent_at >= :day_began_at AND s.urgency > 1)
               + (SELECT count(*) FROM notice s WHERE s.phone = n.phone AND s.sent_at IS NULL AND s.urgency > 1 AND s.id <> n.id
                  AND (s.status = 'SENDING' OR (s.status = 'IN_DOUBT' AND s.due_at >= :day_began_at)
                       OR (s.status = 'QUEUED' AND s.due_at <= :now AND s.expires_at > :now AND s.id < n.id))) < :number_budget))
    """
_CLAIM = f"""
    WITH due AS (
        SELECT n.id FROM notice n WHERE {_MAY_GO}
        ORDER BY n.urgency, n.expires_at, n.id LIMIT :most FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notice n SET status = 'SENDING', attempts = n.attempts + 1, provider = :provider, message_contract_id = :contract_id,
            cost_tiyin = n.parts * CAST(:part_price_tiyin AS bigint)
        FROM due WHERE n.id = due.id RETURNING n.*
    )
    SELECT id, division_id, attempts, coalesce(phone, email, '') AS address, coalesce(subject, '') AS subject, text, stored_file_id
    FROM claimed ORDER BY urgency, expires_at, id
    """


#: What became of attempts, in one statement whatever their number.
_RECORD = """
    UPDATE notice_attempt t SET outcome = g.outcome, problem = g.problem, detail = g.detail, finished_at = :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:outcomes AS text[]), CAST(:problems AS text[]), CAST(:details AS text[]))
        g (id, outcome, problem, detail)
    WHERE t.id = g.id
    """


def claim(
    session: Session, ways: Mapping[NoticeChannel, Way], *, rules: SendingRules, job_id: int, now: datetime
) -> dict[NoticeChannel, list[Claim]]:
    """Claim messages that are due, the most urgent first, as many a channel as go in one call.

    The caller commits before it hands them to the gateways; messages another worker claims are left to it.
    """
    found = {channel: _claim(session, channel, way, rules, job_id, now) for channel, way in ways.items()}
    return {channel: claims for channel, claims in found.items() if claims}


def _claim(session: Session, channel: NoticeChannel, way: Way, rules: SendingRules, job_id: int, now: datetime) -> list[Claim]:
    given = way._asdict() | _given(channel, rules)
    claimed = fetch_all(session, _CLAIM, _Claimed, now=now, **given)
    if not claimed:
        return []
    rows = [
        {
            "division_id": each.division_id, "notice_id": each.id, "number": each.attempts, "job_run_id": job_id,
            "provider": way.provider, "started_at": now,
        }
        for each in claimed
    ]  # fmt: skip
    attempt_ids = session.scalars(insert(NoticeAttempt).returning(NoticeAttempt.id, sort_by_parameter_order=True), rows).all()
    session.expire_all()
    return [
        Claim(each.id, attempt_id, each.attempts, _outgoing(session, each)) for each, attempt_id in zip(claimed, attempt_ids, strict=True)
    ]


def _given(channel: NoticeChannel, rules: SendingRules) -> dict[str, Any]:
    """Return what a statement asks for; hours are quiet for SMS alone."""
    quiet = rules if channel == NoticeChannel.SMS else rules._replace(least_urgent=Urgency.MASS)
    return quiet._asdict() | {"channel": channel}


def _outgoing(session: Session, claimed: _Claimed) -> Outgoing:
    attached = None if claimed.stored_file_id is None else stored_file(session, claimed.stored_file_id)
    attachment = Attachment(*attached) if attached else None
    return Outgoing(claimed.address, claimed.subject, claimed.text, reference_of(claimed.id), attachment)


def reference_of(notice_id: int) -> str:
    """Return our number of a message, as gateways get it."""
    return f"notice-{notice_id}"


def record(session: Session, done: Sequence[tuple[Claim, Delivery]], *, now: datetime) -> Counter[NoticeStatus]:
    """Record what became of attempts, and return the states of their messages.

    What is known counts, also if the attempt was given up for lost meanwhile; what a person or a receipt said stays.
    """
    said_of = {each.attempt_id: said for each, said in done}
    outcomes = {
        "ids": [*said_of],
        "outcomes": [str(each.outcome) for each in said_of.values()],
        "problems": [each.problem and str(each.problem) for each in said_of.values()],
        "details": [_detail(each) for each in said_of.values()],
    }
    session.execute(text(_RECORD), outcomes | {"now": now})
    ids = sorted(each.notice_id for each, _said in done)
    held = {notice.id: notice for notice in session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id).with_for_update())}
    counts = Counter(_recorded(held[each.notice_id], each, said, now) for each, said in done)
    session.flush()
    return counts


def _detail(said: Delivery) -> str | None:
    return scrubbed(said.detail)[:300] or None


def _recorded(notice: Notice, claimed: Claim, said: Delivery, now: datetime) -> NoticeStatus:
    is_receipted = notice.status in {NoticeStatus.DELIVERED, NoticeStatus.UNDELIVERED}
    if said.outcome == DeliveryOutcome.SENT and is_receipted and notice.attempts == claimed.number:
        notice.provider_reference = said.reference[:200] or None
    if notice.status not in {NoticeStatus.SENDING, NoticeStatus.IN_DOUBT} or notice.attempts != claimed.number:
        return notice.status
    notice.problem, notice.detail = said.problem, _detail(said)
    status, due_at = status_after(said, attempts=notice.attempts, now=now, expires_at=notice.expires_at)
    _set(notice, status, due_at)
    if status == NoticeStatus.SENT:
        notice.sent_at, notice.provider_reference = now, said.reference[:200] or None
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
    """Mark queued messages whose last moment has come as expired, some thousands at most, and return how many."""
    late = select(Notice).where(Notice.status == NoticeStatus.QUEUED, Notice.expires_at <= now)
    found = list(session.scalars(late.order_by(Notice.id).limit(_ROWS).with_for_update(skip_locked=True)))
    for notice in found:
        _set(notice, NoticeStatus.EXPIRED, now)
    session.flush()
    return len(found)


def start_due(session: Session, channels: Collection[NoticeChannel], *, rules: SendingRules, now: datetime) -> int | None:
    """Ask for a job that sends what is due and return its number; None if nothing is, or a job is queued or running."""
    statement = f"""
        SELECT (SELECT id FROM division WHERE parent_id IS NULL)
        WHERE NOT EXISTS (SELECT 1 FROM job_run WHERE kind = 'NOTICE_SEND' AND status IN ('QUEUED', 'RUNNING'))
          AND EXISTS (SELECT 1 FROM notice n WHERE {_MAY_GO})
        """
    found = (fetch_optional(session, statement, int, now=now, **_given(channel, rules)) for channel in sorted(channels))
    division_id = next((each for each in found if each is not None), None)
    return None if division_id is None else start_job(session, JobKind.NOTICE_SEND, division_id=division_id)


def send_again(session: Session, notice_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """Queue messages anew, with a new last moment.

    :param by: name of the user who decides
    :raises NotSendableAgain: if one of them is queued, being sent, sent, or held a code
    """
    for notice in (_locked(session, notice_id) for notice_id in sorted(notice_ids)):
        if notice.status not in SENDABLE_AGAIN or notice.kind == NoticeKind.PORTAL_CODE:
            raise NotSendableAgain(str(notice.id))
        notice.expires_at, notice.problem, notice.detail = now + KINDS[notice.kind].lifetime, None, None
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
    """Move a message; a code that is not about to be sent is not kept, and what was surely not sent costs nothing."""
    notice.status, notice.due_at = status, due_at
    if status in {NoticeStatus.FAILED, NoticeStatus.QUEUED, NoticeStatus.EXPIRED}:
        notice.cost_tiyin = None
    if notice.kind == NoticeKind.PORTAL_CODE and status != NoticeStatus.QUEUED:
        notice.text = without_codes(notice.text)
