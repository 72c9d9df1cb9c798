"""What an operating parameter is, and the units of their values."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class ParameterUnit(StrEnum):
    """What the value of a parameter counts."""

    CHOICE = "CHOICE"  # one of the parameter's choices
    TIMES = "TIMES"
    SECONDS = "SECONDS"
    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"
    MONTHS = "MONTHS"
    MILLISECONDS = "MILLISECONDS"
    HOURS_A_DAY = "HOURS_A_DAY"
    HOUR_OF_DAY = "HOUR_OF_DAY"
    DAY_OF_MONTH = "DAY_OF_MONTH"
    SOM = "SOM"
    PERCENT = "PERCENT"
    RATE_A_DAY = "RATE_A_DAY"  # 1/10 000 percent a day
    UNITS = "UNITS"
    PLACE = "PLACE"  # in an order, from 1
    DIGITS = "DIGITS"
    TRIES = "TRIES"
    CODES = "CODES"
    ROWS = "ROWS"
    KILOBYTES = "KILOBYTES"


class Parameter(NamedTuple):
    """A setting the office may change, declared once: what it holds until somebody does, its limits, and its words.

    Meaning, source and choices are messages of the catalogs.

    :param source: where the default comes from
    :param choices: what the values mean, from the lowest on; empty: the value is a number
    """

    default: int
    lowest: int
    highest: int
    unit: ParameterUnit
    meaning: str
    source: str
    choices: Sequence[str] = ()
