"""Bill runs, their exceptions, bills and bill lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from app.domain.billing import Component, ExceptionReason, ExceptionStatus, HoldStatus, LineKind
from app.domain.metering import Quality
from app.models.accounts import Account
from app.models.administration import Division
from app.models.billing.corrections import BillCorrection
from app.models.columns import EVERY_COLUMN, BigInt, Day, Key, Money, Quantity, Recorded, enum_column, set_wise
from app.models.ledger import AccountPosition, Debt
from app.models.runs import Run
from app.models.tariffs import TariffVersion


class BillRun(Run, Model):
    """The billing of a division for a month: previewed, then posted."""

    __tablename__ = "bill_run"
    __table_args__ = (
        Index("bill_run_division_id_id_idx", "division_id", "id"),
        CheckConstraint("extract(day FROM billing_month) = 1", name="bill_run_month"),
        Index(
            "bill_run_one_open_key",
            "division_id",
            "billing_month",
            unique=True,
            postgresql_where=text("status IN ('PREVIEWING', 'PREVIEWED', 'POSTING')"),
        ),
        Index("bill_run_correction_id_idx", "correction_id", postgresql_where=text("correction_id IS NOT NULL")),
    )

    billing_month: Mapped[Day]
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
    #: the correction its bills belong to; empty: the ordinary billing of the month
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("bill_correction.id"))

    correction: Mapped[BillCorrection | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.division} {self.billing_month:%m.%Y}"


class OfConsumer:
    """What lists of work show of the consumer of a row's account."""

    account: Mapped[Account]
    created_at: Any

    @property
    def consumer_name(self) -> str:
        """Return the name of the consumer."""
        return self.account.consumer.name

    @property
    def phone(self) -> str | None:
        """Return the telephone of the consumer."""
        return self.account.consumer.phone

    @property
    def waits_since(self) -> datetime:
        """Return when the row came on the list."""
        return self.created_at


class BillException(OfConsumer, Model):
    """An account a bill run parked, or billed with a question mark."""

    __tablename__ = "bill_exception"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("bill_exception_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("bill_run_id", "account_id", "reason"),
        Index("bill_exception_waiting_idx", "division_id", "id", postgresql_where=text("status = 'OPEN'")),
        Index("bill_exception_account_id_status_id_idx", "account_id", "status", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[ExceptionReason] = enum_column(ExceptionReason, name="bill_exception_reason")
    #: the account got no bill
    parked: Mapped[bool] = mapped_column()
    #: who looks at it
    owner: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[ExceptionStatus] = enum_column(ExceptionStatus, name="bill_exception_status", server_default=ExceptionStatus.OPEN)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    bill_run: Mapped[BillRun] = relationship()
    position: Mapped[AccountPosition | None] = relationship(
        primaryjoin=lambda: foreign(BillException.account_id) == AccountPosition.account_id, viewonly=True
    )
    #: those of the consumer that stand alike, this one too
    of_consumer: Mapped[list["BillException"]] = relationship(
        primaryjoin=lambda: and_(
            BillException.account_id == remote(foreign(BillException.account_id)),
            BillException.status == remote(foreign(BillException.status)),
        ),
        order_by="BillException.id.desc()",
        viewonly=True,
    )

    def __repr__(self) -> str:
        return f"{self.account} · {self.bill_run}"

    @property
    def reasons(self) -> list[ExceptionReason]:
        """Return why a person is to look at the consumer, the newest reason first, each once."""
        return list(dict.fromkeys(each.reason for each in self.of_consumer))

    @property
    def debt_tiyin(self) -> int:
        """Return what the account owes, in tiyin."""
        return self.position.debt_tiyin if self.position else 0

    @property
    def created_at(self) -> datetime:
        """Return when the run found it."""
        return self.bill_run.created_at


class BillHold(OfConsumer, Recorded, Model):
    """A bill that waits for a person before it is posted, or why an account has none; one an account and month."""

    __tablename__ = "bill_hold"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("account_id", "billing_month"),
        Index("bill_hold_division_id_idx", "division_id", "id"),
        Index("bill_hold_waiting_idx", "division_id", "id", postgresql_where=text("status = 'OPEN'")),
        Index("bill_hold_bill_run_id_idx", "bill_run_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    billing_month: Mapped[Day]
    #: the run that held it last
    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    reason: Mapped[ExceptionReason] = enum_column(ExceptionReason, name="bill_hold_reason")
    #: what the bill would be; empty: none can be made
    quantity_milli: Mapped[int | None] = mapped_column(BigInteger)
    amount_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[HoldStatus] = enum_column(HoldStatus, name="bill_hold_status", server_default=HoldStatus.OPEN)
    #: who looks at it
    owner: Mapped[str | None] = mapped_column(String(64))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    remark: Mapped[str | None] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    bill_run: Mapped[BillRun] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%m.%Y}"


class Bill(Recorded, Model):
    """What a consumer owes for a billing month; negative when a correction gives more back than the month costs."""

    __tablename__ = "bill"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index(
            "bill_account_id_billing_month_key",
            "account_id",
            "billing_month",
            "revision",
            unique=True,
            postgresql_where=text("cancels_id IS NULL"),
        ),
        Index("bill_account_id_idx", "account_id", "billing_month"),
        Index("bill_cancels_id_key", "cancels_id", unique=True, postgresql_where=text("cancels_id IS NOT NULL")),
        CheckConstraint("period_to > period_from", name="bill_period_rises"),
        Index("bill_division_id_idx", "division_id", "billing_month", "id"),
        # Most bills are of readings; of the others a list finds few among many.
        Index("bill_quality_idx", "division_id", "quality", "billing_month", "id", postgresql_where=text("quality <> 'ACTUAL'")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    bill_run_id: Mapped[int] = mapped_column(set_wise("bill_run.id"), index=True)
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
    cancels_id: Mapped[int | None] = mapped_column(set_wise("bill.id"))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    bill_run: Mapped[BillRun] = relationship()
    lines: Mapped[list["BillLine"]] = relationship(back_populates="bill", order_by="BillLine.line_no", viewonly=True)
    #: what is left to pay of it; none: nothing
    debt: Mapped[Debt | None] = relationship(primaryjoin=lambda: Bill.id == foreign(Debt.bill_id), uselist=False, viewonly=True)
    #: the bill that takes it back
    cancelled_by: Mapped["Bill | None"] = relationship(
        "Bill", primaryjoin="Bill.id == foreign(remote(Bill.cancels_id))", uselist=False, viewonly=True
    )

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%m.%Y}"

    @property
    def remaining_tiyin(self) -> int:
        """Return what is left to pay."""
        return self.debt.remaining_tiyin if self.debt else 0

    @property
    def bill_state(self) -> dict[str, Any]:
        """Return what ``domain.billing.bill_state`` tells the bill's state from."""
        return {
            "amount_tiyin": self.amount_tiyin,
            "remaining_tiyin": self.remaining_tiyin,
            "due_on": self.due_on,
            "is_withdrawn": self.cancelled_by is not None,
            "takes_back": self.cancels_id is not None,
        }


class BillableCharge(Recorded, Model):
    """Something other than the month's energy that goes on an account's next bill: a penalty, an act, a debit note, a subsidy."""

    __tablename__ = "billable_charge"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("billable_charge_division_id_id_idx", "division_id", "id"),
        CheckConstraint("amount_tiyin <> 0", name="billable_charge_amount"),
        CheckConstraint("period_to > period_from", name="billable_charge_period_rises"),
        Index("billable_charge_account_id_idx", "account_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
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
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("bill_line_charge_id_idx", "charge_id", postgresql_where=text("charge_id IS NOT NULL")),
        Index("bill_line_prepaid_id_idx", "prepaid_id", postgresql_where=text("prepaid_id IS NOT NULL")),
    )

    bill_id: Mapped[int] = mapped_column(set_wise("bill.id"), primary_key=True)
    #: the bill's; the energy's own is ``for_month``
    billing_month: Mapped[Day]
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
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
    tariff_version_id: Mapped[int | None] = mapped_column(set_wise("tariff_version.id"))
    charge_id: Mapped[int | None] = mapped_column(set_wise("billable_charge.id"))
    #: the benefit that gives back
    benefit_id: Mapped[int | None] = mapped_column(set_wise("benefit.id"))
    #: the volume whose old price it keeps
    prepaid_id: Mapped[int | None] = mapped_column(set_wise("prepaid_volume.id"))
    block_no: Mapped[int] = mapped_column(SmallInteger)
    quantity_milli: Mapped[Quantity]
    rate: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]

    bill: Mapped[Bill] = relationship(back_populates="lines", viewonly=True)
    tariff_version: Mapped[TariffVersion | None] = relationship()


class TaxInvoice(Recorded, Model):
    """The VAT document of a legal consumer's bill, as it was sent; numbered without gaps by division and year."""

    __tablename__ = "tax_invoice"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("tax_invoice_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("division_id", "year", "sequence_no"),
        CheckConstraint("sequence_no > 0", name="tax_invoice_sequence"),
        Index("tax_invoice_account_id_idx", "account_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"), unique=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    sequence_no: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(32))
    invoiced_on: Mapped[Day]
    #: the invoice this one corrects
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("tax_invoice.id"), unique=True)
    #: VAT included
    amount_tiyin: Mapped[Money]
    vat_tiyin: Mapped[Money]
    #: the JSON, character by character
    contents: Mapped[str] = mapped_column(Text)
    #: SHA-256 of the contents
    contents_sha256: Mapped[str] = mapped_column(String(64))

    account: Mapped[Account] = relationship()
    bill: Mapped[Bill] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.number
