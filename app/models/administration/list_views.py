"""Views of lists that people keep: which rows, in which order, with which columns."""

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.administration.divisions import Division
from app.models.columns import Key, Recorded

_OWN, _SHARED = text("user_id IS NOT NULL"), text("role_id IS NOT NULL")
_OWN_DEFAULT, _SHARED_DEFAULT = text("is_default AND user_id IS NOT NULL"), text("is_default AND role_id IS NOT NULL")


class ListView(Recorded, Model):
    """The address of a list under a name: a user's own, or shared with those who hold a role in a division or below it."""

    __tablename__ = "list_view"
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, role_id) = 1", name="list_view_has_one_owner"),
        CheckConstraint("(role_id IS NULL) = (division_id IS NULL)", name="list_view_shared_in_division"),
        Index("list_view_user_id_key", "user_id", "list_name", "name", unique=True, postgresql_where=_OWN),
        Index("list_view_role_id_key", "role_id", "division_id", "list_name", "name", unique=True, postgresql_where=_SHARED),
        Index("list_view_user_default_key", "user_id", "list_name", unique=True, postgresql_where=_OWN_DEFAULT),
        Index(
            "list_view_role_default_key", "role_id", "division_id", "list_name", unique=True,
            postgresql_where=_SHARED_DEFAULT,
        ),
        Index("list_view_division_id_idx", "division_id"),
    )  # fmt: skip

    id: Mapped[Key]
    #: the page the list stands on
    list_name: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    #: the arguments of its address
    query: Mapped[str] = mapped_column(String(2000))
    #: the list opens with it where the address asks for nothing else
    is_default: Mapped[bool] = mapped_column(server_default=false())
    user_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"))
    role_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_role.id", ondelete="CASCADE"))
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))

    user: Mapped[User] = relationship()
    role: Mapped[Role] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name
