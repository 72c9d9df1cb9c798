"""Penalty runs and what each bill bore, days held free of penalty, inspection records, subsidies."""

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.claims.inspections import EnergyMethod, RecordStatus, ViolationKind
from app.models.accounts import Account
from app.models.administration import Division
from app.models.billing import Bill, BillableCharge
from app.models.columns import (
    EVERY_COLUMN,
    Dated,
    Day,
    Key,
    Money,
    Name,
    PaperForm,
    Quantity,
    Recorded,
    enum_column,
    no_overlap,
    period_rises,
)
from app.models.runs import Run


class PenaltyRun(Run, Model):
    """The penalty of a district for some days: previewed, then posted; each begins where the one before ended."""

    __tablename__ = "penalty_run"
    __table_args__ = (
        Index("penalty_run_division_id_id_idx", "division_id", "id"),
        CheckConstraint("period_to > period_from", name="penalty_run_period_rises"),
        Index(
            "penalty_run_one_open_key",
            "division_id",
            unique=True,
            postgresql_where=text("status IN ('PREVIEWING', 'PREVIEWED', 'POSTING')"),
        ),
        Index(
            "penalty_run_period_key",
            "division_id",
            "period_from",
            unique=True,
            postgresql_where=text("status = 'POSTED' AND account_id IS NULL"),
        ),
        Index("penalty_run_account_id_idx", "account_id", postgresql_where=text("account_id IS NOT NULL")),
    )

    period_from: Mapped[Day]
    #: exclusive
    period_to: Mapped[Day]
    #: what the preview found: the largest charges
    preview: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    accounts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    bills: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    amount_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the only account it is about: its owner left; empty: all accounts of the district
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    account: Mapped[Account | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.account or self.division} {self.period_from:%d.%m.%Y} – {self.period_to:%d.%m.%Y}"


class Penalty(Recorded, Model):
    """What the penalty of a bill rose by in a run; negative when less was owed than was believed."""

    __tablename__ = "penalty"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("penalty_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("bill_id", "period_to", "penalty_run_id", name="penalty_bill_id_period_to_key"),
        CheckConstraint("amount_tiyin <> 0", name="penalty_amount"),
        Index("penalty_account_id_idx", "account_id", "bill_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"))
    penalty_run_id: Mapped[int] = mapped_column(ForeignKey("penalty_run.id"))
    #: the account's charge it is part of; empty if its parts cancelled each other out
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("billable_charge.id"), index=True)
    #: exclusive
    period_to: Mapped[Day]
    amount_tiyin: Mapped[Money]

    account: Mapped[Account] = relationship()
    bill: Mapped[Bill] = relationship()
    penalty_run: Mapped[PenaltyRun] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class PenaltyHold(Recorded, Dated, Model):
    """Days on which an account bears no penalty, because a dispute is open or a court said so."""

    __tablename__ = "penalty_hold"
    facts = frozenset({"account", "basis", "valid_from"})
    __table_args__ = (
        Index("penalty_hold_division_id_id_idx", "division_id", "id"),
        no_overlap("penalty_hold", "account_id"),
        period_rises("penalty_hold"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    basis: Mapped[str] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.valid_from:%d.%m.%Y}"


class InspectionRecord(Recorded, Model):
    """The signed paper of an inspection that charges energy; a second person approves it."""

    __tablename__ = "inspection_record"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("inspection_record_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("division_id", "number"),
        CheckConstraint("period_to > period_from", name="inspection_record_period_rises"),
        CheckConstraint("drawn_on >= period_to", name="inspection_record_after_its_window"),
        CheckConstraint("(status = 'APPROVED') = (charge_id IS NOT NULL)", name="inspection_record_charged"),
        Index("inspection_record_account_id_idx", "account_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str] = mapped_column(String(32))
    drawn_on: Mapped[Day]
    kind: Mapped[ViolationKind] = enum_column(ViolationKind, name="inspection_record_kind")
    inspector: Mapped[Name]
    #: the window: days the energy is charged for
    period_from: Mapped[Day]
    #: exclusive
    period_to: Mapped[Day]
    method: Mapped[EnergyMethod] = enum_column(EnergyMethod, name="inspection_record_method")
    findings: Mapped[str | None] = mapped_column(String(1000))
    #: what was entered, what was billed in the window, and the lines of the price
    derivation: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    quantity_milli: Mapped[Quantity]
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]
    status: Mapped[RecordStatus] = enum_column(RecordStatus, name="inspection_record_status", server_default=RecordStatus.ASKED)
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("billable_charge.id"), unique=True)
    form: Mapped[PaperForm]

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    charge: Mapped[BillableCharge | None] = relationship()

    def __repr__(self) -> str:
        return self.number


class Subsidy(Recorded, Model):
    """What the state pays of an account's bills for a month; once a programme and month."""

    __tablename__ = "subsidy"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("account_id", "billing_month", "programme"),
        CheckConstraint("extract(day FROM billing_month) = 1", name="subsidy_month"),
        CheckConstraint("amount_tiyin > 0", name="subsidy_amount"),
        Index("subsidy_division_id_billing_month_idx", "division_id", "billing_month", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    programme: Mapped[Name]
    billing_month: Mapped[Day]
    amount_tiyin: Mapped[Money]
    charge_id: Mapped[int] = mapped_column(ForeignKey("billable_charge.id"), unique=True)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%m.%Y}"
