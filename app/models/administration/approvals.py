"""What waits for a second person."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.models.administration.divisions import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column


class Approval(Recorded, Model):
    """A request of one person (``created_by``) that another one grants or refuses."""

    __tablename__ = "approval"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("approval_division_id_id_idx", "division_id", "id"),
        CheckConstraint("status NOT IN ('APPROVED', 'REFUSED') OR decided_by <> created_by", name="approval_two_persons"),
        CheckConstraint("(status = 'PENDING') = (decided_by IS NULL)", name="approval_decided_by_somebody"),
        Index("approval_pending_idx", "division_id", "id", postgresql_where=text("status = 'PENDING'")),
    )

    id: Mapped[Key]
    #: the people of this division decide; what all share is the republic's
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[ApprovalKind] = enum_column(ApprovalKind, name="approval_kind")
    status: Mapped[ApprovalStatus] = enum_column(ApprovalStatus, name="approval_status", server_default=ApprovalStatus.PENDING)
    #: one line for the inbox
    subject: Mapped[str] = mapped_column(String(300))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: keys that come with what is asked for; shown nowhere, and forgotten once it is decided
    secret: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    #: why it is asked for: a document, a letter
    basis: Mapped[str | None] = mapped_column(String(300))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    remark: Mapped[str | None] = mapped_column(String(300))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.id}: {self.subject}"
