"""Acts: the only way in which facts under bills, entries and papers change."""

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Enum, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.acts import ActKind, ActStatus
from app.models.accounts import Account, Consumer
from app.models.administration import Division, StoredFile
from app.models.columns import EVERY_COLUMN, Day, Key, PaperForm, Recorded, enum_column


class Act(Recorded, Model):
    """An act asked for by ``created_by``: what it was given, and, once it is performed, what it wrote."""

    __tablename__ = "act"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("act_division_id_idx", "division_id", "id"),
        Index("act_account_id_idx", "account_id", "id"),
        Index("act_consumer_id_idx", "consumer_id", "id"),
        # One counter-act stands for an act; a refused one makes room for another.
        Index("act_reverses_id_key", "reverses_id", unique=True, postgresql_where=text("status IN ('REQUESTED', 'DONE')")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: kinds come with the modules of ``services/acts``, so the table does not list them
    kind: Mapped[ActKind] = mapped_column(Enum(ActKind, native_enum=False, create_constraint=False, length=24, validate_strings=True))
    status: Mapped[ActStatus] = enum_column(ActStatus, name="act_status", server_default=ActStatus.REQUESTED)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    consumer_id: Mapped[int | None] = mapped_column(ForeignKey("consumer.id"))
    #: the day it takes effect
    effective_on: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(300))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: what it wrote: details, entries, bills, how accounts stood before and after, what the counter-act needs
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: the act this one undoes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    #: the idempotency key of the form
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    form: Mapped[PaperForm]

    account: Mapped[Account | None] = relationship()
    consumer: Mapped[Consumer | None] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class ActPhoto(Recorded, Model):
    """A photograph that belongs to an act."""

    __tablename__ = "act_photo"
    facts = EVERY_COLUMN
    __table_args__ = (Index("act_photo_act_id_idx", "act_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("act.id"))
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)

    stored_file: Mapped[StoredFile] = relationship()
