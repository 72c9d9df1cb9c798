"""Texts of the screens as a translator corrected them."""

from flask_appbuilder import Model
from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import Key, Recorded


class Translation(Recorded, Model):
    """What stands in a language in place of the shipped text of a message."""

    __tablename__ = "translation"
    __table_args__ = (UniqueConstraint("language", "message"),)

    id: Mapped[Key]
    language: Mapped[str] = mapped_column(String(16))
    #: the English text the program asks for
    message: Mapped[str] = mapped_column(Text)
    #: the translation; one text a plural form
    texts: Mapped[list[str]] = mapped_column(JSONB)

    def __repr__(self) -> str:
        return self.message
