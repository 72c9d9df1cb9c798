"""The audit trail, and the seals that make tampering with it visible."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import EVERY_COLUMN, BigInt, Key, Recorded


class AuditEntry(Model):
    """What a person or a job changed, or a person was shown; written by the database itself."""

    __tablename__ = "audit_entry"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("audit_entry_row_idx", "table_name", "row_id", "happened_at", "id"),
        Index("audit_entry_actor_idx", "actor", "happened_at", "id"),
        Index("audit_entry_happened_at_idx", "happened_at", "id"),
        # People's work, told by day.
        Index(
            "audit_entry_work_idx",
            "happened_at",
            "table_name",
            postgresql_where=text("table_name IN ('reading', 'bill_hold', 'payment', 'approval', 'adjustment', 'bill_correction')"),
        ),
        {"postgresql_partition_by": "RANGE (happened_at)"},
    )

    id: Mapped[Key]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    #: the division the row belongs to; empty for what all share
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    actor: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(64))
    table_name: Mapped[str] = mapped_column(String(64))
    #: empty for a statement that moved many rows
    row_id: Mapped[int | None] = mapped_column(BigInteger)
    #: INSERT, UPDATE, DELETE, or READ
    operation: Mapped[str] = mapped_column(String(8))
    #: why, in the words of whoever did it
    reason: Mapped[str | None] = mapped_column(String(300))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: whose request it was, and who agreed, where a change needed two persons
    asked_by: Mapped[str | None] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(64))


class AuditPending(Model):
    """An audit entry that is not sealed yet."""

    __tablename__ = "audit_pending"
    facts = EVERY_COLUMN

    audit_entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditSeal(Model):
    """A link of the chain: SHA-256 of the link before and the entry. It outlives an entry somebody deletes."""

    __tablename__ = "audit_seal"
    facts = EVERY_COLUMN
    __table_args__ = (CheckConstraint("length(hash) = 32", name="audit_seal_hash"),)

    #: 1, 2, 3 … without a gap
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_entry_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheck(Recorded, Model):
    """What a verification of the chain found."""

    __tablename__ = "audit_check"
    facts = EVERY_COLUMN

    id: Mapped[Key]
    sealed: Mapped[BigInt]
    pending: Mapped[BigInt]
    head: Mapped[str | None] = mapped_column(String(64))
    #: empty: the chain holds
    problem: Mapped[str | None] = mapped_column(String(24))
    problem_seq: Mapped[int | None] = mapped_column(BigInteger)
    problem_entry_id: Mapped[int | None] = mapped_column(BigInteger)
    #: the tables whose triggers are missing or off
    problem_detail: Mapped[str | None] = mapped_column(String(300))
