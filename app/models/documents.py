"""Papers as they were made: earlier versions of the rows they show, first prints, statements of accounts and the answers to them."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.documents import Agreement, PrintedKind
from app.models.accounts import Account
from app.models.administration import Division, StoredFile
from app.models.columns import EVERY_COLUMN, BigInt, Day, Key, Recorded, enum_column


class RowVersion(Model):
    """What a row held until it was changed or deleted; kept by a trigger of the tables that papers show rows of."""

    __tablename__ = "row_version"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("row_version_row_idx", "table_name", "row_id", "superseded_at"),
        Index("row_version_account_idx", text("(contents ->> 'account_id'::text)")),
    )

    id: Mapped[Key]
    #: empty for reference information
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[BigInt]
    superseded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PaperPrint(Recorded, Model):
    """The first print of a document: who printed it, and when. Every further print is a copy."""

    __tablename__ = "paper_print"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("kind", "document_id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    kind: Mapped[PrintedKind] = enum_column(PrintedKind, name="paper_print_kind")
    document_id: Mapped[BigInt]
    #: the form it was printed in, and is printed in for ever
    form: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))


class AccountStatement(Recorded, Model):
    """A reconciliation statement as it was made; printed again, it is the same."""

    __tablename__ = "account_statement"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("period_to > period_from", name="account_statement_period_rises"),
        Index("account_statement_account_id_idx", "account_id", "id"),
        Index("account_statement_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: first day of the first month, and of the month after the last
    period_from: Mapped[Day]
    period_to: Mapped[Day]
    contents: Mapped[dict[str, Any]] = mapped_column(JSONB)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class StatementAnswer(Recorded, Model):
    """What a consumer said of a reconciliation statement; the newest answer counts, and after an agreement there is no further one."""

    __tablename__ = "statement_answer"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("agreement = 'AGREED' OR objection <> ''", name="statement_answer_objection_has_words"),
        Index("statement_answer_account_statement_id_idx", "account_statement_id", "id"),
        Index("statement_answer_division_id_idx", "division_id", "id"),
        Index("statement_answer_account_id_idx", "account_id", "id"),
        Index("statement_answer_agreed_key", "account_statement_id", unique=True, postgresql_where=text("agreement = 'AGREED'")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    account_statement_id: Mapped[int] = mapped_column(ForeignKey("account_statement.id"))
    agreement: Mapped[Agreement] = enum_column(Agreement, name="statement_answer_agreement")
    answered_on: Mapped[date] = mapped_column(Date)
    #: who answered for the consumer, as he wrote his name
    person: Mapped[str] = mapped_column(String(200))
    objection: Mapped[str] = mapped_column(String(1000), server_default="")
    #: what the office was given to do about an objection; empty: nobody was there to give it to
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    #: the paper on which it came; empty: in the portal or by its interface
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)

    account: Mapped[Account] = relationship()
    account_statement: Mapped[AccountStatement] = relationship()
    division: Mapped[Division] = relationship()
    stored_file: Mapped[StoredFile | None] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.account_statement_id} · {self.answered_on:%d.%m.%Y}"
