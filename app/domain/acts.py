"""Acts: how facts under bills, entries and papers change, each once, with a day, a reason and a counter-act.

An act is recorded, performed in the same transaction, or put before a second person. Its counter-act is an act of the same kind that
names it (``reverses_id``).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class ActKind(StrEnum):
    """What an act does."""

    OPEN_ACCOUNT = "OPEN_ACCOUNT"
    CHANGE_OWNER = "CHANGE_OWNER"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"
    REOPEN_ACCOUNT = "REOPEN_ACCOUNT"
    CORRECT_IDENTITY = "CORRECT_IDENTITY"
    JOIN_CONSUMERS = "JOIN_CONSUMERS"
    CHANGE_TARIFF_GROUP = "CHANGE_TARIFF_GROUP"
    CHANGE_TERM = "CHANGE_TERM"
    CHANGE_BENEFIT = "CHANGE_BENEFIT"
    WITHDRAW_PREPAID = "WITHDRAW_PREPAID"
    CORRECT_READING = "CORRECT_READING"
    INSTALL_METER = "INSTALL_METER"
    REMOVE_METER = "REMOVE_METER"
    EXCHANGE_METER = "EXCHANGE_METER"
    CORRECT_ADDRESS = "CORRECT_ADDRESS"
    SIGN_CONTRACT = "SIGN_CONTRACT"
    ANNEX_CONTRACT = "ANNEX_CONTRACT"
    RENEW_CONTRACT = "RENEW_CONTRACT"
    END_CONTRACT = "END_CONTRACT"
    ORDER_DISCONNECTION = "ORDER_DISCONNECTION"
    ORDER_RECONNECTION = "ORDER_RECONNECTION"
    DISCONNECT = "DISCONNECT"
    RECONNECT = "RECONNECT"
    REFUSE_SUPPLY_ORDER = "REFUSE_SUPPLY_ORDER"


#: Acts about the meters of an account.
METER_KINDS = frozenset({ActKind.INSTALL_METER, ActKind.REMOVE_METER, ActKind.EXCHANGE_METER})


class ActStatus(StrEnum):
    """Where an act stands."""

    REQUESTED = "REQUESTED"
    DONE = "DONE"
    REVERSED = "REVERSED"
    REFUSED = "REFUSED"


class ActEvent(StrEnum):
    """What happens to an act."""

    PERFORM = "PERFORM"
    REFUSE = "REFUSE"
    REVERSE = "REVERSE"


TRANSITIONS: Mapping[tuple[ActStatus, ActEvent], ActStatus] = {
    (ActStatus.REQUESTED, ActEvent.PERFORM): ActStatus.DONE,
    (ActStatus.REQUESTED, ActEvent.REFUSE): ActStatus.REFUSED,
    (ActStatus.DONE, ActEvent.REVERSE): ActStatus.REVERSED,
}


class ActRefusal(StrEnum):
    """Why an act is refused."""

    FUTURE_DAY = "FUTURE_DAY"
    OTHER_CONTENTS = "OTHER_CONTENTS"
    NOT_STANDING = "NOT_STANDING"
    LATER_ACT = "LATER_ACT"
    REQUESTED_ALREADY = "REQUESTED_ALREADY"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    NOTHING_CHANGES = "NOTHING_CHANGES"
    NOT_BILLED_AGAIN = "NOT_BILLED_AGAIN"
    FOREIGN_STREET = "FOREIGN_STREET"
    READING_REFUSED = "READING_REFUSED"
    CONTRACT_STATE = "CONTRACT_STATE"
    CONTRACT_EMPTY = "CONTRACT_EMPTY"
    CONTRACT_BILLED = "CONTRACT_BILLED"
    LATER_TERM = "LATER_TERM"
    TERM_FALLS = "TERM_FALLS"
    TERM_OF_CONTRACT = "TERM_OF_CONTRACT"
    NOT_OPEN = "NOT_OPEN"
    NOT_CLOSED = "NOT_CLOSED"
    NOT_SUPPLIED = "NOT_SUPPLIED"
    LATER_FACTS = "LATER_FACTS"
    LATER_READING = "LATER_READING"
    READING_MISSING = "READING_MISSING"
    READING_WRONG = "READING_WRONG"
    READING_GOES_BACK = "READING_GOES_BACK"
    READING_DIFFERS = "READING_DIFFERS"
    NO_FINAL_BILL = "NO_FINAL_BILL"
    PENALTY_RUN = "PENALTY_RUN"
    UNSETTLED = "UNSETTLED"
    NO_NEW_OWNER = "NO_NEW_OWNER"
    SAME_CONSUMER = "SAME_CONSUMER"
    OTHER_DIVISION = "OTHER_DIVISION"
    OTHER_KIND = "OTHER_KIND"
    OTHER_PERSON = "OTHER_PERSON"
    JOINED_ALREADY = "JOINED_ALREADY"
    NO_NUMBER = "NO_NUMBER"
    NUMBER_TAKEN = "NUMBER_TAKEN"
    FOREIGN_NUMBER = "FOREIGN_NUMBER"
    METER_TAKEN = "METER_TAKEN"
    WRONG_IDENTIFIER = "WRONG_IDENTIFIER"
    POINT_TAKEN = "POINT_TAKEN"
    BEFORE_CLOSING = "BEFORE_CLOSING"
    NO_METER = "NO_METER"
    METER_NOT_NAMED = "METER_NOT_NAMED"
    UNKNOWN_METER = "UNKNOWN_METER"
    SEVERAL_METERS = "SEVERAL_METERS"
    OTHER_MODEL = "OTHER_MODEL"
    FOREIGN_METER = "FOREIGN_METER"
    METER_ELSEWHERE = "METER_ELSEWHERE"
    METER_THERE = "METER_THERE"
    NOT_VERIFIED = "NOT_VERIFIED"
    LATER_CHANGE = "LATER_CHANGE"
    READ_LATER = "READ_LATER"
    READING_DOUBTFUL = "READING_DOUBTFUL"
    NO_SUCH_REGISTER = "NO_SUCH_REGISTER"
    ZONES_APART = "ZONES_APART"
    RATIO_WRONG = "RATIO_WRONG"
    DIGITS_WRONG = "DIGITS_WRONG"
    SUPPLY_IS_OFF = "SUPPLY_IS_OFF"
    SUPPLY_IS_ON = "SUPPLY_IS_ON"
    LATER_STATE = "LATER_STATE"
    ORDER_OPEN = "ORDER_OPEN"
    ORDER_STATUS = "ORDER_STATUS"
    ORDER_TERM = "ORDER_TERM"
    NO_ORDER = "NO_ORDER"
    BEFORE_ORDER = "BEFORE_ORDER"
    WITNESSES = "WITNESSES"
    NO_BRIGADE = "NO_BRIGADE"
    NO_VERIFICATION = "NO_VERIFICATION"
    NOT_MOVED = "NOT_MOVED"
    SEAL_REFUSED = "SEAL_REFUSED"


class Unsettled(StrEnum):
    """What becomes of a debt or an advance when an account is closed."""

    REFUSE = "REFUSE"  # the account is not closed before it is settled
    STAYS = "STAYS"  # it stays on the closed account: a debt is claimed and paid there, an advance waits to be given back


class OwnerDebt(StrEnum):
    """What becomes of a debt or an advance when the owner changes."""

    SETTLED = "SETTLED"  # there must be none
    TAKEN_OVER = "TAKEN_OVER"  # the new owner takes it over with the account
    STAYS = "STAYS"  # it stays with the old owner and his account; the new owner gets an account of his own


class ActRefused(Exception):
    """An act cannot be performed; ``detail`` names a day, a number or a sum where the reason has one.

    :param column: the field of the form it is about; None: the act as a whole
    """

    def __init__(self, refusal: ActRefusal, detail: str = "", *, column: str | None = None) -> None:
        super().__init__(refusal, detail)
        self.refusal, self.detail, self.column = refusal, detail, column


class ActRequest(NamedTuple):
    """An act somebody asks for."""

    kind: ActKind
    division_id: int
    #: the day it takes effect
    effective_on: date
    reason: str
    #: what the act's form holds, as JSON
    parameters: Mapping[str, Any]
    #: idempotency key of the form
    reference: str
    account_id: int | None = None
    consumer_id: int | None = None
    #: the act it undoes
    reverses_id: int | None = None


class ActOutcome(NamedTuple):
    """What an act tells of itself once it is performed; the entries and bills it wrote are found beside it."""

    #: what the card and the document show, in this order: column → value as JSON
    details: Mapping[str, Any]
    #: what the counter-act needs
    undo: Mapping[str, Any] = {}
    #: further accounts it wrote entries or bills of
    account_ids: tuple[int, ...] = ()
    #: money it moves from one person to another, or gives up
    moved_tiyin: int = 0
    #: registers of meters it read, a row each: meter, register, ratio, what it showed before and on the day, the energy between
    counted: Sequence[Mapping[str, Any]] = ()
    #: months whose energy it splits among meters: what each took and costs
    energy: Sequence[Mapping[str, Any]] = ()
