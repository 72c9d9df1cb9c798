"""The append-only ledger and the sums kept beside it; ``ledger verify`` re-sums them all."""

from datetime import date, datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Enum, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.ledger import DocumentKind, LedgerAccount
from app.domain.ledger.debts import DebtStage
from app.domain.ledger.proofs import CheckCause
from app.domain.reference import ConsumerKind
from app.models.accounts import Account, Consumer
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, BigInt, Day, Key, Money, Recorded, enum_column, set_wise


class LedgerEntry(Recorded, Model):
    """An amount moved from one ledger account (credit) to another (debit) for a document."""

    __tablename__ = "ledger_entry"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("ledger_entry_division_id_id_idx", "division_id", "id"),
        CheckConstraint("amount_tiyin > 0", name="ledger_entry_amount_positive"),
        CheckConstraint("debit <> credit", name="ledger_entry_moves"),
        Index("ledger_entry_account_id_idx", "account_id", "id"),
        Index("ledger_entry_document_idx", "document_kind", "document_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    debit: Mapped[LedgerAccount] = enum_column(LedgerAccount, name="ledger_entry_debit")
    credit: Mapped[LedgerAccount] = enum_column(LedgerAccount, name="ledger_entry_credit")
    amount_tiyin: Mapped[Money]
    posted_on: Mapped[Day]
    #: the month the entry counts for, by its first day
    billing_month: Mapped[Day]
    document_kind: Mapped[DocumentKind] = enum_column(DocumentKind, name="ledger_entry_document_kind")
    document_id: Mapped[BigInt]
    #: the document's own month, by its first day: the one a bill is for, a payment came in, a note was posted
    document_month: Mapped[Day]
    #: the entry this one undoes
    reverses_id: Mapped[int | None] = mapped_column(set_wise("ledger_entry.id"))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class AccountBalance(Model):
    """What happened to an account in a month, and where it stood before and after; positive: the consumer owes."""

    __tablename__ = "account_balance"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("closing_tiyin = opening_tiyin + charged_tiyin - paid_tiyin + adjusted_tiyin", name="account_balance_closes"),
        Index("account_balance_division_id_idx", "division_id", "billing_month", "account_id"),
    )

    account_id: Mapped[int] = mapped_column(set_wise("account.id"), primary_key=True)
    billing_month: Mapped[date] = mapped_column(Date, primary_key=True)
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    opening_tiyin: Mapped[Money]
    charged_tiyin: Mapped[Money]
    paid_tiyin: Mapped[Money]
    adjusted_tiyin: Mapped[Money] = mapped_column(BigInteger, server_default=text("0"))
    closing_tiyin: Mapped[Money]

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%m.%Y}"


class AccountPosition(Model):
    """Where an account stands now; the row postings lock."""

    __tablename__ = "account_position"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("debt_tiyin >= 0 AND advance_tiyin >= 0", name="account_position_not_negative"),
        CheckConstraint("debt_tiyin = 0 OR advance_tiyin = 0", name="account_position_settled"),
        Index("account_position_division_id_idx", "division_id", "account_id"),
        # Every bill and payment changes a row; with room on its page, and no index of what changes, none is touched.
        {"postgresql_with": {"fillfactor": 50}},
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    debt_tiyin: Mapped[Money] = mapped_column(BigInteger, server_default=text("0"))
    advance_tiyin: Mapped[Money] = mapped_column(BigInteger, server_default=text("0"))
    #: day up to which energy was billed; empty: never
    billed_to: Mapped[date | None] = mapped_column(Date)
    #: day up to which all energy is actual; empty: never
    actual_to: Mapped[date | None] = mapped_column(Date)
    #: the last month with a bill
    billed_month: Mapped[date | None] = mapped_column(Date)

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()


class Debt(Model):
    """The unpaid part of a bill; gone when nothing is left."""

    __tablename__ = "debt"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("remaining_tiyin > 0", name="debt_remaining_positive"),
        Index("debt_account_id_idx", "account_id", "due_on", "bill_id"),
        Index("debt_division_id_due_on_idx", "division_id", "due_on", "bill_id"),
        Index("debt_due_on_idx", "due_on", "bill_id"),
    )

    bill_id: Mapped[int] = mapped_column(set_wise("bill.id"), primary_key=True)
    #: the bill's
    billing_month: Mapped[Day]
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    due_on: Mapped[Day]
    remaining_tiyin: Mapped[Money]

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} {self.billing_month:%m.%Y}"


class DebtTotal(Model):
    """What the debts of a division's consumers of a kind with one due day add up to; several rows of one key add up."""

    __tablename__ = "debt_total"
    facts = EVERY_COLUMN
    __table_args__ = (Index("debt_total_division_id_idx", "division_id", "consumer_kind", "due_on"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    consumer_kind: Mapped[ConsumerKind] = enum_column(ConsumerKind, name="debt_total_consumer_kind")
    due_on: Mapped[Day]
    remaining_tiyin: Mapped[Money]
    #: how many bills
    debts: Mapped[int] = mapped_column(Integer)

    division: Mapped[Division] = relationship()


class DebtWork(Recorded, Model):
    """Who works on a debtor, and how far it went; none: nobody began."""

    __tablename__ = "debt_work"
    facts = EVERY_COLUMN
    __table_args__ = (UniqueConstraint("account_id"), Index("debt_work_division_id_idx", "division_id", "id"))

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    owner: Mapped[str | None] = mapped_column(String(64))
    stage: Mapped[DebtStage] = enum_column(DebtStage, name="debt_work_stage", server_default=DebtStage.NEW)
    #: of the debts the work is about; it counts as long as one of them is open
    newest_due_on: Mapped[Day]

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()


class Debtor(Model):
    """An account that owes, with who works on it: a view of the database over the oldest debts."""

    __tablename__ = "debtor"
    # The index of debts by due day gives the order by age; by sum a district's are sorted, for an index of positions would slow postings.
    __table_args__ = {"info": {"is_view": True, "orders": {"oldest_due_on": "oldest_bill_id"}, "sorted": 50_000}}
    facts = EVERY_COLUMN

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    consumer_id: Mapped[int] = mapped_column(ForeignKey("consumer.id"))
    consumer_kind: Mapped[ConsumerKind] = mapped_column(Enum(ConsumerKind, native_enum=False, length=24))
    phone: Mapped[str | None] = mapped_column(String(13))
    oldest_due_on: Mapped[Day]
    debt_tiyin: Mapped[Money]
    owner: Mapped[str | None] = mapped_column(String(64))
    stage: Mapped[DebtStage] = mapped_column(Enum(DebtStage, native_enum=False, length=24))
    #: the bill whose debt is the oldest
    oldest_bill_id: Mapped[int] = mapped_column(BigInteger)

    account: Mapped[Account] = relationship()
    consumer: Mapped[Consumer] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.account)


class DivisionTurnover(Model):
    """Billed and paid by a district in a month, and how its debt and advances changed."""

    __tablename__ = "division_turnover"
    facts = EVERY_COLUMN

    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), primary_key=True)
    billing_month: Mapped[date] = mapped_column(Date, primary_key=True)
    charged_tiyin: Mapped[Money]
    paid_tiyin: Mapped[Money]
    debt_change_tiyin: Mapped[Money]
    advance_change_tiyin: Mapped[Money]
    adjusted_tiyin: Mapped[Money] = mapped_column(BigInteger, server_default=text("0"))

    division: Mapped[Division] = relationship()


class BooksCheck(Model):
    """A check of the books: documents, entries, sums and reports against each other."""

    __tablename__ = "books_check"
    facts = EVERY_COLUMN
    __table_args__ = (Index("books_check_checked_division_id_idx", "checked_division_id", "id"),)

    id: Mapped[Key]
    cause: Mapped[CheckCause] = enum_column(CheckCause, name="books_check_cause")
    #: the only division whose rows were checked; empty: all
    checked_division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id"))
    checked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    rules: Mapped[int] = mapped_column(Integer)
    #: in all divisions
    differences: Mapped[int] = mapped_column(Integer)


class BooksDifference(Model):
    """A row whose figure differs from what it should be."""

    __tablename__ = "books_difference"
    facts = EVERY_COLUMN
    __table_args__ = (Index("books_difference_books_check_id_idx", "books_check_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    books_check_id: Mapped[int] = mapped_column(ForeignKey("books_check.id"))
    rule: Mapped[str] = mapped_column(String(100))
    row_table: Mapped[str] = mapped_column(String(64))
    row_key: Mapped[str] = mapped_column(String(100))
    #: in tiyin, thousandths of kWh, or a count
    stored: Mapped[BigInt]
    computed: Mapped[BigInt]

    division: Mapped[Division] = relationship()
