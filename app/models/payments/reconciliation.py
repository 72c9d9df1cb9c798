"""Statements of providers and banks, days compared with them, and what was not equal."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.payments import TenderStatus
from app.domain.payments.reconciliation import (
    Decision,
    DoubtReason,
    ReconciliationStatus,
    StatementSource,
    StatementState,
    TransactionVerdict,
)
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Day, Key, Money, Recorded, enum_column
from app.models.payments import PaymentContract


class StatementRow(Recorded, Model):
    """What a statement says of a transaction, or of what the bank received; a later statement may say otherwise."""

    __tablename__ = "statement_row"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("payment_contract_id", "source", "reference"),
        CheckConstraint("amount_tiyin > 0", name="statement_row_amount_positive"),
        Index("statement_row_payment_contract_id_business_day_idx", "payment_contract_id", "business_day"),
        Index("statement_row_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    source: Mapped[StatementSource] = enum_column(StatementSource, name="statement_row_source")
    #: the day in Tashkent by the statement's own moment
    business_day: Mapped[Day]
    reference: Mapped[str] = mapped_column(String(64))
    amount_tiyin: Mapped[Money]
    state: Mapped[StatementState] = enum_column(StatementState, name="statement_row_state")
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Reconciliation(Recorded, Model):
    """A provider's day compared: how many transactions of each verdict, and what each of the three has."""

    __tablename__ = "reconciliation"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("payment_contract_id", "business_day"),
        Index("reconciliation_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    business_day: Mapped[Day]
    equal_rows: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    equal_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    only_theirs_rows: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    only_theirs_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    only_ours_rows: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    only_ours_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    in_doubt_rows: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: the largest that any of the three says of each
    in_doubt_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    theirs_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    ours_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    ledger_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: theirs less their commission
    expected_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: what the bank received for the day; empty: it has not told
    bank_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    compared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class ReconciliationRow(Recorded, Model):
    """A transaction that was not equal when its day was compared; it stays when it becomes equal."""

    __tablename__ = "reconciliation_row"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("payment_contract_id", "reference"),
        CheckConstraint("(verdict = 'IN_DOUBT') = (doubt_reason IS NOT NULL)", name="reconciliation_row_doubted"),
        CheckConstraint("(status = 'WAITS') = (next_ask_at IS NOT NULL)", name="reconciliation_row_asked"),
        CheckConstraint(
            "(status = 'DECIDED') = (decision IS NOT NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="reconciliation_row_decided",
        ),
        Index("reconciliation_row_payment_contract_id_business_day_idx", "payment_contract_id", "business_day", "id"),
        Index("reconciliation_row_due_idx", "next_ask_at", "id", postgresql_where=text("status = 'WAITS'")),
        Index("reconciliation_row_unequal_idx", "payment_contract_id", postgresql_where=text("verdict <> 'EQUAL'")),
        Index("reconciliation_row_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    business_day: Mapped[Day]
    reference: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[TransactionVerdict] = enum_column(TransactionVerdict, name="reconciliation_row_verdict")
    doubt_reason: Mapped[DoubtReason | None] = enum_column(DoubtReason, name="reconciliation_row_doubt_reason")
    #: what each says, whether or not it is money; empty: it has no such transaction
    their_state: Mapped[StatementState | None] = enum_column(StatementState, name="reconciliation_row_their_state")
    theirs_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    our_status: Mapped[TenderStatus | None] = enum_column(TenderStatus, name="reconciliation_row_our_status")
    ours_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    ledger_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    status: Mapped[ReconciliationStatus] = enum_column(
        ReconciliationStatus, name="reconciliation_row_status", server_default=text("'WAITS'")
    )
    appeared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked_times: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    next_ask_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: what the provider said when it was asked last
    answer: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    decision: Mapped[Decision | None] = enum_column(Decision, name="reconciliation_row_decision")
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    remark: Mapped[str | None] = mapped_column(String(300))

    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract] = relationship()

    def __repr__(self) -> str:
        return self.reference
