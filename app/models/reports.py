"""Rows of forms, reports as they were made, their way up (signed, taken, accepted or returned), and schedules that send some by e-mail."""

from datetime import date, datetime

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.domain.reports import ReportEvent, ReportForm, ReportMeasure, ReportStatus
from app.domain.reports.schedules import FileFormat, RelativePeriod, Rhythm, ScheduleStatus, SendingOutcome
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Code, Dated, Day, Key, NamedInLanguages, Recorded, enum_column
from app.models.reference import TariffGroup


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


class ReportSchedule(Recorded, Model):
    """A report that users get by e-mail again and again, each with what he may see that day."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        Index("report_schedule_division_id_id_idx", "division_id", "id"),
        CheckConstraint(
            "(rhythm = 'WEEKLY') = (weekday IS NOT NULL) AND (rhythm = 'MONTHLY') = (month_day IS NOT NULL) "
            "AND weekday BETWEEN 1 AND 7 IS NOT FALSE AND month_day BETWEEN 1 AND 31 IS NOT FALSE AND hour BETWEEN 0 AND 23",
            name="report_schedule_timing",
        ),
        CheckConstraint("cardinality(receiver_ids) > 0", name="report_schedule_receivers"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    report: Mapped[str] = mapped_column(String(32))
    span: Mapped[RelativePeriod] = enum_column(RelativePeriod, name="report_schedule_span")
    file_format: Mapped[FileFormat] = enum_column(FileFormat, name="report_schedule_file_format")
    rhythm: Mapped[Rhythm] = enum_column(Rhythm, name="report_schedule_rhythm")
    #: 1 is Monday
    weekday: Mapped[int | None] = mapped_column(SmallInteger)
    #: in a shorter month, its last day
    month_day: Mapped[int | None] = mapped_column(SmallInteger)
    #: of Tashkent
    hour: Mapped[int] = mapped_column(SmallInteger)
    receiver_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    status: Mapped[ScheduleStatus] = enum_column(ScheduleStatus, name="report_schedule_status", server_default=ScheduleStatus.ACTIVE)
    #: days before are not made up for
    counts_from: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    last_run_on: Mapped[date | None] = mapped_column(Date)

    division: Mapped[Division] = relationship()
    owner: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class ReportSending(Recorded, Model):
    """What became of one run of a schedule for one receiver; a run and receiver have one, whatever dies meanwhile."""

    __tablename__ = "report_sending"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("report_schedule_id", "run", "user_id", name="report_sending_once_key"),
        Index("report_sending_division_id_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    report_schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedule.id"))
    #: the day it was due, or what somebody asked for at once
    run: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    outcome: Mapped[SendingOutcome] = enum_column(SendingOutcome, name="report_sending_outcome")
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    rows: Mapped[int | None] = mapped_column(Integer)


class ReportRow(NamedInLanguages, Dated, Recorded, Model):
    """A row of a form: its code, and the consumers whose bills it gathers; the row of a tariff group goes before that of all others."""

    __tablename__ = "report_row"
    __table_args__ = (CheckConstraint("valid_to > valid_from", name="report_row_period_rises"),)

    id: Mapped[Key]
    report_form: Mapped[ReportForm] = enum_column(ReportForm, name="report_row_report_form")
    code: Mapped[Code]
    consumer_kind: Mapped[ConsumerKind] = enum_column(ConsumerKind, name="report_row_consumer_kind")
    #: empty: all that have no row of their own
    tariff_group_id: Mapped[int | None] = mapped_column(ForeignKey("tariff_group.id"), index=True)
    source: Mapped[str] = mapped_column(String(300))

    tariff_group: Mapped[TariffGroup | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.code} {self.shown_name}"


class ReportFormColumn(NamedInLanguages, Dated, Recorded, Model):
    """A column of a form: its code and names, and what it tells of the rows; what no column tells is not in the form."""

    __tablename__ = "report_column"
    __table_args__ = (CheckConstraint("valid_to > valid_from", name="report_column_period_rises"),)

    id: Mapped[Key]
    report_form: Mapped[ReportForm] = enum_column(ReportForm, name="report_column_report_form")
    code: Mapped[Code]
    measure: Mapped[ReportMeasure] = enum_column(ReportMeasure, name="report_column_measure")
    source: Mapped[str] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"{self.code} {self.shown_name}"
