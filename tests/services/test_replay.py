"""Posted bills computed again: nothing that happened later may change what they come to."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queries import tariffs
from app.services import tariffs as tariff_service
from app.services.billing import replay
from app.services.billing.replay import BillDifference
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.replay_scenario import APRIL, FEB, JAN, MARCH, billed_story


def replayed(session: Session, home: Home, month: date) -> tuple[int, list[BillDifference]]:
    chunks = list(replay.replay_month(session, tariffs.prices(session), division_id=home.division_id, month=month, limit=3))
    return sum(count for count, _ in chunks), [found for _, differences in chunks for found in differences]


@pytest.mark.parametrize("month", [JAN, FEB, MARCH, APRIL])
def test_bills_come_out_as_they_were_posted(session: Session, month: date) -> None:
    home = billed_story(session)

    assert replayed(session, home, month) == (7, [])


def test_later_tariff_reading_and_capacity_do_not_change_what_was_posted(session: Session) -> None:
    home = billed_story(session)
    tariff_id = session.scalar(text("SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'"))
    later = {"tariff_id": tariff_id, "valid_from": "2026-05-01", "source": "A later one", "blocks": "100=700; =1300"}
    tariff_service.add_version(session, later)
    session.execute(text("UPDATE service_point SET capacity_milli = capacity_milli * 3"))
    first = session.scalar(text("SELECT id FROM reading WHERE account_id = :id AND read_on = '2026-01-31'"), {"id": home.account_id})
    session.execute(
        text(
            "INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source,"
            " replaces_id)"
            " SELECT division_id, account_id, meter_installation_id, register_id, read_on, dial_milli + 50000, kind, source, id"
            " FROM reading WHERE id = :id"
        ),
        {"id": first},
    )

    assert [replayed(session, home, month) for month in (JAN, FEB, MARCH, APRIL)] == [(7, [])] * 4


@pytest.mark.parametrize(
    "later",
    [
        "UPDATE benefit SET percent = 10 WHERE code = 'TEST'",
        "UPDATE benefit SET limit_milli = 5000 WHERE code = 'TEST'",
        "UPDATE resource SET quantum_milli = 5000 WHERE code = 'ELECTRICITY'",
    ],
    ids=["percent of a benefit", "limit of a benefit", "smallest quantity"],
)
def test_dictionary_that_changes_later_does_not_change_what_was_posted(session: Session, later: str) -> None:
    home = make_home(session, make_district(session))
    benefit = session.scalar(text("INSERT INTO benefit (code, name, percent, source) VALUES ('TEST', 'Test', 50, 'test') RETURNING id"))
    session.execute(
        text(
            "INSERT INTO account_benefit (division_id, account_id, benefit_id, valid_from) VALUES (:division, :account, :id, '2026-01-01')"
        ),
        {"division": home.division_id, "account": home.account_id, "id": benefit},
    )
    read(session, home, date(2026, 1, 31), 1303)
    bill_month(session, home.division_id, JAN)

    session.execute(text(later))

    assert replayed(session, home, JAN) == (1, [])


def test_verification_that_comes_later_does_not_change_what_was_posted(session: Session) -> None:
    home = make_home(session, make_district(session))
    meter = "UPDATE device SET verified_to = :day WHERE id = (SELECT meter_id FROM meter_installation WHERE id = :id)"
    session.execute(text(meter), {"day": date(2025, 6, 1), "id": home.installation_id})
    read(session, home, date(2026, 1, 31), 1303, recorded_at=datetime(2026, 1, 31, tzinfo=UTC))
    bill_month(session, home.division_id, JAN)

    session.execute(text(meter), {"day": date(2030, 1, 1), "id": home.installation_id})

    assert replayed(session, home, JAN) == (1, [])


def test_changed_line_is_named_with_both_figures(session: Session) -> None:
    home = billed_story(session)
    session.execute(text("RESET ROLE"))
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(
            "UPDATE bill_line SET amount_tiyin = amount_tiyin + 1 WHERE account_id = :id AND line_no = 1"
            " AND bill_id = (SELECT id FROM bill WHERE account_id = :id AND billing_month = '2026-01-01')"
        ),
        {"id": home.account_id},
    )

    count, found = replayed(session, home, JAN)

    assert count == 7
    assert [(each.account_id, each.row, each.number, each.column) for each in found] == [
        (home.account_id, "line", 1, "amount_tiyin"),
        (home.account_id, "sum", 1, "amount_tiyin"),
    ]
    assert found[0].stored == (found[0].computed or 0) + 1
