"""Accounts that several suites of the services begin with."""

import pytest
from sqlalchemy.orm import Session

from tests.builders import bill_month, make_district, make_home, read
from tests.services.act_scenario import FEB, JAN, MARCH, Office


@pytest.fixture
def office(session: Session) -> Office:
    """An account billed for January and February, with a reading in March."""
    home = make_home(session, make_district(session), dial=1000)
    read(session, home, FEB, 1310)
    read(session, home, MARCH, 1590)
    for month in (JAN, FEB):
        bill_month(session, home.division_id, month)
    return Office(session, home)
