"""Indicators: the company's own words for them, targets of divisions, and what the worker counted."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.indicators import Direction
from app.models.administration import Division
from app.models.columns import BigInt, Day, Key, Recorded, enum_column


class Indicator(Recorded, Model):
    """What the company says of an indicator in other words than it was declared with."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(32))
    #: each is empty where the declared words hold
    definition: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    source: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    owner: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    direction: Mapped[Direction | None] = enum_column(Direction, name="indicator_direction", nullable=True)

    def __repr__(self) -> str:
        return self.name


class IndicatorTarget(Recorded, Model):
    """What a division is to reach in a month."""

    __tablename__ = "indicator_target"
    __table_args__ = (UniqueConstraint("division_id", "name", "billing_month"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[str] = mapped_column(String(32))
    billing_month: Mapped[Day]
    #: in tiyin, a count, or tenths of a percent
    target: Mapped[BigInt]

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class IndicatorValue(Model):
    """What the worker counted last: an indicator of a division's own rows in a month, or the money it received on a day."""

    __tablename__ = "indicator_value"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    begins_on: Mapped[date] = mapped_column(Date, primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)
    part: Mapped[int] = mapped_column(BigInteger)
    whole: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
