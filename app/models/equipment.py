"""Devices, the registers of meters, and the periods meters served at service points."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.equipment import DeviceEvent, DeviceState, DocumentStatus, EquipmentDocumentKind, PlaceKind, StockPlaceKind
from app.models.accounts import ServicePoint
from app.models.acts import Act
from app.models.administration import Division
from app.models.columns import (
    EVERY_COLUMN,
    Code,
    Dated,
    Day,
    Key,
    Name,
    NamedInLanguages,
    PaperForm,
    Recorded,
    Retirable,
    enum_column,
    no_overlap,
)
from app.models.reference import Brigade, Resource


class DeviceKind(NamedInLanguages, Recorded, Retirable, Model):
    """What devices are: meters, transformers, lines."""

    __tablename__ = "device_kind"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    #: it counts: a meter
    has_registers: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    #: it is verified and sealed before it is installed
    is_verified: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class DeviceModel(Recorded, Retirable, Model):
    """A type of device."""

    __tablename__ = "device_model"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    #: a meter, unless it is said
    device_kind_id: Mapped[int] = mapped_column(ForeignKey("device_kind.id"), server_default=text("1"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    phases: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    #: the usual values of the type: ``domain.equipment.passports``
    passport: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))

    device_kind: Mapped[DeviceKind] = relationship()
    resource: Mapped[Resource] = relationship()

    def __repr__(self) -> str:
        return self.name


class StockPlace(Recorded, Retirable, Model):
    """A warehouse or a brigade, who keep devices of a division."""

    __tablename__ = "stock_place"
    __table_args__ = (
        Index("stock_place_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("division_id", "name"),
        CheckConstraint("(kind = 'BRIGADE') = (brigade_id IS NOT NULL)", name="stock_place_of_brigade"),
        CheckConstraint("most_devices > 0", name="stock_place_most_devices"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[StockPlaceKind] = enum_column(StockPlaceKind, name="stock_place_kind")
    name: Mapped[Name]
    #: who answers for what it keeps
    keeper: Mapped[str] = mapped_column(String(200))
    #: whose devices these are, if they are a brigade's
    brigade_id: Mapped[int | None] = mapped_column(ForeignKey("brigade.id"), unique=True)
    #: it is given no more devices; None: no limit
    most_devices: Mapped[int | None] = mapped_column(Integer)

    division: Mapped[Division] = relationship()
    brigade: Mapped[Brigade | None] = relationship()

    def __repr__(self) -> str:
        return self.name


class Device(Recorded, Model):
    """A device of the network: a meter, a transformer, a line; its model says of what kind."""

    __tablename__ = "device"
    facts = frozenset(
        "division former_division_ids model serial_number verified_to is_double state place_kind stock_place service_point".split()
    )
    __table_args__ = (
        CheckConstraint("(place_kind IN ('WAREHOUSE', 'BRIGADE')) = (stock_place_id IS NOT NULL)", name="device_is_kept"),
        CheckConstraint("(place_kind = 'SERVICE_POINT') = (service_point_id IS NOT NULL)", name="device_is_at_a_point"),
        CheckConstraint(
            "coalesce(state = 'INSTALLED', false) = coalesce(place_kind = 'SERVICE_POINT', false)", name="device_is_installed_at_a_point"
        ),
        Index("device_stock_place_id_idx", "stock_place_id", postgresql_where=text("stock_place_id IS NOT NULL")),
        Index("device_service_point_id_idx", "service_point_id", postgresql_where=text("service_point_id IS NOT NULL")),
        Index("device_division_id_id_idx", "division_id", "id"),
        Index("device_former_division_ids_idx", "former_division_ids", postgresql_using="gin"),
        Index("device_verified_to_idx", "division_id", "verified_to", postgresql_where=text("verified_to IS NOT NULL")),
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
    #: where its passport differs from that of its model
    passport: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: where it was before it was sent to another division: they go on reading it
    former_division_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    #: how many movements it has, those that are undone included
    step_no: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: the day of the last movement that stands
    moved_on: Mapped[date | None] = mapped_column(Date)
    #: as its movements leave it; None: none is recorded
    state: Mapped[DeviceState | None] = enum_column(DeviceState, name="device_state")
    place_kind: Mapped[PlaceKind | None] = enum_column(PlaceKind, name="device_place_kind")
    stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))

    division: Mapped[Division] = relationship()
    model: Mapped[DeviceModel] = relationship()
    stock_place: Mapped[StockPlace | None] = relationship()
    service_point: Mapped[ServicePoint | None] = relationship()

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
        Index("meter_installation_present_idx", "service_point_id", postgresql_where=text("valid_to IS NULL")),
        # One that ends on the day it begins never served: a counter-act took it back.
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="meter_installation_period_rises"),
        CheckConstraint("least(ct_primary, ct_secondary, vt_primary, vt_secondary) > 0", name="meter_installation_ratios"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    meter_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    ct_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    ct_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_primary: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    vt_secondary: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    meter: Mapped[Device] = relationship()
    service_point: Mapped[ServicePoint] = relationship()

    def __repr__(self) -> str:
        return f"{self.meter} · {self.valid_from:%d.%m.%Y}"


class EquipmentDocument(Recorded, Model):
    """A document by which devices are moved, drawn up by ``created_by``; a counter-document names the one it takes back."""

    __tablename__ = "equipment_document"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("equipment_document_division_id_id_idx", "division_id", "id"),
        Index("equipment_document_requested_idx", "division_id", "id", postgresql_where=text("status = 'REQUESTED'")),
        Index("equipment_document_reverses_id_key", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[EquipmentDocumentKind] = enum_column(EquipmentDocumentKind, name="equipment_document_kind")
    status: Mapped[DocumentStatus] = enum_column(DocumentStatus, name="equipment_document_status", server_default=DocumentStatus.REQUESTED)
    document_on: Mapped[Day]
    #: as it stands on the paper: of the supplier, of the laboratory; ours is the id
    document_number: Mapped[str] = mapped_column(String(64), server_default="")
    reason: Mapped[str] = mapped_column(String(300))
    #: the warehouse or brigade the devices come to, or that is counted
    stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    #: the division they are sent to
    to_division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    #: what was written on its form, as JSON
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: what it did, as the paper names it
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    signatures_needed: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    #: the document this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("equipment_document.id"))
    #: the inventory whose difference it is
    inventory_id: Mapped[int | None] = mapped_column(ForeignKey("equipment_document.id"))
    #: the idempotency key of the form
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    form: Mapped[PaperForm]

    division: Mapped[Division] = relationship(foreign_keys=division_id)
    stock_place: Mapped[StockPlace | None] = relationship()
    to_division: Mapped[Division | None] = relationship(foreign_keys=to_division_id)

    def __repr__(self) -> str:
        return str(self.id)


class EquipmentSignature(Recorded, Model):
    """A person's signature under a document; ``created_by`` signed."""

    __tablename__ = "equipment_signature"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("equipment_signature_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("equipment_document_id", "created_by"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    equipment_document_id: Mapped[int] = mapped_column(ForeignKey("equipment_document.id"))


class Movement(Recorded, Model):
    """What happened to a device, by a document or an act; one that is taken back stands no longer, nor does the one that takes it back."""

    __tablename__ = "movement"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("movement_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("device_id", "step_no"),
        Index("movement_equipment_document_id_idx", "equipment_document_id"),
        Index("movement_act_id_idx", "act_id"),
        Index(
            "movement_seals_idx",
            literal_column("details -> 'seals'").label("seals"),
            postgresql_using="gin",
            postgresql_where=text("event = 'SEAL'"),
        ),
        Index("movement_from_stock_place_id_idx", "from_stock_place_id", "moved_on"),
        Index("movement_to_stock_place_id_idx", "to_stock_place_id", "moved_on"),
        Index("movement_reverses_id_key", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: 1 is the first of the device
    step_no: Mapped[int] = mapped_column(Integer)
    event: Mapped[DeviceEvent] = enum_column(DeviceEvent, name="movement_event")
    moved_on: Mapped[Day]
    from_state: Mapped[DeviceState | None] = enum_column(DeviceState, name="movement_from_state")
    to_state: Mapped[DeviceState | None] = enum_column(DeviceState, name="movement_to_state")
    from_kind: Mapped[PlaceKind] = enum_column(PlaceKind, name="movement_from_kind")
    from_stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    from_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    to_kind: Mapped[PlaceKind] = enum_column(PlaceKind, name="movement_to_kind")
    to_stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    to_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    #: the division it was sent to
    to_division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    equipment_document_id: Mapped[int | None] = mapped_column(ForeignKey("equipment_document.id"))
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    #: what belongs to the event: the certificate, the seals
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: the movement this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))

    division: Mapped[Division] = relationship(foreign_keys=division_id)
    device: Mapped[Device] = relationship()
    equipment_document: Mapped[EquipmentDocument | None] = relationship()
    act: Mapped[Act | None] = relationship()
    from_stock_place: Mapped[StockPlace | None] = relationship(foreign_keys=from_stock_place_id)
    to_stock_place: Mapped[StockPlace | None] = relationship(foreign_keys=to_stock_place_id)
    from_point: Mapped[ServicePoint | None] = relationship(foreign_keys=from_point_id)
    to_point: Mapped[ServicePoint | None] = relationship(foreign_keys=to_point_id)

    def __repr__(self) -> str:
        return str(self.id)
