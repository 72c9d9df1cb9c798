"""What has become of a bill."""

from datetime import date
from enum import StrEnum


class BillState(StrEnum):
    """Whether a bill is paid; one that was taken back, or takes another back, is not to be paid."""

    PAID = "PAID"
    PART_PAID = "PART_PAID"
    UNPAID = "UNPAID"
    OVERDUE = "OVERDUE"
    NOTHING_TO_PAY = "NOTHING_TO_PAY"
    WITHDRAWN = "WITHDRAWN"
    TAKES_BACK = "TAKES_BACK"


def bill_state(*, amount_tiyin: int, remaining_tiyin: int, due_on: date, is_withdrawn: bool, takes_back: bool, today: date) -> BillState:
    """Return what has become of a bill; one of which anything is left after its day is overdue, also if a part was paid.

    >>> given = {"due_on": date(2026, 3, 10), "is_withdrawn": False, "takes_back": False, "today": date(2026, 3, 10)}
    >>> bill_state(amount_tiyin=500, remaining_tiyin=200, **given)
    <BillState.PART_PAID: 'PART_PAID'>
    """
    if takes_back:
        return BillState.TAKES_BACK
    if is_withdrawn:
        return BillState.WITHDRAWN
    if amount_tiyin <= 0:
        return BillState.NOTHING_TO_PAY
    if not remaining_tiyin:
        return BillState.PAID
    if due_on < today:
        return BillState.OVERDUE
    return BillState.PART_PAID if remaining_tiyin < amount_tiyin else BillState.UNPAID
