"""Rounds of inspectors, their points, and what phones propose."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.field_work import ProposalKind, ProposalStatus, RoundReason
from app.models.accounts import Account, ServicePoint
from app.models.administration import Department, Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column
from app.models.reference import Brigade
from app.models.supply import SupplyOrder


class FieldRound(Recorded, Model):
    """Points an inspector goes to on a day, for one reason."""

    __tablename__ = "field_round"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("field_round_division_id_id_idx", "division_id", "id"),
        Index("field_round_inspector_id_idx", "inspector_id", "round_on"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: the department that sends the inspector
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    inspector_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    #: whose seals the inspector takes along
    brigade_id: Mapped[int | None] = mapped_column(ForeignKey("brigade.id"))
    round_reason: Mapped[RoundReason] = enum_column(RoundReason, name="field_round_reason")
    round_on: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(200))

    division: Mapped[Division] = relationship()
    department: Mapped[Department | None] = relationship()
    inspector: Mapped[User] = relationship()
    brigade: Mapped[Brigade | None] = relationship()

    def __repr__(self) -> str:
        return self.title


class RoundPoint(Recorded, Model):
    """A point of a round."""

    __tablename__ = "round_point"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("field_round_id", "account_id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    field_round_id: Mapped[int] = mapped_column(ForeignKey("field_round.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"))
    supply_order_id: Mapped[int | None] = mapped_column(ForeignKey("supply_order.id"))
    #: its place on the way, from 1
    place: Mapped[int] = mapped_column(SmallInteger)

    account: Mapped[Account] = relationship()
    service_point: Mapped[ServicePoint] = relationship()
    supply_order: Mapped[SupplyOrder | None] = relationship()


class FieldProposal(Recorded, Model):
    """What an inspector did at a point, as the phone sent it; nothing rests on it before staff accept it."""

    __tablename__ = "field_proposal"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("field_proposal_division_id_id_idx", "division_id", "id"),
        Index("field_proposal_waiting_idx", "division_id", "id", postgresql_where=text("status = 'WAITING'")),
        Index("field_proposal_round_point_id_idx", "round_point_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    round_point_id: Mapped[int] = mapped_column(ForeignKey("round_point.id"))
    #: made by the phone
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    #: of all that the phone sent
    sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[ProposalKind] = enum_column(ProposalKind, name="field_proposal_kind")
    status: Mapped[ProposalStatus] = enum_column(ProposalStatus, name="field_proposal_status", server_default=ProposalStatus.WAITING)
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: by the phone's clock: done, sent
    done_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    #: by the server's clock: done, received
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_clock_off: Mapped[bool] = mapped_column(Boolean)
    is_read_already: Mapped[bool] = mapped_column(Boolean)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    #: how it was decided
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    remark: Mapped[str | None] = mapped_column(String(300))
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    readings_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    division: Mapped[Division] = relationship()
    account: Mapped[Account] = relationship()
    round_point: Mapped[RoundPoint] = relationship()
    inspector: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return str(self.id)
