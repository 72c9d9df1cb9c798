"""How dictionaries change: what was asked for, and what each row held from when to when."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ChangeKind, ChangeStatus
from app.models.administration import Approval
from app.models.columns import BigInt, Dated, Day, Key, Recorded, enum_column, no_overlap


class ReferenceChange(Recorded, Model):
    """A change of one row of a dictionary, from its draft to its retirement."""

    __tablename__ = "reference_change"
    __table_args__ = (
        Index("reference_change_row_idx", "table_name", "row_id"),
        Index("reference_change_waiting_idx", "valid_from", postgresql_where=text("status = 'APPROVED'")),
    )

    id: Mapped[Key]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), index=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    table_name: Mapped[str] = mapped_column(String(64))
    #: empty until a new row is in force
    row_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[ChangeKind] = enum_column(ChangeKind, name="reference_change_kind")
    status: Mapped[ChangeStatus] = enum_column(ChangeStatus, name="reference_change_status", server_default=ChangeStatus.DRAFT)
    #: the first day it is to be in force
    valid_from: Mapped[Day]
    #: the columns that change, as they were when it was drafted
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)
    in_force_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: why it could not come into force on its day
    problem: Mapped[str | None] = mapped_column(String(300))

    approval: Mapped[Approval] = relationship()

    def __repr__(self) -> str:
        return f"{self.table_name} {self.row_id or ''}"


class ReferenceVersion(Dated, Model):
    """What a row of a dictionary held in a period; kept by a trigger, whoever writes."""

    __tablename__ = "reference_version"
    __table_args__ = (no_overlap("reference_version", "table_name", "row_id"),)

    id: Mapped[Key]
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[BigInt]
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: the change it came with; empty for what was delivered or loaded
    change_id: Mapped[int | None] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    recorded_by: Mapped[str] = mapped_column(String(64))
