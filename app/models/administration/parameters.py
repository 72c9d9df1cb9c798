"""Operating parameters."""

from flask_appbuilder import Model
from sqlalchemy import (
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import Day, Key, Recorded


class OperatingParameter(Recorded, Model):
    """A setting of a subsystem from a day on; a later row replaces it from its own day."""

    __tablename__ = "operating_parameter"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[Day]
    value: Mapped[str] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(300))
    #: who asked for it and who approved it; empty for what was delivered or loaded
    asked_by: Mapped[str | None] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(64))

    def __repr__(self) -> str:
        return f"{self.code} = {self.value}"
