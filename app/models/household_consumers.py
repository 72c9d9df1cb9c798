"""Persons who take energy for home use, and their benefits."""

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Consumer
from app.models.columns import EVERY_COLUMN, Dated, Key, Recorded, no_overlap, period_rises
from app.models.reference import Benefit


class HouseholdConsumer(Consumer):
    """A person; the name is as in the passport."""

    __mapper_args__ = {"polymorphic_identity": ConsumerKind.HOUSEHOLD}
    facts = frozenset({"division", "name", "pinfl"})

    #: personal number (JSHSHIR), 14 digits
    pinfl: Mapped[str | None] = mapped_column(String(14))


class AccountBenefit(Recorded, Dated, Model):
    """A benefit a household has on its account in a period."""

    __tablename__ = "account_benefit"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("account_benefit_division_id_id_idx", "division_id", "id"),
        no_overlap("account_benefit", "account_id", "benefit_id"),
        period_rises("account_benefit"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"))

    account: Mapped[Account] = relationship()
    benefit: Mapped[Benefit] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.benefit}"


Index("consumer_pinfl_key", HouseholdConsumer.__table__.c.pinfl, unique=True)
HouseholdConsumer.__table__.append_constraint(CheckConstraint("pinfl ~ '^[0-9]{14}$'", name="consumer_pinfl"))
