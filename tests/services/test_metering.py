"""Readings: judged, typed by a person, taken from files."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import Doubt, ImportStatus, ReadingKind, ReadingSource, RowProblem
from app.domain.readers import FileProblem, ReadingFault
from app.gateways.meter_data import ReadingRow
from app.gateways.tables import TableRefusal
from app.models.administration import OperatingParameter
from app.models.metering import ReadingImport
from app.queries import metering as queries
from app.services import metering
from app.services.administration import store_file
from tests.builders import Home, bill_month, install, make_district, make_home, read
from tests.strategies import TIMES

JAN, TODAY = date(2026, 1, 1), date(2026, 3, 1)
#: Account and meter of ``make_home(session, make_district(session))``: five digits, 10 kW, 1000 on 1 January.
NUMBER, METER = "269990000001", "S17269990001"


def enter(session: Session, home: Home, day: str, dial: str, *, sure: bool = False, meter: str = "") -> int:
    reading = metering.enter(
        session,
        account_id=home.account_id,
        meter_number=meter,
        read_on=day,
        dial=dial,
        source=ReadingSource.OFFICE,
        sure=sure,
        today=TODAY,
    )
    return reading.id


def receive(session: Session, division_id: int, content: bytes = b"one") -> ReadingImport:
    stored = store_file(session, division_id=division_id, name="readings.csv", media_type="text/csv", content=content)
    return metering.receive_file(session, stored)


def check(session: Session, division_id: int, rows: Sequence[ReadingRow], content: bytes = b"one") -> ReadingImport:
    """Receive and check a file of these rows."""
    target = receive(session, division_id, content)
    metering.check_rows(session, target, rows, today=TODAY)
    metering.finish_check(session, target, today=TODAY)
    return target


def accept(session: Session, target: ReadingImport, limit: int = 1000) -> None:
    after = 0
    while last := metering.accept_rows(session, target, after=after, limit=limit, today=TODAY):
        after = last
    metering.finish_acceptance(session, target)


def verdicts(session: Session, target: ReadingImport) -> list[tuple[str, str | None, str | None]]:
    return [(row.status, row.problem, row.column) for row in queries.import_rows(session, target.id)]


def counts(target: ReadingImport) -> tuple[int, int, int]:
    return target.received, target.accepted, target.rejected


def readings(session: Session) -> list[tuple[date, int]]:
    rows = session.execute(text("SELECT read_on, dial_milli / 1000 FROM reading WHERE kind = 'PERIODIC' ORDER BY read_on, id"))
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("number", "meter", "day", "dial", "problem", "column"),
    [
        ("", "", "2026-01-31", "1100", RowProblem.EMPTY, "account_number"),
        ("  ", "", "2026-01-31", "1100", RowProblem.EMPTY, "account_number"),
        ("26999", "", "2026-01-31", "1100", RowProblem.NOT_AN_ACCOUNT_NUMBER, "account_number"),
        ("26999000000x", "", "2026-01-31", "1100", RowProblem.NOT_AN_ACCOUNT_NUMBER, "account_number"),
        ("٢٦٩٩٩٠٠٠٠٠٠١", "", "2026-01-31", "1100", RowProblem.NOT_AN_ACCOUNT_NUMBER, "account_number"),
        ("269999999999", "", "2026-01-31", "1100", RowProblem.UNKNOWN_ACCOUNT, "account_number"),
        (NUMBER, "no-such-meter", "2026-01-31", "1100", RowProblem.UNKNOWN_METER, "meter_number"),
        (NUMBER, "", "", "1100", RowProblem.EMPTY, "read_on"),
        (NUMBER, "", "yesterday", "1100", RowProblem.NOT_A_DATE, "read_on"),
        (NUMBER, "", "31.02.2026", "1100", RowProblem.NOT_A_DATE, "read_on"),
        (NUMBER, "", "2026-13-01", "1100", RowProblem.NOT_A_DATE, "read_on"),
        (NUMBER, "", "31.01.26", "1100", RowProblem.NOT_A_DATE, "read_on"),
        (NUMBER, "", "2026-01-31 25:30:00", "1100", RowProblem.NOT_A_DATE, "read_on"),
        (NUMBER, "", "2026-03-02", "1100", RowProblem.IN_THE_FUTURE, "read_on"),
        (NUMBER, "", "2026-01-01", "1100", RowProblem.BEFORE_LAST_READING, "read_on"),
        (NUMBER, "", "2025-12-31", "1100", RowProblem.NO_METER_THEN, "read_on"),
        (NUMBER, "", "2026-01-31", "", RowProblem.EMPTY, "dial"),
        (NUMBER, "", "2026-01-31", "11OO", RowProblem.NOT_A_NUMBER, "dial"),
        (NUMBER, "", "2026-01-31", "-1100", RowProblem.NOT_A_NUMBER, "dial"),
        (NUMBER, "", "2026-01-31", "1.1e3", RowProblem.NOT_A_NUMBER, "dial"),
        (NUMBER, "", "2026-01-31", "1100.5", RowProblem.TOO_MANY_DECIMALS, "dial"),
        (NUMBER, "", "2026-01-31", "1100.000", RowProblem.TOO_MANY_DECIMALS, "dial"),
        (NUMBER, "", "2026-01-31", "1,100", RowProblem.TOO_MANY_DECIMALS, "dial"),
        (NUMBER, "", "2026-01-31", "١١٠٠", RowProblem.NOT_A_NUMBER, "dial"),
        (NUMBER, "", "2026-01-31", "1234567890123456789", RowProblem.TOO_MANY_DIGITS, "dial"),
        (NUMBER, "", "2026-01-31", "100000", RowProblem.TOO_MANY_DIGITS, "dial"),
        (NUMBER, "", "2026-01-31", "999999999999999999", RowProblem.TOO_MANY_DIGITS, "dial"),
        (NUMBER, "", "2026-01-02", "1241", RowProblem.IMPOSSIBLE, "dial"),  # a day of 10 kW is 240 kWh
        (NUMBER, "", "2026-01-31", "900", RowProblem.LOWER_THAN_LAST, "dial"),  # a roll-over of 99 900 kWh
    ],
)
def test_bad_row_is_rejected_with_its_problem_and_column(
    session: Session, number: str, meter: str, day: str, dial: str, problem: RowProblem, column: str
) -> None:
    home = make_home(session, make_district(session))

    target = check(session, home.division_id, [ReadingRow(2, number, meter, day, dial)])

    assert verdicts(session, target) == [("REJECTED", problem, column)]
    assert counts(target) == (1, 0, 1)


@pytest.mark.parametrize(
    ("number", "meter", "day", "dial"),
    [
        (NUMBER, "", "2026-01-31", "1100"),
        (NUMBER, METER, "31.01.2026", "1100"),
        ("26999 0000001", f" {METER} ", " 2026-01-31 ", " 1100 "),
        (NUMBER, "", "2026-01-31 00:00:00", "1 100"),
        (NUMBER, "", "2026-01-31T00:00:00", "1100,0"),
        ("'269990000001", f'="{METER}"', "31.01.2026 9:05", "1100"),
        ("269990000001.0", "", "2026-01-31T00:00:00+05:00", "1100"),
    ],
)
def test_good_row_is_booked_however_it_is_written(session: Session, number: str, meter: str, day: str, dial: str) -> None:
    home = make_home(session, make_district(session))
    target = check(session, home.division_id, [ReadingRow(2, number, meter, day, dial)])

    accept(session, target)

    assert verdicts(session, target) == [("ACCEPTED", None, None)]
    assert readings(session) == [(date(2026, 1, 31), 1100)]
    assert session.scalar(text("SELECT source FROM reading WHERE reading_import_id = :id"), {"id": target.id}) == ReadingSource.FILE


def test_largest_quantity_the_capacity_allows_is_good(session: Session) -> None:
    home = make_home(session, make_district(session))

    target = check(session, home.division_id, [ReadingRow(2, NUMBER, "", "2026-01-02", "1240")])

    assert verdicts(session, target) == [("GOOD", None, None)]


def test_reading_after_the_removal_of_the_meter_is_rejected(session: Session) -> None:
    home = make_home(session, make_district(session))
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-02-01' WHERE id = :id"), {"id": home.installation_id})

    target = check(session, home.division_id, [ReadingRow(2, NUMBER, METER, "2026-02-10", "1100")])

    assert verdicts(session, target) == [("REJECTED", RowProblem.NO_METER_THEN, "read_on")]


def test_row_without_a_meter_is_taken_for_the_meter_of_its_day(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 12), 1050, kind=ReadingKind.FINAL)
    session.execute(text("UPDATE meter_installation SET valid_to = '2026-01-12' WHERE id = :id"), {"id": home.installation_id})
    new = install(session, home, "NEW1", date(2026, 1, 12))
    read(session, new, date(2026, 1, 12), 3, kind=ReadingKind.INITIAL)
    target = check(
        session, home.division_id, [ReadingRow(2, NUMBER, "", "2026-01-31", "43"), ReadingRow(3, NUMBER, METER, "2026-01-31", "43")]
    )

    accept(session, target)

    assert verdicts(session, target) == [("ACCEPTED", None, None), ("REJECTED", RowProblem.NO_METER_THEN, "read_on")]
    booked = session.scalar(text("SELECT meter_installation_id FROM reading WHERE reading_import_id = :id"), {"id": target.id})
    assert booked == new.installation_id


def used_to_100_a_month(session: Session) -> Home:
    """A home whose January was 100 kWh."""
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, JAN)
    return home


@pytest.mark.parametrize(("dial", "doubt", "quantity"), [("1500", Doubt.HIGH, 400_000), ("1110", Doubt.LOW, 10_000)])
def test_doubt_is_asked_about_once_and_then_taken(session: Session, dial: str, doubt: Doubt, quantity: int) -> None:
    home = used_to_100_a_month(session)

    with pytest.raises(metering.Doubtful) as doubtful:
        enter(session, home, "2026-02-28", dial)
    before = readings(session)
    enter(session, home, "2026-02-28", dial, sure=True)

    assert (doubtful.value.doubt, doubtful.value.quantity_milli) == (doubt, quantity)
    assert before == [(date(2026, 1, 31), 1100)]
    assert readings(session) == [*before, (date(2026, 2, 28), int(dial))]


def test_a_reading_is_doubted_from_as_many_times_the_usual_month_as_the_office_says(session: Session) -> None:
    home = used_to_100_a_month(session)
    session.add(OperatingParameter(code="metering.high_times", valid_from=JAN, value="2"))
    session.flush()

    with pytest.raises(metering.Doubtful):
        enter(session, home, "2026-02-28", "1300")


def test_usual_reading_is_taken_without_a_question(session: Session) -> None:
    home = used_to_100_a_month(session)

    enter(session, home, "2026-02-28", "1190", meter=METER)

    assert readings(session)[-1] == (date(2026, 2, 28), 1190)


def test_roll_over_without_a_history_is_asked_about(session: Session) -> None:
    home = make_home(session, make_district(session), dial=99_950)

    with pytest.raises(metering.Doubtful) as doubtful:
        enter(session, home, "2026-01-31", "50")

    assert (doubtful.value.doubt, doubtful.value.quantity_milli) == (Doubt.HIGH, 100_000)


def test_who_is_sure_still_cannot_enter_the_impossible(session: Session) -> None:
    home = make_home(session, make_district(session))

    with pytest.raises(metering.ReadingRefused) as refused:
        enter(session, home, "2026-01-31", "900", sure=True)

    assert (refused.value.problem, refused.value.column) == (RowProblem.LOWER_THAN_LAST, "dial")
    assert readings(session) == []


def test_doubtful_row_of_a_file_is_good_and_marked(session: Session) -> None:
    home = used_to_100_a_month(session)

    target = check(session, home.division_id, [ReadingRow(2, NUMBER, "", "2026-02-28", "1500")])

    row = queries.import_rows(session, target.id)[0]
    assert (row.status, row.doubt, row.quantity_milli) == ("GOOD", Doubt.HIGH, 400_000)
    assert queries.import_summary(session, target.id) == {Doubt.HIGH: 1}


def test_rows_of_one_file_follow_each_other(session: Session) -> None:
    home = make_home(session, make_district(session))
    rows = [ReadingRow(2, NUMBER, "", "2026-01-15", "1100"), ReadingRow(3, NUMBER, "", "2026-01-31", "1250")]
    target = check(session, home.division_id, rows)
    before = readings(session)

    accept(session, target)

    assert [row.quantity_milli for row in queries.import_rows(session, target.id)] == [100_000, 150_000]
    assert before == []
    assert readings(session) == [(date(2026, 1, 15), 1100), (date(2026, 1, 31), 1250)]


def test_rows_follow_each_other_from_one_batch_of_the_file_to_the_next(session: Session) -> None:
    home = make_home(session, make_district(session))
    target = receive(session, home.division_id)
    rows = [(2, "2026-01-31", "1100"), (3, "2026-01-15", "1050"), (4, "2026-02-15", "1150")]

    seen: metering.Seen = {}
    for row_no, day, dial in rows:
        metering.check_rows(session, target, [ReadingRow(row_no, NUMBER, "", day, dial)], seen, today=TODAY)

    found = [(row.status, row.problem, row.quantity_milli) for row in queries.import_rows(session, target.id)]
    assert found == [("GOOD", None, 100_000), ("REJECTED", RowProblem.BEFORE_LAST_READING, None), ("GOOD", None, 50_000)]


@pytest.mark.parametrize("second", [("2026-01-31", "1101"), ("2026-01-15", "1050")])
def test_row_that_does_not_follow_an_earlier_one_is_rejected(session: Session, second: tuple[str, str]) -> None:
    home = make_home(session, make_district(session))

    target = check(session, home.division_id, [ReadingRow(2, NUMBER, "", "2026-01-31", "1100"), ReadingRow(3, NUMBER, "", *second)])

    assert verdicts(session, target) == [("GOOD", None, None), ("REJECTED", RowProblem.BEFORE_LAST_READING, "read_on")]
    assert counts(target) == (2, 1, 1)


def test_row_that_says_the_same_as_an_earlier_one_names_it(session: Session) -> None:
    home = make_home(session, make_district(session))

    rows = [ReadingRow(2, NUMBER, "", "2026-01-31", "1100"), ReadingRow(5, NUMBER, METER, "31.01.2026", "1 100")]
    target = check(session, home.division_id, rows)

    [_, twin] = queries.import_rows(session, target.id)
    assert (twin.status, twin.problem, twin.column) == ("REJECTED", RowProblem.REPEATED, "")
    assert twin.about == {"last_on": "2026-01-31", "last_milli": 1_100_000, "twin": 2}


def test_reason_names_the_cell_or_the_earlier_reading(session: Session) -> None:
    home = make_home(session, make_district(session))

    rows = [
        ReadingRow(2, NUMBER, "", "soon", "1100"),
        ReadingRow(3, NUMBER, "", "2026-01-31", "900"),
        ReadingRow(4, NUMBER, "", "2026-01-01", "1"),
    ]
    target = check(session, home.division_id, rows)

    last = {"last_on": "2026-01-01", "last_milli": 1_000_000}
    assert [row.about for row in queries.import_rows(session, target.id)] == [{"value": "soon"}, last, last]


def test_row_that_its_file_spoiled_is_rejected_with_its_column(session: Session) -> None:
    home = make_home(session, make_district(session))
    refusals = [TableRefusal(ReadingFault.ERROR_CELL, "meter_number", "#N/A"), TableRefusal(ReadingFault.EXTRA_CELLS, "", "5")]

    target = check(
        session, home.division_id, [ReadingRow(no, NUMBER, "", "2026-01-31", "1100", "", each) for no, each in enumerate(refusals, 2)]
    )

    assert verdicts(session, target) == [("REJECTED", RowProblem.ERROR_CELL, "meter_number"), ("REJECTED", RowProblem.EXTRA_CELLS, "")]
    assert [row.about for row in queries.import_rows(session, target.id)] == [{"value": "#N/A"}, {"value": "5"}]


def test_reading_of_a_zone_is_never_judged_against_the_whole_counter(session: Session) -> None:
    home = make_home(session, make_district(session))

    target = check(
        session,
        home.division_id,
        [ReadingRow(2, NUMBER, "", "2026-01-31", "1100", "NIGHT"), ReadingRow(3, NUMBER, "", "2026-01-31", "1100", "total")],
    )

    assert verdicts(session, target) == [("REJECTED", RowProblem.UNKNOWN_REGISTER, "register"), ("GOOD", None, None)]


def test_row_that_was_rejected_is_nobodys_last_reading(session: Session) -> None:
    home = make_home(session, make_district(session))
    rows = [ReadingRow(2, NUMBER, "", "2026-01-31", "99999"), ReadingRow(3, NUMBER, "", "2026-01-31", "1100")]

    target = check(session, home.division_id, rows)

    assert verdicts(session, target) == [("REJECTED", RowProblem.IMPOSSIBLE, "dial"), ("GOOD", None, None)]


def test_account_of_another_division_is_unknown_to_the_file(session: Session) -> None:
    mine, foreign = make_district(session, "1726998"), make_district(session, "1726999")
    inside, outside = make_home(session, mine), make_home(session, foreign)
    rows = [ReadingRow(2, inside.number, "", "2026-01-31", "1100"), ReadingRow(3, outside.number, "", "2026-01-31", "1100")]
    region = int(session.scalar(text("SELECT parent_id FROM division WHERE id = :id"), {"id": mine.id}) or 0)

    of_district, of_region = check(session, mine.id, rows), check(session, region, rows, b"two")

    assert verdicts(session, of_district) == [("GOOD", None, None), ("REJECTED", RowProblem.UNKNOWN_ACCOUNT, "account_number")]
    assert verdicts(session, of_region) == [("GOOD", None, None), ("GOOD", None, None)]


GOOD_ROW = ReadingRow(2, NUMBER, "", "2026-01-31", "1100")


def test_file_that_was_recorded_is_refused_naming_the_first(session: Session) -> None:
    division_id = make_home(session, make_district(session)).division_id
    first = check(session, division_id, [GOOD_ROW])
    accept(session, first)

    again, other = receive(session, division_id), receive(session, division_id, b"two")

    problem = {"problem": FileProblem.ALREADY_LOADED, "detail": "It has the number %(number)s.", "parameters": {"number": first.id}}
    assert (again.status, again.problem) == (ImportStatus.REFUSED, problem)
    assert other.status == ImportStatus.RECEIVED


def test_file_that_was_only_checked_may_come_again_and_only_one_of_them_is_recorded(session: Session) -> None:
    division_id = make_home(session, make_district(session)).division_id
    first, second = (check(session, division_id, [GOOD_ROW]) for _ in range(2))

    assert not metering.refuse_if_recorded(session, first)
    metering.accept_rows(session, first, after=0, limit=10, today=TODAY)

    assert metering.refuse_if_recorded(session, second)
    assert second.status == ImportStatus.REFUSED


def test_discarded_file_is_loaded_again_for_another_division(session: Session) -> None:
    wrong, right = make_district(session, "1726998"), make_district(session, "1726999")
    here, there = make_home(session, wrong), make_home(session, right)
    rows = [ReadingRow(2, here.number, "", "2026-01-31", "1100"), ReadingRow(3, there.number, "", "2026-01-31", "1100")]
    first = check(session, wrong.id, rows)

    metering.discard_file(session, first)
    second = check(session, right.id, rows)
    accept(session, second)

    unknown = ("REJECTED", RowProblem.UNKNOWN_ACCOUNT, "account_number")
    assert (first.status, verdicts(session, first)) == (ImportStatus.DISCARDED, [("GOOD", None, None), unknown])
    assert (second.status, verdicts(session, second)) == (ImportStatus.ACCEPTED, [unknown, ("ACCEPTED", None, None)])


def test_only_a_checked_file_of_which_nothing_is_recorded_is_discarded(session: Session) -> None:
    division_id = make_home(session, make_district(session)).division_id
    received, begun = receive(session, division_id, b"two"), check(session, division_id, [GOOD_ROW])
    metering.accept_rows(session, begun, after=0, limit=10, today=TODAY)

    for target in (received, begun):
        with pytest.raises(metering.NotChecked):
            metering.discard_file(session, target)


def test_refused_file_may_come_again(session: Session) -> None:
    division_id = make_district(session).id
    metering.refuse_file(receive(session, division_id), FileProblem.UNREADABLE, "x" * 500)
    session.flush()

    again = receive(session, division_id)

    assert again.status == ImportStatus.RECEIVED


def test_interrupted_check_begins_anew(session: Session) -> None:
    home = make_home(session, make_district(session))
    target = receive(session, home.division_id)
    metering.check_rows(session, target, [ReadingRow(2, NUMBER, "", "2026-01-31", "1100"), ReadingRow(3, "", "", "", "")], today=TODAY)

    metering.forget_rows(session, target)
    metering.check_rows(session, target, [ReadingRow(2, NUMBER, "", "2026-01-31", "1100")], today=TODAY)

    assert counts(target) == (1, 1, 0)
    assert verdicts(session, target) == [("GOOD", None, None)]


def test_file_that_is_not_checked_cannot_be_accepted(session: Session) -> None:
    target = receive(session, make_district(session).id)

    with pytest.raises(metering.NotChecked):
        metering.accept_rows(session, target, after=0, limit=10, today=TODAY)


def test_accepting_twice_books_nothing_twice(session: Session) -> None:
    home = make_home(session, make_district(session))
    target = check(session, home.division_id, [ReadingRow(2, NUMBER, "", "2026-01-31", "1100")])
    first = metering.accept_rows(session, target, after=0, limit=10, today=TODAY)

    again = metering.accept_rows(session, target, after=0, limit=10, today=TODAY)
    metering.finish_acceptance(session, target)
    with pytest.raises(metering.NotChecked):
        metering.accept_rows(session, target, after=0, limit=10, today=TODAY)

    assert (first, again) == (2, 0)
    assert readings(session) == [(date(2026, 1, 31), 1100)]
    assert target.status == ImportStatus.ACCEPTED


def test_row_overtaken_since_the_check_is_rejected_at_acceptance(session: Session) -> None:
    home, other = make_home(session, district := make_district(session), 1), make_home(session, district, 2)
    rows = [ReadingRow(2, home.number, "", "2026-01-31", "1100"), ReadingRow(3, other.number, "", "2026-01-31", "1200")]
    target = check(session, home.division_id, rows)
    enter(session, home, "2026-02-01", "1105")

    accept(session, target)

    assert verdicts(session, target) == [("REJECTED", RowProblem.BEFORE_LAST_READING, "read_on"), ("ACCEPTED", None, None)]
    assert counts(target) == (2, 1, 1)
    assert readings(session) == [(date(2026, 1, 31), 1200), (date(2026, 2, 1), 1105)]


_ROWS = st.lists(
    st.tuples(
        st.sampled_from([NUMBER, "269990000002", "269999999999", "", "x"]),
        st.sampled_from(["", METER, "other"]),
        st.sampled_from(["2026-01-10", "2026-01-20", "31.01.2026", "2026-02-15", "2026-04-01", "", "never"]),
        st.sampled_from(["1000", "1050", "1100", "900", "123456", "", "12x"]),
    ),
    max_size=12,
)


@settings(max_examples=20 * TIMES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=_ROWS, limit=st.integers(1, 5))
def test_every_row_received_is_accepted_or_rejected_and_booked_once(
    session: Session, fields: list[tuple[str, str, str, str]], limit: int
) -> None:
    with session.begin_nested() as savepoint:
        district = make_district(session)
        make_home(session, district, 1)
        make_home(session, district, 2)
        target = check(session, district.id, [ReadingRow(row_no, *row) for row_no, row in enumerate(fields, 2)])
        good = target.accepted

        assert (target.status == ImportStatus.REFUSED) is (good == 0)
        if good:
            accept(session, target, limit)

        assert target.received == len(fields) == target.accepted + target.rejected
        assert target.accepted == good  # nothing happened between check and acceptance
        assert len(readings(session)) == target.accepted
        statuses = [status for status, _, _ in verdicts(session, target)]
        assert (statuses.count("ACCEPTED"), statuses.count("REJECTED")) == (target.accepted, target.rejected)
        savepoint.rollback()
