"""Messages that consumers sent to our short number, as they came and once, and what became of each."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.inquiries import InquiryCommand, InquiryOutcome
from app.models.accounts import Account
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column
from app.models.notices import MessageContract, Notice


class Inquiry(Recorded, Model):
    """A message of a consumer; of an unknown number it is kept and told nothing."""

    __tablename__ = "inquiry"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("inquiry_division_id_id_idx", "division_id", "id"),
        Index("inquiry_phone_created_at_idx", "phone", "created_at"),
        UniqueConstraint("message_contract_id", "provider_reference"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    message_contract_id: Mapped[int] = mapped_column(ForeignKey("message_contract.id"))
    #: the gateway's number of the message
    provider_reference: Mapped[str] = mapped_column(String(200))
    #: as the gateway says it, with a plus
    phone: Mapped[str] = mapped_column(String(24))
    submitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    text: Mapped[str] = mapped_column(String(2000))
    inquiry_command: Mapped[InquiryCommand] = enum_column(InquiryCommand, name="inquiry_command")
    outcome: Mapped[InquiryOutcome] = enum_column(InquiryOutcome, name="inquiry_outcome", server_default=sql("'ANSWERED'"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: the answer
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))

    division: Mapped[Division] = relationship()
    account: Mapped[Account | None] = relationship()
    notice: Mapped[Notice | None] = relationship()
    message_contract: Mapped[MessageContract] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"
