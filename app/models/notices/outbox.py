"""Messages to consumers and staff (the outbox) with every attempt to send them, and the codes that open the portal."""

from datetime import datetime

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notices import (
    DeliveryOutcome,
    DeliveryProblem,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    ReceiptMeaning,
    ReceiptUse,
)
from app.models.accounts import Account
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column
from app.models.notices.campaigns import Campaign
from app.models.notices.settings import MessageContract


class Notice(Recorded, Model):
    """A message to a consumer or a user; written in the transaction of what it tells, sent by a job."""

    __tablename__ = "notice"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("notice_division_id_id_idx", "division_id", "id"),
        # An SMS may go to who has no account yet.
        CheckConstraint(
            "num_nonnulls(account_id, user_id) = 1 OR (num_nonnulls(account_id, user_id) = 0 AND channel = 'SMS')",
            name="notice_recipient",
        ),
        CheckConstraint(
            "(channel = 'SMS') = (phone IS NOT NULL) AND (channel = 'EMAIL') = (email IS NOT NULL AND subject IS NOT NULL)",
            name="notice_address",
        ),
        Index("notice_queued_idx", "urgency", "expires_at", "id", postgresql_where=sql("status = 'QUEUED'")),
        Index("notice_user_id_idx", "user_id"),
        Index("notice_campaign_id_phone_idx", "campaign_id", "phone", postgresql_where=sql("campaign_id IS NOT NULL")),
        # What a number got in a day is counted before it gets more.
        Index("notice_phone_unsent_idx", "phone", postgresql_where=sql("phone IS NOT NULL AND sent_at IS NULL")),
        Index("notice_phone_sent_at_idx", "phone", "sent_at", postgresql_where=sql("phone IS NOT NULL AND sent_at IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[NoticeKind] = enum_column(NoticeKind, name="notice_kind")
    channel: Mapped[NoticeChannel] = enum_column(NoticeChannel, name="notice_channel")
    phone: Mapped[str | None] = mapped_column(String(13))
    email: Mapped[str | None] = mapped_column(String(320))
    subject: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    #: goes with an e-mail
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    status: Mapped[NoticeStatus] = enum_column(NoticeStatus, name="notice_status", server_default=NoticeStatus.QUEUED)
    #: from this moment on it is not sent any more
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: not tried before
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"))
    #: ``domain.notices.Urgency``: the smallest goes first
    urgency: Mapped[int] = mapped_column(SmallInteger, server_default=sql("2"))
    provider: Mapped[str | None] = mapped_column(String(24))
    #: the contract it went by, or goes by now
    message_contract_id: Mapped[int | None] = mapped_column(ForeignKey("message_contract.id"))
    #: parts of an SMS, and what the contract asks for them
    parts: Mapped[int | None] = mapped_column(SmallInteger)
    cost_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    #: the campaign it belongs to
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    #: the provider's number of the message
    provider_reference: Mapped[str | None] = mapped_column(String(200))
    problem: Mapped[DeliveryProblem | None] = enum_column(DeliveryProblem, name="notice_problem")
    #: the provider's own words about the problem
    detail: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: when the telephone got it, or the receiver opened it in the portal
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: who said that it was sent, or had it sent again
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    account: Mapped[Account | None] = relationship()
    user: Mapped[User | None] = relationship()
    message_contract: Mapped[MessageContract | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class NoticeAttempt(Model):
    """One handing of a message to a gateway: written before the call, completed after it.

    One that is not complete belongs to a worker at work, or to one that died: then nobody knows whether the message left.
    """

    __tablename__ = "notice_attempt"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("notice_id", "number"),
        Index("notice_attempt_open_idx", "job_run_id", postgresql_where=sql("outcome IS NULL")),
        Index("notice_attempt_division_id_idx", "division_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    job_run_id: Mapped[int] = mapped_column(ForeignKey("job_run.id"))
    provider: Mapped[str] = mapped_column(String(24))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[DeliveryOutcome | None] = enum_column(DeliveryOutcome, name="notice_attempt_outcome")
    problem: Mapped[DeliveryProblem | None] = enum_column(DeliveryProblem, name="notice_attempt_problem")
    detail: Mapped[str | None] = mapped_column(String(300))


class DeliveryReceipt(Recorded, Model):
    """What a gateway told of a message after it took it, as it came and once; also what is of no message of ours."""

    __tablename__ = "delivery_receipt"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("delivery_receipt_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("message_contract_id", "body_sha256"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    message_contract_id: Mapped[int] = mapped_column(ForeignKey("message_contract.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    #: our number of the message, as the gateway says it
    reference: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[ReceiptMeaning] = enum_column(ReceiptMeaning, name="delivery_receipt_meaning")
    receipt_use: Mapped[ReceiptUse] = enum_column(ReceiptUse, name="delivery_receipt_use")
    body: Mapped[str] = mapped_column(Text)
    body_sha256: Mapped[str] = mapped_column(String(64))

    message_contract: Mapped[MessageContract] = relationship()
    notice: Mapped[Notice | None] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class PortalCode(Recorded, Model):
    """A code that was asked for; only its hash is kept. Without an account it was sent to nobody and opens nothing."""

    __tablename__ = "portal_code"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("portal_code_account_id_idx", "account_id", "id"),
        Index("portal_code_asked_sha256_idx", "asked_sha256"),
        Index("portal_code_created_at_idx", "created_at"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: the telephone that it went to
    phone: Mapped[str | None] = mapped_column(String(13))
    code_sha256: Mapped[str] = mapped_column(String(64))
    #: digests of the browser with the number typed, and of the network address
    asked_sha256: Mapped[str] = mapped_column(String(64), server_default=sql("''"))
    address_sha256: Mapped[str] = mapped_column(String(64), server_default=sql("''"))
    #: the browser had opened the account before
    is_known: Mapped[bool] = mapped_column(server_default=sql("false"))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: when a consumer left whose session an earlier version opened
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
