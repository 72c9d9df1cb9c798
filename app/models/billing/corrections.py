"""Corrections of bills, credit notes, and the months that are closed."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.billing.corrections import CorrectionKind
from app.domain.ledger.periods import PeriodStatus
from app.models.accounts import Account
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Day, Key, Money, Recorded, enum_column
from app.models.reference import TariffGroup


class BillCorrection(Recorded, Model):
    """Why bills from a month on were taken back, and whether others took their place; its bills hang on its bill runs."""

    __tablename__ = "bill_correction"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("extract(day FROM since_month) = 1", name="bill_correction_month"),
        Index("bill_correction_division_id_idx", "division_id", "id"),
        Index("bill_correction_account_id_idx", "account_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: one account; empty: all of the division, or those of the tariff group
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    tariff_group_id: Mapped[int | None] = mapped_column(ForeignKey("tariff_group.id"))
    kind: Mapped[CorrectionKind] = enum_column(CorrectionKind, name="bill_correction_kind")
    #: the first month whose bills are taken back
    since_month: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(300))
    #: the idempotency key of the form
    reference: Mapped[str] = mapped_column(String(80), unique=True)

    account: Mapped[Account | None] = relationship()
    division: Mapped[Division] = relationship()
    tariff_group: Mapped[TariffGroup | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.id}: {self.reason}"


class Adjustment(Recorded, Model):
    """A credit note: money given back to a consumer at once, VAT included; or, reversing one, taken again."""

    __tablename__ = "adjustment"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("amount_tiyin > 0", name="adjustment_amount_positive"),
        CheckConstraint("vat_tiyin BETWEEN 0 AND amount_tiyin", name="adjustment_vat"),
        Index("adjustment_account_id_idx", "account_id", "id"),
        Index("adjustment_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]
    posted_on: Mapped[Day]
    #: the document it was made by
    basis: Mapped[str] = mapped_column(String(300))
    #: the idempotency key
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    #: the adjustment this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("adjustment.id"), unique=True)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.id}: {self.basis}"


class AccountingPeriod(Recorded, Model):
    """A month of a division that was closed once; a month without a row is open."""

    __tablename__ = "accounting_period"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("extract(day FROM billing_month) = 1", name="accounting_period_month"),
        UniqueConstraint("division_id", "billing_month"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    billing_month: Mapped[date] = mapped_column()
    status: Mapped[PeriodStatus] = enum_column(PeriodStatus, name="accounting_period_status")
    #: who closed or reopened it last
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: why it was reopened
    reason: Mapped[str | None] = mapped_column(String(300))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.division} {self.billing_month:%m.%Y}"
