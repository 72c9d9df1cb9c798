"""Maintenance: while it lasts, the back office can be read and nothing else; payments are taken."""

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import Recorded


class Maintenance(Recorded, Model):
    """One row while maintenance lasts, none else."""

    __tablename__ = "maintenance"
    __table_args__ = (CheckConstraint("id = 1", name="maintenance_once"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"))
    #: what people are told
    message: Mapped[str] = mapped_column(String(300), server_default=text("''"))
