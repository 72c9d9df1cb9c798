"""What the app sends and is answered. Sums are whole tiyin (100 = 1 soʻm), quantities thousandths of the account's unit, days ISO 8601."""

from datetime import date, datetime
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.billing import BillState
from app.domain.metering import RegisterCode
from app.domain.portal import PortalRight
from app.domain.reference import ConsumerKind

Tiyin = Annotated[int, Field(description="tiyin; 100 = 1 soʻm")]
Quantity = Annotated[int, Field(description="thousandths of the account's unit")]
Next = Annotated[str | None, Field(description="`cursor` of the next page; null: this is the last")]
Word = Annotated[str, Field(min_length=22, max_length=64, pattern="^[A-Za-z0-9_-]+$", description="random, made once by the app and kept")]
LANGUAGE = Literal["uz", "uz_Cyrl", "ru", "kaa", "en"]
CLOSED = ConfigDict(extra="forbid")


class CodeBody(TypedDict):
    """For which account, or telephone of a user, a code is wanted."""

    __pydantic_config__ = CLOSED
    account: Annotated[str, Field(min_length=9, max_length=20, description="number of an account, or +998 and nine digits")]
    device: Word


class TokenBody(TypedDict):
    """The code that came by SMS, and what the device is called."""

    __pydantic_config__ = CLOSED
    account: Annotated[str, Field(min_length=9, max_length=20)]
    device: Word
    code: Annotated[str, Field(pattern="^[0-9]{6}$")]
    name: Annotated[str, Field(min_length=1, max_length=100, description="what the device is called in lists, as Samsung A15")]


class ClaimBody(TypedDict):
    """The code that came by SMS to the telephone of a further account."""

    __pydantic_config__ = CLOSED
    account: Annotated[str, Field(min_length=9, max_length=20)]
    device: Word
    code: Annotated[str, Field(pattern="^[0-9]{6}$")]


class TokenAnswer(TypedDict):
    """A token of a device; it is told once and kept by its digest only."""

    token: str
    device_id: int
    user: "UserAnswer"


class CodeAnswer(TypedDict):
    """What is said whatever account was named: a code is on its way if there is one with a telephone."""

    minutes: Annotated[int, Field(description="how long a code opens anything")]
    is_sent: Annotated[bool, Field(description="false: no SMS can be sent at present")]


class UserAnswer(TypedDict):
    """A user of the portal."""

    id: int
    phone: str | None
    language: LANGUAGE | None


class UserBody(TypedDict):
    """What a user changes of himself."""

    __pydantic_config__ = CLOSED
    language: LANGUAGE


class DeviceRow(TypedDict):
    """A device with a token."""

    id: int
    name: str
    signed_in_at: datetime
    seen_at: datetime
    is_this: bool


class DevicesAnswer(TypedDict):
    """The devices of a user, the one used last first."""

    rows: list[DeviceRow]


class OwnAccountRow(TypedDict):
    """An account that the user may open."""

    number: str
    address: str
    consumer_kind: ConsumerKind
    status: str
    rights: list[PortalRight]


class AccountsAnswer(TypedDict):
    """The accounts of a user, in the order of their claims."""

    rows: list[OwnAccountRow]


class AccountAnswer(OwnAccountRow):
    """An account."""

    resource: str | None
    unit: str
    tariff_group: str | None
    division: str
    opened_on: date
    closed_on: date | None
    off_since: Annotated[datetime | None, Field(description="since when its place is without supply; null: it is on")]
    off_reason: str | None


class PayingWayAnswer(TypedDict):
    """A provider's page with account and sum filled in."""

    name: str
    link: str
    amount_tiyin: Tiyin
    is_part: Annotated[bool, Field(description="the provider takes no more at once")]


class BalanceAnswer(TypedDict):
    """What is owed or paid ahead."""

    debt_tiyin: Tiyin
    advance_tiyin: Tiyin
    overdue_tiyin: Tiyin
    overdue_since: date | None
    next_tiyin: Tiyin
    next_on: Annotated[date | None, Field(description="by when the next sum is to be paid")]
    billed_to: Annotated[date | None, Field(description="first day that is not billed")]
    ways: Annotated[list[PayingWayAnswer], Field(description="to pay the debt")]


class WaysAnswer(TypedDict):
    """Ways to pay a sum."""

    rows: list[PayingWayAnswer]


class BillRow(TypedDict):
    """A bill."""

    id: str
    month: date
    period_from: date
    period_to: Annotated[date, Field(description="first day after it")]
    is_estimated: bool
    quantity_milli: Quantity
    amount_tiyin: Tiyin
    remaining_tiyin: Annotated[int, Field(description="tiyin that are still to be paid of it")]
    issued_on: date
    due_on: date
    state: BillState


class BillsPage(TypedDict):
    """Bills, newest first."""

    rows: list[BillRow]
    next: Next


class BillLineAnswer(TypedDict):
    """A line of a bill, with what it was computed from."""

    kind: str
    component: str
    zone: str
    period_from: date
    period_to: date
    quantity_milli: Quantity
    rate: Annotated[str, Field(description="soʻm per unit")]
    amount_tiyin: Tiyin
    vat_tiyin: Tiyin
    tariff: str
    source: Annotated[str, Field(description="the decree the rate is from")]
    benefit: str | None


class BillAnswer(BillRow):
    """A bill with its lines."""

    vat_tiyin: Tiyin
    lines: list[BillLineAnswer]


class PaymentRow(TypedDict):
    """A payment, or the reversal of one."""

    id: int
    channel: str
    reference: str
    amount_tiyin: Tiyin
    received_on: date
    reverses: Annotated[int | None, Field(description="the payment it takes back")]
    is_reversed: bool


class PaymentsPage(TypedDict):
    """Payments, newest first."""

    rows: list[PaymentRow]
    next: Next


class RegisterAnswer(TypedDict):
    """A register that may be read."""

    register: str
    digits_milli: Annotated[int, Field(description="first dial the display cannot show, in thousandths")]
    decimals: int
    last_read_on: date | None
    last_dial_milli: Quantity | None


class MeterRow(TypedDict):
    """A meter that serves or served the account."""

    serial_number: str
    model: str
    installed_on: date
    removed_on: date | None
    verified_to: Annotated[date | None, Field(description="the day its verification ends")]
    registers: list[RegisterAnswer]


class MetersAnswer(TypedDict):
    """The meters of an account, newest first."""

    rows: list[MeterRow]


class BookedReadingRow(TypedDict):
    """A reading of a meter."""

    id: int
    read_on: date
    serial_number: str
    register: str
    dial_milli: Quantity
    kind: str
    source: str
    is_replaced: Annotated[bool, Field(description="a later record took its place")]


class ReadingsPage(TypedDict):
    """Readings, newest first."""

    rows: list[BookedReadingRow]
    next: Next


class ReadingBody(TypedDict):
    """What the registers of a meter show."""

    __pydantic_config__ = CLOSED
    meter_number: Annotated[str, Field(min_length=1, max_length=64)]
    read_on: date
    dials: Annotated[
        dict[RegisterCode, Annotated[str, Field(min_length=1, max_length=20)]],
        Field(min_length=1, max_length=7, description="register → what it shows"),
    ]
    sure: NotRequired[Annotated[bool, Field(description="what is odd was read again and is right")]]
    photo: NotRequired[Annotated[str, Field(max_length=14_000_000, description="JPEG or PNG in Base64, up to 10 MB")]]


class SentReadingRow(TypedDict):
    """A reading that a consumer sent, with what became of it."""

    id: int
    sent_at: datetime
    read_on: date
    meter_number: str
    dials: dict[str, str]
    has_photo: bool
    fate: Annotated[str, Field(description="TAKEN, WAITING, ASKED_AGAIN, ESTIMATED or REPLACED")]
    reason: Annotated[str | None, Field(description="what the office says of it")]
    replaced_milli: Annotated[int | None, Field(description="the dial that was recorded in its place, in thousandths")]
    replaced_by: str | None


class SentReadingsPage(TypedDict):
    """Readings that consumers sent, newest first."""

    rows: list[SentReadingRow]
    next: Next


class MonthConsumedRow(TypedDict):
    """Energy and charges of a month."""

    month: date
    quantity_milli: Quantity
    amount_tiyin: Tiyin


class ConsumptionAnswer(TypedDict):
    """Consumption by month, oldest first."""

    unit: str
    rows: list[MonthConsumedRow]


class NoticeRow(TypedDict):
    """A message that was sent about an account."""

    id: int
    kind: str
    text: str
    status: str
    created_at: datetime


class NoticesPage(TypedDict):
    """Messages, newest first."""

    rows: list[NoticeRow]
    next: Next


class HolderRow(TypedDict):
    """Somebody with access to an account."""

    id: int
    phone: str | None
    rights: list[PortalRight]
    claimed_at: datetime
    has_signed_in: bool
    is_own_telephone: Annotated[bool, Field(description="the account's own telephone was proved; nobody granted it")]


class HoldersAnswer(TypedDict):
    """Who has access to an account."""

    rows: list[HolderRow]


class HolderBody(TypedDict):
    """Whom to let in, and what for."""

    __pydantic_config__ = CLOSED
    phone: Annotated[str, Field(pattern=r"^\+998[0-9]{9}$")]
    rights: Annotated[list[PortalRight], Field(min_length=1, max_length=6)]
