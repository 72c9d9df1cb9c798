"""Messages to consumers (the outbox), and the codes that open the portal."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import DateTime, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notices import NoticeStatus
from app.models.accounts import Account
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column


class Notice(Recorded, Model):
    """A message to a consumer; written in the transaction of what it tells, sent by a job."""

    __tablename__ = "notice"
    facts = EVERY_COLUMN
    __table_args__ = (Index("notice_queued_idx", "id", postgresql_where=text("status = 'QUEUED'")),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    phone: Mapped[str] = mapped_column(String(13))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[NoticeStatus] = enum_column(NoticeStatus, name="notice_status", server_default=NoticeStatus.QUEUED)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    account: Mapped[Account] = relationship()


class PortalCode(Recorded, Model):
    """A code sent to a consumer's telephone; only its hash is kept."""

    __tablename__ = "portal_code"
    facts = EVERY_COLUMN
    __table_args__ = (Index("portal_code_account_id_idx", "account_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_sha256: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: when the consumer left; what the code opened is shut from then on
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
