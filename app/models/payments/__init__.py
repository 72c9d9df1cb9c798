"""Contracts with payment providers, tenders, payments and their allocation to bills."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.payments import ControlAccount, ControlKind, ControlStatus, Repeat, TenderStatus, UnknownTransaction
from app.domain.payments.channels import Channel
from app.models.accounts import Account
from app.models.administration import Division, StoredFile
from app.models.billing import Bill
from app.models.columns import (
    EVERY_COLUMN,
    Dated,
    Day,
    Key,
    Money,
    Name,
    NamedInLanguages,
    Recorded,
    enum_column,
    no_overlap,
    period_rises,
    set_wise,
)


class PaymentContract(NamedInLanguages, Recorded, Model):
    """Our agreement with a payment provider or a bank: credentials, limits, and what its specification leaves open."""

    __tablename__ = "payment_contract"
    __table_args__ = (
        CheckConstraint("smallest_tiyin > 0 AND largest_tiyin >= smallest_tiyin", name="payment_contract_limits"),
        CheckConstraint("commission_percent BETWEEN 0 AND 100", name="payment_contract_commission"),
        CheckConstraint("cancel_days >= 0", name="payment_contract_cancel_days"),
        # Who calls is known by these: two contracts with the same would be mistaken for each other.
        Index(
            "payment_contract_key", "channel", "login", "key_sha256", unique=True, postgresql_where=text("is_active AND key_sha256 <> ''")
        ),
        Index(
            "payment_contract_signing_key",
            "channel",
            "service_number",
            "secret",
            unique=True,
            postgresql_where=text("is_active AND secret <> '' AND channel IN ('CLICK', 'SMS')"),
        ),
        CheckConstraint("ask_url = '' OR ask_url ~ '^https?://[^/?#]+/([^?#]*/)?$'", name="payment_contract_ask_url"),
    )

    id: Mapped[Key]
    channel: Mapped[Channel] = enum_column(Channel, name="payment_contract_channel")
    #: our number at the provider
    merchant_number: Mapped[str] = mapped_column(String(64))
    #: the number of the service in the provider's calls; empty: not looked at
    service_number: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    #: the name the provider signs in with
    login: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    #: SHA-256 of the key the provider sends
    key_sha256: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    #: the key itself, where messages are signed with it and it is never sent
    secret: Mapped[str | None] = mapped_column(String(200))
    #: networks the provider may call from, separated by blanks; empty: any
    networks: Mapped[str] = mapped_column(String(1000), server_default=text("''"))
    smallest_tiyin: Mapped[Money] = mapped_column(server_default=text("50000"))
    largest_tiyin: Mapped[Money] = mapped_column(server_default=text("300000000"))
    commission_percent: Mapped[Decimal] = mapped_column(Numeric(6, 3), server_default=text("0"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    #: no new money is taken; what is under way is finished, and questions are answered
    is_stopped: Mapped[bool] = mapped_column(server_default=text("false"))
    unknown_transaction: Mapped[UnknownTransaction] = enum_column(
        UnknownTransaction, name="payment_contract_unknown_transaction", server_default=text("'STATE_3'")
    )
    repeated_cancel: Mapped[Repeat] = enum_column(Repeat, name="payment_contract_repeated_cancel", server_default=text("'SAME_ANSWER'"))
    repeated_payment: Mapped[Repeat] = enum_column(Repeat, name="payment_contract_repeated_payment", server_default=text("'REFUSED'"))
    #: a payment older than this is not cancelled for the provider
    cancel_days: Mapped[int] = mapped_column(Integer, server_default=text("30"))
    #: where the provider answers our questions, up to the last slash; empty: it is not asked
    ask_url: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    #: our name there
    ask_login: Mapped[str] = mapped_column(String(64), server_default=text("''"))


class PaymentFileLayout(Recorded, Model):
    """How the files of a bank or of the post are laid out; edited as reference data."""

    __tablename__ = "payment_file_layout"
    __table_args__ = (UniqueConstraint("payment_contract_id", "name"),)

    id: Mapped[Key]
    payment_contract_id: Mapped[int] = mapped_column(ForeignKey("payment_contract.id"))
    name: Mapped[Name]
    #: ``domain.payments.files.Profile`` as a record
    layout: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    payment_contract: Mapped[PaymentContract] = relationship()

    def __repr__(self) -> str:
        return self.name


class PaymentControl(Recorded, Model):
    """What tenders are counted by: a cashier's shift, a payment file, a provider's day; closed, it never changes."""

    __tablename__ = "payment_control"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint(
            "(kind = 'SHIFT') = (cashier IS NOT NULL) AND (kind = 'SHIFT') = (payment_contract_id IS NULL)", name="payment_control_of_whom"
        ),
        CheckConstraint("(kind = 'PAYMENT_FILE') = (file_sha256 IS NOT NULL)", name="payment_control_file"),
        CheckConstraint("status IN ('OPEN', 'REFUSED') OR counted_tiyin IS NOT NULL", name="payment_control_counted_before_closed"),
        CheckConstraint(
            "received = accepted + suspense + held + repeated + rejected + left_out "
            "AND rows_tiyin = accepted_tiyin + suspense_tiyin + held_tiyin + repeated_tiyin + rejected_tiyin + left_out_tiyin",
            name="payment_control_all_rows_counted",
        ),
        CheckConstraint(
            "coalesce(declared_rows, received) = received AND coalesce(declared_tiyin, rows_tiyin) = rows_tiyin",
            name="payment_control_holds_what_it_declares",
        ),
        CheckConstraint("status <> 'CLOSED' OR held = 0", name="payment_control_decided_before_closed"),
        CheckConstraint("float_tiyin >= 0 AND (kind = 'SHIFT' OR float_tiyin = 0)", name="payment_control_float"),
        Index(
            "payment_control_shift_key", "cashier", unique=True, postgresql_where=text("kind = 'SHIFT' AND status <> 'CLOSED'")
        ),
        Index(
            "payment_control_day_key", "payment_contract_id", "business_day", unique=True,
            postgresql_where=text("kind = 'GATEWAY_DAY'"),
        ),
        Index(
            "payment_control_file_key", "payment_contract_id", "file_sha256", "file_times", unique=True,
            postgresql_where=text("kind = 'PAYMENT_FILE' AND status <> 'REFUSED'"),
        ),
        Index("payment_control_division_id_idx", "division_id", "id"),
    )  # fmt: skip

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    kind: Mapped[ControlKind] = enum_column(ControlKind, name="payment_control_kind")
    payment_contract_id: Mapped[int | None] = mapped_column(ForeignKey("payment_contract.id"))
    #: the user name whose shift it is
    cashier: Mapped[str | None] = mapped_column(String(64))
    business_day: Mapped[Day]
    #: the payment file's name
    name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    #: how often the same file was taken before, as another one that says the same
    file_times: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    status: Mapped[ControlStatus] = enum_column(ControlStatus, name="payment_control_status", server_default=text("'OPEN'"))
    #: a payment file's layout, its own number, and what became of its rows
    payment_file_layout_id: Mapped[int | None] = mapped_column(ForeignKey("payment_file_layout.id"))
    payment_file_number: Mapped[str | None] = mapped_column(String(64))
    received: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    accepted: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    suspense: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    repeated: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rejected: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    held: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    left_out: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    #: their sums; ``rows_tiyin`` is that of all rows received
    rows_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    accepted_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    suspense_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    held_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    repeated_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    rejected_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    left_out_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: what the payment file says it holds; None: it does not say
    declared_rows: Mapped[int | None] = mapped_column(Integer)
    declared_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    #: what the bank kept of the payments
    charges_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: what was received when it was counted or closed
    tenders: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    received_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the cash in the till, the payment file's own total, or what the provider paid out
    counted_tiyin: Mapped[int | None] = mapped_column(BigInteger)
    #: change in the till when a shift began; it is counted with the cash and stays in the till
    float_tiyin: Mapped[Money] = mapped_column(server_default=text("0"))
    #: the cashier's full name when the shift began, as receipts print it
    cashier_name: Mapped[str | None] = mapped_column(String(200))
    #: how many notes and coins of each kind were counted: soʻm → pieces
    denominations: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    #: why the cash counted differs from what it should be
    difference_reason: Mapped[str | None] = mapped_column(String(300))
    counted_by: Mapped[str | None] = mapped_column(String(64))
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract | None] = relationship()
    stored_file: Mapped[StoredFile | None] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class Tender(Recorded, Model):
    """A provider's word that it collects money for an account; performed, it becomes a payment."""

    __tablename__ = "tender"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("tender_division_id_id_idx", "division_id", "id"),
        UniqueConstraint("payment_contract_id", "reference"),
        CheckConstraint("amount_tiyin > 0", name="tender_amount_positive"),
        CheckConstraint(
            "status IN ('CREATED', 'CANCELLED') OR (payment_control_id IS NOT NULL AND received_on IS NOT NULL)",
            name="tender_performed_is_controlled",
        ),
        Index("tender_waiting_idx", "id", postgresql_where=text("waiting")),
        Index("tender_account_id_waiting_idx", "account_id", "waiting"),
        Index("tender_suspense_idx", "division_id", "id", postgresql_where=text("account_id IS NULL")),
        Index("tender_payment_control_id_idx", "payment_control_id", "id"),
        Index("tender_payment_contract_id_provider_ms_idx", "payment_contract_id", "provider_ms", postgresql_where=text("provider_ms > 0")),
        Index("tender_reversal_control_id_idx", "reversal_control_id", postgresql_where=text("reversal_control_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    payment_contract_id: Mapped[int] = mapped_column(set_wise("payment_contract.id"))
    #: the provider's number of the transaction; of a row of a file its key, which begins with its number
    reference: Mapped[str] = mapped_column(String(64))
    #: the row of the payment file it came in
    row_no: Mapped[int | None] = mapped_column(Integer)
    #: empty: the money is in suspense, nobody knows yet whose it is
    account_id: Mapped[int | None] = mapped_column(set_wise("account.id"))
    #: the account as the payer or the payment file wrote it
    account_number: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    amount_tiyin: Mapped[Money]
    status: Mapped[TenderStatus] = enum_column(TenderStatus, name="tender_status")
    #: moments in milliseconds, as providers count them; the provider's own (0: it tells none, as payment files do), then ours
    provider_ms: Mapped[int] = mapped_column(BigInteger)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    performed_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cancelled_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cancel_reason: Mapped[int | None] = mapped_column(Integer)
    #: what it is counted by, and the day it was received, since it was performed
    payment_control_id: Mapped[int | None] = mapped_column(set_wise("payment_control.id"))
    received_on: Mapped[date | None] = mapped_column(Date)
    #: what its return is counted by, if it was undone
    reversal_control_id: Mapped[int | None] = mapped_column(set_wise("payment_control.id"))
    #: the ledger does not know yet that it was performed, or that it was undone
    waiting: Mapped[bool] = mapped_column(server_default=text("false"))
    payer: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(32))
    purpose: Mapped[str | None] = mapped_column(String(500))
    #: PERFORM and CANCEL → the fiscal receipt the provider got for it
    fiscal: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))

    account: Mapped[Account | None] = relationship()
    division: Mapped[Division] = relationship()
    payment_contract: Mapped[PaymentContract] = relationship()
    payment_control: Mapped[PaymentControl | None] = relationship(foreign_keys=[payment_control_id])

    def __repr__(self) -> str:
        return self.reference


class ControlEntry(Recorded, Model):
    """Money moved beside consumers' accounts: into suspense and out of it, over or short, commission."""

    __tablename__ = "control_entry"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("amount_tiyin > 0", name="control_entry_amount_positive"),
        CheckConstraint("debit <> credit", name="control_entry_moves"),
        CheckConstraint("payment_control_id IS NOT NULL OR tender_id IS NOT NULL", name="control_entry_belongs"),
        Index("control_entry_payment_control_id_idx", "payment_control_id", "id"),
        Index("control_entry_tender_id_idx", "tender_id", postgresql_where=text("tender_id IS NOT NULL")),
        Index("control_entry_division_id_idx", "division_id", "id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    #: None: posted after the control of its tender was closed
    payment_control_id: Mapped[int | None] = mapped_column(ForeignKey("payment_control.id"))
    tender_id: Mapped[int | None] = mapped_column(ForeignKey("tender.id"))
    debit: Mapped[ControlAccount] = enum_column(ControlAccount, name="control_entry_debit")
    credit: Mapped[ControlAccount] = enum_column(ControlAccount, name="control_entry_credit")
    amount_tiyin: Mapped[Money]
    posted_on: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(300))

    payment_control: Mapped[PaymentControl | None] = relationship()
    tender: Mapped[Tender | None] = relationship()
    division: Mapped[Division] = relationship()


class PaymentBlock(Recorded, Dated, Model):
    """Days on which no money for an account may be taken: another debt must be paid first.

    Source: Law ЎРҚ-1044 of 07.03.2025, in force from 08.06.2025.
    """

    __tablename__ = "payment_block"
    __table_args__ = (
        Index("payment_block_division_id_id_idx", "division_id", "id"),
        period_rises("payment_block"),
        no_overlap("payment_block", "account_id"),
        Index("payment_block_account_id_idx", "account_id", "valid_from"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: who waits for its money
    creditor: Mapped[Name]
    basis: Mapped[str] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return f"{self.account} · {self.creditor}"


class Payment(Recorded, Model):
    """Money received and booked, or a payment reversed."""

    __tablename__ = "payment"
    facts = EVERY_COLUMN
    __table_args__ = (
        UniqueConstraint("channel", "reference"),
        CheckConstraint("amount_tiyin > 0", name="payment_amount_positive"),
        Index("payment_account_id_idx", "account_id", "id"),
        Index("payment_division_id_idx", "division_id", "received_on", "id"),
        Index("payment_channel_idx", "division_id", "channel", "received_on", "id"),
        Index("payment_tender_id_idx", "tender_id", postgresql_where=text("tender_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    channel: Mapped[Channel] = enum_column(Channel, name="payment_channel")
    #: the idempotency key: the provider's number, or the form's
    reference: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of what was asked; the same reference with other contents is refused
    contents_sha256: Mapped[str] = mapped_column(String(64))
    amount_tiyin: Mapped[Money]
    received_on: Mapped[Day]
    #: the payment this one undoes
    reverses_id: Mapped[int | None] = mapped_column(set_wise("payment.id"), unique=True)
    tender_id: Mapped[int | None] = mapped_column(set_wise("tender.id"))
    reason: Mapped[str | None] = mapped_column(String(300))

    account: Mapped[Account] = relationship()
    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return str(self.id)


class Allocation(Recorded, Model):
    """Part of a payment (or of an advance, without one) set against a bill; negative when taken back."""

    __tablename__ = "allocation"
    facts = EVERY_COLUMN
    __table_args__ = (
        CheckConstraint("amount_tiyin <> 0", name="allocation_amount_not_zero"),
        Index("allocation_account_id_idx", "account_id", "id"),
        Index("allocation_adjustment_id_idx", "adjustment_id", postgresql_where=text("adjustment_id IS NOT NULL")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(set_wise("division.id"))
    account_id: Mapped[int] = mapped_column(set_wise("account.id"))
    bill_id: Mapped[int] = mapped_column(set_wise("bill.id"), index=True)
    bill_month: Mapped[Day]
    payment_id: Mapped[int | None] = mapped_column(set_wise("payment.id"), index=True)
    #: the credit note it came from
    adjustment_id: Mapped[int | None] = mapped_column(set_wise("adjustment.id"))
    amount_tiyin: Mapped[Money]
    allocated_on: Mapped[Day]

    bill: Mapped[Bill] = relationship()
