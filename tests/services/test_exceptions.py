"""Exceptions of a bill run: somebody looks at them, and says that they need nothing more."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.billing import ExceptionStatus
from app.models.billing import BillException
from app.services.billing import exceptions as service
from tests.builders import bill_month, make_district, make_home

JAN = date(2026, 1, 1)


@pytest.fixture
def found(session: Session) -> list[int]:
    """Exceptions of two homes that nobody read."""
    district = make_district(session)
    for serial in (1, 2):
        make_home(session, district, serial)
    bill_month(session, district.id, JAN)
    return list(session.scalars(select(BillException.id).order_by(BillException.id)))


def stands(session: Session, exception_id: int) -> tuple[str | None, str]:
    session.expire_all()
    exception = session.get_one(BillException, exception_id)
    return exception.owner, exception.status


def test_exceptions_get_an_owner_and_lose_him_again(session: Session, found: list[int]) -> None:
    assert len(found) >= 2
    assert service.assign(session, found[:1], owner="anna") == 1
    assert stands(session, found[0]) == ("anna", ExceptionStatus.OPEN)
    assert stands(session, found[1]) == (None, ExceptionStatus.OPEN)
    assert service.assign(session, found, owner=None) == len(found)
    assert stands(session, found[0]) == (None, ExceptionStatus.OPEN)
    assert service.assign(session, [], owner="anna") == 0


def test_exception_that_is_settled_stays_with_whose_it_was_or_is_who_settled_it(session: Session, found: list[int]) -> None:
    service.assign(session, found[:1], owner="anna")

    assert service.settle(session, found[:2], by="boris") == 2
    assert [stands(session, each) for each in found[:2]] == [("anna", ExceptionStatus.SETTLED), ("boris", ExceptionStatus.SETTLED)]
