"""Contracts with payment providers, tenders, payments and their allocation to bills."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.payments import Channel, TenderStatus
from app.models.accounts import Account
from app.models.administration import Division
from app.models.billing import Bill
from app.models.columns import Day, Key, Money, Name, Recorded, enum_column, set_wise


class PaymentContract(Recorded, Model):
    """Our agreement with a payment provider: its credentials and limits."""

    __tablename__ = "payment_contract"
    __table_args__ = (CheckConstraint("smallest_tiyin > 0 AND largest_tiyin >= smallest_tiyin", name="payment_contract_limits"),)

    id: Mapped[Key]
    channel: Mapped[Channel] = enum_column(Channel, name="payment_contract_channel")
    name: Mapped[Name]
    #: our number at the provider
    merchant_number: Mapped[str] = mapped_column(String(64))
    #: SHA-256 of the key the provider sends
    key_sha256: Mapped[str] = mapped_column(String(64))
    smallest_tiyin: Mapped[Money] = mapped_column(server_default=text("50000"))
    largest_tiyin: Mapped[Money] = mapped_column(server_default=text("300000000"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))

    def __repr__(self) -> str:
        return self.name


class Tender(Recorded, Model):
    """A provider's word that it collects money for an account; performed, it becomes a payment."""

    __tablename__ = "tender"
    __table_args__ = (
        UniqueConstraint("payment_contract_id", "reference"),
        CheckConstraint("amount_tiyin > 0", name="tender_amount_positive"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    #: the provider's number of the transaction
    reference: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    amount_tiyin: Mapped[Money]
    status: Mapped[TenderStatus] = enum_column(TenderStatus, name="tender_status")
    #: moments in milliseconds, as providers count them; the provider's own, then ours
    provider_ms: Mapped[int] = mapped_column(BigInteger)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    performed_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cancelled_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cancel_reason: Mapped[int | None] = mapped_column(Integer)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract] = relationship()

    def __repr__(self) -> str:
        return self.reference


class Payment(Recorded, Model):
    """Money received and booked, or a payment undone."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("channel", "reference"),
        CheckConstraint("amount_tiyin > 0", name="payment_amount_positive"),
        Index("payment_account_id_idx", "account_id", "id"),
        Index("payment_division_id_idx", "division_id", "received_on", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[Channel] = enum_column(Channel, name="payment_channel")
    #: the idempotency key: the provider's number, or the form's
    reference: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of what was asked; the same reference with other contents is refused
    contents_sha256: Mapped[str] = mapped_column(String(64))
    amount_tiyin: Mapped[Money]
    received_on: Mapped[Day]
    #: the payment this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), unique=True)
    tender_id: Mapped[int | None] = mapped_column(ForeignKey("tender.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class Allocation(Recorded, Model):
    """Part of a payment (or of an advance, without one) set against a bill; negative when taken back."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount_tiyin <> 0", name="allocation_amount_not_zero"),
        Index("allocation_account_id_idx", "account_id", "id"),
        Index("allocation_adjustment_id_idx", "adjustment_id", postgresql_where=text("adjustment_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    bill_id: Mapped[int] = mapped_column(set_wise("bill.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(set_wise("payment.id"), index=True)
    #: the credit note it came from
    adjustment_id: Mapped[int | None] = mapped_column(set_wise("adjustment.id"))
    amount_tiyin: Mapped[Money]
    allocated_on: Mapped[Day]

    bill: Mapped[Bill] = relationship()


class GatewayCall(Model):
    """A call of a provider and our answer, for people who look into a dispute; no secrets."""

    __tablename__ = "gateway_call"

    id: Mapped[Key]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"), index=True)
    channel: Mapped[Channel] = enum_column(Channel, name="gateway_call_channel")
    method: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    request: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text)
