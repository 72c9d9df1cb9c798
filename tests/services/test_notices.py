"""The outbox of messages, and the codes that open the portal."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.notices import NoticeStatus
from app.models.notices import Notice
from app.services import notices
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def issue(session: Session, home: Home, code: str = "123456", now: datetime = NOW) -> None:
    notices.issue_code(session, home.account_id, code, minutes=5, now=now)


def opens(session: Session, home: Home, code: str, now: datetime = NOW, most_attempts: int = 5) -> bool:
    return notices.check_code(session, home.account_id, code, most_attempts=most_attempts, now=now)


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
    notice = notices.queue_notice(session, home.account_id, message)

    session.refresh(notice)
    assert (notice.text, notice.phone, notice.division_id) == (sent, "+998901234567", home.division_id)
    assert (notice.status, notice.sent_at) == (NoticeStatus.QUEUED, None)


def test_consumer_without_a_telephone_gets_no_message(session: Session) -> None:
    home = make_home(session, make_district(session), phone=None)

    with pytest.raises(notices.NoTelephone):
        notices.queue_notice(session, home.account_id, "text")

    assert session.query(Notice).count() == 0


def test_queued_messages_leave_the_outbox_oldest_first(session: Session, home: Home) -> None:
    first, second, third = (notices.queue_notice(session, home.account_id, word).id for word in ("one", "two", "three"))

    waiting = [notice.id for notice in notices.queued(session, most=2)]
    notices.mark_sent(session, first, NoticeStatus.SENT, now=NOW)
    notices.mark_sent(session, second, NoticeStatus.FAILED, now=NOW)

    assert waiting == [first, second]
    assert [notice.id for notice in notices.queued(session)] == [third]
    rows = session.execute(text("SELECT status, sent_at FROM notice ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("SENT", NOW), ("FAILED", NOW), ("QUEUED", None)]


def test_right_code_opens_once(session: Session, home: Home) -> None:
    issue(session, home)

    tries = [opens(session, home, "123456"), opens(session, home, "123456")]

    assert tries == [True, False]


def test_account_without_a_code_is_not_opened(session: Session, home: Home) -> None:
    assert opens(session, home, "") is False
    assert opens(session, home, "123456") is False


@pytest.mark.parametrize(("wrong", "opened"), [(0, True), (1, True), (4, True), (5, False), (6, False)])
def test_wrong_codes_are_counted_and_the_last_try_closes_it(session: Session, home: Home, wrong: int, opened: bool) -> None:
    issue(session, home)

    tries = [opens(session, home, "654321") for _ in range(wrong)]

    assert not any(tries)
    assert opens(session, home, "123456") is opened


def test_parameter_sets_how_many_tries_there_are(session: Session, home: Home) -> None:
    issue(session, home)
    opens(session, home, "654321", most_attempts=1)

    assert opens(session, home, "123456", most_attempts=1) is False


@pytest.mark.parametrize(
    ("later", "opened"), [(5 * MINUTE - timedelta(seconds=1), True), (5 * MINUTE, False), (60 * MINUTE, False)], ids=str
)
def test_code_expires(session: Session, home: Home, later: timedelta, opened: bool) -> None:
    issue(session, home)

    assert opens(session, home, "123456", now=NOW + later) is opened


def test_new_code_closes_the_older_one(session: Session, home: Home) -> None:
    issue(session, home, "111111")

    issue(session, home, "222222")

    assert opens(session, home, "111111") is False
    assert opens(session, home, "222222") is True


def test_code_of_one_account_does_not_open_another(session: Session) -> None:
    first, second = make_home(session, district := make_district(session), 1), make_home(session, district, 2)
    issue(session, first, "111111")
    issue(session, second, "222222")

    assert opens(session, second, "111111") is False
    assert opens(session, first, "111111") is True


def test_code_is_not_kept_in_the_clear(session: Session, home: Home) -> None:
    issue(session, home, "424242")

    row = session.execute(text("SELECT code_sha256, p::text FROM portal_code p")).one()

    assert len(row[0]) == 64
    assert "424242" not in row[1]


def test_sixth_code_within_an_hour_is_refused(session: Session, home: Home) -> None:
    other = make_home(session, make_district(session, "1726998"))
    for number in range(notices.CODES_AN_HOUR):
        issue(session, home, f"{number:06d}")

    with pytest.raises(notices.TooManyCodes):
        issue(session, home, "999999")
    issue(session, other, "999999")

    assert opens(session, home, "999999") is False
    assert opens(session, home, "000004") is True
    assert opens(session, other, "999999") is True


@pytest.mark.parametrize(("age", "allowed"), [(59 * MINUTE, False), (61 * MINUTE, True)], ids=str)
def test_codes_of_the_hour_before_do_not_count(session: Session, home: Home, age: timedelta, allowed: bool) -> None:
    for number in range(notices.CODES_AN_HOUR):
        issue(session, home, f"{number:06d}")
    session.execute(text("UPDATE portal_code SET created_at = :then"), {"then": NOW - age})

    if allowed:
        issue(session, home)
    else:
        with pytest.raises(notices.TooManyCodes):
            issue(session, home)

    assert opens(session, home, "123456") is allowed
