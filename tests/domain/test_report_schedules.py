"""When scheduled reports are due, which days they cover, and who gets none."""

from datetime import UTC, date, datetime

import pytest

from app.domain.reports import PeriodKind
from app.domain.reports.schedules import Receiver, RelativePeriod, Rhythm, SendingOutcome, Timing, covers, days_of, refusal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
READER = Receiver("reader", is_active=True, is_appointed=True, email="reader@example.uz", language="ru")


@pytest.mark.parametrize(
    ("timing", "now", "due"),
    [
        (Timing(Rhythm.DAILY, None, None, 8), "2026-03-02T02:59", "2026-03-01"),
        (Timing(Rhythm.DAILY, None, None, 8), "2026-03-02T03:00", "2026-03-02"),
        (Timing(Rhythm.DAILY, None, None, 0), "2026-03-01T19:00", "2026-03-02"),
        (Timing(Rhythm.WEEKLY, 1, None, 8), "2026-03-04T03:00", "2026-03-02"),
        (Timing(Rhythm.WEEKLY, 7, None, 8), "2026-03-04T03:00", "2026-03-01"),
        (Timing(Rhythm.MONTHLY, None, 31, 8), "2026-03-04T03:00", "2026-02-28"),
        (Timing(Rhythm.MONTHLY, None, 31, 8), "2026-04-30T03:00", "2026-04-30"),
        (Timing(Rhythm.MONTHLY, None, 5, 8), "2026-03-05T02:00", "2026-02-05"),
    ],
)
def test_schedule_is_due_on_its_last_day_whose_hour_of_tashkent_has_come(timing: Timing, now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert timing.last_due(moment, LONG_AGO) == date.fromisoformat(due)


def test_hours_before_a_schedule_counts_are_not_made_up_for() -> None:
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert Timing(Rhythm.DAILY, None, None, 8).last_due(now, now) is None


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (RelativePeriod.LAST_MONTH, "2026-02-01", "2026-02-28"),
        (RelativePeriod.MONTH_SO_FAR, "2026-03-01", "2026-03-01"),
        (RelativePeriod.YESTERDAY, "2026-02-28", "2026-02-28"),
    ],
)
def test_period_is_seen_from_the_day_of_the_run(span: RelativePeriod, first: str, last: str) -> None:
    assert [day.isoformat() for day in days_of(span, date(2026, 3, 1))] == [first, last]


def test_report_of_months_covers_no_single_day() -> None:
    assert [covers(kind, RelativePeriod.YESTERDAY) for kind in PeriodKind] == [False, True, True]


@pytest.mark.parametrize(
    ("changed", "rights", "outcome"),
    [
        ({}, {}, None),
        ({"is_active": False}, {}, SendingOutcome.NOT_ACTIVE),
        ({"is_appointed": False}, {}, SendingOutcome.LEFT),
        ({}, {"works_anywhere": False}, SendingOutcome.LEFT),
        ({}, {"may_see": False}, SendingOutcome.NO_RIGHT),
        ({}, {"works_there": False}, SendingOutcome.NO_DIVISION),
        ({"email": ""}, {}, SendingOutcome.NO_ADDRESS),
    ],
)
def test_receiver_without_a_right_gets_nothing_and_the_first_reason_is_told(
    changed: dict[str, object], rights: dict[str, bool], outcome: SendingOutcome | None
) -> None:
    given = {"may_see": True, "works_there": True, "works_anywhere": True} | rights

    assert refusal(READER._replace(**changed), **given) == outcome  # type: ignore[arg-type]
