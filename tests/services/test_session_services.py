"""A user's session from login to logout, asked of the service itself: tokens, one-time codes, and how each end is recorded."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.domain.administration.access import SessionEnd
from app.models.administration import TotpDevice, UserSession
from app.queries.administration import sessions as queries
from app.services.administration import sessions
from tests.services.people_scenario import add_user

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
TODAY = NOW.date()
IDLE, OLD = timedelta(minutes=30), timedelta(hours=12)


def begin(session: Session, user_id: int, *, is_open: bool = True, now: datetime = NOW) -> tuple[str, UserSession]:
    """Start a session; return its token and its row."""
    token = sessions.start_session(session, user_id, address="10.0.0.1", agent="a browser", is_open=is_open, now=now)
    return token, session.scalars(select(UserSession).where(UserSession.token_hash == sessions.hash_of(token))).one()


def lives(session: Session, token: str, now: datetime) -> queries.SessionRecord | None:
    return queries.live_session(session, sessions.hash_of(token), now=now, today=TODAY)


@pytest.fixture
def user(session: Session) -> int:
    return add_user(session, "clerk")


def test_token_is_kept_as_a_hash_and_each_is_another(session: Session, user: int) -> None:
    first, row = begin(session, user)
    second, _ = begin(session, user)

    assert first != second
    assert first not in {row.token_hash, row.address, row.agent}
    assert len(row.token_hash) == 64


def test_long_address_and_program_are_cut_and_kept(session: Session, user: int) -> None:
    token = sessions.start_session(session, user, address="1" * 90, agent="a" * 900, is_open=True, now=NOW)

    row = session.scalars(select(UserSession).where(UserSession.token_hash == sessions.hash_of(token))).one()
    assert (len(row.address), len(row.agent), row.started_at, row.seen_at, row.opened_at) == (64, 200, NOW, NOW, NOW)


@pytest.mark.parametrize(
    ("seen", "asked", "is_there"),
    [
        (timedelta(0), IDLE - timedelta(seconds=1), True),
        (timedelta(0), IDLE, False),
        (timedelta(minutes=20), IDLE, True),
        (OLD - timedelta(minutes=1), OLD - timedelta(seconds=1), True),
        (OLD - timedelta(minutes=1), OLD, False),
    ],
)
def test_session_ends_by_itself_when_idle_and_when_old(
    session: Session, user: int, seen: timedelta, asked: timedelta, is_there: bool
) -> None:
    token, row = begin(session, user)
    sessions.touch_session(session, row.id, now=NOW + seen)

    found = lives(session, token, NOW + asked)
    sessions.end_expired(session, user, now=NOW + asked, today=TODAY)
    session.refresh(row)

    assert (found is not None) is is_there
    assert (row.ended_at, row.end_reason, row.ended_by) == ((None, None, None) if is_there else (NOW + asked, SessionEnd.EXPIRED, "system"))


def test_end_by_time_leaves_other_users_and_earlier_ends_alone(session: Session, user: int) -> None:
    _, mine = begin(session, user)
    _, ended = begin(session, user)
    _, other = begin(session, add_user(session, "other"))
    sessions.end_sessions(session, [ended.id], SessionEnd.LOGOUT, by="clerk", now=NOW)

    sessions.end_expired(session, user, now=NOW + OLD, today=TODAY)
    session.expire_all()

    assert [each.end_reason for each in (mine, ended, other)] == [SessionEnd.EXPIRED, SessionEnd.LOGOUT, None]


def test_ended_session_opens_nothing_and_is_ended_once(session: Session, user: int) -> None:
    token, row = begin(session, user)

    ended = sessions.end_sessions(session, [row.id], SessionEnd.LOGOUT, by="clerk", now=NOW)
    again = sessions.end_sessions(session, [row.id], SessionEnd.RIGHTS, by="chief", now=NOW + IDLE / 2)
    session.refresh(row)

    assert (ended, again) == (1, 0)
    assert (row.ended_at, row.ended_by, row.end_reason) == (NOW, "clerk", SessionEnd.LOGOUT)
    assert lives(session, token, NOW) is None


def test_only_sessions_of_the_named_user_end(session: Session, user: int) -> None:
    _, mine = begin(session, user)
    _, other = begin(session, add_user(session, "other"))

    ended = sessions.end_sessions(session, [mine.id, other.id], SessionEnd.ENDED, by="clerk", now=NOW, of_user=user)
    session.expire_all()

    assert (ended, mine.ended_at, other.ended_at) == (1, NOW, None)


def test_opened_session_gets_another_token_and_the_old_one_opens_nothing(session: Session, user: int) -> None:
    waiting, row = begin(session, user, is_open=False)
    before = lives(session, waiting, NOW)

    token = sessions.open_session(session, row.id, now=NOW + timedelta(minutes=1))
    after = lives(session, token, NOW + timedelta(minutes=PARAMETERS["access.code_minutes"].default))

    assert before is not None
    assert not before.is_open
    assert lives(session, waiting, NOW) is None
    assert after is not None
    assert after.is_open


def test_session_that_waits_for_its_code_waits_ten_minutes(session: Session, user: int) -> None:
    token, _ = begin(session, user, is_open=False)

    assert lives(session, token, NOW + timedelta(minutes=PARAMETERS["access.code_minutes"].default, seconds=-1)) is not None
    assert lives(session, token, NOW + timedelta(minutes=PARAMETERS["access.code_minutes"].default)) is None


def with_device(session: Session, user: int) -> tuple[UserSession, pyotp.TOTP]:
    """Set a generator up in one session, and return another that waits for a code."""
    _, first = begin(session, user)
    generator = pyotp.TOTP(sessions.offer_device(session, first.id))
    assert sessions.confirm_device(session, first.id, generator.at(NOW - timedelta(minutes=5)), now=NOW - timedelta(minutes=5))
    return begin(session, user, is_open=False)[1], generator


def test_generator_is_offered_once_and_kept_when_its_first_code_is_right(session: Session, user: int) -> None:
    _, row = begin(session, user)
    secret = sessions.offer_device(session, row.id)
    again = sessions.offer_device(session, row.id)
    generator = pyotp.TOTP(secret)

    wrong = sessions.confirm_device(session, row.id, "12345", now=NOW)
    none_yet = queries.has_device(session, user)
    right = sessions.confirm_device(session, row.id, generator.at(NOW), now=NOW)

    assert (secret == again, wrong, none_yet, right, queries.has_device(session, user)) == (True, False, False, True, True)
    assert row.totp_secret is None
    assert not sessions.confirm_device(session, row.id, generator.at(NOW), now=NOW), "the offer is used up"


def test_code_is_taken_once_and_no_older_one_after_it(session: Session, user: int) -> None:
    waiting, generator = with_device(session, user)

    def is_right(at: datetime) -> bool:
        return sessions.code_is_right(session, waiting.id, generator.at(at), by="clerk", now=NOW)

    assert [is_right(NOW), is_right(NOW), is_right(NOW - timedelta(seconds=30)), is_right(NOW + timedelta(seconds=30))] == [
        True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(("steps", "is_one"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_counts_in_its_step_and_the_ones_beside(steps: int, is_one: bool) -> None:
    secret, present = pyotp.random_base32(), int(NOW.timestamp()) // 30
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=30 * steps))

    assert sessions.matching_step(secret, code, now=NOW) == (present + steps if is_one else None)


def test_fifth_wrong_code_ends_the_login(session: Session, user: int) -> None:
    waiting, _ = with_device(session, user)

    for _ in range(PARAMETERS["access.code_attempts"].default - 1):
        assert not sessions.code_is_right(session, waiting.id, "12345", by="clerk", now=NOW)
    before = waiting.ended_at
    sessions.count_wrong_code(session, waiting.id, by="clerk", now=NOW)

    assert before is None
    assert (waiting.wrong_codes, waiting.ended_at, waiting.ended_by, waiting.end_reason) == (5, NOW, "clerk", SessionEnd.WRONG_CODES)


def test_code_of_a_user_without_a_generator_is_no_code(session: Session, user: int) -> None:
    _, waiting = begin(session, user, is_open=False)

    with pytest.raises(sessions.NoDevice):
        sessions.code_is_right(session, waiting.id, "123456", by="clerk", now=NOW)


def test_generator_is_taken_away_from_those_named_who_have_one(session: Session, user: int) -> None:
    other = add_user(session, "other")
    with_device(session, user)

    assert (sessions.reset_device(session, [other]), queries.has_device(session, user)) == (0, True)
    assert (sessions.reset_device(session, [user, other]), session.scalars(select(TotpDevice)).all()) == (1, [])


def test_own_sessions_are_those_that_live_the_newest_first(session: Session, user: int) -> None:
    _, first = begin(session, user)
    _, second = begin(session, user, now=NOW + timedelta(minutes=1))
    _, ended = begin(session, user)
    begin(session, user, is_open=False)
    begin(session, add_user(session, "other"))
    sessions.end_sessions(session, [ended.id], SessionEnd.LOGOUT, by="clerk", now=NOW)

    found = queries.own_sessions(session, user, now=NOW + timedelta(minutes=2), today=TODAY)

    assert [each.id for each in found] == [second.id, first.id]


def test_address_is_known_if_the_user_worked_from_there_lately(session: Session, user: int) -> None:
    begin(session, user)
    add_user(session, "other")

    def knows(name: str, address: str, since: datetime) -> bool:
        return queries.knows_address(session, name, address, since=since)

    assert knows("CLERK", "10.0.0.1", NOW - timedelta(days=1))
    assert not knows("clerk", "10.0.0.1", NOW)
    assert not knows("clerk", "10.0.0.2", NOW - timedelta(days=1))
    assert not knows("other", "10.0.0.1", NOW - timedelta(days=1))
