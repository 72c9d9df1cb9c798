"""Dated terms of an account's supply, energy paid for at an old price, whether points are on or off, and the orders about that."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.billing import TermKind
from app.domain.supply import OffReason, StateSource, SupplyOrderKind, SupplyOrderStatus, SupplyState
from app.models.accounts import Account, ServicePoint
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Dated, Day, Key, Quantity, Recorded, enum_column, no_overlap, period_rises
from app.models.reference import Brigade
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


class SupplyOrder(Recorded, Model):
    """An order to a brigade to cut a supply or to restore it; acts and services alone change where it stands."""

    __tablename__ = "supply_order"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("supply_order_division_id_id_idx", "division_id", "id"),
        Index("supply_order_account_id_idx", "account_id", "id"),
        # One order at a time waits for somebody.
        Index("supply_order_open_key", "service_point_id", unique=True, postgresql_where=text("status IN ('DRAFT', 'ISSUED')")),
        Index("supply_order_term_on_idx", "term_on", "id", postgresql_where=text("status IN ('DRAFT', 'ISSUED')")),
        CheckConstraint("term_on >= ordered_on", name="supply_order_term"),
        CheckConstraint("kind = 'RECONNECTION' OR off_reason <> 'DEVICE'", name="supply_order_reason_given"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    kind: Mapped[SupplyOrderKind] = enum_column(SupplyOrderKind, name="supply_order_kind")
    status: Mapped[SupplyOrderStatus] = enum_column(SupplyOrderStatus, name="supply_order_status", server_default=SupplyOrderStatus.DRAFT)
    #: why the supply is to be cut; of a reconnection, why it was off
    off_reason: Mapped[OffReason] = enum_column(OffReason, name="supply_order_reason")
    #: the day it bears; it is carried out on that day at the earliest
    ordered_on: Mapped[Day]
    #: the last day by which it is to be carried out
    term_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(300), server_default="")
    brigade_id: Mapped[int | None] = mapped_column(ForeignKey("brigade.id"))
    #: the act that issued it, and the record that ended it
    issued_act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    ended_act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))

    account: Mapped[Account] = relationship()
    service_point: Mapped[ServicePoint] = relationship()
    division: Mapped[Division] = relationship()
    brigade: Mapped[Brigade | None] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class PointState(Recorded, Model):
    """Whether a service point has energy, from a moment up to another; a point without a row is on.

    Rows are added, ended by the next one, and withdrawn by a counter-act or by a record that says better; nothing else changes them.
    """

    __tablename__ = "point_state"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("point_state_division_id_id_idx", "division_id", "id"),
        Index("point_state_account_id_idx", "account_id", "begins_at"),
        Index(
            "point_state_lasting_key",
            "service_point_id",
            unique=True,
            postgresql_where=text("ends_at IS NULL AND withdrawn_act_id IS NULL"),
        ),
        Index("point_state_begins_at_idx", "begins_at", "division_id", postgresql_where=text("withdrawn_act_id IS NULL")),
        ExcludeConstraint(
            ("service_point_id", "="),
            (text("tstzrange(begins_at, ends_at)"), "&&"),
            name="point_state_no_overlap",
            using="gist",
            where=text("withdrawn_act_id IS NULL"),
        ),
        CheckConstraint("ends_at IS NULL OR ends_at > begins_at", name="point_state_rises"),
        CheckConstraint("(supply_state = 'OFF') = (off_reason IS NOT NULL)", name="point_state_reason_given"),
        CheckConstraint("(state_source = 'RECORD') = (supply_order_id IS NOT NULL AND act_id IS NOT NULL)", name="point_state_document"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: who was supplied there, or was last
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"))
    supply_state: Mapped[SupplyState] = enum_column(SupplyState, name="point_state_state")
    off_reason: Mapped[OffReason | None] = enum_column(OffReason, name="point_state_reason")
    begins_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    state_source: Mapped[StateSource] = enum_column(StateSource, name="point_state_source")
    supply_order_id: Mapped[int | None] = mapped_column(ForeignKey("supply_order.id"), index=True)
    #: who switched it
    brigade_id: Mapped[int | None] = mapped_column(ForeignKey("brigade.id"))
    #: the record that says so
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    #: of a device, what its event is known by
    reference: Mapped[str | None] = mapped_column(String(80), unique=True)
    #: the act that took it back
    withdrawn_act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))

    account: Mapped[Account] = relationship()
    service_point: Mapped[ServicePoint] = relationship()
    division: Mapped[Division] = relationship()
    supply_order: Mapped[SupplyOrder | None] = relationship()
    brigade: Mapped[Brigade | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.service_point} · {self.begins_at:%d.%m.%Y}"
