"""Consumers are told by the words of a kind, in their language, by the ways they chose; numbers that want no SMS get codes only."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.notices import (
    KINDS,
    TEMPLATED,
    Delivery,
    DeliveryOutcome,
    LeftOut,
    MissingVariable,
    NoticeChannel,
    NoticeKind,
    NoticeStatus,
    SendingRules,
    UnknownVariable,
    Urgency,
    Way,
    check_template,
    filled,
    rules_at,
)
from app.domain.reference import LANGUAGES
from app.models.accounts import Account
from app.models.notices import Notice
from app.queries import notices as queries
from app.services import administration, notices
from app.services.notices import ConsumerChoice
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SMS, EMAIL, PORTAL = NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.PORTAL
DEBT = {"debt": 12_345_600, "due": date(2026, 3, 1)}
LOUD = SendingRules(Urgency.MASS, NOW - timedelta(hours=9), 100)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def told(session: Session, home: Home, kind: NoticeKind = NoticeKind.DEBT, values: Mapping[str, Any] = DEBT) -> list[Notice]:
    written = notices.notify(session, home.account_id, kind, values, now=NOW)
    return [session.get_one(Notice, each) for each in written.ids]


def speaks(session: Session, home: Home, language: str) -> None:
    session.get_one(Account, home.account_id).consumer.language = language
    session.flush()


@pytest.mark.parametrize("kind", TEMPLATED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_ship_are_whole_in_each_language(session: Session, kind: NoticeKind, language: str) -> None:
    spec, words = KINDS[kind], queries.templates(session, kind, NOW.date())[language]

    check_template(words, spec.variables, spec.required)

    assert "{" not in filled(words, spec.variables, {name: each.sample for name, each in spec.variables.items()}, language)


def test_debt_is_told_in_the_language_of_the_consumer_and_in_the_cheap_alphabet(session: Session, home: Home) -> None:
    sms, portal = sorted(told(session, home), key=lambda each: each.channel, reverse=True)

    assert sms.text == f"Hisob {home.number}: 01.03.2026 holatiga qarzingiz 123 456 so'm. Iltimos, to'lang."
    assert (sms.channel, sms.phone, sms.parts, sms.status, sms.urgency) == (SMS, "+998901234567", 1, NoticeStatus.QUEUED, Urgency.MASS)
    assert (portal.channel, portal.status, portal.phone, "soʻm" in portal.text) == (PORTAL, NoticeStatus.SENT, None, True)
    speaks(session, home, "ru")
    assert told(session, home)[0].text == f"Счёт {home.number}: ваш долг на 01.03.2026 123 456 сум. Пожалуйста, оплатите."


def test_language_without_words_is_told_in_uzbek(session: Session, home: Home) -> None:
    session.execute(text("DELETE FROM notice_template WHERE language = 'kaa' AND notice_kind = 'DEBT'"))
    speaks(session, home, "kaa")

    assert told(session, home)[0].text.startswith("Hisob ")


def test_words_in_force_on_the_day_are_taken(session: Session, home: Home) -> None:
    add = "INSERT INTO notice_template (notice_kind, language, valid_from, template_text, source) VALUES ('DEBT', 'uz', :day, :words, 'x')"
    session.execute(text(add), {"day": NOW.date(), "words": "Yangi {account} {debt}"})
    session.execute(text(add), {"day": NOW.date() + timedelta(days=1), "words": "Ertaga {account} {debt}"})

    assert told(session, home)[0].text == f"Yangi {home.number} 123 456"


def test_missing_value_is_refused_and_nothing_is_written(session: Session, home: Home) -> None:
    with pytest.raises(MissingVariable, match="debt"):
        told(session, home, values={"due": date(2026, 3, 1)})

    assert session.query(Notice).count() == 0


def test_kind_that_is_only_listed_is_not_sent(session: Session, home: Home) -> None:
    with pytest.raises(notices.NotSentYet):
        told(session, home, NoticeKind.CLAIM_WARNING, {"debt": 1, "day": date(2026, 3, 1)})


@pytest.mark.parametrize(("words", "error"), [("{account} {debt} {secret}", UnknownVariable), ("{account}", MissingVariable)], ids=str)
def test_words_that_would_not_come_out_whole_are_refused(words: str, error: type[Exception]) -> None:
    spec = KINDS[NoticeKind.DEBT]

    with pytest.raises(error):
        check_template(words, spec.variables, spec.required)


def chosen(session: Session, home: Home, *ways: NoticeChannel, kind: NoticeKind = NoticeKind.DEBT, email: str | None = None) -> None:
    notices.choose(session, home.account_id, ConsumerChoice({kind: frozenset(ways)}, "uz", email))


@pytest.mark.parametrize(
    ("ways", "email", "by"),
    [
        ((SMS, EMAIL, PORTAL), "a@example.uz", {SMS, EMAIL, PORTAL}),
        ((EMAIL,), "a@example.uz", {EMAIL}),
        ((EMAIL,), None, set()),
        ((), "a@example.uz", set()),
    ],
    ids=["all", "letters", "letters without an address", "none"],
)
def test_message_goes_by_the_ways_the_consumer_chose(
    session: Session, home: Home, ways: tuple[NoticeChannel, ...], email: str | None, by: set[NoticeChannel]
) -> None:
    chosen(session, home, *ways, email=email)

    assert {each.channel for each in told(session, home)} == by


def test_consumer_hears_of_bills_only_if_he_chose_so(session: Session, home: Home) -> None:
    values = {"month": date(2026, 2, 1), "amount": 100_000, "due": date(2026, 3, 10), "debt": 0}

    before = told(session, home, NoticeKind.BILL_READY, values)
    chosen(session, home, SMS, kind=NoticeKind.BILL_READY)
    after = told(session, home, NoticeKind.BILL_READY, values)

    assert (before, [each.text for each in after]) == (
        [], [f"Hisob {home.number}: 02.2026 uchun hisob-faktura 1 000 so'm. To'lov muddati 10.03.2026. Jami qarz 0 so'm."]
    )  # fmt: skip


def test_kind_that_always_goes_is_not_chosen(session: Session, home: Home) -> None:
    with pytest.raises(notices.NotChosen):
        chosen(session, home, kind=NoticeKind.PORTAL_CODE)


def test_number_that_wants_no_sms_gets_codes_and_what_waited_is_withdrawn(session: Session, home: Home) -> None:
    waiting = told(session, home)[0]

    assert notices.stop(session, "+998901234567", basis="SMS", now=NOW) == 1
    again = notices.stop(session, "+998901234567", basis="SMS", now=NOW)
    after = notices.notify(session, home.account_id, NoticeKind.DEBT, DEBT, now=NOW)
    code = told(session, home, NoticeKind.PORTAL_CODE, {"code": "123456"})

    session.refresh(waiting)
    assert (waiting.status, again, after.left_out) == (NoticeStatus.WITHDRAWN, 0, {LeftOut.STOPPED: 1})
    assert [(each.channel, each.text) for each in code] == [(SMS, "PC Billing: kodingiz 123456. Uni hech kimga aytmang.")]
    assert [each.text for each in claimed(session, home)] == [code[0].text]
    assert notices.start(session, "+998901234567", by="SMS", now=NOW)
    assert SMS in {each.channel for each in told(session, home)}


def claims(session: Session, home: Home, rules: SendingRules = LOUD, now: datetime = NOW, most: int = 100) -> list[notices.Claim]:
    job_id = administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)
    return notices.claim(session, {SMS: Way("TEST", most, None, 9500)}, rules=rules, job_id=job_id, now=now).get(SMS, [])


def claimed(session: Session, home: Home, rules: SendingRules = LOUD) -> list[Notice]:
    return [session.get_one(Notice, each.notice_id) for each in claims(session, home, rules)]


def test_codes_go_first_and_at_any_hour(session: Session, home: Home) -> None:
    told(session, home)
    code = told(session, home, NoticeKind.PORTAL_CODE, {"code": "123456"})
    quiet = rules_at(
        datetime(2026, 3, 2, 18, 0, tzinfo=UTC),
        {"notices.quiet_from_hour": 21, "notices.quiet_to_hour": 8, "notices.number_budget_day": 9},
    )

    at_night, at_day = claimed(session, home, quiet), claimed(session, home)

    assert [each.id for each in at_night] == [code[0].id]
    assert [each.kind for each in at_day] == [NoticeKind.DEBT]
    assert at_day[0].cost_tiyin == 9500


def test_number_gets_no_more_than_the_budget_of_the_day(session: Session, home: Home) -> None:
    for _ in range(5):
        told(session, home)
    few = LOUD._replace(number_budget=2)

    today = claims(session, home, few)
    notices.record(session, [(each, Delivery(DeliveryOutcome.SENT, "x")) for each in today], now=NOW)
    more = claims(session, home, few)
    tomorrow = claims(session, home, few._replace(day_began_at=NOW + timedelta(hours=15)), NOW + timedelta(days=1))

    assert (len(today), len(more), len(tomorrow)) == (2, 0, 2)


@pytest.mark.parametrize(
    ("now", "count"), [(datetime(2026, 3, 2, 18, 59, 59, tzinfo=UTC), 0), (datetime(2026, 3, 2, 19, 0, tzinfo=UTC), 1)]
)
def test_budget_of_a_number_begins_anew_at_midnight_of_tashkent(session: Session, home: Home, now: datetime, count: int) -> None:
    parameters = {"notices.quiet_from_hour": 0, "notices.quiet_to_hour": 0, "notices.number_budget_day": 1}
    for _ in range(2):
        told(session, home)
    sent_at = datetime(2026, 3, 2, 18, 59, tzinfo=UTC)
    [first] = claims(session, home, rules_at(sent_at, parameters), sent_at)
    notices.record(session, [(first, Delivery(DeliveryOutcome.SENT, "x"))], now=sent_at)

    assert len(claims(session, home, rules_at(now, parameters), now)) == count


def test_two_accounts_with_one_telephone_are_each_told(session: Session, home: Home) -> None:
    other = make_home(session, make_district(session, "1726998"), serial=2)

    written = notices.notify_many(session, NoticeKind.DEBT, [notices.NoticeAbout(each.account_id, DEBT) for each in (home, other)], now=NOW)

    assert (written.reached, written.by_way[SMS], len(written.ids)) == (2, 2, 4)


def test_message_of_the_portal_is_read_once_and_by_its_account(session: Session, home: Home) -> None:
    other = make_home(session, make_district(session, "1726998"), serial=2)
    told(session, home)
    [shown] = queries.in_portal(session, home.account_id)

    notices.mark_read(session, other.account_id, [shown.id], now=NOW)
    before = queries.in_portal(session, home.account_id)[0].is_new
    notices.mark_read(session, home.account_id, [shown.id], now=NOW)

    assert (before, queries.in_portal(session, home.account_id)[0].is_new, shown.is_new) == (True, False, True)
    assert session.get_one(Notice, shown.id).status == NoticeStatus.DELIVERED
