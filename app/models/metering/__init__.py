"""Readings, files of readings, and the consumption bills were made of."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.metering import ImportContent, ImportStatus, Quality, ReadingKind, ReadingSource, RowStatus
from app.models.accounts import Account
from app.models.administration import Division, StoredFile
from app.models.columns import EVERY_COLUMN, Day, Key, Name, Quantity, Recorded, enum_column, set_wise
from app.models.equipment import MeterInstallation, Register


class Reading(Recorded, Model):
    """What a register showed on a day. A wrong one is replaced by a further reading, never edited.

    Of an account's register one reading stands a day, which bills rest on: every way in is judged under the account's lock, and a second
    one of the day is refused as not later than the last.
    """

    __tablename__ = "reading"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("reading_division_id_id_idx", "division_id", "id"),
        Index("reading_source_idx", "division_id", "source", "id"),
        Index("reading_kind_idx", "division_id", "kind", "id", postgresql_where=text("kind <> 'PERIODIC'")),
        CheckConstraint("dial_milli >= 0", name="reading_dial_not_negative"),
        Index("reading_series_idx", "meter_installation_id", "register_id", "read_on"),
        Index("reading_account_id_read_on_idx", "account_id", "read_on"),
        Index("reading_replaces_id_idx", "replaces_id", unique=True, postgresql_where=text("replaces_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    meter_installation_id: Mapped[int] = mapped_column(set_wise("meter_installation.id"))
    register_id: Mapped[int] = mapped_column(set_wise("register.id"))
    read_on: Mapped[Day]
    dial_milli: Mapped[Quantity]
    kind: Mapped[ReadingKind] = enum_column(ReadingKind, name="reading_kind")
    source: Mapped[ReadingSource] = enum_column(ReadingSource, name="reading_source")
    #: the reading this one replaces
    replaces_id: Mapped[int | None] = mapped_column(set_wise("reading.id"))
    reading_import_id: Mapped[int | None] = mapped_column(set_wise("reading_import.id"), index=True)

    account: Mapped[Account] = relationship()
    meter_installation: Mapped[MeterInstallation] = relationship()
    register: Mapped[Register] = relationship()
    reading_import: Mapped["ReadingImport | None"] = relationship()

    def __repr__(self) -> str:
        return f"{self.read_on:%d.%m.%Y}: {self.dial_milli // 1000}"


class MeterDataSource(Recorded, Model):
    """A system that sends readings: telemetry, or the inspectors' devices; its key, and the division whose meters it reads."""

    __tablename__ = "meter_data_source"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("source IN ('TELEMETRY', 'CONTROLLER')", name="meter_data_source_kind"),
        CheckConstraint("NOT is_active OR key_sha256 <> ''", name="meter_data_source_key"),
    )

    id: Mapped[Key]
    #: readings of accounts here and below are taken
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    name: Mapped[Name]
    #: who read the registers
    source: Mapped[ReadingSource] = enum_column(ReadingSource, name="meter_data_source_source")
    #: the name it signs in with
    login: Mapped[str] = mapped_column(String(64))
    #: SHA-256 of the key it sends
    key_sha256: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    #: networks it may call from, separated by blanks; empty: any
    networks: Mapped[str] = mapped_column(String(1000), server_default=text("''"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name


class ReadingImport(Recorded, Model):
    """Readings that came together, in a file or as a batch of a source: received, checked, accepted."""

    __tablename__ = "reading_import"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("reading_import_division_id_id_idx", "division_id", "id"),
        CheckConstraint("status <> 'ACCEPTED' OR accepted + rejected + parked + held = received", name="reading_import_counts"),
        CheckConstraint(
            "(meter_data_source_id IS NULL) = (idempotency_key IS NULL) AND (meter_data_source_id IS NULL OR reply IS NOT NULL)",
            name="reading_import_of_a_source",
        ),
        UniqueConstraint("meter_data_source_id", "idempotency_key"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    status: Mapped[ImportStatus] = enum_column(ImportStatus, name="reading_import_status", server_default=ImportStatus.RECEIVED)
    received: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    accepted: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rejected: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: rows of devices that are not known, and rows that a person decides about, each in the queue of its own
    parked: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    held: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: what its rows are
    content: Mapped[ImportContent] = enum_column(ImportContent, name="reading_import_content", server_default=ImportContent.READINGS)
    #: why the whole file was refused
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: names of filled sheets of the workbook that were not read
    unread_sheets: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    #: the source that sent the batch, its key, and what it was answered; the request is the stored file
    meter_data_source_id: Mapped[int | None] = mapped_column(ForeignKey("meter_data_source.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    reply: Mapped[str | None] = mapped_column(Text)

    meter_data_source: Mapped[MeterDataSource | None] = relationship()
    division: Mapped[Division] = relationship()
    stored_file: Mapped[StoredFile] = relationship()

    def __repr__(self) -> str:
        return str(self.stored_file)


class ReadingImportRow(Model):
    """A reading of a file or batch, as it stood there, and what became of it; a row with several registers is several."""

    __tablename__ = "reading_import_row"
    facts = EVERY_COLUMN
    __table_args__ = (Index("reading_import_row_reading_import_id_row_no_idx", "reading_import_id", "row_no"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    reading_import_id: Mapped[int] = mapped_column(ForeignKey("reading_import.id"))
    #: line of the file or row of the sheet, from 1
    row_no: Mapped[int] = mapped_column(Integer)
    account_number: Mapped[str] = mapped_column(String(64))
    meter_number: Mapped[str] = mapped_column(String(64))
    read_on: Mapped[str] = mapped_column(String(64))
    dial: Mapped[str] = mapped_column(String(64))
    #: the register's code, empty where the file has no such column
    register: Mapped[str] = mapped_column(String(64), server_default="")
    status: Mapped[RowStatus] = enum_column(RowStatus, name="reading_import_row_status")
    #: which rule the row broke, and in which column
    problem: Mapped[str | None] = mapped_column(String(32))
    column: Mapped[str | None] = mapped_column(String(32))
    #: what makes the reason plain: the cell, the earlier reading, the twin row
    about: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    doubt: Mapped[str | None] = mapped_column(String(32))
    quantity_milli: Mapped[int | None] = mapped_column(BigInteger)
    #: what a good row was found to mean
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    meter_installation_id: Mapped[int | None] = mapped_column(ForeignKey("meter_installation.id"))
    register_id: Mapped[int | None] = mapped_column(ForeignKey("register.id"))
    day: Mapped[date | None] = mapped_column(Date)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))

    def __repr__(self) -> str:
        return str(self.row_no)


class Consumption(Model):
    """Energy of a bill between two readings, or estimated; with what is needed to compute it again."""

    __tablename__ = "consumption"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("period_to > period_from", name="consumption_period_rises"),
        Index("consumption_account_id_period_to_idx", "account_id", "period_to", "period_from"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    bill_id: Mapped[int] = mapped_column(set_wise("bill.id"), index=True)
    #: the bill's
    billing_month: Mapped[Day]
    period_from: Mapped[Day]
    period_to: Mapped[Day]
    quantity_milli: Mapped[Quantity]
    #: the register that counted it
    zone: Mapped[str] = mapped_column(String(16), server_default="TOTAL")
    quality: Mapped[Quality] = enum_column(Quality, name="consumption_quality")
    earlier_reading_id: Mapped[int | None] = mapped_column(set_wise("reading.id"))
    later_reading_id: Mapped[int | None] = mapped_column(set_wise("reading.id"))
    rolled_over: Mapped[bool] = mapped_column(Boolean)
    #: what a unit of the dial counted for, as a fraction; empty: no meter counted it
    multiplier_numerator: Mapped[int | None] = mapped_column(BigInteger)
    multiplier_denominator: Mapped[int | None] = mapped_column(BigInteger)
