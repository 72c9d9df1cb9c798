"""What bills were made with stays, whoever writes: the database refuses, so forms, actions, interfaces and consoles cannot."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.builders import SINCE, Home, bill_month, install, make_district, make_home, read

JANUARY = date(2026, 1, 1)


def billed_home(session: Session) -> Home:
    home = make_home(session, make_district(session), ct_primary=1)
    read(session, home, date(2026, 1, 31), 1200)
    bill_month(session, home.division_id, JANUARY)
    return home


def change(session: Session, table: str, row_id: int, what: str) -> None:
    with session.begin_nested():
        session.execute(text(f"UPDATE {table} SET {what} WHERE id = :id"), {"id": row_id})


def meter_of(session: Session, home: Home) -> int:
    return int(session.scalar(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}) or 0)


def row_of(session: Session, home: Home, table: str) -> int:
    return {"meter_installation": home.installation_id, "register": home.register_id, "device": meter_of(session, home)}[table]


CHANGES = [
    ("meter_installation", "ct_primary = 100, ct_secondary = 5", "meter_installation_is_billed"),
    ("meter_installation", "vt_primary = 2", "meter_installation_is_billed"),
    ("meter_installation", "valid_from = '2025-12-01'", "meter_installation_is_billed"),
    ("meter_installation", "valid_to = '2026-01-30'", "meter_installation_was_read"),
    ("register", "digits = 6", "register_is_billed"),
    ("register", "decimals = 1", "register_is_billed"),
    ("register", "code = 'DAY'", "register_is_billed"),
    ("device", "serial_number = 'OTHER'", "meter_is_billed"),
    ("device", "verified_to = '2026-01-15'", "meter_is_billed"),
]


@pytest.mark.parametrize(("table", "what", "constraint"), CHANGES)
def test_what_bills_were_made_with_stays(session: Session, table: str, what: str, constraint: str) -> None:
    home = billed_home(session)

    with pytest.raises(IntegrityError) as refused:
        change(session, table, row_of(session, home, table), what)

    assert refused.value.orig.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.parametrize(("table", "what", "constraint"), [each for each in CHANGES if each[2] != "meter_installation_was_read"])
def test_what_no_bill_was_made_with_may_be_put_right(session: Session, table: str, what: str, constraint: str) -> None:
    home = make_home(session, make_district(session))

    change(session, table, row_of(session, home, table), what)

    assert constraint.endswith("_is_billed")


@pytest.mark.parametrize(
    ("table", "what"),
    [("meter_installation", "valid_to = '2026-01-31'"), ("device", "verified_to = '2030-01-01'"), ("device", "made_in_year = 2020")],
)
def test_what_no_bill_depends_on_changes(session: Session, table: str, what: str) -> None:
    home = billed_home(session)

    change(session, table, row_of(session, home, table), what)

    assert session.scalar(text(f"SELECT count(*) FROM {table} WHERE id = :id AND {what.replace(' = ', ' = ')}"), {
        "id": row_of(session, home, table)}) == 1  # fmt: skip


def test_installation_with_readings_is_not_deleted(session: Session) -> None:
    home = billed_home(session)

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("DELETE FROM meter_installation WHERE id = :id"), {"id": home.installation_id})


def test_second_meter_at_an_occupied_place_is_refused(session: Session) -> None:
    home = make_home(session, make_district(session))

    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        install(session, home, "SECOND", date(2026, 3, 1))

    assert refused.value.orig.diag.constraint_name == "service_point_is_occupied"  # type: ignore[union-attr]


def test_meter_follows_one_that_was_taken_off(session: Session) -> None:
    home = make_home(session, make_district(session))
    change(session, "meter_installation", home.installation_id, "valid_to = '2026-03-01'")

    later = install(session, home, "SECOND", date(2026, 3, 1))

    with pytest.raises(IntegrityError):
        change(session, "meter_installation", home.installation_id, "valid_to = NULL")
    assert later.installation_id != home.installation_id


def test_meter_of_other_registers_stands_beside(session: Session) -> None:
    home = make_home(session, make_district(session))
    meter = session.scalar(
        text(
            "INSERT INTO device (division_id, model_id, serial_number) SELECT division_id, model_id, 'REACTIVE 1' FROM device "
            "WHERE id = :id RETURNING id"
        ),
        {"id": meter_of(session, home)},
    )
    session.execute(text("INSERT INTO register (meter_id, code, digits) VALUES (:id, 'REACTIVE', 5)"), {"id": meter})
    beside = "INSERT INTO meter_installation (division_id, meter_id, service_point_id, valid_from) VALUES (:division, :id, :point, :since)"
    session.execute(text(beside), {"division": home.division_id, "id": meter, "point": home.service_point_id, "since": SINCE})

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("INSERT INTO register (meter_id, code, digits) VALUES (:id, 'TOTAL', 5)"), {"id": meter})


@pytest.mark.parametrize("written", ["ab-12/7", "AB127", "00ab 127"])
def test_one_number_is_one_meter_whatever_the_model(session: Session, written: str) -> None:
    make_home(session, make_district(session), serial=1)
    session.execute(text("INSERT INTO device_model (name, resource_id) SELECT 'Other model', id FROM resource WHERE code = 'ELECTRICITY'"))
    number = "INSERT INTO device (division_id, model_id, serial_number) SELECT division_id, {0}, :number FROM device LIMIT 1"
    session.execute(text(number.format("model_id")), {"number": "AB-127"})

    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        session.execute(text(number.format("(SELECT max(id) FROM device_model)")), {"number": written})

    assert refused.value.orig.diag.constraint_name == "device_serial_key"  # type: ignore[union-attr]


def test_reading_of_a_day_after_the_meter_was_taken_off_is_refused(session: Session) -> None:
    home = make_home(session, make_district(session))
    change(session, "meter_installation", home.installation_id, "valid_to = '2026-03-01'")

    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        read(session, home, date(2026, 3, 2), 1300)

    assert refused.value.orig.diag.constraint_name == "reading_of_no_meter"  # type: ignore[union-attr]
    assert read(session, home, date(2026, 3, 1), 1300)


@pytest.mark.parametrize(("verified_to", "is_refused"), [("2026-03-01", True), ("2026-03-02", False), (None, False)])
def test_meter_is_installed_on_a_day_on_which_it_is_verified(session: Session, verified_to: str | None, is_refused: bool) -> None:
    home = make_home(session, make_district(session))
    change(session, "meter_installation", home.installation_id, "valid_to = '2026-02-01'")
    value = f"'{verified_to}'" if verified_to else "NULL"
    change(session, "device", meter_of(session, home), f"verified_to = {value}")
    again = (
        "INSERT INTO meter_installation (division_id, meter_id, service_point_id, valid_from) VALUES (:division, :id, :point, '2026-03-01')"
    )
    given = {"division": home.division_id, "id": meter_of(session, home), "point": home.service_point_id}

    if is_refused:
        with pytest.raises(IntegrityError) as refused, session.begin_nested():
            session.execute(text(again), given)
        assert refused.value.orig.diag.constraint_name == "meter_is_not_verified"  # type: ignore[union-attr]
    else:
        session.execute(text(again), given)
