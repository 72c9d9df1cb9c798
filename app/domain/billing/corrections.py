"""What is done to bills that turned out wrong: words for corrections, adjustments and their sides."""

from enum import StrEnum


class CorrectionKind(StrEnum):
    """What becomes of the bills a correction takes back."""

    CANCEL = "CANCEL"  # they are taken back and nothing takes their place yet
    REBILL = "REBILL"  # each month is billed again, in order


class AdjustmentKind(StrEnum):
    """Which way an adjustment moves money."""

    CREDIT_NOTE = "CREDIT_NOTE"  # gives money back at once
    DEBIT_NOTE = "DEBIT_NOTE"  # asks for money on the next bill
