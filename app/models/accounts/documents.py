"""Documents attached to accounts."""

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.administration import Division, StoredFile
from app.models.columns import EVERY_COLUMN, Key, Recorded


class AccountDocument(Recorded, Model):
    """A file that belongs to an account: a deed, a letter, a photograph. It is added and read, never changed."""

    __tablename__ = "account_document"
    facts = EVERY_COLUMN
    __table_args__ = (Index("account_document_account_id_idx", "account_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    title: Mapped[str] = mapped_column(String(200))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()
    stored_file: Mapped[StoredFile] = relationship()

    def __repr__(self) -> str:
        return self.title
