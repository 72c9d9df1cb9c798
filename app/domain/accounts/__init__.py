"""States of an account, and what its place is heated and cooked with."""

from enum import StrEnum


class AccountStatus(StrEnum):
    """Whether an account is in use."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Heating(StrEnum):
    """What a home is heated with."""

    CENTRAL = "CENTRAL"
    GAS = "GAS"
    ELECTRIC = "ELECTRIC"
    SOLID_FUEL = "SOLID_FUEL"
    NONE = "NONE"


class Stove(StrEnum):
    """What a home is cooked with."""

    GAS = "GAS"
    ELECTRIC = "ELECTRIC"
    NONE = "NONE"
