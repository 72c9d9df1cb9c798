"""Out-sorting: bills that look wrong wait for a person before they are posted.

Which checks hold a bill, and where their limits lie, are operating parameters of the run's policy. A bill is held until
somebody releases it as it stands; a release holds for that amount only, so a bill that comes out otherwise is looked at
again. Source of the checks: California monthly validation rules (high, zero, dials), our operating parameters.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from app.domain.billing.policy import Policy
from app.domain.billing.records import PARKING, REASONS, BillingOutcome, ExceptionReason, flagged, only
from app.domain.values import Flags, Integers


class HoldStatus(StrEnum):
    """Where a held bill stands."""

    OPEN = "OPEN"  # waits for somebody to look
    RELEASED = "RELEASED"  # may be posted with this amount
    CORRECTED = "CORRECTED"  # its readings or terms were put right: the next run checks it anew
    PARKED = "PARKED"  # is not billed in this month until somebody decides otherwise


class ExceptionStatus(StrEnum):
    """Where an exception of a bill run stands."""

    OPEN = "OPEN"  # nobody said yet that it needs nothing more
    SETTLED = "SETTLED"


class HoldEvent(StrEnum):
    """What a person decides about a held bill."""

    RELEASE = "RELEASE"
    CORRECT = "CORRECT"
    PARK = "PARK"


TRANSITIONS: Mapping[tuple[HoldStatus, HoldEvent], HoldStatus] = {
    (HoldStatus.OPEN, HoldEvent.RELEASE): HoldStatus.RELEASED,
    (HoldStatus.OPEN, HoldEvent.CORRECT): HoldStatus.CORRECTED,
    (HoldStatus.OPEN, HoldEvent.PARK): HoldStatus.PARKED,
    (HoldStatus.PARKED, HoldEvent.RELEASE): HoldStatus.RELEASED,
    (HoldStatus.PARKED, HoldEvent.CORRECT): HoldStatus.CORRECTED,
    (HoldStatus.RELEASED, HoldEvent.PARK): HoldStatus.PARKED,
    (HoldStatus.CORRECTED, HoldEvent.PARK): HoldStatus.PARKED,
}


def reasons_that_hold(policy: Policy) -> list[int]:
    """Return the places among ``REASONS`` of the checks that hold a bill, those no bill can be made of first."""
    wanted = {
        ExceptionReason.HIGH: policy.hold_high,
        ExceptionReason.ZERO_MONTHS: policy.hold_zero_months,
        ExceptionReason.NEGATIVE: policy.hold_negative,
        ExceptionReason.OVER_AMOUNT: policy.hold_over_amount,
        ExceptionReason.ESTIMATED_LONG: policy.hold_estimated_long,
    }
    chosen = [reason for reason in REASONS if reason in PARKING] + [reason for reason, holds in wanted.items() if holds]
    return [REASONS.index(reason) for reason in chosen]


def reason_held(outcome: BillingOutcome, policy: Policy, count: int) -> Integers:
    """Return for each account the first reason that holds its bill, as a place among ``REASONS``; −1: none."""
    held = np.full(count, -1, dtype=np.int64)
    for reason in reversed(reasons_that_hold(policy)):
        held[outcome.found.account[outcome.found.reason == reason]] = reason
    return held


def without(outcome: BillingOutcome, held: Flags) -> BillingOutcome:
    """Return an outcome without the bills of the accounts that are held."""
    if not held.any():
        return outcome
    kept = ~held
    return BillingOutcome(
        bills=only(outcome.bills, kept),
        lines=only(outcome.lines, kept),
        consumptions=only(outcome.consumptions, kept),
        found=outcome.found,
        held=np.flatnonzero(held),
    )


def amounts(outcome: BillingOutcome, count: int) -> tuple[Flags, Integers, Integers]:
    """Return for each account whether it has a bill, its amount and its energy."""
    billed = flagged(outcome.bills.account, count)
    amount, quantity = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    amount[outcome.bills.account], quantity[outcome.bills.account] = outcome.bills.amount_tiyin, outcome.bills.quantity_milli
    return billed, amount, quantity
