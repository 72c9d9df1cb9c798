"""Reports as they were made, and their way up: signed, taken, accepted or returned."""

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.domain.reports import ReportEvent, ReportStatus
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Day, Key, Recorded, enum_column


class StoredReport(Recorded, Model):
    """A report of a division as it was made; a later one of the same days is a further version."""

    __tablename__ = "stored_report"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("period_to > period_from", name="stored_report_period_rises"),
        UniqueConstraint(
            "division_id", "name", "period_from", "period_to", "consumers", "version", name="stored_report_version_key",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    name: Mapped[str] = mapped_column(String(32))
    period_from: Mapped[Day]
    #: the day after the last
    period_to: Mapped[Day]
    #: of one kind of consumers only
    consumers: Mapped[ConsumerKind | None] = enum_column(ConsumerKind, name="stored_report_consumers", nullable=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    rows: Mapped[int] = mapped_column(Integer)
    #: its columns, names and rows, as JSON
    contents: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    #: of the turnover of its divisions up to its end
    ledger_sha256: Mapped[str] = mapped_column(String(64))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class ReportStep(Recorded, Model):
    """What happened to a stored report on its way up."""

    __tablename__ = "report_step"
    facts = EVERY_COLUMN
    __table_args__ = (Index("report_step_stored_report_id_idx", "stored_report_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    stored_report_id: Mapped[int] = mapped_column(ForeignKey("stored_report.id"))
    event: Mapped[ReportEvent] = enum_column(ReportEvent, name="report_step_event")
    status: Mapped[ReportStatus] = enum_column(ReportStatus, name="report_step_status")
    remark: Mapped[str] = mapped_column(String(300), server_default="")
