"""Campaigns: messages of one kind to the consumers a filter finds."""

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.notices import NoticeKind
from app.domain.reference import ConsumerKind
from app.models.columns import Money, enum_column
from app.models.runs import Run


class Campaign(Run, Model):
    """Messages of one kind to the consumers of a division that a filter finds: counted first, then written to the outbox."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("campaign_division_id_id_idx", "division_id", "id"),
        CheckConstraint("debt_from_tiyin >= 0 AND overdue_days >= 0", name="campaign_filter"),
        CheckConstraint("notice_kind IN ('DEBT', 'ANNOUNCEMENT')", name="campaign_of_kind"),
    )

    notice_kind: Mapped[NoticeKind] = enum_column(NoticeKind, name="campaign_kind")
    #: what an announcement says, by language
    words: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    consumer_kind: Mapped[ConsumerKind | None] = enum_column(ConsumerKind, name="campaign_consumer_kind")
    #: only who owes at least so much, and has owed it for so long; 0: anybody
    debt_from_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    overdue_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    basis: Mapped[str] = mapped_column(String(300))
    #: what the preview found: consumers, SMS and their parts and cost, and who is left out by reason
    accounts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    messages: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    parts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cost_tiyin: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    without_sms: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: consumers that were written to
    told: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    def __repr__(self) -> str:
        return f"№ {self.id}"
