"""One word a column, one phrase an enum member, one way to write money, energy and days: in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.core import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import lazy_gettext as _

from app.domain.accounts import AccountStatus
from app.domain.administration import DivisionLevel, JobKind, JobStatus
from app.domain.billing import ExceptionReason, LineKind, RunStatus
from app.domain.calendar import TASHKENT
from app.domain.identifiers import Reason
from app.domain.ledger import DocumentKind, LedgerAccount
from app.domain.metering import Doubt, FileProblem, ImportStatus, Quality, ReadingKind, ReadingSource, RowProblem, RowStatus
from app.domain.notices import NoticeStatus
from app.domain.payments import Channel, TenderStatus
from app.domain.reference import ConsumerKind

COLUMN_LABELS: Mapping[str, Any] = {
    "account": _("Account"),
    "account_number": _("Account number"),
    "actor": _("Who"),
    "address": _("Address"),
    "advance_tiyin": _("Advance"),
    "after": _("After"),
    "allocated_on": _("Set against the bill on"),
    "amount_tiyin": _("Amount"),
    "attempts": _("Attempts"),
    "bank": _("Bank"),
    "bank_account": _("Settlement account"),
    "before": _("Before"),
    "benefit": _("Benefit"),
    "bill": _("Bill"),
    "bill_run": _("Bill run"),
    "billing_month": _("Billing month"),
    "bills": _("Bills"),
    "block_no": _("Block"),
    "branch_code": _("Branch code"),
    "capacity_milli": _("Connected capacity, units an hour"),
    "channel": _("Channel"),
    "charged_tiyin": _("Charged"),
    "closed_on": _("Closed on"),
    "closing_tiyin": _("At the end"),
    "code": _("Code"),
    "column": _("Column"),
    "consumer": _("Consumer"),
    "consumer_kind": _("Kind of consumer"),
    "created_at": _("Recorded at"),
    "created_by": _("Recorded by"),
    "credit": _("Credit"),
    "ct_primary": _("CT, primary"),
    "ct_secondary": _("CT, secondary"),
    "debit": _("Debit"),
    "debt_tiyin": _("Debt"),
    "decimals": _("Decimals"),
    "dial": _("Reading"),
    "dial_milli": _("Reading"),
    "digits": _("Whole digits"),
    "director": _("Director"),
    "division": _("Division"),
    "document_id": _("Document number"),
    "document_kind": _("Document"),
    "done": _("Done"),
    "doubt": _("Doubt"),
    "due_on": _("Pay by"),
    "error": _("Error"),
    "finished_at": _("Finished at"),
    "flat": _("Flat"),
    "for_month": _("Month"),
    "happened_at": _("When"),
    "house": _("House"),
    "id": _("Number"),
    "is_active": _("In use"),
    "issued_on": _("Issued on"),
    "key_sha256": _("Fingerprint of the key"),
    "kind": _("Kind"),
    "language": _("Language"),
    "largest_tiyin": _("Largest sum"),
    "level": _("Level"),
    "limit_milli": _("Contract limit a month"),
    "made_in_year": _("Year of make"),
    "mahalla": _("Mahalla"),
    "merchant_number": _("Merchant number"),
    "meter": _("Meter"),
    "meter_installation": _("Meter installation"),
    "meter_number": _("Meter number"),
    "message": _("Message"),
    "method": _("Method"),
    "mfo": _("MFO"),
    "model": _("Meter model"),
    "name": _("Name"),
    "name_ru": _("Name in Russian"),
    "name_uz_cyrl": _("Name in Uzbek Cyrillic"),
    "number": _("Number"),
    "oked": _("OKED"),
    "opened_on": _("Opened on"),
    "opening_tiyin": _("At the beginning"),
    "operation": _("Operation"),
    "paid_tiyin": _("Paid"),
    "parent": _("Belongs to"),
    "parked": _("Parked"),
    "payment": _("Payment"),
    "payment_contract": _("Payment contract"),
    "percent": _("Percent"),
    "period_from": _("From"),
    "period_to": _("To"),
    "phases": _("Phases"),
    "phone": _("Telephone"),
    "pinfl": _("JSHSHIR"),
    "posted_on": _("Posted on"),
    "problem": _("Problem"),
    "quality": _("Quality"),
    "quantity_milli": _("Consumption"),
    "quantum_milli": _("Smallest billable quantity"),
    "rate": _("Rate, soʻm a unit"),
    "read_on": _("Date of reading"),
    "reason": _("Reason"),
    "received": _("Rows received"),
    "accepted": _("Rows accepted"),
    "rejected": _("Rows rejected"),
    "received_on": _("Received on"),
    "reference": _("Reference"),
    "register": _("Register"),
    "remaining_tiyin": _("Still to pay"),
    "reply": _("Reply"),
    "request": _("Request"),
    "resource": _("Resource"),
    "row_id": _("Row"),
    "row_no": _("Row"),
    "sent_at": _("Sent at"),
    "serial_number": _("Serial number"),
    "service_point": _("Service point"),
    "sha256": _("SHA-256"),
    "signed_on": _("Signed on"),
    "smallest_tiyin": _("Smallest sum"),
    "source": _("Source"),
    "started_at": _("Started at"),
    "status": _("Status"),
    "stir": _("STIR"),
    "stored_file": _("File"),
    "street": _("Street"),
    "subject_id": _("Subject"),
    "table_name": _("Table"),
    "tariff": _("Tariff"),
    "tariff_group": _("Tariff group"),
    "tariff_version": _("Tariff version"),
    "tender": _("Tender"),
    "text": _("Text"),
    "total": _("Total"),
    "unit": _("Unit"),
    "upper_milli": _("Up to, units a month (empty: no end)"),
    "user": _("User"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to, excluded (empty: no end)"),
    "value": _("Value"),
    "vat_registration": _("VAT registration code"),
    "vat_tiyin": _("VAT"),
    "verified_to": _("Verification ends"),
    "version": _("Version"),
    "vt_primary": _("VT, primary"),
    "vt_secondary": _("VT, secondary"),
}

#: What the rows of a table are called; titles of lists.
TITLES: Mapping[str, Any] = {
    "account": _("Accounts"),
    "account_balance": _("Balances by month"),
    "account_benefit": _("Benefits of accounts"),
    "allocation": _("Allocations"),
    "bank": _("Banks"),
    "benefit": _("Benefits"),
    "bill": _("Bills"),
    "bill_exception": _("Exceptions"),
    "bill_run": _("Bill runs"),
    "consumer": _("Consumers"),
    "consumption": _("Consumption"),
    "contract": _("Contracts"),
    "debt": _("Debts"),
    "division": _("Divisions"),
    "division_access": _("Access to divisions"),
    "job_run": _("Jobs"),
    "ledger_entry": _("Entries"),
    "mahalla": _("Mahallas"),
    "meter": _("Meters"),
    "meter_installation": _("Meter installations"),
    "meter_model": _("Meter models"),
    "notice": _("Messages"),
    "payment": _("Payments"),
    "payment_contract": _("Contracts with providers"),
    "reading": _("Readings"),
    "reading_import": _("Files of readings"),
    "register": _("Registers"),
    "resource": _("Resources"),
    "service_point": _("Service points"),
    "street": _("Streets"),
    "supply": _("Supplies"),
    "tariff": _("Tariffs"),
    "tariff_block": _("Tariff blocks"),
    "tariff_group": _("Tariff groups"),
    "tariff_version": _("Tariff versions"),
    "tender": _("Tenders"),
    "vat_rate": _("VAT rates"),
}

#: Pairs, not a mapping: members of different enums may have equal values, and a StrEnum hashes as its text.
ENUM_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (AccountStatus.OPEN, _("Open")),
    (AccountStatus.CLOSED, _("Closed")),
    (Channel.CASHIER, _("Cashier")),
    (Channel.PAYME, _("Payme")),
    (Channel.BANK, _("Bank")),
    (ConsumerKind.HOUSEHOLD, _("Household")),
    (ConsumerKind.LEGAL, _("Legal")),
    (DivisionLevel.REPUBLIC, _("Republic")),
    (DivisionLevel.REGION, _("Region")),
    (DivisionLevel.DISTRICT, _("District")),
    (DocumentKind.BILL, _("Bill")),
    (DocumentKind.PAYMENT, _("Payment")),
    (DocumentKind.PAYMENT_REVERSAL, _("Reversal of a payment")),
    (DocumentKind.ADVANCE_USE, _("Use of an advance")),
    (Doubt.IMPOSSIBLE, _("More than the connected capacity allows")),
    (Doubt.HIGH, _("Much higher than usual")),
    (Doubt.LOW, _("Much lower than usual")),
    (Doubt.ZERO_N, _("Nothing for several months")),
    (ExceptionReason.NO_TARIFF, _("No tariff in force")),
    (ExceptionReason.IMPLAUSIBLE, _("More energy than the connected capacity allows")),
    (ExceptionReason.TOO_LARGE, _("Amount beyond the limit of the system")),
    (ExceptionReason.ESTIMATED, _("Estimated: no reading")),
    (ExceptionReason.HIGH, _("Much higher than usual")),
    (ExceptionReason.ZERO, _("No consumption")),
    (FileProblem.UNREADABLE, _("The file cannot be read. Save it again as CSV or XLSX.")),
    (FileProblem.TOO_LARGE, _("The file is too large. Split it into smaller ones.")),
    (FileProblem.NO_HEADER, _("The file has no header line with the columns account, date and reading.")),
    (FileProblem.NO_ROWS, _("The file has no rows below its header.")),
    (FileProblem.ALREADY_LOADED, _("The same file was loaded before.")),
    (ImportStatus.RECEIVED, _("Received")),
    (ImportStatus.CHECKED, _("Checked")),
    (ImportStatus.ACCEPTED, _("Accepted")),
    (ImportStatus.REFUSED, _("Refused")),
    (JobKind.READING_CHECK, _("Check of a file of readings")),
    (JobKind.READING_ACCEPT, _("Acceptance of a file of readings")),
    (JobKind.BILL_PREVIEW, _("Preview of a bill run")),
    (JobKind.BILL_POST, _("Posting of a bill run")),
    (JobKind.DIVISION_IMPORT, _("Import of districts")),
    (JobKind.NOTICE_SEND, _("Sending of messages")),
    (JobStatus.QUEUED, _("Queued")),
    (JobStatus.RUNNING, _("Running")),
    (JobStatus.DONE, _("Done")),
    (JobStatus.FAILED, _("Failed")),
    (JobStatus.CANCELLED, _("Cancelled")),
    (LedgerAccount.RECEIVABLE, _("Receivable")),
    (LedgerAccount.ADVANCE, _("Advances received")),
    (LedgerAccount.REVENUE, _("Revenue")),
    (LedgerAccount.VAT, _("VAT payable")),
    (LedgerAccount.CASH, _("Cash")),
    (LedgerAccount.PROVIDER, _("Payment providers")),
    (LineKind.CHARGE, _("Consumption of the period")),
    (LineKind.REVERSAL, _("Estimate taken back")),
    (LineKind.CORRECTION, _("True consumption in place of the estimate")),
    (NoticeStatus.QUEUED, _("Queued")),
    (NoticeStatus.SENT, _("Sent")),
    (NoticeStatus.FAILED, _("Failed")),
    (Quality.ACTUAL, _("Actual")),
    (Quality.ESTIMATED, _("Estimated")),
    (ReadingKind.INITIAL, _("Initial")),
    (ReadingKind.PERIODIC, _("Periodic")),
    (ReadingKind.FINAL, _("Final")),
    (ReadingSource.CONTROLLER, _("Inspector")),
    (ReadingSource.OFFICE, _("Office")),
    (ReadingSource.FILE, _("File")),
    (ReadingSource.PORTAL, _("Portal")),
    (ReadingSource.TELEMETRY, _("Telemetry")),
    (Reason.LENGTH, _("It has too many or too few digits.")),
    (Reason.DIGITS, _("It must consist of digits only.")),
    (Reason.PREFIX, _("It begins with a digit that does not occur there.")),
    (Reason.BIRTH_DATE, _("Its second to seventh digits are no date of birth.")),
    (Reason.CONTROL_DIGIT, _("Its last digit does not match the others; look for a slip.")),
    (RowProblem.EMPTY, _("The field is empty. Fill it in.")),
    (RowProblem.NOT_AN_ACCOUNT_NUMBER, _("This is no account number: it has 12 or 13 digits.")),
    (RowProblem.UNKNOWN_ACCOUNT, _("No such account in this division. Check the number.")),
    (RowProblem.UNKNOWN_METER, _("The account has no meter with this number. Check the number or leave it empty.")),
    (RowProblem.NOT_A_DATE, _("This is no date. Write it like 2026-10-31 or 31.10.2026.")),
    (RowProblem.IN_THE_FUTURE, _("The date lies in the future.")),
    (RowProblem.BEFORE_LAST_READING, _("There is a reading of that day or a later one already.")),
    (RowProblem.NO_METER_THEN, _("No meter was installed on that day.")),
    (RowProblem.NOT_A_NUMBER, _("This is no reading: write the digits of the display only.")),
    (RowProblem.TOO_MANY_DIGITS, _("The reading has more digits than the display of the meter.")),
    (RowProblem.IMPOSSIBLE, _("This would be more energy than the connected capacity allows. Read the meter again.")),
    (
        RowProblem.LOWER_THAN_LAST,
        _("The reading is lower than the last one. Read the meter again; if it was exchanged, record that first."),
    ),
    (RowProblem.REPEATED, _("The row repeats an earlier one.")),
    (RowStatus.GOOD, _("Good")),
    (RowStatus.ACCEPTED, _("Accepted")),
    (RowStatus.REJECTED, _("Rejected")),
    (RunStatus.PREVIEWING, _("Preview under way")),
    (RunStatus.PREVIEWED, _("Ready to post")),
    (RunStatus.POSTING, _("Posting under way")),
    (RunStatus.POSTED, _("Posted")),
    (RunStatus.CANCELLED, _("Cancelled")),
    (RunStatus.FAILED, _("Failed")),
    (TenderStatus.CREATED, _("Created")),
    (TenderStatus.PERFORMED, _("Performed")),
    (TenderStatus.CANCELLED, _("Cancelled")),
    (TenderStatus.REVERSED, _("Reversed")),
)
_BY_KIND = {(type(member), member.value): phrase for member, phrase in ENUM_LABELS}

#: Units of the shipped resources; others are shown as the office wrote them.
_UNITS: Mapping[str, Any] = {"kWh": _("kWh"), "m³": _("m³"), "Gcal": _("Gcal")}
#: soʻm in each language; CLDR prints "UZS" in Russian and English.
_CURRENCY = {"uz": "soʻm", "uz_Cyrl": "сўм", "ru": "сум", "kaa": "swm", "en": "soʻm"}
#: Where CLDR has no good patterns of its own.
_NUMBERS_LIKE = {"kaa": "uz"}
_NBSP = "\u00a0"


def member(value: StrEnum | None) -> str:
    """Return the phrase for an enum member."""
    return "" if value is None else str(_BY_KIND[type(value), value.value])


def member_of(kind: type[StrEnum], value: str | None) -> str:
    """Return the phrase for a stored value of an enum."""
    return "" if value is None else member(kind(value))


_KINDS: Mapping[str, type[StrEnum]] = {type(member).__name__: type(member) for member, _phrase in ENUM_LABELS}


def word(value: str | None, kind: str) -> str:
    """Return the phrase for a stored value of an enum named in a template."""
    return member_of(_KINDS[kind], value)


def locale_code() -> str:
    """Return the code of the language texts are written in."""
    locale = get_locale()
    return str(locale) if locale else "en"


def money(tiyin: int | None) -> str:
    """Return an amount as soʻm with two decimals and the currency's name."""
    if tiyin is None:
        return ""
    return f"{number(Decimal(tiyin) / 100, '#,##0.00')}{_NBSP}{_CURRENCY.get(locale_code(), 'soʻm')}"


def quantity(milli: int | None, unit: str = "") -> str:
    """Return a quantity in units, with as many decimals as it has."""
    if milli is None:
        return ""
    text = number(Decimal(milli) / 1000, "#,##0.###")
    return f"{text}{_NBSP}{unit_name(unit)}" if unit else text


def unit_name(unit: str) -> str:
    """Return a unit of measurement in the reader's language."""
    return str(_UNITS.get(unit, unit))


def number(value: Decimal | int, pattern: str = "#,##0.####") -> str:
    """Return a number in the reader's way of writing it."""
    code = locale_code()
    return format_decimal(value, format=pattern, locale=Locale.parse(_NUMBERS_LIKE.get(code, code)))


def day(value: date | None) -> str:
    """Return a day as 31.10.2026 (in English 31 Oct 2026)."""
    if value is None:
        return ""
    return babel_date(value, "d MMM yyyy", locale="en") if locale_code() == "en" else f"{value:%d.%m.%Y}"


def month(value: date | None) -> str:
    """Return a billing month as 10.2026 (in English Oct 2026)."""
    if value is None:
        return ""
    return babel_date(value, "MMM yyyy", locale="en") if locale_code() == "en" else f"{value:%m.%Y}"


def moment(value: datetime | None) -> str:
    """Return a moment as day and time in Tashkent."""
    if value is None:
        return ""
    local = value.astimezone(TASHKENT)
    return f"{day(local.date())} {local:%H:%M}"


def yes(value: bool | None) -> str:
    """Return a tick for yes."""
    return "✓" if value else ""


def plain(value: Any) -> Any:
    """Return any value of a column as people read it."""
    formatters: list[tuple[type, Callable[[Any], str]]] = [
        (StrEnum, member), (bool, yes), (datetime, moment), (date, day), (Decimal, number),
    ]  # fmt: skip
    for kind, formatter in formatters:
        if isinstance(value, kind):
            return formatter(value)
    return "" if value is None else value


def formatter_of(column: str) -> Callable[[Any], Any]:
    """Return how a column's values are written."""
    if column.endswith("_tiyin"):
        return money
    if column.endswith("_milli"):
        return quantity
    return month if column.endswith("month") else plain
