"""What devices sent: readings that wait for their device or for a person, interval profiles, and events."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.metering import DeviceEventKind, DoubtfulStatus, ParkedReason, ParkedStatus, ReadingSource
from app.models.accounts import Account
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Day, Key, Quantity, Recorded, enum_column
from app.models.equipment import Device, MeterInstallation, Register
from app.models.metering import MeterDataSource, Reading, ReadingImport


class ParkedDevice(Recorded, Model):
    """A device that sent readings and is not known, or is installed nowhere: a summary of what waits for it."""

    __tablename__ = "parked_device"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("division_id", "serial_key"),
        Index("parked_device_division_id_id_idx", "division_id", "id"),
        Index("parked_device_serial_number_idx", "serial_number"),
        Index("parked_device_waiting_idx", "serial_key", postgresql_where=text("status = 'WAITING'")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: its number without blanks, dashes, case and leading zeros
    serial_key: Mapped[str] = mapped_column(String(64))
    serial_number: Mapped[str] = mapped_column(String(64))
    parked_reason: Mapped[ParkedReason] = enum_column(ParkedReason, name="parked_device_parked_reason")
    status: Mapped[ParkedStatus] = enum_column(ParkedStatus, name="parked_device_status", server_default=ParkedStatus.WAITING)
    #: of the readings that wait
    readings: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    first_on: Mapped[Day]
    last_on: Mapped[Day]

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.serial_number


class ParkedReading(Recorded, Model):
    """A reading of a device that was not known when it came; it is posted when the device is."""

    __tablename__ = "parked_reading"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("parked_device_id", "register", "read_on", "dial_milli"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    parked_device_id: Mapped[int] = mapped_column(ForeignKey("parked_device.id"))
    reading_import_id: Mapped[int] = mapped_column(ForeignKey("reading_import.id"), index=True)
    row_no: Mapped[int] = mapped_column(Integer)
    #: its code; empty: the device named none
    register: Mapped[str] = mapped_column(String(16))
    read_on: Mapped[Day]
    dial_milli: Mapped[Quantity]
    decimals: Mapped[int] = mapped_column(SmallInteger)
    is_reliable: Mapped[bool]
    source: Mapped[ReadingSource] = enum_column(ReadingSource, name="parked_reading_source")
    status: Mapped[ParkedStatus] = enum_column(ParkedStatus, name="parked_reading_status", server_default=ParkedStatus.WAITING)

    parked_device: Mapped[ParkedDevice] = relationship()
    reading_import: Mapped[ReadingImport] = relationship()


class DoubtfulReading(Recorded, Model):
    """A reading of a device, or of a consumer, that a person decides about: what is odd, what was decided, and why."""

    __tablename__ = "doubtful_reading"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("doubtful_reading_division_id_id_idx", "division_id", "id"),
        Index("doubtful_reading_waiting_idx", "division_id", "id", postgresql_where=text("status = 'WAITING'")),
        Index("doubtful_reading_key", "register_id", "account_id", "read_on", "dial_milli", "doubt", unique=True),
        CheckConstraint("(status = 'WAITING') = (decided_by IS NULL)", name="doubtful_reading_decided"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    meter_installation_id: Mapped[int] = mapped_column(ForeignKey("meter_installation.id"))
    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    #: the file or batch it came in, and its row there; empty and 0: a consumer sent it
    reading_import_id: Mapped[int | None] = mapped_column(ForeignKey("reading_import.id"), index=True)
    row_no: Mapped[int] = mapped_column(Integer)
    read_on: Mapped[Day]
    dial_milli: Mapped[Quantity]
    quantity_milli: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[ReadingSource] = enum_column(ReadingSource, name="doubtful_reading_source")
    doubt: Mapped[str] = mapped_column(String(32))
    #: the reading of the same day by another source
    other_reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
    status: Mapped[DoubtfulStatus] = enum_column(DoubtfulStatus, name="doubtful_reading_status", server_default=DoubtfulStatus.WAITING)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    basis: Mapped[str] = mapped_column(String(300), server_default="")
    #: what was recorded in the end
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))

    division: Mapped[Division] = relationship()
    account: Mapped[Account] = relationship()
    register: Mapped[Register] = relationship()
    meter_installation: Mapped[MeterInstallation] = relationship()
    reading_import: Mapped[ReadingImport | None] = relationship()
    reading: Mapped[Reading | None] = relationship(foreign_keys=[reading_id])
    other_reading: Mapped[Reading | None] = relationship(foreign_keys=[other_reading_id])

    def __repr__(self) -> str:
        return f"{self.read_on:%d.%m.%Y}: {self.dial_milli // 1000}"


class IntervalDay(Recorded, Model):
    """The energy of a register by steps of one day. A later version of a day is a further row; none is changed.

    One row a register and day, not one a step: 96 values of a quarter of an hour are 0.9 kB in a row, and 11 kB in rows. Eight million
    registers with profiles would be 8 million rows and 7 GB a day, which no single table carries for years; the few in a hundred that are
    read by intervals are 30 GB a month. So the table has narrow keys (register and day, then the version) and a division for its
    security, and no index goes across days: months can be made its partitions as those of the trail (ADR 30) without a change of what asks.
    """

    __tablename__ = "interval_day"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("register_id", "day", "version"),
        Index("interval_day_division_id_id_idx", "division_id", "id"),
        CheckConstraint("step_minutes IN (15, 30, 60)", name="interval_day_step"),
        CheckConstraint(
            "cardinality(quantities_milli) = 1440 / step_minutes AND length(qualities) = 1440 / step_minutes", name="interval_day_is_whole"
        ),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    day: Mapped[date] = mapped_column(Date)
    #: from 1; the last one counts
    version: Mapped[int] = mapped_column(SmallInteger)
    step_minutes: Mapped[int] = mapped_column(SmallInteger)
    #: energy of each step, gaps filled
    quantities_milli: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    #: a letter a step: an ``IntervalQuality``
    qualities: Mapped[str] = mapped_column(String(96))
    #: minutes that nobody sent
    gap_minutes: Mapped[int] = mapped_column(SmallInteger)
    reading_import_id: Mapped[int] = mapped_column(ForeignKey("reading_import.id"), index=True)

    division: Mapped[Division] = relationship()
    register: Mapped[Register] = relationship()
    reading_import: Mapped[ReadingImport] = relationship()

    def __repr__(self) -> str:
        return f"{self.day:%d.%m.%Y}"


class HeadEndEvent(Recorded, Model):
    """What a device did by itself, as its head-end says: the supply went off or came back."""

    __tablename__ = "device_event"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("meter_data_source_id", "serial_key", "kind", "happened_at", name="device_event_key"),
        Index("device_event_division_id_id_idx", "division_id", "id"),
        Index("device_event_serial_number_idx", "serial_number"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    meter_data_source_id: Mapped[int] = mapped_column(ForeignKey("meter_data_source.id"))
    reading_import_id: Mapped[int] = mapped_column(ForeignKey("reading_import.id"), index=True)
    serial_key: Mapped[str] = mapped_column(String(64))
    serial_number: Mapped[str] = mapped_column(String(64))
    #: the device it was found to be; empty: none is known
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"), index=True)
    kind: Mapped[DeviceEventKind] = enum_column(DeviceEventKind, name="device_event_kind")
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: it waits for its device, or the state of supply follows it
    status: Mapped[ParkedStatus] = enum_column(ParkedStatus, name="device_event_status", server_default=ParkedStatus.WAITING)

    division: Mapped[Division] = relationship()
    meter_data_source: Mapped[MeterDataSource] = relationship()
    device: Mapped[Device | None] = relationship()

    def __repr__(self) -> str:
        return self.serial_number
