"""The tree of divisions, and who may work where."""

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.administration import DivisionLevel
from app.models.columns import Code, Dated, Key, Name, Recorded, enum_column, no_overlap, period_rises


class Division(Recorded, Model):
    """A part of the company: the republic, a region or a district."""

    __tablename__ = "division"

    id: Mapped[Key]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"), index=True)
    level: Mapped[DivisionLevel] = enum_column(DivisionLevel, name="division_level")
    #: SOATO code
    code: Mapped[Code] = mapped_column(unique=True)
    #: first five digits of the account numbers of a district
    branch_code: Mapped[str | None] = mapped_column(String(5), unique=True)
    name: Mapped[Name]
    name_uz_cyrl: Mapped[str | None] = mapped_column(String(200))
    name_ru: Mapped[str | None] = mapped_column(String(200))
    #: codes from the root down, each followed by a slash; a subtree is one prefix
    path: Mapped[str] = mapped_column(String(200), unique=True)

    parent: Mapped["Division | None"] = relationship(remote_side="Division.id")

    def __repr__(self) -> str:
        return self.name


class DivisionAccess(Recorded, Dated, Model):
    """A user's right to work in a division and all below it."""

    __tablename__ = "division_access"
    __table_args__ = (
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
