"""Sessions of users, what generates their codes, and passwords that are not their own yet."""

from datetime import datetime

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import DateTime, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration.access import SessionEnd
from app.models.columns import BigInt, Key, enum_column


class UserSession(Model):
    """A user's work from login to logout; the cookie only holds the token that names it."""

    __tablename__ = "user_session"
    __table_args__ = (
        Index("user_session_live_idx", "user_id", postgresql_where=text("ended_at IS NULL")),
        Index("user_session_user_id_address_idx", "user_id", "address"),
    )

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: empty while the second factor is awaited
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: last request, to the minute
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))
    wrong_codes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    #: secret of a generator that waits for its first code
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(String(64))
    #: in which the user wants to be spoken to; the newest of his sessions that has one counts
    language: Mapped[str | None] = mapped_column(String(8))
    end_reason: Mapped[SessionEnd | None] = enum_column(SessionEnd, name="user_session_end_reason")

    user: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"{self.user} · {self.address}"


class TotpDevice(Model):
    """A user's generator of one-time codes (RFC 6238); a row is made when its first code was right."""

    __tablename__ = "totp_device"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: the 30 s step of the last code taken; older codes and this one are used up
    last_step: Mapped[BigInt]

    user: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return str(self.user)


class GivenPassword(Model):
    """A user's password that somebody else gave him; the row goes when he has chosen his own."""

    __tablename__ = "given_password"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    given_by: Mapped[str] = mapped_column(String(64))
