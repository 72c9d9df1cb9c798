"""Doubtful readings of devices, decided by a person: what is recorded, what is left out, and what is refused."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.metering import DoubtfulStatus, ReadingSource
from app.models.metering.devices import DoubtfulReading
from app.services import metering
from app.services.metering import ReadingDecision
from tests.builders import Home, bill_month, make_district, make_home, read
from tests.services.device_scenario import NOW, TODAY, send, standing, waiting
from tests.services.zoned_meters import make_zoned, recorded

JAN, LAST, FEB_10 = date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 10)


def decide(session: Session, status: DoubtfulStatus, dial: str = "", place: int = 0) -> int:
    ids = session.scalars(text("SELECT id FROM doubtful_reading WHERE status = 'WAITING' ORDER BY id")).all()
    decision = ReadingDecision(status, "inspector", "Seen on the spot", dial)
    return metering.decide_doubtful(session, ids[place], decision, today=TODAY, now=NOW)


@pytest.fixture
def high(session: Session) -> Home:
    """A home whose device said much more than usual on 10 February."""
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 15), 1150)
    bill_month(session, home.division_id, JAN)
    send(session, home.division_id, (home.serial, FEB_10.isoformat(), "3350"))
    assert waiting(session) == [("HIGH", 3350)]
    return home


@pytest.mark.parametrize(
    ("status", "dial", "recorded_last"),
    [
        (DoubtfulStatus.ACCEPTED, "", (FEB_10, 3350, "TELEMETRY")),
        (DoubtfulStatus.REPLACED, "1350", (FEB_10, 1350, "OFFICE")),
        (DoubtfulStatus.ASKED_AGAIN, "", (date(2026, 1, 15), 1150, "CONTROLLER")),
        (DoubtfulStatus.ESTIMATED, "", (date(2026, 1, 15), 1150, "CONTROLLER")),
    ],
)
def test_each_decision_is_kept_with_its_reason_and_person(
    session: Session, high: Home, status: DoubtfulStatus, dial: str, recorded_last: tuple[date, int, str]
) -> None:
    count = decide(session, status, dial)

    row = session.query(DoubtfulReading).populate_existing().one()
    assert (count, row.status, row.decided_by, row.basis) == (1, status, "inspector", "Seen on the spot")
    assert standing(session, high.register_id)[-1] == recorded_last
    assert (row.reading_id is not None) == (status in {DoubtfulStatus.ACCEPTED, DoubtfulStatus.REPLACED})


def test_decision_is_made_once(session: Session, high: Home) -> None:
    key = session.scalar(text("SELECT id FROM doubtful_reading"))
    decide(session, DoubtfulStatus.ESTIMATED)

    with pytest.raises(metering.ReadingDecided):
        metering.decide_doubtful(session, key, ReadingDecision(DoubtfulStatus.ACCEPTED, "x", "yes"), today=TODAY, now=NOW)

    assert len(standing(session, high.register_id)) == 2


@pytest.mark.parametrize(("dial", "problem"), [("", "EMPTY"), ("1100", "LOWER_THAN_LAST"), ("123456", "TOO_MANY_DIGITS")])
def test_other_value_goes_through_the_rules_too(session: Session, high: Home, dial: str, problem: str) -> None:
    with pytest.raises(metering.ReadingRefused) as refused:
        decide(session, DoubtfulStatus.REPLACED, dial)

    assert refused.value.problem == problem
    assert len(standing(session, high.register_id)) == 2


def test_what_was_overtaken_by_a_later_reading_is_refused(session: Session, high: Home) -> None:
    read(session, high, date(2026, 2, 20), 1400)

    with pytest.raises(metering.ReadingRefused) as refused:
        decide(session, DoubtfulStatus.ACCEPTED)

    assert refused.value.problem == "BEFORE_LAST_READING"


def test_registers_of_a_meter_and_day_are_decided_together(session: Session) -> None:
    home = make_zoned(session, ("DAY", "NIGHT"))
    send(session, home.division_id, *[(home.serial, "2026-01-31", dial, code) for code, dial in (("TOTAL", "1200"), ("DAY", "720"))])

    count = decide(session, DoubtfulStatus.ACCEPTED)

    assert (count, waiting(session)) == (2, [])
    assert recorded(session, LAST) == {"TOTAL": 1200, "DAY": 720}


@pytest.mark.parametrize(
    ("status", "dial", "stands"),
    [
        (DoubtfulStatus.ACCEPTED, "", 1156),
        (DoubtfulStatus.REPLACED, "1153", 1153),
        (DoubtfulStatus.ESTIMATED, "", 1150),
    ],
)
def test_conflict_of_two_sources_is_decided_for_one_of_them(session: Session, status: DoubtfulStatus, dial: str, stands: int) -> None:
    home = make_home(session, make_district(session))
    send(session, home.division_id, (home.serial, "2026-01-31", "1150"), source=ReadingSource.CONTROLLER)
    send(session, home.division_id, (home.serial, "2026-01-31", "1156"))

    decide(session, status, dial)

    assert [dial for _, dial, _ in standing(session, home.register_id)] == [1000, stands]


def test_conflict_with_what_a_bill_rests_on_is_corrected_by_an_act(session: Session) -> None:
    home = make_home(session, make_district(session))
    read(session, home, LAST, 1150)
    bill_month(session, home.division_id, JAN)
    send(session, home.division_id, (home.serial, "2026-01-31", "1156"))

    with pytest.raises(metering.ReadingAlreadyBilled):
        decide(session, DoubtfulStatus.ACCEPTED)


def test_place_that_was_looked_at_has_its_reading_already(session: Session) -> None:
    home = make_home(session, make_district(session))
    for month, day in ((1, 28), (2, 25)):
        read(session, home, date(2026, month, day), 1000)
        bill_month(session, home.division_id, date(2026, month, 1))
    send(session, home.division_id, (home.serial, "2026-03-01", "1000"))
    before = standing(session, home.register_id)

    decide(session, DoubtfulStatus.ACCEPTED)

    assert standing(session, home.register_id) == before
