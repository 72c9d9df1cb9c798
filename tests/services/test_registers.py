"""Readings of all registers of a meter: of zones, of reactive energy, of capacity; typed, from files, and billed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.metering import Doubt, ReadingKind, ReadingSource, RowProblem
from app.gateways.meter_data import ReadingRow, parse_readings
from app.models.administration import Division
from app.models.metering import ReadingImport
from app.queries import billing
from app.queries import metering as queries
from app.queries.billing import corrections
from app.services import metering
from app.services.administration import store_file
from tests.builders import Home, bill_month, install, make_home, price_zones, read
from tests.services.bill_lines import lines_of
from tests.services.zoned_meters import FEB, JAN, TODAY, make_zoned, recorded

NUMBER = "269990000001"


def enter(session: Session, home: Home, day: str, dials: Mapping[str, str], *, sure: bool = False, meter: str = "") -> int:
    taken = metering.enter_registers(
        session, account_id=home.account_id, meter_number=meter, read_on=day, dials=dials, source=ReadingSource.OFFICE, sure=sure,
        today=TODAY,
    )  # fmt: skip
    return len(taken)


def check(session: Session, home: Home, rows: list[ReadingRow]) -> ReadingImport:
    stored = store_file(session, division_id=home.division_id, name="readings.csv", media_type="text/csv", content=b"one")
    target = metering.receive_file(session, stored)
    metering.check_rows(session, target, rows, today=TODAY)
    metering.finish_check(session, target, today=TODAY)
    return target


def verdicts(session: Session, target: ReadingImport) -> list[tuple[str, str | None, str | None]]:
    return [(row.status, row.problem, row.column) for row in queries.import_rows(session, target.id)]


def test_all_registers_of_a_meter_are_recorded_together(session: Session) -> None:
    home = make_zoned(session)
    dials = {"TOTAL": "1200", "DAY": "720", "NIGHT": "450", "PEAK": "30", "REACTIVE": "70", "DEMAND": "8"}

    assert enter(session, home, "2026-01-31", dials) == 6

    assert recorded(session, date(2026, 1, 31)) == {code: int(dial) for code, dial in dials.items()}


def test_register_left_out_is_asked_for_by_name(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    with pytest.raises(metering.ReadingRefused) as refused:
        enter(session, home, "2026-01-31", {"TOTAL": "1200", "DAY": "720", "NIGHT": " "})

    assert (refused.value.problem, refused.value.column, refused.value.register) == (RowProblem.EMPTY, "dial", "NIGHT")
    assert recorded(session, date(2026, 1, 31)) == {}


def test_register_that_was_read_on_the_day_may_be_left_out(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    read(session, home, date(2026, 1, 31), 1200)

    assert enter(session, home, "2026-01-31", {"TOTAL": "", "DAY": "720", "NIGHT": "480"}) == 2


def test_each_register_is_judged_against_its_own_last_reading(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    with pytest.raises(metering.ReadingRefused) as refused:
        enter(session, home, "2026-01-31", {"TOTAL": "1200", "DAY": "720", "NIGHT": "399"})

    assert (refused.value.problem, refused.value.register) == (RowProblem.LOWER_THAN_LAST, "NIGHT")
    assert refused.value.about["last_milli"] == 400_000


def test_odd_registers_are_asked_about_together(session: Session) -> None:
    home = make_zoned(session, ("DAY", "DEMAND"))
    dials = {"TOTAL": "1000", "DAY": "600", "DEMAND": "11"}

    with pytest.raises(metering.Doubtful) as doubtful:
        enter(session, home, "2026-01-31", dials)

    assert [*doubtful.value.registers] == [("DEMAND", Doubt.HIGH, 11_000)]  # the place is connected for 10 kW
    assert enter(session, home, "2026-01-31", dials, sure=True) == 3


def test_zones_that_are_not_the_whole_are_asked_about(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT", "REACTIVE"))
    apart = {"TOTAL": "1200", "DAY": "720", "NIGHT": "500", "REACTIVE": "0"}

    with pytest.raises(metering.Doubtful) as doubtful:
        enter(session, home, "2026-01-31", apart)

    zones = {register for register, doubt, _quantity in doubtful.value.registers if doubt == Doubt.ZONES}
    assert zones == {"TOTAL", "DAY", "NIGHT"}
    assert recorded(session, date(2026, 1, 31)) == {}
    assert enter(session, home, "2026-01-31", apart, sure=True) == 4


def test_capacity_may_be_lower_than_before(session: Session) -> None:
    home = make_zoned(session, ("DEMAND",))

    enter(session, home, "2026-01-31", {"TOTAL": "1200", "DEMAND": "9"})
    enter(session, home, "2026-02-28", {"TOTAL": "1400", "DEMAND": "7"})

    assert recorded(session, date(2026, 2, 28))["DEMAND"] == 7


def test_register_of_another_meter_than_that_of_the_day_is_refused(session: Session) -> None:
    home = make_zoned(session, ("NIGHT",))
    read(session, home, date(2026, 1, 20), 1100, kind=ReadingKind.FINAL)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-01-20' WHERE id = :id"), {"id": home.installation_id})
    new = install(session, home, "S2", date(2026, 1, 20))
    read(session, new, date(2026, 1, 20), 5, kind=ReadingKind.INITIAL)

    with pytest.raises(metering.ReadingRefused) as refused:
        enter(session, home, "2026-01-31", {"TOTAL": "100", "NIGHT": "450"})

    assert (refused.value.problem, refused.value.register, refused.value.about["registers"]) == (
        RowProblem.UNKNOWN_REGISTER,
        "NIGHT",
        "TOTAL",
    )
    assert enter(session, home, "2026-01-31", {"TOTAL": "100", "NIGHT": ""}) == 1


def test_file_of_zones_is_recorded_register_by_register(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    content = Path("tests/cases/23-zone-registers.csv").read_text("utf-8")
    for before, after in {
        "269010000074": NUMBER,
        "26901000074": home.serial,
        "2026-11-23": "2026-01-31",
        "28500": "1285",
        "17100": "771",
    }.items():
        content = content.replace(before, after)
    content = content.replace("11400", "514")

    target = check(session, home, parse_readings(content.encode(), "zones.csv").rows)
    metering.accept_rows(session, target, after=0, limit=10, today=TODAY)

    assert verdicts(session, target) == [("ACCEPTED", None, None)] * 3
    assert recorded(session, date(2026, 1, 31)) == {"TOTAL": 1285, "DAY": 771, "NIGHT": 514}


@pytest.mark.parametrize(
    ("written", "register"), [("night", "NIGHT"), ("Ночь", "NIGHT"), ("tungi", "NIGHT"), ("тунги", "NIGHT"), ("", "TOTAL")]
)
def test_register_is_known_by_its_word_in_each_language(session: Session, written: str, register: str) -> None:
    home = make_zoned(session, ("NIGHT",))
    dial = "1100" if register == "TOTAL" else "450"

    target = check(session, home, [ReadingRow(2, NUMBER, "", "2026-01-31", dial, written)])
    metering.accept_rows(session, target, after=0, limit=10, today=TODAY)

    assert recorded(session, date(2026, 1, 31)) == {register: int(dial)}


def test_rows_of_one_register_follow_each_other_and_not_those_of_another(session: Session) -> None:
    home = make_zoned(session, ("NIGHT",))
    rows = [
        ReadingRow(2, NUMBER, "", "2026-01-20", "1100", "TOTAL"),
        ReadingRow(3, NUMBER, "", "2026-01-20", "450", "NIGHT"),
        ReadingRow(4, NUMBER, "", "2026-01-31", "440", "NIGHT"),
        ReadingRow(5, NUMBER, "", "2026-01-31", "1150", "TOTAL"),
    ]

    target = check(session, home, rows)

    assert verdicts(session, target) == [
        ("GOOD", None, None), ("GOOD", None, None), ("REJECTED", RowProblem.LOWER_THAN_LAST, "dial"), ("GOOD", None, None),
    ]  # fmt: skip


def test_meter_whose_only_register_is_a_zone_is_read_without_naming_it(session: Session) -> None:
    home = make_zoned(session, ())
    session.execute(text("UPDATE register SET code = 'DAY' WHERE id = :id"), {"id": home.register_id})

    target = check(session, home, [ReadingRow(2, NUMBER, "", "2026-01-31", "1100")])

    assert verdicts(session, target) == [("GOOD", None, None)]


def test_zones_reactive_energy_and_capacity_that_were_typed_are_billed(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT", "REACTIVE", "DEMAND"))
    price_zones(session, "DAY: =1000 | NIGHT: =500 | REACTIVE: =100 | DEMAND: =2000")
    enter(session, home, "2026-01-31", {"TOTAL": "1200", "DAY": "720", "NIGHT": "480", "REACTIVE": "100", "DEMAND": "8"})

    bill_month(session, home.division_id, JAN)

    # 8 kW for 30 of 30 days; reactive energy beyond 40 % of the active.
    assert [line[1:5] for line in lines_of(session, home, JAN)] == [
        ("ENERGY", "DAY", 1, 120), ("ENERGY", "NIGHT", 1, 80), ("REACTIVE", "REACTIVE", 1, 20), ("DEMAND", "DEMAND", 1, 8),
    ]  # fmt: skip


def billed_reactive(session: Session) -> tuple[Home, int]:
    """Return an account billed for January and the id of its reactive reading of the 31st."""
    home = make_zoned(session, ("DAY", "REACTIVE"))
    price_zones(session, "DAY: =1000 | REACTIVE: =100")
    enter(session, home, "2026-01-31", {"TOTAL": "1200", "DAY": "800", "REACTIVE": "100"})
    bill_month(session, home.division_id, JAN)
    statement = text("SELECT r.id FROM reading r JOIN register g ON g.id = r.register_id WHERE g.code = 'REACTIVE' AND r.read_on > :day")
    reading_id = session.scalar(statement, {"day": JAN})
    return home, int(reading_id or 0)


def test_reactive_reading_under_a_bill_is_corrected_with_the_bill_only(session: Session) -> None:
    home, reading_id = billed_reactive(session)

    with pytest.raises(metering.ReadingAlreadyBilled):
        metering.correct(session, account_id=home.account_id, reading_id=reading_id, dial="90", sure=True, today=TODAY)

    assert corrections.first_month_of_reading(session, reading_id) == JAN


def test_zone_reading_that_comes_after_the_bill_of_its_day_is_refused(session: Session) -> None:
    home = make_zoned(session, ("REACTIVE",))
    read(session, home, date(2026, 1, 31), 1200)
    bill_month(session, home.division_id, JAN)

    with pytest.raises(metering.ReadingRefused) as refused:
        enter(session, home, "2026-01-31", {"REACTIVE": "100"})

    assert (refused.value.problem, refused.value.about["billed_to"]) == (RowProblem.ALREADY_BILLED, "2026-01-31")


def test_register_of_reactive_energy_under_a_bill_keeps_its_digits(session: Session) -> None:
    billed_reactive(session)

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE register SET digits = 5 WHERE code = 'REACTIVE'"))


def test_usual_month_of_a_register_is_its_own(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    price_zones(session, "DAY: =1000 | NIGHT: =500")
    enter(session, home, "2026-01-31", {"TOTAL": "1300", "DAY": "840", "NIGHT": "460"})
    bill_month(session, home.division_id, JAN)

    series = {each.register: (each.history_milli, each.history_days) for each in queries.series_of_account(session, home.account_id)}

    assert series == {"TOTAL": (300_000, 30), "DAY": (240_000, 30), "NIGHT": (60_000, 30)}


def test_bill_names_the_readings_of_reactive_energy_and_capacity_too(session: Session) -> None:
    home = make_zoned(session, ("REACTIVE", "DEMAND"))
    enter(session, home, "2026-01-31", {"TOTAL": "1200", "REACTIVE": "100", "DEMAND": "8"})
    enter(session, home, "2026-02-28", {"TOTAL": "1400", "REACTIVE": "170", "DEMAND": "7"})
    for month in (JAN, FEB):
        bill_month(session, home.division_id, month)
    bills = session.scalars(text("SELECT id FROM bill WHERE account_id = :id ORDER BY id"), {"id": home.account_id}).all()

    rows = [billing.bill_readings(session, bill_id) for bill_id in bills]

    assert [[(row.zone, row.earlier_milli, row.later_milli, row.quantity_milli) for row in of_bill] for of_bill in rows] == [
        [("TOTAL", 1_000_000, 1_200_000, 200_000), ("REACTIVE", 0, 100_000, 100_000), ("DEMAND", None, 8_000, 8_000)],
        [("TOTAL", 1_200_000, 1_400_000, 200_000), ("REACTIVE", 100_000, 170_000, 70_000), ("DEMAND", None, 7_000, 7_000)],
    ]
    assert {row.meter for of_bill in rows for row in of_bill} == {home.serial}


def rows_of(content: str) -> list[ReadingRow]:
    return parse_readings(content.encode(), "readings.csv").rows


def doubts(session: Session, target: ReadingImport) -> list[tuple[str, str | None, str | None]]:
    return [(row.register, row.doubt, (row.about or {}).get("lacking")) for row in queries.import_rows(session, target.id)]


def test_row_of_a_file_with_a_column_for_each_register_is_recorded_for_each(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    content = f"account;date;reading;day;night\n{NUMBER};31.01.2026;1200;720;480\n"

    target = check(session, home, rows_of(content))
    while after := metering.accept_rows(session, target, after=0, limit=1, today=TODAY):
        assert after == 2
    metering.finish_acceptance(session, target)

    assert (target.received, target.accepted, target.rejected) == (3, 3, 0)
    assert recorded(session, date(2026, 1, 31)) == {"TOTAL": 1200, "DAY": 720, "NIGHT": 480}
    assert doubts(session, target) == [("", None, None), ("DAY", None, None), ("NIGHT", None, None)]


def test_refused_register_leaves_the_others_of_its_row_doubtful(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    content = f"account;date;reading;day;night\n{NUMBER};31.01.2026;1200;720;399\n"

    target = check(session, home, rows_of(content))

    assert verdicts(session, target)[2] == ("REJECTED", RowProblem.LOWER_THAN_LAST, "dial")
    assert doubts(session, target)[:2] == [("", Doubt.INCOMPLETE, "NIGHT"), ("DAY", Doubt.INCOMPLETE, "NIGHT")]


def test_zones_of_a_file_that_are_not_the_whole_are_doubtful(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    target = check(session, home, rows_of(f"account;date;reading;day;night\n{NUMBER};31.01.2026;1200;720;500\n"))
    within = check(session, home, rows_of(f"account;date;reading;day;night\n{NUMBER};31.01.2026;1200;720;482\n"))

    assert {doubt for _register, doubt, _lacking in doubts(session, target)} == {Doubt.ZONES}
    assert {doubt for _register, doubt, _lacking in doubts(session, within)} == {None}


def test_file_of_whole_counters_says_which_meters_have_zones_that_were_not_read(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    other = make_home(session, session.get_one(Division, home.division_id), 2).number

    target = check(session, home, rows_of(f"account;date;reading\n{NUMBER};31.01.2026;1200\n{other};31.01.2026;1100\n"))

    assert doubts(session, target) == [("", Doubt.INCOMPLETE, "DAY, NIGHT"), ("", None, None)]


def test_registers_of_a_meter_may_come_in_rows_of_their_own_or_be_recorded_already(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    night = home._replace(register_id=session.scalar(text("SELECT id FROM register WHERE code = 'NIGHT' ORDER BY id DESC LIMIT 1")))
    read(session, night, date(2026, 1, 31), 480)
    content = f"account;date;register;reading\n{NUMBER};31.01.2026;total;1200\n{NUMBER};31.01.2026;день;720\n"

    target = check(session, home, rows_of(content))

    assert [doubt for _register, doubt, _lacking in doubts(session, target)] == [None, None]
