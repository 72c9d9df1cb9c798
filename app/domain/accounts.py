"""States of an account."""

from enum import StrEnum


class AccountStatus(StrEnum):
    """Whether an account is in use."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
