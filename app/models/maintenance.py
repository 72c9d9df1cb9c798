"""Maintenance of devices: kinds of work with their norms, plans of a year, works, orders to brigades, and what happened to works."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.equipment.maintenance import MaintenanceEvent, MaintenanceStatus
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Code, Day, Key, NamedInLanguages, Quantity, Recorded, Retirable, enum_column
from app.models.equipment import Device, DeviceKind, StockPlace
from app.models.reference import Brigade
from app.models.verification import YearPlan


class Material(NamedInLanguages, Recorded, Retirable, Model):
    """What is used up in works."""

    __tablename__ = "material"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    #: what its quantities are counted in: piece, kg, l
    unit: Mapped[str] = mapped_column(String(16))


class MaintenanceKind(NamedInLanguages, Recorded, Retirable, Model):
    """A regular work on devices of a kind: how often, and how long it takes."""

    __tablename__ = "maintenance_kind"
    __table_args__ = (
        CheckConstraint("(interval_months IS NULL) <> (interval_hours IS NULL)", name="maintenance_kind_one_interval"),
        CheckConstraint("interval_months BETWEEN 1 AND 240", name="maintenance_kind_months"),
        CheckConstraint("interval_hours BETWEEN 100 AND 200000", name="maintenance_kind_hours"),
        CheckConstraint("norm_hours_milli > 0", name="maintenance_kind_norm"),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    device_kind_id: Mapped[int] = mapped_column(ForeignKey("device_kind.id"))
    #: since the last work; one of the two
    interval_months: Mapped[int | None] = mapped_column(SmallInteger)
    #: hours in service
    interval_hours: Mapped[int | None] = mapped_column(Integer)
    #: thousandths of an hour of one person
    norm_hours_milli: Mapped[Quantity]
    source: Mapped[str] = mapped_column(String(300))

    device_kind: Mapped[DeviceKind] = relationship()


class MaterialNorm(Recorded, Retirable, Model):
    """How much of a material a kind of work takes."""

    __tablename__ = "material_norm"
    __table_args__ = (
        UniqueConstraint("maintenance_kind_id", "material_id"),
        CheckConstraint("quantity_milli > 0", name="material_norm_quantity"),
    )

    id: Mapped[Key]
    maintenance_kind_id: Mapped[int] = mapped_column(ForeignKey("maintenance_kind.id"))
    material_id: Mapped[int] = mapped_column(ForeignKey("material.id"))
    #: thousandths of the material's unit
    quantity_milli: Mapped[Quantity]

    maintenance_kind: Mapped[MaintenanceKind] = relationship()
    material: Mapped[Material] = relationship()

    def __repr__(self) -> str:
        return f"{self.maintenance_kind} · {self.material}"


class MaintenancePlan(YearPlan, Model):
    """The works on a division's devices in a year."""

    __tablename__ = "maintenance_plan"


class MaintenanceOrder(Recorded, Model):
    """An order to a brigade to carry works out on a day; its works are those whose records name it."""

    __tablename__ = "maintenance_order"
    facts = EVERY_COLUMN
    __table_args__ = (Index("maintenance_order_division_id_id_idx", "division_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    brigade_id: Mapped[int] = mapped_column(ForeignKey("brigade.id"))
    work_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(300), server_default="")

    division: Mapped[Division] = relationship()
    brigade: Mapped[Brigade] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id} · {self.work_on:%d.%m.%Y}"


class MaintenanceWork(Recorded, Model):
    """A work that a device is to get; its records tell what happened to it."""

    __tablename__ = "maintenance_work"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("maintenance_work_division_id_id_idx", "division_id", "id"),
        Index("maintenance_work_device_id_idx", "device_id", "maintenance_kind_id"),
        Index("maintenance_work_order_idx", "maintenance_order_id", postgresql_where=text("maintenance_order_id IS NOT NULL")),
        Index("maintenance_work_term_idx", "division_id", "term_on", "id", postgresql_where=text("status IN ('PLANNED', 'ORDERED')")),
        Index("maintenance_work_plan_idx", "maintenance_plan_id", "term_on", "id"),
        CheckConstraint("(status IN ('ORDERED', 'DONE')) = (maintenance_order_id IS NOT NULL)", name="maintenance_work_is_ordered"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: None: it stands in no plan
    maintenance_plan_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance_plan.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    maintenance_kind_id: Mapped[int] = mapped_column(ForeignKey("maintenance_kind.id"))
    #: the last day it is not late
    term_on: Mapped[date] = mapped_column(Date)
    status: Mapped[MaintenanceStatus] = enum_column(
        MaintenanceStatus, name="maintenance_work_status", server_default=MaintenanceStatus.PLANNED
    )
    #: the order it is carried out by
    maintenance_order_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance_order.id"))
    #: why it stands in no plan
    reason: Mapped[str] = mapped_column(String(300), server_default="")

    division: Mapped[Division] = relationship()
    maintenance_plan: Mapped[MaintenancePlan | None] = relationship()
    device: Mapped[Device] = relationship()
    maintenance_kind: Mapped[MaintenanceKind] = relationship()
    maintenance_order: Mapped[MaintenanceOrder | None] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id} · {self.maintenance_kind}"


class MaintenanceRecord(Recorded, Model):
    """What happened to a work; a counter-record names the one it takes back."""

    __tablename__ = "maintenance_record"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("maintenance_record_division_id_id_idx", "division_id", "id"),
        Index("maintenance_record_maintenance_work_id_idx", "maintenance_work_id", "id"),
        Index("maintenance_record_order_idx", "maintenance_order_id", postgresql_where=text("maintenance_order_id IS NOT NULL")),
        Index("maintenance_record_reverses_id_key", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")),
        CheckConstraint("hours_milli > 0", name="maintenance_record_hours"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    maintenance_work_id: Mapped[int] = mapped_column(ForeignKey("maintenance_work.id"))
    event: Mapped[MaintenanceEvent] = enum_column(MaintenanceEvent, name="maintenance_record_event")
    record_on: Mapped[Day]
    #: why, or what was found and done
    reason: Mapped[str] = mapped_column(String(300), server_default="")
    #: of CARRY_OUT: thousandths of an hour, of all who worked
    hours_milli: Mapped[int | None] = mapped_column(BigInteger)
    maintenance_order_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance_order.id"))
    #: of POSTPONE: up to when
    term_on: Mapped[date | None] = mapped_column(Date)
    #: status, term_on and maintenance_order_id that the work had
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: a photograph
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    #: the record this one takes back
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance_record.id"))

    division: Mapped[Division] = relationship()
    maintenance_work: Mapped[MaintenanceWork] = relationship()
    maintenance_order: Mapped[MaintenanceOrder | None] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class MaterialUse(Recorded, Model):
    """How much of a material a work took; it does not count where its record was taken back."""

    __tablename__ = "material_use"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("material_use_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("maintenance_record_id", "material_id"),
        CheckConstraint("quantity_milli > 0", name="material_use_quantity"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    maintenance_record_id: Mapped[int] = mapped_column(ForeignKey("maintenance_record.id"))
    material_id: Mapped[int] = mapped_column(ForeignKey("material.id"))
    #: thousandths of the material's unit
    quantity_milli: Mapped[Quantity]
    #: the warehouse or brigade it came from
    stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))

    division: Mapped[Division] = relationship()
    maintenance_record: Mapped[MaintenanceRecord] = relationship()
    material: Mapped[Material] = relationship()
    stock_place: Mapped[StockPlace | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.material} · {self.maintenance_record}"
