"""Sessions from login to logout, and the second factor."""

import hashlib
import secrets
from datetime import date, datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.domain.administration.access import SessionEnd
from app.domain.calendar import TASHKENT
from app.models.administration import TotpDevice, UserSession
from app.queries import administration as queries

_STEP_S = 30


class NoDevice(Exception):
    """The user has no generator of one-time codes."""


def hash_of(token: str) -> str:
    """Return what is kept of a session's token, so that a copy of the table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(session: Session, user_id: int, *, address: str, agent: str, is_open: bool, now: datetime) -> str:
    """Start a session under a fresh token and return the token; one that is not open awaits a code."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_hash=hash_of(token),
            user_id=user_id,
            started_at=now,
            seen_at=now,
            opened_at=now if is_open else None,
            address=address[:64],
            agent=agent[:200],
            language=queries.language_of_user(session, user_id),
        )
    )
    session.flush()
    return token


def open_session(session: Session, session_id: int, *, now: datetime) -> str:
    """Open a session whose second factor was shown; return its new token."""
    token = secrets.token_urlsafe(32)
    opened = update(UserSession).where(UserSession.id == session_id).values(opened_at=now, seen_at=now, token_hash=hash_of(token))
    session.execute(opened)
    return token


def touch_session(session: Session, session_id: int, *, now: datetime) -> None:
    """Record that a session is in use."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def keep_language(session: Session, session_id: int, language: str) -> None:
    """Record in which language the user of a session wants to be spoken to, now and in later sessions."""
    user_id = select(UserSession.user_id).where(UserSession.id == session_id).scalar_subquery()
    newest = select(func.max(UserSession.id)).where(UserSession.user_id == user_id).scalar_subquery()
    session.execute(update(UserSession).where(UserSession.id == newest).values(language=language))


def end_sessions(session: Session, ids: list[int], reason: SessionEnd, *, by: str, now: datetime, of_user: int | None = None) -> int:
    """End sessions, only a certain user's if one is named; return how many had not ended."""
    chosen = update(UserSession).where(UserSession.id.in_(ids), UserSession.ended_at.is_(None))
    if of_user is not None:
        chosen = chosen.where(UserSession.user_id == of_user)
    ended = session.execute(chosen.values(ended_at=now, ended_by=by, end_reason=reason).returning(UserSession.id))
    return len(ended.all())


def end_expired(session: Session, user_id: int, *, now: datetime, today: date) -> None:
    """Record the end of a user's sessions whose time is over."""
    old = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), queries.expired(now, today))
    session.execute(old.values(ended_at=now, ended_by="system", end_reason=SessionEnd.EXPIRED).execution_options(synchronize_session=False))


def code_is_right(session: Session, session_id: int, code: str, *, by: str, now: datetime) -> bool:
    """Tell whether a code is the user's; each step is taken once, and the fifth wrong code ends the login.

    :raises NoDevice: if the user has no generator
    """
    waiting = session.scalars(select(UserSession).where(UserSession.id == session_id).with_for_update()).one()
    device = session.scalar(select(TotpDevice).where(TotpDevice.user_id == waiting.user_id).with_for_update())
    if device is None:
        raise NoDevice
    step = matching_step(device.secret, code, now=now)
    if step is not None and step > device.last_step:
        device.last_step = step
        session.flush()
        return True
    _count_wrong_code(session, waiting, by=by, now=now)
    return False


def offer_device(session: Session, session_id: int) -> str:
    """Return the secret of the generator that a session sets up, made at the first asking."""
    waiting = session.scalars(select(UserSession).where(UserSession.id == session_id).with_for_update()).one()
    waiting.totp_secret = waiting.totp_secret or pyotp.random_base32()
    session.flush()
    return waiting.totp_secret


def confirm_device(session: Session, session_id: int, code: str, *, now: datetime) -> bool:
    """Keep the generator that a session was offered if its first code is right; tell whether it was."""
    offered = session.scalars(select(UserSession).where(UserSession.id == session_id).with_for_update()).one()
    step = matching_step(offered.totp_secret, code, now=now) if offered.totp_secret else None
    if step is None:
        return False
    session.add(TotpDevice(user_id=offered.user_id, secret=offered.totp_secret, confirmed_at=now, last_step=step))
    offered.totp_secret = None
    session.flush()
    return True


def count_wrong_code(session: Session, session_id: int, *, by: str, now: datetime) -> None:
    """Count a wrong code against a login."""
    waiting = session.scalars(select(UserSession).where(UserSession.id == session_id).with_for_update()).one()
    _count_wrong_code(session, waiting, by=by, now=now)


def reset_device(session: Session, user_ids: list[int]) -> int:
    """Take the generators of users away; return how many had one."""
    return len(session.execute(delete(TotpDevice).where(TotpDevice.user_id.in_(user_ids)).returning(TotpDevice.id)).all())


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step of 30 s whose code this is: the present one or one beside it."""
    generator, present = pyotp.TOTP(secret, interval=_STEP_S), int(now.timestamp()) // _STEP_S
    steps = (present, present - 1, present + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(generator.generate_otp(step), code)), None)


def _count_wrong_code(session: Session, waiting: UserSession, *, by: str, now: datetime) -> None:
    waiting.wrong_codes += 1
    if waiting.wrong_codes >= queries.value_on(session, "access.code_attempts", now.astimezone(TASHKENT).date()):
        waiting.ended_at, waiting.ended_by, waiting.end_reason = now, by, SessionEnd.WRONG_CODES
    session.flush()
