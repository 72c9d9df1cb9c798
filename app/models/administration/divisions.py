"""The tree of divisions, and who may work where."""

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration import DivisionLevel
from app.models.columns import Code, Dated, Key, NamedInLanguages, Recorded, enum_column, no_overlap, period_rises


class Division(NamedInLanguages, Recorded, Model):
    """A part of the company: the republic, a region or a district."""

    __tablename__ = "division"
    __table_args__ = (
        CheckConstraint("stir ~ '^[2-7][0-9]{8}$'", name="division_stir"),
        CheckConstraint("vat_registration ~ '^[0-9]{12}$'", name="division_vat_registration"),
        CheckConstraint("oked ~ '^[0-9]{5}$'", name="division_oked"),
        CheckConstraint("mfo ~ '^[0-9]{5}$'", name="division_mfo"),
        CheckConstraint("bank_account ~ '^[0-9]{20}$'", name="division_bank_account"),
        CheckConstraint("stir IS NULL OR (legal_name IS NOT NULL AND address IS NOT NULL)", name="division_seller_named"),
    )

    id: Mapped[Key]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"), index=True)
    level: Mapped[DivisionLevel] = enum_column(DivisionLevel, name="division_level")
    #: SOATO code
    code: Mapped[Code] = mapped_column(unique=True)
    #: first five digits of the account numbers of a district
    branch_code: Mapped[str | None] = mapped_column(String(5), unique=True)
    #: codes from the root down, each followed by a slash; a subtree is one prefix
    path: Mapped[str] = mapped_column(String(200), unique=True)
    #: what stands on its tax invoices; without a STIR, the details of the division above are used
    legal_name: Mapped[str | None] = mapped_column(String(200))
    stir: Mapped[str | None] = mapped_column(String(9))
    vat_registration: Mapped[str | None] = mapped_column(String(12))
    oked: Mapped[str | None] = mapped_column(String(5))
    #: number of its bank
    mfo: Mapped[str | None] = mapped_column(String(5))
    bank_account: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(300))
    phone: Mapped[str | None] = mapped_column(String(20))
    director: Mapped[str | None] = mapped_column(String(200))
    accountant: Mapped[str | None] = mapped_column(String(200))

    parent: Mapped["Division | None"] = relationship(remote_side="Division.id")


class DivisionAccess(Recorded, Dated, Model):
    """A user's right to work in a division and all below it."""

    __tablename__ = "division_access"
    __table_args__ = (
        Index("division_access_division_id_id_idx", "division_id", "id"),
        period_rises("division_access"),
        no_overlap("division_access", "user_id", "division_id"),
        Index("division_access_user_id_idx", "user_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: the order or request that grants it
    basis: Mapped[str | None] = mapped_column(String(300))

    user: Mapped[User] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.user} · {self.division}"
