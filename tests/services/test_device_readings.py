"""Readings of devices: recorded, held, parked or refused; and what is parked is posted when its device is there."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import day_number
from app.domain.field_work import RoundReason
from app.domain.metering import ImportStatus, ParkedStatus, ReadingKind, ReadingSource
from app.gateways.meter_data import ReadingRow
from app.models.administration import Division
from app.models.metering.devices import ParkedDevice
from app.queries import field_work
from app.queries.metering import devices as queries
from app.queries.metering import series_of_account
from app.services import metering
from app.services.metering.judging import judge, limits_on
from app.services.seals import inspections
from tests.builders import Home, bill_month, install, make_district, make_home, read
from tests.services.device_scenario import NOW, TODAY, counts, refusals, send, standing, waiting
from tests.services.zoned_meters import make_zoned, recorded

JAN, LAST = date(2026, 1, 1), date(2026, 1, 31)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def test_reading_of_a_device_is_recorded_under_its_account(session: Session, home: Home) -> None:
    target = send(session, home.division_id, (home.serial, "2026-01-31T23:30:00+05:00", "1150"))

    assert (counts(target), target.status) == ((1, 0, 0, 0), ImportStatus.ACCEPTED)
    assert standing(session, home.register_id) == [(JAN, 1000, "CONTROLLER"), (LAST, 1150, "TELEMETRY")]


@pytest.mark.parametrize("written", ["s 1726999-0001", "'S17269990001", '="S17269990001"', "00S17269990001"])
def test_number_of_a_device_may_be_written_in_many_ways(session: Session, home: Home, written: str) -> None:
    assert counts(send(session, home.division_id, (written, "2026-01-31", "1150"))) == (1, 0, 0, 0)


def test_moment_counts_by_its_day_in_tashkent(session: Session, home: Home) -> None:
    send(session, home.division_id, (home.serial, "2026-01-31T20:15:00Z", "1150"))

    assert standing(session, home.register_id)[-1][0] == date(2026, 2, 1)


def test_readings_of_one_batch_follow_each_other_in_whatever_order_they_come(session: Session, home: Home) -> None:
    rows = [("2026-01-20", "1090"), ("2026-01-10", "1040"), ("2026-01-30", "1080"), ("2026-01-31", "1150")]

    target = send(session, home.division_id, *[(home.serial, *row) for row in rows])

    assert refusals(session, target) == [(3, "LOWER_THAN_LAST", "dial")]
    assert [dial for _, dial, _ in standing(session, home.register_id)] == [1000, 1040, 1090, 1150]


@pytest.mark.parametrize(
    ("row", "problem", "column"),
    [
        (("", "2026-01-31", "1150"), "EMPTY", "meter_number"),
        (("#N/A", "2026-01-31", "1150"), "ERROR_CELL", "meter_number"),
        (("S" * 65, "2026-01-31", "1150"), "TEXT_TOO_LONG", "meter_number"),
        (("{serial}", "31.02.2026", "1150"), "NOT_A_DATE", "read_on"),
        (("{serial}", "", "1150"), "EMPTY", "read_on"),
        (("{serial}", "2026-03-02", "1150"), "IN_THE_FUTURE", "read_on"),
        # The clock of the device is a day ahead, or half an hour.
        (("{serial}", "2026-03-02T12:00:00+05:00", "1150"), "IN_THE_FUTURE", "read_on"),
        (("{serial}", "2026-03-01T12:30:00+05:00", "1150"), "IN_THE_FUTURE", "read_on"),
        (("{serial}", "2026-01-31", "12x4"), "NOT_A_NUMBER", "dial"),
        (("{serial}", "2026-01-31", "-5"), "NOT_A_NUMBER", "dial"),
        (("{serial}", "2026-01-31", "1150.5"), "TOO_MANY_DECIMALS", "dial"),
        (("{serial}", "2026-01-31", "100000"), "TOO_MANY_DIGITS", "dial"),
        (("{serial}", "2026-01-31", "999"), "LOWER_THAN_LAST", "dial"),
        (("{serial}", "2026-01-31", "99000"), "IMPOSSIBLE", "dial"),
        (("{serial}", "2025-12-31", "900"), "NO_METER_THEN", "read_on"),
        (("{serial}", "2026-01-31", "1150", "NIGHT"), "UNKNOWN_REGISTER", "register"),
        (("{serial}", "2026-01-31", "1150", "T9"), "UNKNOWN_REGISTER", "register"),
        (("{serial}", "2026-01-31", "1150", "", "Z"), "UNKNOWN_QUALITY", "quality"),
        (("{serial}", "2026-01-01", "1000"), "REPEATED", ""),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_column(
    session: Session, home: Home, row: tuple[str, ...], problem: str, column: str
) -> None:
    target = send(session, home.division_id, (row[0].format(serial=home.serial), *row[1:]))

    assert (counts(target), target.status) == ((0, 0, 0, 1), ImportStatus.REFUSED)
    assert refusals(session, target) == [(1, problem, column)]
    assert len(standing(session, home.register_id)) == 1


def test_clock_may_be_a_quarter_of_an_hour_ahead(session: Session, home: Home) -> None:
    assert counts(send(session, home.division_id, (home.serial, "2026-03-01T12:15:00+05:00", "1150"))) == (1, 0, 0, 0)


def test_reading_after_the_removal_of_a_device_is_refused(session: Session, home: Home) -> None:
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-01-15' WHERE id = :id"), {"id": home.installation_id})

    target = send(session, home.division_id, (home.serial, "2026-01-15", "1040"), (home.serial, "2026-01-16", "1050"))

    assert (counts(target), refusals(session, target)) == ((1, 0, 0, 1), [(2, "NO_METER_THEN", "read_on")])


def test_the_same_again_is_recorded_once_and_told(session: Session, home: Home) -> None:
    row = (home.serial, "2026-01-31", "1150")
    send(session, home.division_id, row)

    again = send(session, home.division_id, row, row, (home.serial, "2026-01-31", "1151"))

    assert refusals(session, again) == [(1, "REPEATED", ""), (2, "REPEATED", ""), (3, "BEFORE_LAST_READING", "read_on")]
    assert len(standing(session, home.register_id)) == 2


def test_what_is_much_higher_or_marked_as_doubtful_waits_for_a_person_once(session: Session, home: Home) -> None:
    read(session, home, date(2026, 1, 15), 1150)
    bill_month(session, home.division_id, JAN)
    rows = [(home.serial, "2026-02-10", "3350"), (home.serial, "2026-02-11", "1400", "", "E")]

    target = send(session, home.division_id, *rows)
    send(session, home.division_id, *rows)

    assert counts(target) == (0, 2, 0, 0)
    assert waiting(session) == [("HIGH", 3350), ("QUALITY", 1400)]


def test_run_of_zeros_is_recorded_and_asks_for_an_inspection(session: Session, home: Home) -> None:
    for month, day in ((1, 28), (2, 25)):
        read(session, home, date(2026, month, day), 1000)
        bill_month(session, home.division_id, date(2026, month, 1))

    target = send(session, home.division_id, (home.serial, "2026-03-01", "1000"))

    assert (counts(target), waiting(session)) == ((1, 0, 0, 0), [("ZERO_N", 1000)])
    assert standing(session, home.register_id)[-1] == (TODAY, 1000, "TELEMETRY")
    opened = "SELECT cause, status, opened_on, account_id, service_point_id FROM inspection"
    assert session.execute(text(opened)).all() == [("NO_USE", "OPEN", TODAY, home.account_id, home.service_point_id)]
    points = field_work.points_for(session, home.division_id, RoundReason.INSPECTION, street_id=None, on=TODAY, limit=9)
    assert [each.account_id for each in points] == [home.account_id]
    inspections.open_for_no_use(session, [home.installation_id], [day_number(TODAY)])
    assert session.scalar(text("SELECT count(*) FROM inspection")) == 1


@pytest.mark.parametrize(("ends_at", "held"), [(None, [("SWITCHED_OFF", 1090)]), ("2026-01-20T12:00:00Z", [])])
def test_energy_that_was_used_where_the_supply_is_off_waits_for_a_person(
    session: Session, home: Home, ends_at: str | None, held: list[tuple[str, int]]
) -> None:
    off = {"division": home.division_id, "account": home.account_id, "point": home.service_point_id, "ends": ends_at}
    session.execute(
        text(
            "INSERT INTO point_state (division_id, account_id, service_point_id, supply_state, off_reason, begins_at, ends_at,"
            " state_source, reference)"
            " VALUES (:division, :account, :point, 'OFF', 'DEVICE', '2026-01-10T06:00:00Z', :ends, 'DEVICE', 'off 1')"
        ),
        off,
    )
    send(session, home.division_id, (home.serial, "2026-01-12", "1050"))  # used before it was cut
    assert waiting(session) == []

    send(session, home.division_id, (home.serial, "2026-01-25", "1090"))

    assert waiting(session) == held
    series = series_of_account(session, home.account_id)
    judged = judge(ReadingRow(0, "", "", "2026-01-28", "1095", "TOTAL"), series, limits_on(session, TODAY), today=TODAY)
    assert (judged.doubt == "SWITCHED_OFF") == bool(held)


def zoned_rows(home: Home, **dials: int) -> list[tuple[str, ...]]:
    return [(home.serial, "2026-01-31", str(dial), code) for code, dial in dials.items()]


def test_all_registers_of_a_device_are_recorded_together(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    target = send(session, home.division_id, *zoned_rows(home, TOTAL=1200, DAY=720, NIGHT=480))

    assert counts(target) == (3, 0, 0, 0)
    assert recorded(session, LAST) == {"TOTAL": 1200, "DAY": 720, "NIGHT": 480}


@pytest.mark.parametrize(
    ("dials", "found"),
    [
        ({"TOTAL": 1200, "DAY": 720}, [("INCOMPLETE", 1200), ("INCOMPLETE", 720)]),
        ({"TOTAL": 1200, "DAY": 720, "NIGHT": 399}, [("INCOMPLETE", 1200), ("INCOMPLETE", 720)]),
        ({"TOTAL": 1200, "DAY": 720, "NIGHT": 500}, [("ZONES", 1200), ("ZONES", 720), ("ZONES", 500)]),
    ],
    ids=["missing", "refused", "not the whole"],
)
def test_zones_that_are_missing_or_not_the_whole_hold_the_others(
    session: Session, dials: dict[str, int], found: list[tuple[str, int]]
) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    send(session, home.division_id, *zoned_rows(home, **dials))

    assert waiting(session) == found
    assert recorded(session, LAST) == {}


def test_zone_that_was_read_before_completes_the_others(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    night = session.scalar(text("SELECT id FROM register WHERE code = 'NIGHT'"))
    read(session, home._replace(register_id=night), LAST, 480)

    target = send(session, home.division_id, *zoned_rows(home, TOTAL=1200, DAY=720))

    assert (counts(target), waiting(session)) == ((2, 0, 0, 0), [])


@pytest.mark.parametrize(
    ("before", "after", "dial", "found", "stands"),
    [
        # M35: the device goes before the inspector, and the inspector before the operator.
        (ReadingSource.CONTROLLER, ReadingSource.TELEMETRY, 1148, (1, 0), (1148, "TELEMETRY")),
        (ReadingSource.TELEMETRY, ReadingSource.CONTROLLER, 1148, (0, 0), (1150, "TELEMETRY")),
        (ReadingSource.OFFICE, ReadingSource.CONTROLLER, 1155, (1, 0), (1155, "CONTROLLER")),
        (ReadingSource.CONTROLLER, ReadingSource.TELEMETRY, 1156, (0, 1), (1150, "CONTROLLER")),
        (ReadingSource.TELEMETRY, ReadingSource.CONTROLLER, 1144, (0, 1), (1150, "TELEMETRY")),
    ],
)
def test_of_two_sources_of_a_day_the_higher_is_used_and_beyond_the_tolerance_a_person_decides(
    session: Session, home: Home, before: ReadingSource, after: ReadingSource, dial: int, found: tuple[int, int], stands: tuple[int, str]
) -> None:
    send(session, home.division_id, (home.serial, "2026-01-31", "1150"), source=before)

    target = send(session, home.division_id, (home.serial, "2026-01-31", str(dial)), source=after)

    assert (target.accepted, target.held) == found
    assert standing(session, home.register_id)[-1][1:] == stands
    assert waiting(session) == ([("CONFLICT", dial)] if found[1] else [])


def test_reading_that_a_bill_rests_on_is_not_replaced_by_a_higher_source(session: Session, home: Home) -> None:
    read(session, home, LAST, 1150)
    bill_month(session, home.division_id, JAN)

    target = send(session, home.division_id, (home.serial, "2026-01-31", "1152"))

    assert refusals(session, target) == [(1, "OTHER_SOURCE", "")]


def parked(session: Session) -> list[tuple[str, str, str, int]]:
    rows = session.query(ParkedDevice).populate_existing().order_by(ParkedDevice.id)
    return [(each.serial_number, each.parked_reason, each.status, each.readings) for each in rows]


def test_unknown_device_is_parked_once_with_all_it_sent(session: Session, home: Home) -> None:
    rows = [("N-7", "2026-01-30", "20"), ("N-7", "2026-01-31", "25"), ("N 7", "2026-01-31", "25")]

    target = send(session, home.division_id, *rows)
    send(session, home.division_id, rows[1])

    assert (counts(target), target.status) == ((0, 0, 3, 0), ImportStatus.ACCEPTED)
    assert [each[1:] for each in parked(session)] == [("UNKNOWN_DEVICE", "WAITING", 2)]


def test_device_of_another_division_is_unknown(session: Session, home: Home) -> None:
    elsewhere = make_district(session, "1726998")

    target = send(session, elsewhere.id, (home.serial, "2026-01-31", "1150"))

    assert (counts(target), len(standing(session, home.register_id))) == ((0, 0, 1, 0), 1)


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM device d WHERE d.id = ANY (ARRAY(SELECT device_ids('X-404')))", queries._DEVICES.replace(":keys", "'{X404}'")],
)
def test_device_is_found_by_its_number_without_looking_at_every_device(session: Session, home: Home, statement: str) -> None:
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{home.division_id}}}"})
    session.execute(text("SET LOCAL ROLE pcb_web"))
    session.execute(text("SET LOCAL enable_seqscan = off"))

    plan = "\n".join(session.scalars(text(f"EXPLAIN {statement}")))

    assert "Seq Scan on device" not in plan
    assert "device_pkey" in plan


def test_parked_readings_are_posted_when_their_device_is_installed(session: Session, home: Home) -> None:
    other = make_home(session, session.get_one(Division, home.division_id), 2)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-01-15' WHERE id = :id"), {"id": other.installation_id})
    target = send(session, home.division_id, ("N-7", "2026-01-20", "0"), ("N-7", "2026-01-31", "25"), ("N-7", "2026-02-01", "7"))
    before = metering.next_to_post(session, home.division_id)
    new = install(session, other, "N7", date(2026, 1, 15))

    posted = metering.post_parked(session, metering.next_to_post(session, home.division_id), today=TODAY, now=NOW)

    session.expire_all()
    assert (before, posted, metering.next_to_post(session, home.division_id)) == ([], 3, [])
    assert (counts(target), refusals(session, target)) == ((2, 0, 0, 1), [(3, "LOWER_THAN_LAST", "dial")])
    assert [dial for _, dial, _ in standing(session, new.register_id)] == [0, 25]
    assert [each[1:] for each in parked(session)] == [("UNKNOWN_DEVICE", "POSTED", 0)]
    first = session.scalars(text("SELECT kind FROM reading WHERE register_id = :id ORDER BY id"), {"id": new.register_id}).all()
    assert first == [ReadingKind.INITIAL, ReadingKind.PERIODIC]


def test_parked_device_that_is_not_ours_is_put_aside_and_waits_again_when_it_sends_more(session: Session, home: Home) -> None:
    send(session, home.division_id, ("N-7", "2026-01-20", "0"))
    device = session.query(ParkedDevice).one()

    count = metering.discard(session, device.id)
    with pytest.raises(metering.NotWaiting):
        metering.discard(session, device.id)
    send(session, home.division_id, ("N-7", "2026-01-21", "0"))

    assert count == 1
    assert [each[2:] for each in parked(session)] == [(ParkedStatus.WAITING, 1)]
