"""Months computed again with proposed prices."""

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Day, Key, Money, Quantity, Recorded
from app.models.reference import TariffGroup
from app.models.runs import Run
from app.models.tariffs import Tariff


class ShadowRun(Run, Model):
    """A posted month of a division computed again with other blocks of a tariff; nothing of it is posted."""

    __tablename__ = "shadow_run"
    __table_args__ = (
        Index("shadow_run_division_id_id_idx", "division_id", "id"),
        CheckConstraint("extract(day FROM billing_month) = 1", name="shadow_run_month"),
    )

    billing_month: Mapped[Day]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"))
    #: the proposed steps, as ``domain.tariffs.blocks_of`` reads them
    blocks: Mapped[str] = mapped_column(Text)
    #: the draft it tells the effect of; empty for one that somebody opened to try prices
    change_id: Mapped[int | None] = mapped_column(ForeignKey("reference_change.id"), index=True)
    bills: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: bills the proposed blocks cannot price
    left_out: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    amount_now_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    amount_proposed_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the accounts with the largest changes: account, division, amount now, amount proposed
    largest: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))

    tariff: Mapped[Tariff] = relationship()

    def __repr__(self) -> str:
        return f"{self.division} {self.billing_month:%m.%Y}"


class ShadowResult(Recorded, Model):
    """What a step of a tariff came to in a division, as posted and as proposed."""

    __tablename__ = "shadow_result"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("shadow_run_id", "division_id", "component", "zone", "block_no", name="shadow_result_key"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    shadow_run_id: Mapped[int] = mapped_column(ForeignKey("shadow_run.id"))
    tariff_group_id: Mapped[int] = mapped_column(ForeignKey("tariff_group.id"))
    component: Mapped[str] = mapped_column(String(24))
    zone: Mapped[str] = mapped_column(String(16))
    block_no: Mapped[int] = mapped_column(Integer)
    bills: Mapped[int] = mapped_column(Integer)
    quantity_now_milli: Mapped[Quantity]
    quantity_proposed_milli: Mapped[Quantity]
    amount_now_tiyin: Mapped[Money]
    amount_proposed_tiyin: Mapped[Money]

    division: Mapped[Division] = relationship()
    shadow_run: Mapped[ShadowRun] = relationship()
    tariff_group: Mapped[TariffGroup] = relationship()

    def __repr__(self) -> str:
        return str(self.id)
