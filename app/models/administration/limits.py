"""What people did alone, below limits above which a second person decides."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import EVERY_COLUMN, Key, Money, Recorded


class LimitUse(Recorded, Model):
    """A sum about which a person (``created_by``) decided alone; the sums of a day count together against the limit."""

    __tablename__ = "limit_use"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("amount_tiyin > 0", name="limit_use_amount_positive"),
        Index("limit_use_person_idx", "created_by", "used_on", "code"),
        Index("limit_use_division_id_idx", "division_id", "id"),
        Index("limit_use_account_id_idx", "account_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: the operating parameter that holds the limit
    code: Mapped[str] = mapped_column(String(64))
    #: empty: it is about no account, or about many
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    used_on: Mapped[date] = mapped_column(Date)
    amount_tiyin: Mapped[Money]
