"""Devices, the registers of meters, and the periods meters served at service points."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import ServicePoint
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Code, Dated, Key, Name, NamedInLanguages, Recorded, Retirable, no_overlap
from app.models.reference import Resource


class DeviceKind(NamedInLanguages, Recorded, Retirable, Model):
    """What devices are: meters, transformers, lines."""

    __tablename__ = "device_kind"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    #: it counts: a meter
    has_registers: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class DeviceModel(Recorded, Retirable, Model):
    """A type of device."""

    __tablename__ = "device_model"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    #: a meter, unless it is said
    device_kind_id: Mapped[int] = mapped_column(ForeignKey("device_kind.id"), server_default=text("1"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    phases: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))

    device_kind: Mapped[DeviceKind] = relationship()
    resource: Mapped[Resource] = relationship()

    def __repr__(self) -> str:
        return self.name


class Device(Recorded, Model):
    """A device of the network: a meter, a transformer, a line; its model says of what kind."""

    __tablename__ = "device"
    __table_args__ = (
        Index("device_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("model_id", "serial_number"),
        # One number, however it is written and whatever the model; ``device_serial`` leaves out blanks, dashes, case, leading zeros.
        Index(
            "device_serial_key", func.device_serial(literal_column("serial_number")), unique=True, postgresql_where=text("NOT is_double")
        ),
        Index(
            "device_serial_part_idx",
            func.device_serial(literal_column("serial_number")).label("serial_part"),
            postgresql_using="gin",
            postgresql_ops={"serial_part": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("device_model.id"))
    serial_number: Mapped[str] = mapped_column(String(32), index=True)
    made_in_year: Mapped[int | None] = mapped_column(SmallInteger)
    #: first day the verification no longer holds
    verified_to: Mapped[date | None] = mapped_column(Date)
    #: its number stood twice before that was refused
    is_double: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))

    division: Mapped[Division] = relationship()
    model: Mapped[DeviceModel] = relationship()

    def __repr__(self) -> str:
        return f"{self.model} {self.serial_number}"


class Register(Recorded, Model):
    """One counter inside a meter."""

    __tablename__ = "register"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("meter_id", "code"),
        CheckConstraint("digits BETWEEN 3 AND 9", name="register_digits"),
        CheckConstraint("decimals BETWEEN 0 AND 3", name="register_decimals"),
    )

    id: Mapped[Key]
    meter_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: TOTAL for the only or whole counter
    code: Mapped[str] = mapped_column(String(16), server_default="TOTAL")
    #: whole digits of the display; 5 rolls over at 100000
    digits: Mapped[int] = mapped_column(SmallInteger)
    decimals: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))

    meter: Mapped[Device] = relationship()

    def __repr__(self) -> str:
        return f"{self.meter} {self.code}"


class MeterInstallation(Recorded, Dated, Model):
    """The period a meter served a service point, with its transformer ratios."""

    __tablename__ = "meter_installation"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("meter_installation_division_id_id_idx", "division_id", "id"),
        no_overlap("meter_installation", "meter_id"),
        # One that ends on the day it begins never served: a counter-act took it back.
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="meter_installation_period_rises"),
        CheckConstraint("least(ct_primary, ct_secondary, vt_primary, vt_secondary) > 0", name="meter_installation_ratios"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    meter_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    ct_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    ct_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    meter: Mapped[Device] = relationship()
    service_point: Mapped[ServicePoint] = relationship()

    def __repr__(self) -> str:
        return f"{self.meter} · {self.valid_from:%d.%m.%Y}"
