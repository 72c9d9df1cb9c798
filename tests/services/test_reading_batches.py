"""Batches of readings: booked but for what is held, which a person records or discards."""

import json
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import ImportStatus, ReadingSource
from app.gateways.meter_data_json import parse_batch
from app.models.administration import Division
from app.models.metering import MeterDataSource, ReadingImport
from app.queries import metering as queries
from app.queries.metering import SourceRecord
from app.services import metering
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.zoned_meters import make_zoned, recorded

DAY, TODAY = date(2026, 1, 31), date(2026, 3, 1)


def source_of(session: Session, home: Home) -> SourceRecord:
    source = MeterDataSource(
        division_id=home.division_id, name="Telemetry", source=ReadingSource.TELEMETRY, login="telemetry", key_sha256="0"
    )
    session.add(source)
    session.flush()
    return next(each for each in queries.sources(session) if each.id == source.id)


def take(session: Session, home: Home, *dials: tuple[str, int], key: str = "1") -> ReadingImport:
    rows = [{"account_number": home.number, "register": code, "read_on": DAY.isoformat(), "dial": dial} for code, dial in dials]
    body = json.dumps({"readings": rows}).encode()
    return metering.take_batch(session, source_of(session, home), key=key, body=body, rows=parse_batch(body), today=TODAY)


def statuses(session: Session, target: ReadingImport) -> list[tuple[str, str | None]]:
    return [(row.status, row.problem or row.doubt) for row in queries.import_rows(session, target.id)]


def accept(session: Session, target: ReadingImport) -> None:
    while metering.accept_rows(session, target, after=0, limit=1, today=TODAY):
        pass
    metering.finish_acceptance(session, target)


def test_batch_without_a_doubt_is_recorded_at_once(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    target = take(session, home, ("TOTAL", 1200), ("DAY", 720), ("NIGHT", 480))

    assert (target.status, target.received, target.accepted, target.rejected) == (ImportStatus.ACCEPTED, 3, 3, 0)
    assert recorded(session, DAY) == {"TOTAL": 1200, "DAY": 720, "NIGHT": 480}
    assert session.scalar(text("SELECT DISTINCT source FROM reading WHERE reading_import_id = :id"), {"id": target.id}) == "TELEMETRY"


@pytest.mark.parametrize(
    ("dials", "verdicts"),
    [
        ([("TOTAL", 1200)], [("GOOD", "INCOMPLETE")]),
        (
            [("TOTAL", 1200), ("DAY", 720), ("NIGHT", 399)],
            [("GOOD", "INCOMPLETE"), ("GOOD", "INCOMPLETE"), ("REJECTED", "LOWER_THAN_LAST")],
        ),
    ],
    ids=["missing", "refused"],
)
def test_registers_of_a_meter_are_held_together(session: Session, dials: list[tuple[str, int]], verdicts: list[tuple[str, str]]) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))

    target = take(session, home, *dials)

    assert (target.status, statuses(session, target)) == (ImportStatus.CHECKED, verdicts)
    assert recorded(session, DAY) == {}


def test_doubtful_register_holds_the_others_of_its_meter(session: Session) -> None:
    home = make_zoned(session, ("DEMAND",))

    target = take(session, home, ("TOTAL", 1200), ("DEMAND", 11))  # the place is connected for 10 kW

    assert statuses(session, target) == [("GOOD", "INCOMPLETE"), ("GOOD", "HIGH")]


def test_person_records_what_is_held(session: Session) -> None:
    home = make_zoned(session, ("DEMAND",))
    target = take(session, home, ("TOTAL", 1200), ("DEMAND", 11))

    accept(session, target)

    assert (target.status, target.accepted, target.rejected) == (ImportStatus.ACCEPTED, 2, 0)
    assert recorded(session, DAY) == {"TOTAL": 1200, "DEMAND": 11}


def test_person_discards_what_is_held_and_the_rest_stays_recorded(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 15), 1150)
    bill_month(session, home.division_id, date(2026, 1, 1))
    other = make_home(session, session.get_one(Division, home.division_id), 2, capacity_kw=1)
    rows = [
        {"account_number": home.number, "read_on": "2026-02-10", "dial": 1350},
        {"account_number": other.number, "read_on": "2026-02-10", "dial": 1010},
        {"account_number": home.number, "read_on": "2026-02-20", "dial": 2350},
    ]
    body = json.dumps({"readings": rows}).encode()
    target = metering.take_batch(session, source_of(session, home), key="1", body=body, rows=parse_batch(body), today=TODAY)
    before = statuses(session, target)

    metering.discard_file(session, target)

    assert before == [("ACCEPTED", None), ("ACCEPTED", None), ("GOOD", "HIGH")]
    assert statuses(session, target) == [("ACCEPTED", None), ("ACCEPTED", None), ("REJECTED", "DISCARDED")]
    assert (target.status, target.accepted, target.rejected) == (ImportStatus.ACCEPTED, 2, 1)


def test_batch_of_which_all_is_discarded_is_discarded(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    target = take(session, home, ("TOTAL", 1200))

    metering.discard_file(session, target)

    assert (target.status, target.accepted, target.rejected) == (ImportStatus.DISCARDED, 0, 1)
    with pytest.raises(metering.NotChecked):
        metering.discard_file(session, target)
