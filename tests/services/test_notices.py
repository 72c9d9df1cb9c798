"""The outbox of messages, and the codes that open the portal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.notices import (
    Delivery,
    DeliveryOutcome,
    DeliveryProblem,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    SendingRules,
    Urgency,
    Way,
)
from app.models.notices import Notice, NoticeAttempt
from app.queries import locks
from app.queries.locks import Lock
from app.services import administration, notices
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SMS = {NoticeChannel.SMS: Way("TEST")}
RULES = SendingRules(Urgency.MASS, NOW - timedelta(hours=4), 100)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ("Toʻlov qabul qilindi", "To'lov qabul qilindi"),
        ("Maʼlumot: gʻazna", "Ma'lumot: g'azna"),
        ("o‘ o’ o` o'", "o' o' o' o'"),
        ("Оплата получена, Ўзбекистон", "Оплата получена, Ўзбекистон"),
        ("tóleń, ǵ, ı", "tóleń, ǵ, ı"),
    ],
)
def test_message_is_queued_with_plain_apostrophes_and_no_other_change(session: Session, home: Home, message: str, sent: str) -> None:
    notice = notices.queue_notice(session, home.account_id, message, now=NOW)

    session.refresh(notice)
    assert (notice.text, notice.phone, notice.division_id) == (sent, "+998901234567", home.division_id)
    assert (notice.status, notice.sent_at, notice.attempts, notice.expires_at) == (NoticeStatus.QUEUED, None, 0, NOW + DAY * 3)


def test_consumer_without_a_telephone_gets_no_message(session: Session) -> None:
    home = make_home(session, make_district(session), phone=None)

    with pytest.raises(notices.NoTelephone):
        notices.queue_notice(session, home.account_id, "text", now=NOW)

    assert session.query(Notice).count() == 0


def queue(session: Session, home: Home, words: str = "Pay by the 10th", **more: Any) -> Notice:
    return notices.queue_notice(session, home.account_id, words, now=NOW, **more)


def job_of(session: Session, home: Home) -> int:
    return administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)


def claim(session: Session, home: Home, now: datetime = NOW) -> notices.Claim:
    [claimed] = claims(session, home, now)
    return claimed


def claims(session: Session, home: Home, now: datetime = NOW) -> list[notices.Claim]:
    found = notices.claim(session, SMS, rules=RULES, job_id=job_of(session, home), now=now)
    return found.get(NoticeChannel.SMS, [])


def record(session: Session, claimed: notices.Claim, delivery: Delivery, *, now: datetime = NOW) -> None:
    notices.record(session, [(claimed, delivery)], now=now)


def lock(session: Session, job_id: int) -> None:
    """Hold a job as its worker does."""
    locks.acquire(session, Lock.JOB, job_id)


def test_message_that_expires_first_is_claimed_first_and_by_one_worker_only(session: Session, home: Home) -> None:
    later = queue(session, home, "later")
    sooner = queue(session, home, "sooner", lifetime=MINUTE)

    claimed = [claim(session, home).notice_id, claim(session, home).notice_id]

    assert claimed == [sooner.id, later.id]
    assert claims(session, home) == []
    assert {each.status for each in (later, sooner)} == {NoticeStatus.SENDING}


def test_message_of_a_channel_without_a_gateway_stays_queued(session: Session, home: Home) -> None:
    notice = queue(session, home)

    assert notices.claim(session, {NoticeChannel.EMAIL: Way("SMTP")}, rules=RULES, job_id=job_of(session, home), now=NOW) == {}
    assert notices.start_due(session, frozenset(), rules=RULES, now=NOW) is None
    assert notice.status == NoticeStatus.QUEUED


NO_LINE = Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.NO_CONNECTION)


@pytest.mark.parametrize(
    ("delivery", "status", "is_tried_again"),
    [
        (Delivery(DeliveryOutcome.SENT, reference="uuid-1"), NoticeStatus.SENT, False),
        (Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail="HTTP 422"), NoticeStatus.FAILED, False),
        (NO_LINE, NoticeStatus.QUEUED, True),
        (Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY), NoticeStatus.QUEUED, True),
        (Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER), NoticeStatus.IN_DOUBT, False),
    ],
    ids=lambda value: str(getattr(value, "outcome", value)),
)
def test_what_the_gateway_did_is_the_state_of_the_message(
    session: Session, home: Home, delivery: Delivery, status: NoticeStatus, is_tried_again: bool
) -> None:
    notice = queue(session, home)

    record(session, claim(session, home), delivery, now=NOW)

    assert notice.status == status
    assert (notice.problem, notice.sent_at) == (delivery.problem, NOW if status == NoticeStatus.SENT else None)
    assert notice.provider_reference == (delivery.reference or None)
    assert bool(claims(session, home, NOW + MINUTE)) is is_tried_again


def test_retries_wait_longer_each_time_and_the_last_one_fails_with_its_reason(session: Session, home: Home) -> None:
    notice = queue(session, home, lifetime=5 * MINUTE)
    due, waits = NOW, []

    while notice.status == NoticeStatus.QUEUED:
        record(session, claim(session, home, due), NO_LINE, now=due)
        waits.append(notice.due_at - due)
        due = notice.due_at

    assert waits == [MINUTE / 2, 2 * MINUTE, MINUTE * 0]
    assert (notice.status, notice.problem, notice.attempts) == (NoticeStatus.FAILED, DeliveryProblem.NO_CONNECTION, 3)


@pytest.mark.parametrize(("later", "is_sent"), [(5 * MINUTE - timedelta(seconds=1), True), (5 * MINUTE, False), (DAY, False)], ids=str)
def test_message_is_not_sent_from_its_last_moment_on(session: Session, home: Home, later: timedelta, is_sent: bool) -> None:
    notice = queue(session, home, lifetime=5 * MINUTE)

    claimed = claims(session, home, NOW + later)
    count = notices.expire(session, now=NOW + later)

    assert (bool(claimed), count) == (is_sent, 0 if is_sent else 1)
    assert notice.status == (NoticeStatus.SENDING if is_sent else NoticeStatus.EXPIRED)


@pytest.mark.parametrize("is_taken_over", [False, True])
def test_what_a_dead_worker_was_sending_is_in_doubt_and_not_sent_again(session: Session, home: Home, is_taken_over: bool) -> None:
    notice = queue(session, home)
    claimed = claim(session, home)
    job_id = session.query(NoticeAttempt).one().job_run_id
    if is_taken_over:
        lock(session, job_id)

    counts = [notices.doubt_abandoned(session, job_id=job_id if is_taken_over else None, now=NOW) for _ in range(2)]

    assert counts == [1, 0]
    assert (notice.status, notice.problem) == (NoticeStatus.IN_DOUBT, DeliveryProblem.WORKER_ENDED)
    assert claims(session, home, NOW + DAY) == []
    # The worker was only slow: what it knows counts.
    record(session, claimed, Delivery(DeliveryOutcome.SENT, reference="late"), now=NOW + MINUTE)
    assert (notice.status, notice.provider_reference) == (NoticeStatus.SENT, "late")


def test_worker_at_work_is_not_taken_for_dead(session: Session, home: Home) -> None:
    notice = queue(session, home)
    claim(session, home)
    lock(session, session.query(NoticeAttempt).one().job_run_id)

    assert notices.doubt_abandoned(session, job_id=job_of(session, home), now=NOW) == 0
    assert notice.status == NoticeStatus.SENDING


def in_doubt(session: Session, home: Home, **more: Any) -> Notice:
    notice = queue(session, home, **more)
    record(session, claim(session, home), Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER), now=NOW)
    return notice


def test_person_records_a_message_in_doubt_as_sent(session: Session, home: Home) -> None:
    notice = in_doubt(session, home)

    notices.mark_sent(session, [notice.id], by="anna", now=NOW + MINUTE)

    assert (notice.status, notice.decided_by, notice.decided_at) == (NoticeStatus.SENT, "anna", NOW + MINUTE)
    assert (notice.provider_reference, notice.sent_at) == (None, None)


def test_person_has_a_message_sent_again_with_a_new_last_moment(session: Session, home: Home) -> None:
    notice = in_doubt(session, home)
    first = session.query(NoticeAttempt).one()

    notices.send_again(session, [notice.id], by="anna", now=NOW + DAY)

    assert (notice.status, notice.decided_by, notice.expires_at) == (NoticeStatus.QUEUED, "anna", NOW + 4 * DAY)
    claimed = claim(session, home, NOW + DAY)
    assert (claimed.notice_id, claimed.number) == (notice.id, 2)
    # The first attempt ends late and changes nothing any more.
    stale = notices.Claim(notice.id, first.id, 1, claimed.message)
    record(session, stale, Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED), now=NOW + DAY)
    assert notice.status == NoticeStatus.SENDING


@pytest.mark.parametrize("status", [NoticeStatus.QUEUED, NoticeStatus.SENDING, NoticeStatus.SENT])
def test_message_on_its_way_or_sent_is_not_sent_again(session: Session, home: Home, status: NoticeStatus) -> None:
    notice = queue(session, home)
    notice.status = status
    session.flush()

    with pytest.raises(notices.NotSendableAgain):
        notices.send_again(session, [notice.id], by="anna", now=NOW)
    with pytest.raises(notices.NotInDoubt):
        notices.mark_sent(session, [notice.id], by="anna", now=NOW)


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(DeliveryOutcome.SENT, reference="1"),
        Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER),
        Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED),
    ],
    ids=lambda delivery: str(delivery.outcome),
)
def test_code_is_not_kept_once_it_left_and_not_sent_again(session: Session, home: Home, delivery: Delivery) -> None:
    notice = queue(session, home, "Your code is 424242.", kind=NoticeKind.PORTAL_CODE, lifetime=5 * MINUTE)

    claimed = claim(session, home)
    record(session, claimed, delivery, now=NOW)

    session.refresh(notice)
    assert (claimed.message.text, notice.text) == ("Your code is 424242.", "Your code is ••••••.")
    with pytest.raises(notices.NotSendableAgain):
        notices.send_again(session, [notice.id], by="anna", now=NOW)


def test_decision_about_a_message_leaves_its_audit_row(session: Session, home: Home) -> None:
    notice = in_doubt(session, home)
    session.execute(text("SELECT set_config('app.actor', 'anna', true)"))

    notices.mark_sent(session, [notice.id], by="anna", now=NOW)

    row = session.execute(
        text("SELECT actor, row_id, before ->> 'status', after ->> 'status', after ->> 'text' FROM audit_entry ORDER BY id DESC LIMIT 1")
    ).one()
    assert tuple(row) == ("anna", notice.id, "IN_DOUBT", "SENT", "***")


def test_job_is_started_for_what_is_due_and_only_once(session: Session, home: Home) -> None:
    channels = frozenset({NoticeChannel.SMS})
    nothing = notices.start_due(session, channels, rules=RULES, now=NOW)
    queue(session, home)

    first = notices.start_due(session, channels, rules=RULES, now=NOW)

    assert (nothing, notices.start_due(session, channels, rules=RULES, now=NOW)) == (None, None)
    assert first is not None


def test_user_is_written_to_by_e_mail_and_one_without_an_address_is_not(session: Session) -> None:
    add = text("INSERT INTO ab_user (id, first_name, last_name, username, email) VALUES (:id, 'a', 'b', :name, :email) RETURNING id")
    known = session.scalar(add, {"id": 990, "name": "known", "email": "known@example.uz"})
    silent = session.scalar(add, {"id": 991, "name": "silent", "email": ""})
    words = {"subject": "New password", "message": "text"}

    notice = notices.queue_staff_notice(session, known, NoticeKind.STAFF_PASSWORD, now=NOW, **words)
    none = notices.queue_staff_notice(session, silent, NoticeKind.STAFF_PASSWORD, now=NOW, **words)

    assert notice is not None
    assert (notice.email, notice.phone, notice.account_id, notice.expires_at) == ("known@example.uz", None, None, NOW + DAY)
    assert none is None
