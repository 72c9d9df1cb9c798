"""What messages go by: contracts with gateways, templates, what consumers chose, and numbers that want no messages."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.notices import MessageGateway, NoticeKind
from app.domain.reference import LANGUAGES
from app.models.accounts import Account
from app.models.columns import EVERY_COLUMN, Key, Money, NamedInLanguages, Recorded, Retirable, enum_column


class MessageContract(NamedInLanguages, Recorded, Model):
    """Our agreement with a gateway of SMS: where it answers, how we sign in, from where it calls us, what a part costs."""

    __tablename__ = "message_contract"
    __table_args__ = (
        CheckConstraint("address ~ '^https?://[^/?#]+(/[^?#]*)?$'", name="message_contract_address"),
        CheckConstraint("part_price_tiyin BETWEEN 0 AND 1000000", name="message_contract_part_price"),
        CheckConstraint("messages_a_call BETWEEN 1 AND 500", name="message_contract_messages_a_call"),
    )

    id: Mapped[Key]
    gateway: Mapped[MessageGateway] = enum_column(MessageGateway, name="message_contract_gateway")
    address: Mapped[str] = mapped_column(String(200))
    login: Mapped[str] = mapped_column(String(64))
    #: the password we sign in with
    secret: Mapped[str] = mapped_column(String(200))
    #: the name or number messages come from
    sender: Mapped[str] = mapped_column(String(16))
    #: networks it may call from, separated by blanks; empty: any
    networks: Mapped[str] = mapped_column(String(1000), server_default=text("''"))
    part_price_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the most messages in one call
    messages_a_call: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    #: of several that are active, the smallest is used
    rank: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class NoticeTemplate(Recorded, Retirable, Model):
    """How a kind of message reads in a language from a day on."""

    __tablename__ = "notice_template"
    __table_args__ = (
        UniqueConstraint("notice_kind", "language", "valid_from", name="notice_template_key"),
        CheckConstraint(f"language IN {LANGUAGES}", name="notice_template_language"),
    )

    id: Mapped[Key]
    notice_kind: Mapped[NoticeKind] = enum_column(NoticeKind, name="notice_template_kind")
    language: Mapped[str] = mapped_column(String(8))
    valid_from: Mapped[date] = mapped_column(Date)
    #: places stand in braces; ``domain.notices.KINDS`` says which there are
    template_text: Mapped[str] = mapped_column(String(1000))
    source: Mapped[str] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"{self.notice_kind} {self.language} · {self.valid_from:%d.%m.%Y}"


class NoticePreference(Recorded, Model):
    """By which ways a consumer wants a kind of message about an account; without a row, by those of the kind."""

    __tablename__ = "notice_preference"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("account_id", "notice_kind"),
        Index("notice_preference_division_id_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    notice_kind: Mapped[NoticeKind] = enum_column(NoticeKind, name="notice_preference_kind")
    by_sms: Mapped[bool]
    by_email: Mapped[bool]
    by_portal: Mapped[bool]

    account: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.notice_kind}"


class NoticeStop(Recorded, Model):
    """A telephone that wants no SMS, whosever account it is of; codes and answers still go."""

    __tablename__ = "notice_stop"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("notice_stop_open_key", "phone", unique=True, postgresql_where=text("ended_at IS NULL")),
        CheckConstraint(r"phone ~ '^\+998[0-9]{9}$'", name="notice_stop_phone"),
    )

    id: Mapped[Key]
    phone: Mapped[str] = mapped_column(String(13))
    #: how it was asked for
    basis: Mapped[str] = mapped_column(String(300))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(String(64))

    def __repr__(self) -> str:
        return f"№ {self.id}"
