"""Legal entities and entrepreneurs."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.models.accounts import Consumer
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


Index("consumer_stir_idx", LegalConsumer.__table__.c.stir)
for _column, _pattern in {
    "stir": "[2-7][0-9]{8}",
    "vat_registration": "[0-9]{12}",
    "oked": "[0-9]{5}",
    "bank_account": "[0-9]{20}",
}.items():
    LegalConsumer.__table__.append_constraint(CheckConstraint(f"{_column} ~ '^{_pattern}$'", name=f"consumer_{_column}"))
