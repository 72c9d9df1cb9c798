"""Legal entities and entrepreneurs, and their contracts."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Consumer
from app.models.columns import Dated, Key, Recorded, period_rises
from app.models.reference import Bank


class LegalConsumer(Consumer):
    """A legal entity or entrepreneur."""

    __mapper_args__ = {"polymorphic_identity": ConsumerKind.LEGAL}
    facts = frozenset({"division", "name", "stir", "vat_registration", "oked", "bank", "bank_account", "director"})

    #: taxpayer number (STIR), 9 digits
    stir: Mapped[str | None] = mapped_column(String(9))
    vat_registration: Mapped[str | None] = mapped_column(String(12))
    oked: Mapped[str | None] = mapped_column(String(5))
    bank_id: Mapped[int | None] = mapped_column(ForeignKey("bank.id"))
    bank_account: Mapped[str | None] = mapped_column(String(20))
    director: Mapped[str | None] = mapped_column(String(200))

    bank: Mapped[Bank | None] = relationship()


class Contract(Recorded, Dated, Model):
    """An agreement to supply a legal consumer."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("division_id", "number"), period_rises("contract"))

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    number: Mapped[str] = mapped_column(String(32))
    signed_on: Mapped[date] = mapped_column(Date)
    #: energy ordered for a month
    limit_milli: Mapped[int | None] = mapped_column(BigInteger)

    account: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return self.number


Index("consumer_stir_idx", LegalConsumer.__table__.c.stir)
for _column, _pattern in {
    "stir": "[2-7][0-9]{8}",
    "vat_registration": "[0-9]{12}",
    "oked": "[0-9]{5}",
    "bank_account": "[0-9]{20}",
}.items():
    LegalConsumer.__table__.append_constraint(CheckConstraint(f"{_column} ~ '^{_pattern}$'", name=f"consumer_{_column}"))
