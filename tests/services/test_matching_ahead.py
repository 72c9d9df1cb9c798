"""A long file of devices' readings: a part is matched in another session while the one before is written, and none overtakes another."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.domain.metering import ReadingSource
from app.gateways.device_data import DeviceRows, DeviceTexts, rows_of_texts
from app.models.administration import Division
from app.models.metering import ReadingImport
from app.services import metering
from tests.builders import Home, make_district, make_home
from tests.parallel import Beside, copied
from tests.services.device_scenario import NOW, TODAY, counts, device_import, standing


class CommittedHomes(NamedTuple):
    """A database of its own with two accounts."""

    engine: Engine
    division_id: int
    homes: list[Home]


@pytest.fixture
def committed(servers: tuple[str, str]) -> Iterator[CommittedHomes]:
    with copied(servers, "pc_billing_ahead") as own, Session(own) as session:
        district = make_district(session)
        homes = [make_home(session, district, place) for place in (1, 2)]
        session.commit()
        yield CommittedHomes(own, session.get_one(Division, district.id).id, homes)


def part(first_row: int, *rows: tuple[str, str, str]) -> DeviceRows:
    return rows_of_texts([DeviceTexts(first_row + place, *row) for place, row in enumerate(rows)])


def taken(database: CommittedHomes, parts: list[DeviceRows]) -> tuple[int, int, int, int]:
    """Take parts of a file as the job does, each committed before the next; return how many were accepted, held, parked, refused."""
    with Session(database.engine) as session, Session(database.engine) as one, Session(database.engine) as other:
        target = device_import(session, database.division_id)
        session.commit()
        for matched in metering.match_ahead(iter(parts), (one, other), division_id=database.division_id, today=TODAY):
            metering.take_matched(session, target, matched, source=ReadingSource.TELEMETRY, today=TODAY, now=NOW)
            session.commit()
        return counts(session.get_one(ReadingImport, target.id))


def test_parts_that_read_the_same_registers_follow_each_other(committed: CommittedHomes) -> None:
    first, second = committed.homes
    parts = [
        part(1, (first.serial, "2026-01-10", "1050"), (second.serial, "2026-01-10", "1050")),
        part(3, (first.serial, "2026-01-20", "1100"), (first.serial, "2026-01-21", "1090")),
        part(5, (second.serial, "2026-01-20", "1100"), ("N-7", "2026-01-20", "5")),
        part(7, (first.serial, "2026-01-20", "1100"), ("N 7", "2026-01-20", "5")),
    ]

    found = taken(committed, parts)

    assert found == (4, 0, 2, 2)
    with Session(committed.engine) as session:
        assert [dial for _, dial, _ in standing(session, first.register_id)] == [1000, 1050, 1100]
        assert [dial for _, dial, _ in standing(session, second.register_id)] == [1000, 1050, 1100]


def test_whoever_types_a_reading_meanwhile_waits_until_the_part_is_committed(committed: CommittedHomes) -> None:
    home = committed.homes[0]
    given = {"account_id": home.account_id, "meter_number": home.serial, "source": ReadingSource.OFFICE, "sure": True, "today": TODAY}
    with Session(committed.engine) as session, Session(committed.engine) as one, Session(committed.engine) as other:
        target = device_import(session, committed.division_id)
        session.commit()
        ahead = metering.match_ahead(
            iter([part(1, (home.serial, "2026-01-20", "1100"))]), (one, other), division_id=committed.division_id, today=TODAY
        )
        matched = next(ahead)
        typing = Beside(committed.engine, lambda own: metering.enter(own, **given, read_on="2026-01-25", dial="1090").id)
        assert typing.waits()

        metering.take_matched(session, target, matched, source=ReadingSource.TELEMETRY, today=TODAY, now=NOW)
        session.commit()
        assert next(ahead, None) is None
        with pytest.raises(metering.ReadingRefused):
            typing.done()

    with Session(committed.engine) as session:
        assert standing(session, home.register_id)[-1][:2] == (date(2026, 1, 20), 1100)


def test_part_whose_accounts_are_held_no_more_is_not_taken(committed: CommittedHomes) -> None:
    home = committed.homes[0]
    with Session(committed.engine) as session, Session(committed.engine) as one, Session(committed.engine) as other:
        target = device_import(session, committed.division_id)
        session.commit()
        ahead = metering.match_ahead(
            iter([part(1, (home.serial, "2026-01-20", "1100"))]), (one, other), division_id=committed.division_id, today=TODAY
        )
        matched = next(ahead)
        held_by = matched.holder.scalar(text("SELECT pg_backend_pid()"))
        with committed.engine.connect() as superuser:
            superuser.execute(text("SET ROLE none"))
            superuser.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": held_by})

        with pytest.raises(OperationalError):
            metering.take_matched(session, target, matched, source=ReadingSource.TELEMETRY, today=TODAY, now=NOW)
        session.rollback()
        ahead.close()
        one.invalidate()
        other.invalidate()

    with Session(committed.engine) as session:
        assert len(standing(session, home.register_id)) == 1
