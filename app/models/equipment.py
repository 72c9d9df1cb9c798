"""Meters, their registers, and the periods meters served at service points."""

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
from app.models.columns import Dated, Key, Name, Recorded, Retirable, no_overlap, period_rises
from app.models.reference import Resource


class MeterModel(Recorded, Retirable, Model):
    """A type of meter."""

    __tablename__ = "meter_model"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    phases: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))

    resource: Mapped[Resource] = relationship()

    def __repr__(self) -> str:
        return self.name


class Meter(Recorded, Model):
    """A device that counts energy."""

    __tablename__ = "meter"
    __table_args__ = (
        Index("meter_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("model_id", "serial_number"),
        # One number, however it is written and whatever the model; ``meter_serial`` leaves out blanks, dashes, case, leading zeros.
        Index("meter_serial_key", func.meter_serial(literal_column("serial_number")), unique=True, postgresql_where=text("NOT is_double")),
        Index(
            "meter_serial_part_idx",
            func.meter_serial(literal_column("serial_number")).label("serial_part"),
            postgresql_using="gin",
            postgresql_ops={"serial_part": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("meter_model.id"))
    serial_number: Mapped[str] = mapped_column(String(32), index=True)
    made_in_year: Mapped[int | None] = mapped_column(SmallInteger)
    #: first day the verification no longer holds
    verified_to: Mapped[date | None] = mapped_column(Date)
    #: its number stood twice before that was refused
    is_double: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))

    division: Mapped[Division] = relationship()
    model: Mapped[MeterModel] = relationship()

    def __repr__(self) -> str:
        return f"{self.model} {self.serial_number}"


class Register(Recorded, Model):
    """One counter inside a meter."""

    __tablename__ = "register"
    __table_args__ = (
        UniqueConstraint("meter_id", "code"),
        CheckConstraint("digits BETWEEN 3 AND 9", name="register_digits"),
        CheckConstraint("decimals BETWEEN 0 AND 3", name="register_decimals"),
    )

    id: Mapped[Key]
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    #: TOTAL for the only or whole counter
    code: Mapped[str] = mapped_column(String(16), server_default="TOTAL")
    #: whole digits of the display; 5 rolls over at 100000
    digits: Mapped[int] = mapped_column(SmallInteger)
    decimals: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))

    meter: Mapped[Meter] = relationship()

    def __repr__(self) -> str:
        return f"{self.meter} {self.code}"


class MeterInstallation(Recorded, Dated, Model):
    """The period a meter served a service point, with its transformer ratios."""

    __tablename__ = "meter_installation"
    __table_args__ = (
        Index("meter_installation_division_id_id_idx", "division_id", "id"),
        no_overlap("meter_installation", "meter_id"),
        period_rises("meter_installation"),
        CheckConstraint("least(ct_primary, ct_secondary, vt_primary, vt_secondary) > 0", name="meter_installation_ratios"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    ct_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    ct_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    meter: Mapped[Meter] = relationship()
    service_point: Mapped[ServicePoint] = relationship()

    def __repr__(self) -> str:
        return f"{self.meter} · {self.valid_from:%d.%m.%Y}"
