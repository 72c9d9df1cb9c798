"""Divisions, who may work in them, jobs, stored files, operating parameters and the audit trail."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration import DivisionLevel, JobKind, JobStatus
from app.models.columns import BigInt, Code, Dated, Day, Key, Name, Recorded, enum_column, period_rises


class Division(Recorded, Model):
    """A part of the company: the republic, a region or a district."""

    __tablename__ = "division"

    id: Mapped[Key]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"), index=True)
    level: Mapped[DivisionLevel] = enum_column(DivisionLevel, name="division_level")
    #: SOATO code
    code: Mapped[Code] = mapped_column(unique=True)
    #: first five digits of the account numbers of a district
    branch_code: Mapped[str | None] = mapped_column(String(5), unique=True)
    name: Mapped[Name]
    name_uz_cyrl: Mapped[str | None] = mapped_column(String(200))
    name_ru: Mapped[str | None] = mapped_column(String(200))
    #: codes from the root down, each followed by a slash; a subtree is one prefix
    path: Mapped[str] = mapped_column(String(200), unique=True)

    parent: Mapped["Division | None"] = relationship(remote_side="Division.id")

    def __repr__(self) -> str:
        return self.name


class DivisionAccess(Recorded, Dated, Model):
    """A user's right to work in a division and all below it."""

    __tablename__ = "division_access"
    __table_args__ = (period_rises("division_access"), Index("division_access_user_id_idx", "user_id"))

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))

    user: Mapped[User] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.user} · {self.division}"


class StoredFile(Recorded, Model):
    """A file that came in or was made here; kept in the database so that every process sees it."""

    __tablename__ = "stored_file"

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    def __repr__(self) -> str:
        return self.name


class JobRun(Recorded, Model):
    """A long piece of work: what it is to do, how far it is, what came of it. The queue only rings the bell."""

    __tablename__ = "job_run"
    __table_args__ = (Index("job_run_open_idx", "id", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[JobKind] = enum_column(JobKind, name="job_run_kind")
    status: Mapped[JobStatus] = enum_column(JobStatus, name="job_run_status", server_default=JobStatus.QUEUED)
    #: what the job is about, by kind: a bill run, a reading import …
    subject_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    checkpoint: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    done: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    total: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cancel_requested: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: last sign of life; a silent job is taken up again
    seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str | None] = mapped_column(Text)

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.kind} {self.id}"


class JobEvent(Model):
    """A line of a job's log."""

    __tablename__ = "job_event"

    id: Mapped[Key]
    job_run_id: Mapped[int] = mapped_column(ForeignKey("job_run.id"), index=True)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    message: Mapped[str] = mapped_column(Text)


class OperatingParameter(Recorded, Model):
    """A setting of a subsystem from a day on; a later row replaces it from its own day."""

    __tablename__ = "operating_parameter"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[Day]
    value: Mapped[str] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"{self.code} = {self.value}"


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
