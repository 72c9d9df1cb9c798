"""Contracts of supply with the accounts under them, their papers, and the texts papers are made from."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.contracts import ContractKind, ContractPaperKind, ContractStatus
from app.domain.reference import LANGUAGES
from app.models.accounts import Account, Consumer
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, BigInt, Dated, Day, Key, PaperForm, Recorded, enum_column, period_rises


class Contract(Recorded, Dated, Model):
    """An agreement to supply a consumer; the limit and other terms are those of its accounts (``SupplyTerm``)."""

    __tablename__ = "contract"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("number", "division_id"),
        period_rises("contract"),
        CheckConstraint("status IN ('DRAFT', 'WITHDRAWN') OR signed_on IS NOT NULL", name="contract_is_signed"),
        CheckConstraint("(status = 'ENDED') = (end_reason IS NOT NULL)", name="contract_end_has_a_reason"),
        Index("contract_division_id_id_idx", "division_id", "id"),
        Index("contract_signed_on_idx", "division_id", "signed_on", postgresql_where=text("status IN ('SIGNED', 'ENDED')")),
        Index("contract_ending_idx", "valid_to", postgresql_where=text("status = 'SIGNED' AND valid_to IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    consumer_id: Mapped[int] = mapped_column(ForeignKey("consumer.id"), index=True)
    kind: Mapped[ContractKind] = enum_column(ContractKind, name="contract_kind")
    number: Mapped[str] = mapped_column(String(32))
    status: Mapped[ContractStatus] = enum_column(ContractStatus, name="contract_status")
    #: the day it was signed, or an offer was accepted
    signed_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(300))
    #: what a draft is to bring: account → kind of term → value in thousandths; empty since it was signed
    draft_terms: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB, server_default=text("'{}'"))

    division: Mapped[Division] = relationship()
    consumer: Mapped[Consumer] = relationship()

    def __repr__(self) -> str:
        return self.number


class ContractAccount(Recorded, Dated, Model):
    """An account under a contract for a period; one contract at a time, drafts aside."""

    __tablename__ = "contract_account"
    facts = EVERY_COLUMN
    __table_args__ = (
        ExcludeConstraint(
            ("account_id", "="), (text("daterange(valid_from, valid_to)"), "&&"),
            name="contract_account_no_overlap", using="gist", where=text("NOT is_draft"),
        ),
        UniqueConstraint("contract_id", "account_id", "valid_from"),
        period_rises("contract_account"),
        Index("contract_account_division_id_idx", "division_id"),
    )  # fmt: skip

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: the contract is not signed yet
    is_draft: Mapped[bool] = mapped_column(server_default=text("false"))

    contract: Mapped[Contract] = relationship()
    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()


class ContractPaper(Recorded, Model):
    """A paper of a contract as it was made: its text in each language, printed the same for ever."""

    __tablename__ = "contract_paper"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("contract_id", "kind", "number"),
        Index("contract_paper_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    kind: Mapped[ContractPaperKind] = enum_column(ContractPaperKind, name="contract_paper_kind")
    #: place among the contract's papers of its kind
    number: Mapped[int] = mapped_column(Integer)
    made_on: Mapped[Day]
    #: language → text
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    form: Mapped[PaperForm]

    contract: Mapped[Contract] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.contract} · {self.kind} {self.number}"


class ContractTemplate(Recorded, Model):
    """The text papers of a kind are made from since a day, in a language."""

    __tablename__ = "contract_template"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("kind", "language", "valid_from"),
        CheckConstraint(f"language IN {LANGUAGES}", name="contract_template_language"),
    )

    id: Mapped[Key]
    kind: Mapped[ContractPaperKind] = enum_column(ContractPaperKind, name="contract_template_kind")
    language: Mapped[str] = mapped_column(String(8))
    valid_from: Mapped[Day]
    #: paragraphs; those that begin with # are headlines; variables stand in braces
    body: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"№ {self.id} · {self.valid_from:%d.%m.%Y}"


class ContractCounter(Recorded, Model):
    """The last number a division gave to a contract in a year."""

    __tablename__ = "contract_counter"
    __table_args__ = (UniqueConstraint("division_id", "year"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    year: Mapped[int] = mapped_column(Integer)
    last_no: Mapped[BigInt]
