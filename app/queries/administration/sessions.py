"""Sessions of users, and whether somebody has a second factor."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, DateTime, Integer, bindparam, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.models.administration import GivenPassword, OperatingParameter, TotpDevice, UserSession


class SessionRecord(NamedTuple):
    """A session that lives."""

    id: int
    user_id: int
    is_open: bool
    seen_at: datetime
    #: whether the password is one that somebody else gave
    must_choose: bool


class OwnSession(NamedTuple):
    """A session as its user sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    address: str
    agent: str


def live_session(session: Session, token_hash: str, *, now: datetime, today: date) -> SessionRecord | None:
    """Return the session a token opens if it has not ended, is not idle too long nor too old; in one statement."""
    row = session.execute(_LIVE_SESSION, {"token_hash": token_hash, "now": now, "today": today}).one_or_none()
    return SessionRecord(*row) if row else None


def users_of_sessions(session: Session, ids: Sequence[int]) -> list[int]:
    """Return whose sessions these are."""
    return list(session.scalars(select(UserSession.user_id).where(UserSession.id.in_(ids)).distinct()))


def users_of_devices(session: Session, ids: Sequence[int]) -> list[int]:
    """Return whose generators of codes these are."""
    return list(session.scalars(select(TotpDevice.user_id).where(TotpDevice.id.in_(ids)).distinct()))


def language_of_user(session: Session, user_id: int) -> str | None:
    """Return the language a user chose last, or None if he never chose one."""
    chosen = select(UserSession.language).where(UserSession.user_id == user_id, UserSession.language.is_not(None))
    return session.scalar(chosen.order_by(UserSession.id.desc()).limit(1))


def own_sessions(session: Session, user_id: int, *, now: datetime, today: date) -> list[OwnSession]:
    """Return the sessions of a user that live, the newest first."""
    fields = [getattr(UserSession, field) for field in OwnSession._fields]
    lives = _lives(literal(now), literal(today))
    alive = select(*fields).where(UserSession.user_id == user_id, UserSession.opened_at.is_not(None), *lives)
    return [OwnSession(*row) for row in session.execute(alive.order_by(UserSession.started_at.desc(), UserSession.id.desc()))]


def expired(now: datetime, today: date) -> ColumnElement[bool]:
    """Return the condition of a session whose time is over."""
    limits = _limits(literal(now), literal(today))
    is_over: ColumnElement[bool] = (UserSession.seen_at <= limits[0]) | (UserSession.started_at <= limits[1])
    return is_over


def knows_address(session: Session, username: str, address: str, *, since: datetime) -> bool:
    """Tell whether a user worked from an address lately."""
    known = select(UserSession.id).join(UserSession.user).where(UserSession.address == address, UserSession.opened_at > since)
    return (
        session.scalar(known.where(func.lower(UserSession.user.property.mapper.class_.username) == username.lower()).limit(1)) is not None
    )


def has_device(session: Session, user_id: int) -> bool:
    """Tell whether a user has a generator of one-time codes."""
    return session.scalar(select(TotpDevice.id).where(TotpDevice.user_id == user_id)) is not None


def given_password(session: Session, user_id: int) -> tuple[datetime, str] | None:
    """Return when and by whom a user's password was given to him, or None if it is his own."""
    row = session.execute(select(GivenPassword.given_at, GivenPassword.given_by).where(GivenPassword.user_id == user_id)).one_or_none()
    return (row[0], row[1]) if row else None


def _lives(now: ColumnElement[datetime], today: ColumnElement[date]) -> tuple[Any, ...]:
    idle, old = _limits(now, today)
    return UserSession.ended_at.is_(None), UserSession.seen_at > idle, UserSession.started_at > old


def _limits(now: ColumnElement[datetime], today: ColumnElement[date]) -> tuple[Any, Any]:
    """Return the moments a live session was seen after and began after; one that awaits its code has less time."""
    hours = _parameter("access.session_hours", today)
    waits_for_code = now - func.make_interval(0, 0, 0, 0, 0, _parameter("access.code_minutes", today))
    began = case((UserSession.opened_at.is_(None), waits_for_code), else_=now - func.make_interval(0, 0, 0, 0, hours))
    return now - func.make_interval(0, 0, 0, 0, 0, _parameter("access.idle_minutes", today)), began


def _parameter(code: str, today: ColumnElement[date]) -> Any:
    """Return an operating parameter in force, to be read within the statement that needs it."""
    newest = (
        select(cast(OperatingParameter.value, Integer))
        .where(OperatingParameter.code == code, OperatingParameter.valid_from <= today)
        .order_by(OperatingParameter.valid_from.desc())
        .limit(1)
    )
    return func.coalesce(newest.scalar_subquery(), PARAMETERS[code].default)


#: Every request asks it, so it is put together once.
_LIVE_SESSION = select(
    UserSession.id,
    UserSession.user_id,
    UserSession.opened_at.is_not(None),
    UserSession.seen_at,
    exists().where(GivenPassword.user_id == UserSession.user_id),
).where(
    UserSession.token_hash == bindparam("token_hash"),
    *_lives(bindparam("now", type_=DateTime(timezone=True)), bindparam("today", type_=Date())),
)
