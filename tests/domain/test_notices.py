"""Messages: how many SMS they take, and which letters keep them cheap."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import notices
from app.domain.calendar import TASHKENT
from app.domain.notices import Delivery, DeliveryOutcome, NoticeStatus, Urgency, rules_at

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("қ" * 70, 1),
        ("қ" * 71, 2),
        ("қ" * 134, 2),
        ("қ" * 135, 3),
        ("a" * 69 + "ʻ", 1),
        ("a" * 70 + "ʻ", 2),
        ("Toʻlov: 150 000 soʻm" + "." * 51, 2),
    ],
)
def test_a_text_takes_as_many_sms_as_its_alphabet_allows(text: str, parts: int):
    assert notices.sms_parts(text) == parts


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("toʻlov", "to'lov"),
        ("isteʼmol", "iste'mol"),
        ("soʻm", "so'm"),
        ("o‘g’il", "o'g'il"),
        ("o`zbek", "o'zbek"),
        ("Оплата", "Оплата"),
        ("plain", "plain"),
    ],
)
def test_apostrophes_become_plain_and_nothing_else_changes(text: str, sent: str):
    assert notices.sms_text(text) == sent


def test_uzbek_latin_stays_in_the_cheap_alphabet():
    text = "Hurmatli abonent! Oʻtgan oy uchun toʻlov: 150 000 soʻm. Isteʼmol: 310 kVt.soat. Muddati: 10.04.2026. Elektr tarmoqlari"

    assert notices.sms_parts(text) == 2
    assert notices.sms_parts(notices.sms_text(text)) == 1


@given(st.text())
def test_plain_apostrophes_never_cost_more_sms(text: str):
    sent = notices.sms_text(text)

    assert len(sent) == len(text)
    assert notices.sms_text(sent) == sent
    assert notices.sms_parts(sent) <= notices.sms_parts(text)


@given(st.text(min_size=1), st.text())
def test_a_longer_text_takes_no_fewer_sms(text: str, more: str):
    assert notices.sms_parts(text + more) >= notices.sms_parts(text)


@pytest.mark.parametrize(
    ("outcome", "attempts", "worth_s", "status", "later_s"),
    [
        (DeliveryOutcome.SENT, 1, 3600, NoticeStatus.SENT, 0),
        (DeliveryOutcome.REFUSED, 1, 3600, NoticeStatus.FAILED, 0),
        (DeliveryOutcome.UNKNOWN, 1, 3600, NoticeStatus.IN_DOUBT, 0),
        (DeliveryOutcome.NOT_SENT, 1, 3600, NoticeStatus.QUEUED, 30),
        (DeliveryOutcome.NOT_SENT, 3, 3600, NoticeStatus.QUEUED, 480),
        (DeliveryOutcome.NOT_SENT, 1, 31, NoticeStatus.QUEUED, 30),
        (DeliveryOutcome.NOT_SENT, 1, 30, NoticeStatus.FAILED, 0),
    ],
)
def test_message_that_was_not_sent_is_tried_again_while_it_is_worth_it(
    outcome: DeliveryOutcome, attempts: int, worth_s: int, status: NoticeStatus, later_s: int
):
    found = notices.status_after(Delivery(outcome), attempts=attempts, now=NOW, expires_at=NOW + timedelta(seconds=worth_s))

    assert found == (status, NOW + timedelta(seconds=later_s))


def hours(begins: int, ends: int) -> dict[str, int]:
    return {"notices.quiet_from_hour": begins, "notices.quiet_to_hour": ends, "notices.number_budget_day": 5}


@pytest.mark.parametrize(
    ("local", "begins", "ends", "is_quiet"),
    [
        (time(20, 59, 59), 21, 8, False),
        (time(21, 0), 21, 8, True),
        (time(23, 59, 59), 21, 8, True),
        (time(0, 0), 21, 8, True),
        (time(7, 59, 59), 21, 8, True),
        (time(8, 0), 21, 8, False),
        (time(12, 59), 13, 14, False),
        (time(13, 30), 13, 14, True),
        (time(14, 0), 13, 14, False),
        (time(0, 0), 0, 0, False),
        (time(23, 0), 23, 0, True),
        (time(0, 0), 23, 0, False),
    ],
    ids=str,
)
def test_quiet_hours_are_those_of_tashkent_also_over_midnight(local: time, begins: int, ends: int, is_quiet: bool):
    rules = rules_at(datetime.combine(NOW.date(), local, TASHKENT).astimezone(UTC), hours(begins, ends))

    assert rules.least_urgent == (Urgency.ANSWER if is_quiet else Urgency.MASS)


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 11, 30, 18, 59, 59, tzinfo=UTC), datetime(2026, 11, 29, 19, tzinfo=UTC)),
        (datetime(2026, 11, 30, 19, tzinfo=UTC), datetime(2026, 11, 30, 19, tzinfo=UTC)),
        (datetime(2026, 12, 31, 19, 0, 1, tzinfo=UTC), datetime(2026, 12, 31, 19, tzinfo=UTC)),
    ],
    ids=str,
)
def test_day_of_a_number_s_budget_begins_at_midnight_of_tashkent(now: datetime, began: datetime):
    assert rules_at(now, hours(21, 8)).day_began_at == began
