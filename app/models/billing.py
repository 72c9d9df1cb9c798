"""Bill runs, their exceptions, bills and bill lines."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, SmallInteger, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.billing import Component, ExceptionReason, LineKind, RunStatus
from app.domain.metering import Quality
from app.models.accounts import Account
from app.models.administration import Division
from app.models.columns import BigInt, Day, Key, Money, Quantity, Recorded, enum_column
from app.models.tariffs import TariffVersion


class BillRun(Recorded, Model):
    """The billing of a division for a month: previewed, then posted."""

    __tablename__ = "bill_run"
    __table_args__ = (
        CheckConstraint("extract(day FROM billing_month) = 1", name="bill_run_month"),
        Index(
            "bill_run_one_open_key",
            "division_id",
            "billing_month",
            unique=True,
            postgresql_where=text("status IN ('PREVIEWING', 'PREVIEWED', 'POSTING')"),
        ),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    billing_month: Mapped[Day]
    status: Mapped[RunStatus] = enum_column(RunStatus, name="bill_run_status", server_default=RunStatus.PREVIEWING)
    #: what the preview found: counts, sums, by block, the largest changes
    preview: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: operating parameters its bills are computed with
    policy: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    bills: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    parked: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    quantity_milli: Mapped[Quantity] = mapped_column(server_default=text("0"))
    amount_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    vat_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: version of the reference information its bills were posted with
    reference_release: Mapped[BigInt | None]

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.division} {self.billing_month:%Y-%m}"


class BillException(Model):
    """An account a bill run parked, or billed with a question mark."""

    __tablename__ = "bill_exception"
    __table_args__ = (UniqueConstraint("bill_run_id", "account_id", "reason"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[ExceptionReason] = enum_column(ExceptionReason, name="bill_exception_reason")
    #: the account got no bill
    parked: Mapped[bool] = mapped_column()

    account: Mapped[Account] = relationship()
    bill_run: Mapped[BillRun] = relationship()


class Bill(Recorded, Model):
    """What a consumer owes for a billing month; negative when a correction gives more back than the month costs."""

    __tablename__ = "bill"
    __table_args__ = (
        Index(
            "bill_account_id_billing_month_key",
            "account_id",
            "billing_month",
            "revision",
            unique=True,
            postgresql_where=text("cancels_id IS NULL"),
        ),
        Index("bill_cancels_id_key", "cancels_id", unique=True, postgresql_where=text("cancels_id IS NOT NULL")),
        CheckConstraint("period_to > period_from", name="bill_period_rises"),
        Index("bill_division_id_idx", "division_id", "billing_month", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"), index=True)
    #: what outsiders see in addresses
    public_id: Mapped[UUID] = mapped_column(Uuid, unique=True, server_default=text("gen_random_uuid()"))
    billing_month: Mapped[Day]
    period_from: Mapped[Day]
    period_to: Mapped[Day]
    quality: Mapped[Quality] = enum_column(Quality, name="bill_quality")
    quantity_milli: Mapped[Quantity]
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]
    issued_on: Mapped[Day]
    due_on: Mapped[Day]
    #: counts the bills of a month that took each other's place
    revision: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    #: the bill this one takes back, line by line
    cancels_id: Mapped[int | None] = mapped_column(ForeignKey("bill.id"))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    bill_run: Mapped[BillRun] = relationship()
    lines: Mapped[list["BillLine"]] = relationship(back_populates="bill", order_by="BillLine.line_no", viewonly=True)

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%Y-%m}"


class BillableCharge(Recorded, Model):
    """Something other than the month's energy that goes on an account's next bill: a penalty, an act, a debit note, a subsidy."""

    __tablename__ = "billable_charge"
    __table_args__ = (
        CheckConstraint("amount_tiyin <> 0", name="billable_charge_amount"),
        CheckConstraint("period_to > period_from", name="billable_charge_period_rises"),
        Index("billable_charge_account_id_idx", "account_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    component: Mapped[Component] = enum_column(Component, name="billable_charge_component")
    #: the days it is for
    period_from: Mapped[Day]
    period_to: Mapped[Day]
    #: energy of an act; no part of the month's energy
    quantity_milli: Mapped[Quantity] = mapped_column(server_default=text("0"))
    #: VAT included; negative: given back
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the document or the sum it was computed from
    basis: Mapped[str] = mapped_column(String(300))
    #: the inputs it can be computed again from
    derivation: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: the charge this one takes back
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("billable_charge.id"), unique=True)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.basis}"


class BillLine(Model):
    """Energy of a period in one tariff block, or another charge, with all it was computed from."""

    __tablename__ = "bill_line"
    __table_args__ = (
        Index("bill_line_charge_id_idx", "charge_id", postgresql_where=text("charge_id IS NOT NULL")),
        Index("bill_line_prepaid_id_idx", "prepaid_id", postgresql_where=text("prepaid_id IS NOT NULL")),
    )

    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[BigInt]
    kind: Mapped[LineKind] = enum_column(LineKind, name="bill_line_kind")
    component: Mapped[Component] = enum_column(Component, name="bill_line_component", server_default=Component.ENERGY)
    #: the register the energy was counted by
    zone: Mapped[str] = mapped_column(String(16), server_default="TOTAL")
    #: the month the energy belongs to
    for_month: Mapped[Day]
    period_from: Mapped[Day]
    period_to: Mapped[Day]
    #: empty for a charge that no tariff prices
    tariff_version_id: Mapped[int | None] = mapped_column(ForeignKey("tariff_version.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("billable_charge.id"))
    #: the benefit that gives back
    benefit_id: Mapped[int | None] = mapped_column(ForeignKey("benefit.id"))
    #: the volume whose old price it keeps
    prepaid_id: Mapped[int | None] = mapped_column(ForeignKey("prepaid_volume.id"))
    block_no: Mapped[int] = mapped_column(SmallInteger)
    quantity_milli: Mapped[Quantity]
    rate: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]

    bill: Mapped[Bill] = relationship(back_populates="lines", viewonly=True)
    tariff_version: Mapped[TariffVersion | None] = relationship()
