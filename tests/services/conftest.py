"""Accounts that several suites of the services begin with."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from tests.begun import begun, undone
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.act_scenario import FEB, JAN, MARCH, Office
from tests.services.application_scenario import Desk, make_desk


def billed_home(session: Session) -> Home:
    """Make an account billed for January and February, with a reading in March."""
    home = make_home(session, make_district(session), dial=1000)
    read(session, home, FEB, 1310)
    read(session, home, MARCH, 1590)
    for month in (JAN, FEB):
        bill_month(session, home.division_id, month)
    return home


@pytest.fixture(scope="module")
def home_of_office(engine: Engine) -> Iterator[tuple[Connection, Home]]:
    """The billed account, and the connection that sees it."""
    with begun(engine, billed_home) as made:
        yield made


@pytest.fixture
def office(home_of_office: tuple[Connection, Home]) -> Iterator[Office]:
    """An account billed for January and February, with a reading in March."""
    with undone(home_of_office[0]) as session:
        yield Office(session, home_of_office[1])


@pytest.fixture
def desk(office: Office) -> Desk:
    """Somebody who files applications about the account of the office."""
    return make_desk(office)
