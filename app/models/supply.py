"""Dated terms of an account's supply, and energy paid for at an old price."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.billing import TermKind
from app.models.accounts import Account
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Dated, Key, Quantity, Recorded, enum_column, no_overlap, period_rises
from app.models.tariffs import TariffVersion


class SupplyTerm(Recorded, Dated, Model):
    """What is agreed or registered for an account in a period: families, ordered energy, losses, a norm."""

    __tablename__ = "supply_term"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("supply_term_division_id_id_idx", "division_id", "id"),
        no_overlap("supply_term", "account_id", "kind"),
        period_rises("supply_term"),
        CheckConstraint("value_milli BETWEEN 0 AND 1000000000000", name="supply_term_value"),
        CheckConstraint("(kind = 'LOSS_BOUNDARY') = (passport IS NOT NULL)", name="supply_term_passport"),
        Index("supply_term_account_id_idx", "account_id", "valid_from"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[TermKind] = enum_column(TermKind, name="supply_term_kind")
    #: thousandths of a family, kWh, kW, tg φ or percent
    value_milli: Mapped[int] = mapped_column(BigInteger)
    #: fields of ``metering.Passport`` for losses by passport
    passport: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    basis: Mapped[str] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.valid_from:%d.%m.%Y}"


class PrepaidVolume(Recorded, Model):
    """Energy an account had paid for when the price rose; it keeps the old price until it is drawn or out of date."""

    __tablename__ = "prepaid_volume"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("prepaid_volume_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("account_id", "tariff_version_id"),
        CheckConstraint("valid_to > valid_from", name="prepaid_volume_period_rises"),
        CheckConstraint("quantity_milli > 0", name="prepaid_volume_quantity"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: the version whose price it keeps
    tariff_version_id: Mapped[int] = mapped_column(ForeignKey("tariff_version.id"))
    quantity_milli: Mapped[Quantity]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    tariff_version: Mapped[TariffVersion] = relationship()
    withdrawals: Mapped[list["PrepaidWithdrawal"]] = relationship(order_by="PrepaidWithdrawal.id", lazy="selectin", viewonly=True)

    @property
    def kept_to(self) -> date:
        """First day on which the old price is not kept any more."""
        return self.withdrawals[-1].valid_to if self.withdrawals else self.valid_to

    def __repr__(self) -> str:
        return f"{self.account} {self.valid_from:%d.%m.%Y}"


class PrepaidWithdrawal(Recorded, Model):
    """Another end of a prepaid volume, by an act; the latest holds, also when it gives the first end back."""

    __tablename__ = "prepaid_withdrawal"
    facts = EVERY_COLUMN

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    prepaid_volume_id: Mapped[int] = mapped_column(ForeignKey("prepaid_volume.id"), index=True)
    #: first day on which the old price is not kept any more; the first day of the volume: it never was
    valid_to: Mapped[date] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(300))
