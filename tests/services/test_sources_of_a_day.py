"""Readings of one register and day by several sources, whatever way they come: one stands, or a person decides."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import Doubt, ImportStatus, ReadingSource, RowProblem, RowStatus
from app.gateways.meter_data import ReadingRow
from app.gateways.meter_data_json import parse_batch
from app.models.administration import Division
from app.models.metering import MeterDataSource, ReadingImport
from app.queries import metering as queries
from app.services import administration, metering
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.device_scenario import TODAY, send, standing
from tests.strategies import vectors

DAY = "2026-01-31"
#: What the reference cases call sources; operators type what SMS bring.
SOURCES = {
    "amr": ReadingSource.TELEMETRY, "controller": ReadingSource.CONTROLLER, "portal": ReadingSource.PORTAL, "sms": ReadingSource.OFFICE,
}  # fmt: skip


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def typed(session: Session, home: Home, source: ReadingSource, dial: str, *, sure: bool = False) -> None:
    """Type a reading in a form, as people of the office and consumers do."""
    given = {"account_id": home.account_id, "meter_number": home.serial, "read_on": DAY, "today": TODAY}
    metering.enter(session, **given, dial=dial, source=source, sure=sure)


def of_device(session: Session, home: Home, source: ReadingSource, dial: str) -> None:
    """Send a reading by the number of its device."""
    send(session, home.division_id, (home.serial, DAY, dial), source=source)


def batch(session: Session, home: Home, source: ReadingSource, dial: str) -> ReadingImport:
    """Send a reading by account, as a source of readings does."""
    login = f"s{session.scalar(text('SELECT count(*) FROM meter_data_source'))}"
    kept = MeterDataSource(division_id=home.division_id, name=login, source=source, login=login, key_sha256="0")
    session.add(kept)
    session.flush()
    record = next(each for each in queries.sources(session) if each.id == kept.id)
    body = json.dumps({"readings": [{"account_number": home.number, "read_on": DAY, "dial": dial}]}).encode()
    return metering.take_batch(session, record, key="1", body=body, rows=parse_batch(body), today=TODAY)


def file(session: Session, home: Home, dial: str) -> ReadingImport:
    """Check a file of readings."""
    content = f"{home.number};{dial}".encode()
    stored = administration.store_file(session, division_id=home.division_id, name="a.csv", media_type="text/csv", content=content)
    target = metering.receive_file(session, stored)
    metering.check_rows(session, target, [ReadingRow(1, home.number, home.serial, DAY, dial)], today=TODAY)
    metering.finish_check(session, target, today=TODAY)
    return target


def verdicts(session: Session, target: ReadingImport) -> list[tuple[str, str | None]]:
    return [(row.status, row.problem or row.doubt) for row in queries.import_rows(session, target.id)]


Way = Callable[[Session, Home, ReadingSource, str], Any]
#: By which way a source's reading comes.
WAYS: dict[ReadingSource, Way] = {
    ReadingSource.TELEMETRY: of_device, ReadingSource.CONTROLLER: batch, ReadingSource.PORTAL: typed, ReadingSource.OFFICE: typed,
}  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("vector", vectors("source_priority"), ids=lambda vector: vector["id"])
def test_of_three_sources_the_first_in_the_order_stands_however_they_come(
    session: Session, home: Home, vector: dict[str, Any], order: tuple[int, ...]
) -> None:
    case, expected = vector["input"], vector["expected"]
    read(session, home, date(2026, 1, 15), 5000)

    for place in order:
        name, dial = case["reads"][place]
        with suppress(metering.ReadingRefused):
            WAYS[SOURCES[name]](session, home, SOURCES[name], dial)

    assert standing(session, home.register_id)[-1][1:] == (int(expected["use"]), "TELEMETRY")
    assert bool(session.scalar(text("SELECT count(*) FROM doubtful_reading WHERE doubt = 'CONFLICT'"))) is expected["conflict"]


@pytest.mark.parametrize(("dial", "is_sure"), [("1148", False), ("1160", True)])
def test_inspector_goes_before_what_a_consumer_said_and_beyond_the_tolerance_somebody_is_asked(
    session: Session, home: Home, dial: str, is_sure: bool
) -> None:
    typed(session, home, ReadingSource.PORTAL, "1150")
    if is_sure:
        with pytest.raises(metering.Doubtful) as asked:
            typed(session, home, ReadingSource.CONTROLLER, dial)
        assert asked.value.doubt == Doubt.CONFLICT
        assert standing(session, home.register_id)[-1][1] == 1150

    typed(session, home, ReadingSource.CONTROLLER, dial, sure=is_sure)

    assert standing(session, home.register_id)[-1] == (date(2026, 1, 31), int(dial), "CONTROLLER")
    assert len(standing(session, home.register_id)) == 2


@pytest.mark.parametrize(
    ("dial", "problem"), [("1150", RowProblem.REPEATED), ("1152", RowProblem.OTHER_SOURCE), ("100000", RowProblem.TOO_MANY_DIGITS)]
)
def test_lower_source_does_not_stand_beside_a_higher_one(session: Session, home: Home, dial: str, problem: RowProblem) -> None:
    of_device(session, home, ReadingSource.TELEMETRY, "1150")

    with pytest.raises(metering.ReadingRefused) as refused:
        typed(session, home, ReadingSource.OFFICE, dial)

    assert refused.value.problem == problem
    assert standing(session, home.register_id)[-1][1:] == (1150, "TELEMETRY")


def test_same_source_is_refused_as_before_and_what_an_act_says_stands(session: Session, home: Home) -> None:
    typed(session, home, ReadingSource.OFFICE, "1150")

    with pytest.raises(metering.ReadingRefused, match="BEFORE_LAST_READING"):
        typed(session, home, ReadingSource.OFFICE, "1151")
    installed = send(session, home.division_id, (home.serial, "2026-01-01", "1002"))

    assert installed.rejected == 1
    assert [dial for _, dial, _ in standing(session, home.register_id)] == [1000, 1150]


def test_reading_a_bill_rests_on_is_not_replaced(session: Session, home: Home) -> None:
    typed(session, home, ReadingSource.OFFICE, "1150")
    bill_month(session, home.division_id, date(2026, 1, 1))

    with pytest.raises(metering.ReadingRefused, match="OTHER_SOURCE"):
        typed(session, home, ReadingSource.CONTROLLER, "1160", sure=True)


@pytest.mark.parametrize("way", [of_device, batch])
def test_higher_source_that_shows_less_than_the_reading_before_is_decided_by_a_person(session: Session, home: Home, way: Way) -> None:
    read(session, home, date(2026, 1, 15), 1149)
    typed(session, home, ReadingSource.OFFICE, "1150")

    way(session, home, ReadingSource.TELEMETRY, "1147")

    assert standing(session, home.register_id)[-1][1:] == (1150, "OFFICE")


def test_conflict_in_a_file_waits_and_is_recorded_by_whoever_accepts_it(session: Session, home: Home) -> None:
    of_device(session, home, ReadingSource.TELEMETRY, "1150")

    target = file(session, home, "1160")
    found = verdicts(session, target)
    metering.accept_rows(session, target, after=0, limit=10, today=TODAY)
    metering.finish_acceptance(session, target)

    assert found == [(RowStatus.GOOD, "CONFLICT")]
    assert (target.status, standing(session, home.register_id)[-1][1:]) == (ImportStatus.ACCEPTED, (1160, "FILE"))
    assert len(standing(session, home.register_id)) == 2


def test_conflict_that_comes_after_a_file_was_looked_at_is_refused(session: Session, home: Home) -> None:
    target = file(session, home, "1160")
    of_device(session, home, ReadingSource.TELEMETRY, "1150")

    metering.accept_rows(session, target, after=0, limit=10, today=TODAY)

    assert verdicts(session, target) == [(RowStatus.REJECTED, "OTHER_SOURCE")]
    assert standing(session, home.register_id)[-1][1:] == (1150, "TELEMETRY")


def test_batch_of_a_lower_source_is_refused_and_in_conflict_is_held(session: Session, home: Home) -> None:
    of_device(session, home, ReadingSource.TELEMETRY, "1150")
    other = make_home(session, session.get_one(Division, home.division_id), 2)
    of_device(session, other, ReadingSource.TELEMETRY, "1150")

    within, beyond = batch(session, home, ReadingSource.CONTROLLER, "1152"), batch(session, other, ReadingSource.CONTROLLER, "1160")

    assert verdicts(session, within) == [(RowStatus.REJECTED, "OTHER_SOURCE")]
    assert verdicts(session, beyond) == [(RowStatus.GOOD, "CONFLICT")]
