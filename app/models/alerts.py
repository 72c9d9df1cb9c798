"""Alerts about figures of divisions, and each time one crossed its threshold or came back."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.alerts import AlertComparison, AlertEvent
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, BigInt, Key, Recorded, enum_column


class Alert(Recorded, Model):
    """A figure of a division that is watched."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_division_id_id_idx", "division_id", "id"),
        CheckConstraint("cardinality(receiver_ids) > 0", name="alert_receivers"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    indicator: Mapped[str] = mapped_column(String(32))
    comparison: Mapped[AlertComparison] = enum_column(AlertComparison, name="alert_comparison")
    #: in the unit of the indicator: tiyin, a count, tenths of a percent
    threshold: Mapped[BigInt]
    receiver_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    is_paused: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    is_crossed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    crossed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
    owner: Mapped[User] = relationship()

    @property
    def limit(self) -> dict[str, Any]:
        """The threshold, and the indicator whose unit it has."""
        return {"value": self.threshold, "indicator": self.indicator}

    def __repr__(self) -> str:
        return f"№ {self.id}"


class AlertCrossing(Recorded, Model):
    """A figure crossed the threshold of an alert, or came back."""

    __tablename__ = "alert_crossing"
    facts = EVERY_COLUMN
    __table_args__ = (Index("alert_crossing_alert_id_idx", "alert_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    event: Mapped[AlertEvent] = enum_column(AlertEvent, name="alert_crossing_event")
    value: Mapped[BigInt]
