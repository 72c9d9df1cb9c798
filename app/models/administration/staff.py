"""The organisational structure: departments, posts, the people in them, and who stands in for whom."""

from datetime import date

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.administration.divisions import Division
from app.models.columns import BigInt, Code, Dated, Key, Name, NamedInLanguages, Recorded, no_overlap, period_rises


class Department(NamedInLanguages, Recorded, Dated, Model):
    """A part of a division's office; departments of a division form a tree."""

    __tablename__ = "department"
    __table_args__ = (
        UniqueConstraint("division_id", "code"),
        UniqueConstraint("id", "division_id"),
        # Of the same division, so that a tree never leaves it.
        ForeignKeyConstraint(["parent_id", "division_id"], ["department.id", "department.division_id"], name="department_parent_fkey"),
        CheckConstraint("parent_id <> id", name="department_not_its_own_parent"),
        period_rises("department"),
        Index("department_parent_id_idx", "parent_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    parent_id: Mapped[BigInt | None]
    code: Mapped[Code]

    division: Mapped[Division] = relationship()
    parent: Mapped["Department | None"] = relationship(
        remote_side="Department.id", primaryjoin="Department.parent_id == Department.id", foreign_keys="Department.parent_id"
    )

    def __repr__(self) -> str:
        return f"{self.shown_name} · {self.division}"


class Post(NamedInLanguages, Recorded, Model):
    """A kind of work a person is appointed to, the same in all divisions."""

    __tablename__ = "post"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)


class StaffMember(Recorded, Dated, Model):
    """A person in a post of a department, and the user he logs in as, if he does."""

    __tablename__ = "staff_member"
    __table_args__ = (
        Index("staff_member_division_id_id_idx", "division_id", "id"),
        ForeignKeyConstraint(
            ["department_id", "division_id"], ["department.id", "department.division_id"], name="staff_member_department_fkey"
        ),
        period_rises("staff_member"),
        no_overlap("staff_member", "user_id"),
        Index("staff_member_department_id_idx", "department_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    department_id: Mapped[BigInt]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[Name]
    personnel_number: Mapped[str] = mapped_column(String(32), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20))

    department: Mapped[Department] = relationship(
        primaryjoin="StaffMember.department_id == Department.id", foreign_keys="StaffMember.department_id", lazy="joined"
    )
    post: Mapped[Post] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.name} ({self.post})"


class Substitution(Recorded, Model):
    """Days on which one person may do what an absent one may; it begins and ends by itself."""

    __tablename__ = "substitution"
    __table_args__ = (
        Index("substitution_division_id_id_idx", "division_id", "id"),
        period_rises("substitution"),
        no_overlap("substitution", "absent_id"),
        CheckConstraint("absent_id <> substitute_id", name="substitution_of_another"),
        Index("substitution_substitute_id_idx", "substitute_id"),
    )

    id: Mapped[Key]
    #: the division of the absent person
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    absent_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    substitute_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    #: the order that says so
    basis: Mapped[str] = mapped_column(String(300))

    absent: Mapped[StaffMember] = relationship(foreign_keys=[absent_id])
    substitute: Mapped[StaffMember] = relationship(foreign_keys=[substitute_id])

    def __repr__(self) -> str:
        return f"{self.substitute} · {self.absent}"
