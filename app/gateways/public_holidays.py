"""Days the state keeps, as the library ``holidays`` knows them: holidays, days off and working Saturdays by the yearly decree.

A year whose decree the library does not know has the holidays of the law only, and days by the moon as an estimate; the office's own
table of special days goes before it.
"""

from datetime import date
from functools import lru_cache

from holidays import HolidayBase, country_holidays

_COUNTRY = "UZ"


@lru_cache(maxsize=16)
def _of_year(year: int) -> HolidayBase:
    return country_holidays(_COUNTRY, years=year)


def is_working_day(day: date) -> bool:
    """Return whether offices work on a day by the usual calendar.

    >>> is_working_day(date(2026, 12, 31)), is_working_day(date(2026, 12, 12)), is_working_day(date(2026, 12, 30))
    (False, True, True)
    """
    return bool(_of_year(day.year).is_working_day(day))
