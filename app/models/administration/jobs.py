"""Jobs, their logs and stored files."""

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration import JobKind, JobStatus
from app.models.administration.divisions import Division
from app.models.columns import EVERY_COLUMN, Key, Name, Recorded, enum_column


class StoredFile(Recorded, Model):
    """A file that came in or was made here; kept in the database so that every process sees it."""

    __tablename__ = "stored_file"
    facts = EVERY_COLUMN

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    def __repr__(self) -> str:
        return self.name


class JobRun(Recorded, Model):
    """A long piece of work: what it is to do, how far it is, what came of it. The queue only holds its id."""

    __tablename__ = "job_run"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("job_run_division_id_id_idx", "division_id", "id"),
        Index("job_run_open_idx", "id", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),
    )

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
    #: last heartbeat; a silent job is taken up again
    seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str | None] = mapped_column(Text)

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.kind} {self.id}"


class JobEvent(Model):
    """A line of a job's log."""

    __tablename__ = "job_event"
    facts = EVERY_COLUMN

    id: Mapped[Key]
    job_run_id: Mapped[int] = mapped_column(ForeignKey("job_run.id"), index=True)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    #: a message of the catalogs, with places for the parameters
    message: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
