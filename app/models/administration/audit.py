"""The audit trail."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    DateTime,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import BigInt, Key


class AuditEntry(Model):
    """What a person or a job changed in a catalogue; written by a trigger."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_entry_row_idx", "table_name", "row_id"),)

    id: Mapped[Key]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    #: the division the row belongs to; empty for what all share
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    actor: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(64))
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[BigInt]
    operation: Mapped[str] = mapped_column(String(8))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
