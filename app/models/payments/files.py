"""Rows of payment files that were not taken at once: named with a problem or left out, or held for a person."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.payments import HeldReason, HeldStatus
from app.domain.payments.files import PaymentRowProblem
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Money, Recorded, enum_column
from app.models.payments import PaymentContract, PaymentControl


class PaymentFileProblem(Recorded, Model):
    """A row of a payment file that was not taken or was left out, and why."""

    __tablename__ = "payment_file_problem"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("payment_file_problem_payment_control_id_idx", "payment_control_id", "row_no", "id"),
        Index("payment_file_problem_division_id_idx", "division_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_control_id: Mapped[int] = mapped_column(ForeignKey("payment_control.id"))
    #: as the file numbers it, from 1
    row_no: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str | None] = mapped_column(String(64))
    account_number: Mapped[str | None] = mapped_column(String(64))
    amount_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[PaymentRowProblem] = enum_column(PaymentRowProblem, name="payment_file_problem_problem")
    column_name: Mapped[str | None] = mapped_column(String(64))
    value: Mapped[str | None] = mapped_column(String(100))

    payment_control: Mapped[PaymentControl] = relationship()


class HeldRow(Recorded, Model):
    """A row of a payment file that may be the same payment as another row, or is dated in the future: a person decides once."""

    __tablename__ = "held_row"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("amount_tiyin > 0", name="held_row_amount_positive"),
        CheckConstraint("(status IN ('WAITING', 'ASKED')) = (decided_by IS NULL)", name="held_row_decided"),
        CheckConstraint("(status = 'ACCEPTED') = (tender_id IS NOT NULL)", name="held_row_accepted"),
        Index("held_row_payment_control_id_idx", "payment_control_id", "status", "row_no", "id"),
        Index("held_row_payment_contract_id_repeat_key_idx", "payment_contract_id", "repeat_key"),
        Index("held_row_job_run_id_idx", "job_run_id", postgresql_where=text("job_run_id IS NOT NULL")),
        Index("held_row_approval_id_idx", "approval_id", postgresql_where=text("approval_id IS NOT NULL")),
        Index("held_row_tender_id_idx", "tender_id", postgresql_where=text("tender_id IS NOT NULL")),
        Index("held_row_twin_control_id_idx", "twin_control_id", postgresql_where=text("twin_control_id IS NOT NULL")),
        Index("held_row_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    payment_control_id: Mapped[int] = mapped_column(ForeignKey("payment_control.id"))
    row_no: Mapped[int] = mapped_column(Integer)
    #: the reference its tender would have had, without its number among equal rows
    repeat_key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[HeldReason] = enum_column(HeldReason, name="held_row_reason")
    account_number: Mapped[str] = mapped_column(String(64))
    amount_tiyin: Mapped[Money]
    paid_on: Mapped[date | None] = mapped_column(Date)
    payer: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(32))
    purpose: Mapped[str | None] = mapped_column(String(500))
    #: the row it may be the same payment as, as it was then
    twin_control_id: Mapped[int | None] = mapped_column(ForeignKey("payment_control.id"))
    twin_file: Mapped[str | None] = mapped_column(String(200))
    twin_row_no: Mapped[int | None] = mapped_column(Integer)
    twin_on: Mapped[date | None] = mapped_column(Date)
    twin_account_number: Mapped[str | None] = mapped_column(String(64))
    twin_amount_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    twin_loaded_by: Mapped[str | None] = mapped_column(String(64))
    twin_loaded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    status: Mapped[HeldStatus] = enum_column(HeldStatus, name="held_row_status", server_default=text("'WAITING'"))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    #: the job that does what was decided
    job_run_id: Mapped[int | None] = mapped_column(ForeignKey("job_run.id"))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    basis: Mapped[str | None] = mapped_column(String(300))
    #: the payment it became
    tender_id: Mapped[int | None] = mapped_column(ForeignKey("tender.id"))

    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract] = relationship()
    payment_control: Mapped[PaymentControl] = relationship(foreign_keys=[payment_control_id])

    def __repr__(self) -> str:
        return str(self.id)
