"""How long verifications hold, and the plans of a year by which devices are verified."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.domain.administration import ApprovalStatus
from app.domain.reference import ConsumerKind
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, Retirable, enum_column
from app.models.equipment import Device, DeviceKind


class VerificationInterval(Recorded, Retirable, Model):
    """How long a verification holds that is certified from a day on, by the kind and class of the device and by whose it is."""

    __tablename__ = "verification_interval"
    __table_args__ = (
        UniqueConstraint("device_kind_id", "accuracy_class", "consumer_kind", "valid_from", name="verification_interval_key"),
        CheckConstraint("interval_months BETWEEN 1 AND 240", name="verification_interval_months"),
    )

    id: Mapped[Key]
    device_kind_id: Mapped[int] = mapped_column(ForeignKey("device_kind.id"))
    #: as its passport has it; ``*``: any other
    accuracy_class: Mapped[str] = mapped_column(String(16))
    consumer_kind: Mapped[ConsumerKind] = enum_column(ConsumerKind, name="verification_interval_consumer_kind")
    valid_from: Mapped[date] = mapped_column(Date)
    interval_months: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(300))

    device_kind: Mapped[DeviceKind] = relationship()

    def __repr__(self) -> str:
        return f"{self.device_kind} {self.accuracy_class} · {self.valid_from:%d.%m.%Y}"


class YearPlan(Recorded):
    """A division's plan of a year: drawn up by one person, approved by another; the classes of its kinds name their table."""

    __tablename__: str
    facts = EVERY_COLUMN

    id: Mapped[Key]
    plan_year: Mapped[int] = mapped_column(SmallInteger)
    basis: Mapped[str] = mapped_column(String(300))
    decided_by: Mapped[str | None] = mapped_column(String(64))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Return the index and the checks of the table."""
        return (
            Index(f"{cls.__tablename__}_division_id_id_idx", "division_id", "id"),
            CheckConstraint("plan_year BETWEEN 2000 AND 2200", name=f"{cls.__tablename__}_year"),
        )

    @declared_attr
    @classmethod
    def division_id(cls) -> Mapped[int]:
        """Return the column of the division."""
        return mapped_column(ForeignKey("division.id"))

    @declared_attr
    @classmethod
    def status(cls) -> Mapped[ApprovalStatus]:
        """Return the column of the decision."""
        return enum_column(ApprovalStatus, name=f"{cls.__tablename__}_status", server_default=ApprovalStatus.PENDING)

    @declared_attr
    @classmethod
    def division(cls) -> Mapped[Division]:
        """Return the division."""
        return relationship()

    def __repr__(self) -> str:
        return f"{self.plan_year} · {self.division}"


class VerificationPlan(YearPlan, Model):
    """The verifications of a division's devices in a year."""

    __tablename__ = "verification_plan"


class PlannedVerification(Recorded, Model):
    """A device whose verification ends in the year of a plan, and when its consumer was told."""

    __tablename__ = "planned_verification"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("planned_verification_division_id_id_idx", "division_id", "id"),
        Index("planned_verification_device_id_idx", "device_id"),
        Index("planned_verification_unnoticed_idx", "ends_on", "id", postgresql_where=text("noticed_on IS NULL")),
        UniqueConstraint("verification_plan_id", "device_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    verification_plan_id: Mapped[int] = mapped_column(ForeignKey("verification_plan.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: first day the verification no longer holds, as the device had it when it was planned
    ends_on: Mapped[date] = mapped_column(Date)
    noticed_on: Mapped[date | None] = mapped_column(Date)

    division: Mapped[Division] = relationship()
    verification_plan: Mapped[VerificationPlan] = relationship()
    device: Mapped[Device] = relationship()

    def __repr__(self) -> str:
        return str(self.device)
