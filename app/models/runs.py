"""What the tables of runs have in common."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.domain.runs import RunStatus
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column


class Run(Recorded):
    """A run over a division's accounts; the classes of its kinds add what it is about and what it counts."""

    __tablename__: str
    facts = EVERY_COLUMN

    id: Mapped[Key]

    @declared_attr
    @classmethod
    def division_id(cls) -> Mapped[int]:
        """Return the column of the division."""
        return mapped_column(ForeignKey("division.id"))

    @declared_attr
    @classmethod
    def status(cls) -> Mapped[RunStatus]:
        """Return the column of the state."""
        return enum_column(RunStatus, name=f"{cls.__tablename__}_status", server_default=RunStatus.PREVIEWING)

    @declared_attr
    @classmethod
    def division(cls) -> Mapped[Division]:
        """Return the division."""
        return relationship()
