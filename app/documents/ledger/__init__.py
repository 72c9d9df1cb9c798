"""The act of reconciliation: every document of some months between us and a consumer, and where both stand after them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import labels
from app.documents import downloads, pdf
from app.documents.ledger.statement_form import statement_sheet
from app.documents.sheets import Sheet, html
from app.domain.calendar import TASHKENT, months_after
from app.domain.documents import PrintedKind
from app.domain.ledger import DocumentKind
from app.domain.payments.channels import Channel
from app.queries import ledger
from app.queries.billing import invoices
from app.queries.billing.invoices import Party
from app.queries.documents import StatementRecord
from app.queries.ledger import LedgerLine


class ActLine(NamedTuple):
    """A document with its sum on one side."""

    posted_on: date
    document: str
    debit_tiyin: int
    credit_tiyin: int


class ReconciliationStatement(NamedTuple):
    """An act of reconciliation of the months [since, until); positive sums: the consumer owes."""

    account_number: str
    language: str
    since: date
    until: date
    seller: Party | None
    buyer: Party
    opening_tiyin: int
    lines: list[ActLine]
    debit_tiyin: int
    credit_tiyin: int
    closing_tiyin: int


def act(session: Session, account_id: int, *, since: date, until: date) -> ReconciliationStatement:
    """Return the act of an account, its totals proven against the ledger.

    :param since: first day of the first month
    :param until: first day of the month after the last one
    """
    number, language, division_id = invoices.account_for_act(session, account_id)
    opening = ledger.owed_before(session, account_id, since)
    with force_locale(language):
        lines = [_line(line) for line in ledger.statement_lines(session, account_id, since=since, until=until)]
    debit, credit = sum(line.debit_tiyin for line in lines), sum(line.credit_tiyin for line in lines)
    closing = ledger.owed_before(session, account_id, until)
    assert opening + debit - credit == closing, "an act closes where the ledger does"
    seller, buyer = invoices.seller(session, division_id), invoices.buyer(session, account_id)
    return ReconciliationStatement(number, language, since, until, seller, buyer, opening, lines, debit, credit, closing)


def contents(made: ReconciliationStatement) -> dict[str, Any]:
    """Return an act as it is kept."""
    plain = made._asdict() | {"since": made.since.isoformat(), "until": made.until.isoformat()}
    plain["lines"] = [[line.posted_on.isoformat(), *line[1:]] for line in made.lines]
    return plain | {"seller": made.seller and made.seller._asdict(), "buyer": made.buyer._asdict()}


def kept(stored: Mapping[str, Any]) -> ReconciliationStatement:
    """Return an act from how it was kept."""
    days = {name: date.fromisoformat(stored[name]) for name in ("since", "until")}
    lines = [ActLine(date.fromisoformat(posted_on), *rest) for posted_on, *rest in stored["lines"]]
    seller = Party(**stored["seller"]) if stored["seller"] else None
    return ReconciliationStatement(**{**stored, **days, "lines": lines, "seller": seller, "buyer": Party(**stored["buyer"])})


def act_pdf(session: Session, record: StatementRecord, *, copy_of: datetime | None) -> bytes:
    """Return an act as PDF in the consumer's language, as it was made and in the form it was printed in first.

    :param copy_of: when it was printed first, if this is a copy
    """
    return html.in_its_form(
        session, PrintedKind.STATEMENT, record.id, copy_of,
        first_form=lambda: act_page(record, copy_of=copy_of), sheet=lambda: act_sheet(record, copy_of=copy_of),
    )  # fmt: skip


def act_sheet(record: StatementRecord, *, copy_of: datetime | None) -> Sheet:
    """Return an act in the form of today, in the consumer's language, as it was made."""
    made = kept(record.contents)
    made_on = record.created_at.astimezone(TASHKENT).date()
    with force_locale(made.language):
        return statement_sheet(made, number=record.id, made_on=made_on, last_month=months_after(made.until, -1), copy_of=copy_of)


def act_page(record: StatementRecord, *, copy_of: datetime | None) -> str:
    """Return an act in the consumer's language, as it was made, in the first form."""
    made = kept(record.contents)
    context = {"act": made, "last_month": months_after(made.until, -1), "number": record.id, "made_on": record.created_at}
    return pdf.page("documents/first_form/act.html", made.language, copy_of=copy_of, **context)


def act_xlsx(record: StatementRecord) -> bytes:
    """Return an act as a workbook in the consumer's language, as it was made; sums in soʻm."""
    made = kept(record.contents)
    with force_locale(made.language):
        header = [_("Date"), _("Document"), _("Debit"), _("Credit")]
        rows: list[list[object]] = [["", _("At the beginning"), *_sides(made.opening_tiyin)]]
        rows += [[labels.day(line.posted_on), line.document, _som(line.debit_tiyin), _som(line.credit_tiyin)] for line in made.lines]
        rows.append(["", _("Turnover"), _som(made.debit_tiyin), _som(made.credit_tiyin)])
        rows.append(["", _("At the end"), *_sides(made.closing_tiyin)])
    return downloads.xlsx_bytes(header, rows)


def file_name(made_for: str, since: date, until: date, kind: str) -> str:
    """Return an act's name as a file."""
    return f"act-{made_for}-{since:%Y-%m}-{until:%Y-%m}.{kind}"


def objection_title(statement_id: int, account_number: str) -> Callable[[str | None], str]:
    """Return what the task about an objection to an act is called, in a language; None: in that of the company."""

    def title(language: str | None) -> str:
        with force_locale(language or str(current_app.config["BABEL_DEFAULT_LOCALE"])):
            words = {"number": statement_id, "account": account_number}
            return _("Answer the objection to the act of reconciliation № %(number)s of account %(account)s", **words)

    return title


def _line(line: LedgerLine) -> ActLine:
    debit, credit = max(line.net_tiyin, 0), max(-line.net_tiyin, 0)
    return ActLine(line.posted_on, _document(line), debit, credit)


def _document(line: LedgerLine) -> str:
    """Return what a document is called."""
    kind = DocumentKind(line.document_kind)
    if kind == DocumentKind.BILL:
        month = labels.month(date.fromisoformat(line.detail or ""))
        if line.reverses_id:
            return _("Cancellation of bill № %(bill)s for %(month)s", bill=line.reverses_id, month=month)
        return _("Bill № %(bill)s for %(month)s", bill=line.document_id, month=month)
    if kind == DocumentKind.PAYMENT:
        return _("Payment № %(payment)s (%(channel)s)", payment=line.document_id, channel=labels.member_of(Channel, line.detail))
    if kind == DocumentKind.PAYMENT_REVERSAL:
        return _("Reversal of payment № %(payment)s", payment=line.reverses_id or line.document_id)
    return f"{labels.member(kind)} № {line.document_id}"


def _som(tiyin: int) -> object:
    """Return an amount as a cell: a number a spreadsheet can add, or nothing."""
    return Decimal(tiyin) / 100 if tiyin else ""


def _sides(tiyin: int) -> list[object]:
    return [_som(max(tiyin, 0)), _som(max(-tiyin, 0))]
