"""Seals, what moved them, and the inspections that a broken one opens."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.seals import LONGEST_NUMBER, InspectionCause, InspectionStatus, SealedPart, SealEvent, SealState
from app.models.accounts import Account, ServicePoint
from app.models.acts import Act
from app.models.administration import Division
from app.models.claims import InspectionRecord
from app.models.columns import EVERY_COLUMN, Code, Day, Key, NamedInLanguages, Recorded, Retirable, enum_column
from app.models.equipment import Device, EquipmentDocument, StockPlace
from app.models.field_work import FieldProposal
from app.models.metering.devices import HeadEndEvent


class SealKind(NamedInLanguages, Recorded, Retirable, Model):
    """What seals are: of the company, of state verification, against magnets."""

    __tablename__ = "seal_kind"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    #: the company receives and keeps them; others come with the device, from another body
    is_own: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


class Seal(Recorded, Model):
    """A numbered lock on a device: its state and its place, as its movements leave them."""

    __tablename__ = "seal"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("coalesce(state IN ('IN_STORE', 'ISSUED'), false) = (stock_place_id IS NOT NULL)", name="seal_is_kept"),
        CheckConstraint(
            "num_nonnulls(device_id, service_point_id) = CASE WHEN coalesce(state IN ('APPLIED', 'BROKEN'), false) THEN 1 ELSE 0 END",
            name="seal_is_applied",
        ),
        CheckConstraint("(sealed_part IS NOT NULL) = (num_nonnulls(device_id, service_point_id) = 1)", name="seal_locks_a_part"),
        Index("seal_division_id_id_idx", "division_id", "id"),
        Index("seal_number_idx", "number"),
        Index("seal_stock_place_id_idx", "stock_place_id", "number", postgresql_where=text("stock_place_id IS NOT NULL")),
        Index("seal_device_id_idx", "device_id", postgresql_where=text("device_id IS NOT NULL")),
        Index("seal_service_point_id_idx", "service_point_id", postgresql_where=text("service_point_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    seal_kind_id: Mapped[int] = mapped_column(ForeignKey("seal_kind.id"))
    #: series and number, as it is printed
    number: Mapped[str] = mapped_column(String(LONGEST_NUMBER))
    #: the number without blanks, dashes, case and leading zeros; it stands once, whatever the kind
    number_key: Mapped[str] = mapped_column(String(LONGEST_NUMBER), unique=True)
    #: how many movements it has, those that are undone included
    step_no: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: the day of the last movement that stands
    moved_on: Mapped[date | None] = mapped_column(Date)
    #: as its movements leave it; None: none stands
    state: Mapped[SealState | None] = enum_column(SealState, name="seal_state")
    stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: where no device stands: the place of supply that was cut
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    sealed_part: Mapped[SealedPart | None] = enum_column(SealedPart, name="seal_sealed_part")

    division: Mapped[Division] = relationship()
    seal_kind: Mapped[SealKind] = relationship()
    stock_place: Mapped[StockPlace | None] = relationship()
    device: Mapped[Device | None] = relationship()
    service_point: Mapped[ServicePoint | None] = relationship()

    def __repr__(self) -> str:
        return self.number


class SealMovement(Recorded, Model):
    """What happened to a seal, by a document, an act, a proposal or an inspection record; one that is taken back stands no longer."""

    __tablename__ = "seal_movement"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("seal_id", "step_no"),
        Index("seal_movement_division_id_id_idx", "division_id", "id"),
        Index("seal_movement_equipment_document_id_idx", "equipment_document_id"),
        Index("seal_movement_act_id_idx", "act_id"),
        Index("seal_movement_from_stock_place_id_idx", "from_stock_place_id", "moved_on"),
        Index("seal_movement_to_stock_place_id_idx", "to_stock_place_id", "moved_on"),
        Index("seal_movement_to_device_id_idx", "to_device_id"),
        Index("seal_movement_reverses_id_key", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    seal_id: Mapped[int] = mapped_column(ForeignKey("seal.id"))
    #: 1 is the first of the seal
    step_no: Mapped[int] = mapped_column(Integer)
    event: Mapped[SealEvent] = enum_column(SealEvent, name="seal_movement_event")
    moved_on: Mapped[Day]
    from_state: Mapped[SealState | None] = enum_column(SealState, name="seal_movement_from_state")
    to_state: Mapped[SealState | None] = enum_column(SealState, name="seal_movement_to_state")
    from_stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    from_device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    from_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    from_part: Mapped[SealedPart | None] = enum_column(SealedPart, name="seal_movement_from_part")
    to_stock_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
    to_device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    to_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    to_part: Mapped[SealedPart | None] = enum_column(SealedPart, name="seal_movement_to_part")
    equipment_document_id: Mapped[int | None] = mapped_column(ForeignKey("equipment_document.id"))
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    field_proposal_id: Mapped[int | None] = mapped_column(ForeignKey("field_proposal.id"))
    inspection_record_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_record.id"))
    #: the movement this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("seal_movement.id"))

    division: Mapped[Division] = relationship()
    seal: Mapped[Seal] = relationship()
    from_stock_place: Mapped[StockPlace | None] = relationship(foreign_keys=from_stock_place_id)
    to_stock_place: Mapped[StockPlace | None] = relationship(foreign_keys=to_stock_place_id)
    from_device: Mapped[Device | None] = relationship(foreign_keys=from_device_id)
    to_device: Mapped[Device | None] = relationship(foreign_keys=to_device_id)
    from_point: Mapped[ServicePoint | None] = relationship(foreign_keys=from_point_id)
    to_point: Mapped[ServicePoint | None] = relationship(foreign_keys=to_point_id)
    equipment_document: Mapped[EquipmentDocument | None] = relationship()
    act: Mapped[Act | None] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class Inspection(Recorded, Model):
    """A check of a place of supply that a broken seal or an event of its device opens; a record or a reason ends it."""

    __tablename__ = "inspection"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("inspection_division_id_id_idx", "division_id", "id"),
        Index("inspection_open_idx", "division_id", "id", postgresql_where=text("status = 'OPEN'")),
        Index(
            "inspection_seal_id_key", "seal_id", unique=True,
            postgresql_where=text("cause = 'BROKEN_SEAL' AND status <> 'WITHDRAWN'"),
        ),
        Index(
            "inspection_device_id_key", "device_id", unique=True,
            postgresql_where=text("cause = 'TAMPER_EVENT' AND status = 'OPEN'"),
        ),
        Index(
            "inspection_no_use_key", "device_id", unique=True,
            postgresql_where=text("cause = 'NO_USE' AND status = 'OPEN'"),
        ),
        Index("inspection_account_id_idx", "account_id"),
        Index("inspection_seal_id_idx", "seal_id"),
        CheckConstraint("cause <> 'BROKEN_SEAL' OR seal_id IS NOT NULL", name="inspection_names_its_seal"),
        CheckConstraint("(status = 'ENDED') = (ended_on IS NOT NULL)", name="inspection_ended"),
    )  # fmt: skip

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    cause: Mapped[InspectionCause] = enum_column(InspectionCause, name="inspection_cause")
    opened_on: Mapped[Day]
    #: the seal that was found broken; of an event of a device the one on its terminal cover
    seal_id: Mapped[int | None] = mapped_column(ForeignKey("seal.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: what opened it
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    field_proposal_id: Mapped[int | None] = mapped_column(ForeignKey("field_proposal.id"))
    device_event_id: Mapped[int | None] = mapped_column(ForeignKey("device_event.id"))
    status: Mapped[InspectionStatus] = enum_column(InspectionStatus, name="inspection_status", server_default=InspectionStatus.OPEN)
    ended_on: Mapped[date | None] = mapped_column(Date)
    #: the record that ended it
    inspection_record_id: Mapped[int | None] = mapped_column(ForeignKey("inspection_record.id"))
    #: why it ended without a record
    conclusion: Mapped[str] = mapped_column(String(300), server_default="")

    division: Mapped[Division] = relationship()
    seal: Mapped[Seal | None] = relationship()
    device: Mapped[Device | None] = relationship()
    service_point: Mapped[ServicePoint | None] = relationship()
    account: Mapped[Account | None] = relationship()
    act: Mapped[Act | None] = relationship()
    field_proposal: Mapped[FieldProposal | None] = relationship()
    device_event: Mapped[HeadEndEvent | None] = relationship()
    inspection_record: Mapped[InspectionRecord | None] = relationship()

    def __repr__(self) -> str:
        return str(self.id)
