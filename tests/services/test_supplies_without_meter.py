"""Supplies without a meter are kept as they come and go, whoever writes what makes them so."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queries import ledger
from tests.builders import Home, make_district, make_home


@pytest.fixture
def home(session: Session) -> Home:
    """A home with a meter."""
    return make_home(session, make_district(session))


def kept(session: Session, home: Home) -> list[date]:
    """Return since when the home is kept as one without a meter; the proof of the books agrees."""
    assert not [each for each in ledger.drifts(session) if each.rule.startswith("supplies without a meter")]
    statement = "SELECT u.since FROM unmetered_supply u JOIN supply s ON s.id = u.supply_id WHERE s.account_id = :id"
    return list(session.scalars(text(statement), {"id": home.account_id}))


def end_meter(session: Session, home: Home, day: str | None) -> None:
    statement = """
        UPDATE meter_installation i SET valid_to = :day FROM supply s WHERE s.service_point_id = i.service_point_id AND s.account_id = :id
        """
    session.execute(text(statement), {"day": day, "id": home.account_id})


def test_supply_is_kept_while_no_meter_counts(session: Session, home: Home) -> None:
    assert kept(session, home) == []

    end_meter(session, home, "2026-03-10")
    assert kept(session, home) == [date(2026, 3, 10)]

    end_meter(session, home, None)
    assert kept(session, home) == []


def test_supply_by_norm_needs_no_meter(session: Session, home: Home) -> None:
    end_meter(session, home, "2026-03-10")
    session.execute(
        text(
            """INSERT INTO supply_term (division_id, account_id, kind, value_milli, basis, valid_from)
               SELECT division_id, id, 'UNMETERED_NORM', 90000, 'act', '2026-03-10' FROM account WHERE id = :id"""
        ),
        {"id": home.account_id},
    )
    assert kept(session, home) == []

    session.execute(text("UPDATE supply_term SET valid_to = '2026-04-01' WHERE account_id = :id"), {"id": home.account_id})
    assert kept(session, home) == [date(2026, 3, 10)]


def test_supply_that_ends_is_kept_no_longer(session: Session, home: Home) -> None:
    end_meter(session, home, "2026-03-10")
    session.execute(text("UPDATE supply SET valid_to = '2026-05-01' WHERE account_id = :id"), {"id": home.account_id})
    assert kept(session, home) == []
