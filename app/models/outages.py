"""Planned outages of a division, and the streets they are about."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.outages import OutageStatus
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column
from app.models.reference import Street


class PlannedOutage(Recorded, Model):
    """Hours in which a part of a division has no supply, told ahead; without streets it concerns whoever the feeder supplies."""

    __tablename__ = "planned_outage"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("planned_outage_division_id_id_idx", "division_id", "id"),
        Index("planned_outage_ends_at_idx", "ends_at", "division_id"),
        CheckConstraint("ends_at > begins_at", name="planned_outage_term_rises"),
        CheckConstraint("(status = 'CANCELLED') = (cancel_reason IS NOT NULL)", name="planned_outage_cancelled"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    status: Mapped[OutageStatus] = enum_column(OutageStatus, name="planned_outage_status", server_default=OutageStatus.PLANNED)
    begins_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: the feeder or substation, as people call it
    feeder: Mapped[str | None] = mapped_column(String(200))
    outage_reason: Mapped[str] = mapped_column(String(200))
    #: consumers that were told of it
    told: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cancel_reason: Mapped[str | None] = mapped_column(String(300))
    cancelled_by: Mapped[str | None] = mapped_column(String(64))
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class OutageStreet(Recorded, Model):
    """A street of a planned outage."""

    __tablename__ = "outage_street"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("planned_outage_id", "street_id"),
        Index("outage_street_division_id_id_idx", "division_id", "id"),
        Index("outage_street_street_id_idx", "street_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    planned_outage_id: Mapped[int] = mapped_column(ForeignKey("planned_outage.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))

    street: Mapped[Street] = relationship()
