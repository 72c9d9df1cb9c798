"""Users of the portal, their accesses to accounts and their sessions, and links of one purpose."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.portal import AccessEnd, LinkPurpose, PortalRight
from app.domain.reference import LANGUAGES
from app.models.accounts import Account, Consumer
from app.models.administration import Division, StoredFile
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column
from app.models.equipment import MeterInstallation

_PHONE = r"phone ~ '^\+998[0-9]{9}$'"


class PortalUser(Recorded, Model):
    """A person of the portal, known by a telephone that a code proved, or by the JSHSHIR that OneID told.

    Of no division, because accounts of several may be theirs.
    """

    __tablename__ = "portal_user"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint(_PHONE, name="portal_user_phone"),
        CheckConstraint("num_nonnulls(phone, pinfl) >= 1", name="portal_user_known"),
        CheckConstraint(f"language IN {LANGUAGES}", name="portal_user_language"),
    )

    id: Mapped[Key]
    phone: Mapped[str | None] = mapped_column(String(13), unique=True)
    pinfl: Mapped[str | None] = mapped_column(String(14), unique=True)
    #: chosen in the portal; without one that of the account's consumer is spoken
    language: Mapped[str | None] = mapped_column(String(8))
    signed_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def __repr__(self) -> str:
        return self.phone or f"JSHSHIR …{(self.pinfl or '')[-4:]}"


class PortalAccess(Recorded, Model):
    """A user's access to an account, from its claim until it is removed.

    It holds while the account is the same consumer's, and while the telephone that was proved is still that consumer's or another user
    granted it; ``portal_accesses`` of the database says so.
    """

    __tablename__ = "portal_access"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("portal_access_present_idx", "portal_user_id", "account_id", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("portal_access_division_id_id_idx", "division_id", "id"),
        Index("portal_access_account_id_idx", "account_id"),
        CheckConstraint(f"rights <@ ARRAY{[str(right) for right in PortalRight]}::varchar[]", name="portal_access_rights"),
        CheckConstraint("(removed_at IS NULL) = (access_end IS NULL)", name="portal_access_removed"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    portal_user_id: Mapped[int] = mapped_column(ForeignKey("portal_user.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: whose account it was when it was claimed
    consumer_id: Mapped[int] = mapped_column(ForeignKey("consumer.id"))
    #: the consumer's telephone that the code went to; empty if another user granted the access
    phone: Mapped[str | None] = mapped_column(String(13))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("portal_user.id"))
    #: OneID told that the account is kept under the user's JSHSHIR
    is_by_oneid: Mapped[bool] = mapped_column(server_default=text("false"))
    rights: Mapped[list[str]] = mapped_column(ARRAY(String(24)))
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    access_end: Mapped[AccessEnd | None] = enum_column(AccessEnd, name="portal_access_end")

    division: Mapped[Division] = relationship()
    account: Mapped[Account] = relationship()
    consumer: Mapped[Consumer] = relationship()
    portal_user: Mapped[PortalUser] = relationship(foreign_keys=[portal_user_id])

    def __repr__(self) -> str:
        return f"{self.portal_user} · {self.account}"


class PortalSession(Model):
    """A user's work in the portal, from the proof of who it is to the exit."""

    __tablename__ = "portal_session"
    facts = EVERY_COLUMN
    __table_args__ = (Index("portal_session_portal_user_id_idx", "portal_user_id"),)

    id: Mapped[Key]
    portal_user_id: Mapped[int] = mapped_column(ForeignKey("portal_user.id"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PortalLink(Recorded, Model):
    """A link that allows one act with one account for some hours, without a login; only the digest of its token is kept."""

    __tablename__ = "portal_link"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("portal_link_division_id_id_idx", "division_id", "id"),
        Index("portal_link_account_id_idx", "account_id"),
        CheckConstraint(f"(purpose = 'PHONE') = (phone IS NOT NULL) AND {_PHONE}", name="portal_link_phone"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: whose account it was when the link was made
    consumer_id: Mapped[int] = mapped_column(ForeignKey("consumer.id"))
    purpose: Mapped[LinkPurpose] = enum_column(LinkPurpose, name="portal_link_purpose")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: the telephone that is to be confirmed
    phone: Mapped[str | None] = mapped_column(String(13))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
    account: Mapped[Account] = relationship()
    consumer: Mapped[Consumer] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class ConsumerReading(Recorded, Model):
    """What a consumer sent of a meter on a day; the readings that were booked, or wait as doubtful, tell what became of it."""

    __tablename__ = "consumer_reading"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("consumer_reading_division_id_id_idx", "division_id", "id"),
        Index("consumer_reading_account_id_idx", "account_id", "id"),
        CheckConstraint("num_nonnulls(portal_user_id, portal_link_id) <= 1", name="consumer_reading_sender"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    meter_installation_id: Mapped[int] = mapped_column(ForeignKey("meter_installation.id"))
    #: who sent it: a user of the portal, or the holder of a link; neither: by SMS
    portal_user_id: Mapped[int | None] = mapped_column(ForeignKey("portal_user.id"))
    portal_link_id: Mapped[int | None] = mapped_column(ForeignKey("portal_link.id"))
    read_on: Mapped[date] = mapped_column(Date)
    #: register code → what it showed, as it was typed
    dials: Mapped[dict[str, str]] = mapped_column(JSONB)
    #: the photograph, drawn anew
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
    account: Mapped[Account] = relationship()
    meter_installation: Mapped[MeterInstallation] = relationship()
    portal_user: Mapped[PortalUser | None] = relationship()
    stored_file: Mapped[StoredFile | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.read_on:%d.%m.%Y}"


class PortalDevice(Recorded, Model):
    """A device of a user with a token of its own; it is shut with its session. Only digests are kept."""

    __tablename__ = "portal_device"
    facts = EVERY_COLUMN

    id: Mapped[Key]
    portal_session_id: Mapped[int] = mapped_column(ForeignKey("portal_session.id"), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: of the device's own word with the key of the call by which it signed in, and of what was sent under the key
    sign_in_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    asked_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    #: last use, to the minute
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    portal_session: Mapped[PortalSession] = relationship()

    def __repr__(self) -> str:
        return self.name


class ConsumerReply(Recorded, Model):
    """What a call of the app was answered, so that a repeat under the same key gets the same bytes."""

    __tablename__ = "consumer_reply"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("caller", "key"),)

    id: Mapped[Key]
    #: a user, or the digest of a device that has not signed in
    caller: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(64))
    asked_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger)
    reply: Mapped[str] = mapped_column(Text)
