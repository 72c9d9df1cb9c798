"""Calls of payment providers: those that are kept, and how many are not."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import Date, DateTime, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payments import UnkeptCall
from app.domain.payments.channels import Channel
from app.models.columns import EVERY_COLUMN, BigInt, Key, enum_column


class UnkeptCalls(Model):
    """How many calls at a channel's address were counted and not kept on a day."""

    __tablename__ = "unkept_call"
    __table_args__ = (UniqueConstraint("day", "channel", "reason"),)
    facts = EVERY_COLUMN

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date)
    channel: Mapped[Channel] = enum_column(Channel, name="unkept_call_channel")
    reason: Mapped[UnkeptCall] = enum_column(UnkeptCall, name="unkept_call_reason")
    count: Mapped[BigInt]


class GatewayCall(Model):
    """A call of a provider and our answer, for people who look into a dispute; no secrets."""

    __tablename__ = "gateway_call"
    __table_args__ = {"postgresql_partition_by": "RANGE (happened_at)"}
    facts = EVERY_COLUMN

    id: Mapped[Key]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"), index=True)
    channel: Mapped[Channel] = enum_column(Channel, name="gateway_call_channel")
    method: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    request: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text)
