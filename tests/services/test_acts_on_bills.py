"""Acts that touch posted months: tariff group, terms and benefits from a day, and a billed reading; taken back, changed, billed again."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRefusal, ActRefused, ActRequest, ActStatus
from app.domain.metering import ReadingKind
from app.queries import metering
from app.services import acts
from app.services.billing import corrections
from tests.begun import begun, undone
from tests.builders import Home, bill_month, make_district, make_home, owed, read
from tests.services.bill_act_scenario import MONTHS, TODAY, Office, group_id


def billed_home(session: Session) -> tuple[Home, list[int]]:
    """Make an account billed for three months, and its readings."""
    home = make_home(session, make_district(session))
    readings = [
        read(session, home, day, dial) for day, dial in ((date(2026, 1, 31), 1300), (date(2026, 2, 28), 1600), (date(2026, 3, 31), 1900))
    ]
    for month in MONTHS:
        bill_month(session, home.division_id, month)
    return home, readings


@pytest.fixture(scope="module")
def home_of_office(engine: Engine) -> Iterator[tuple[Connection, tuple[Home, list[int]]]]:
    with begun(engine, billed_home) as made:
        yield made


@pytest.fixture
def office(home_of_office: tuple[Connection, tuple[Home, list[int]]]) -> Iterator[Office]:
    with undone(home_of_office[0]) as session:
        yield Office(session, *home_of_office[1])


def refused(office: Office, refusal: ActRefusal, request: ActRequest) -> None:
    before = office.bills()
    with pytest.raises(ActRefused) as caught:
        acts.submit(office.session, request, today=TODAY)
    assert caught.value.refusal == refusal
    assert office.bills() == before


def test_tariff_group_changes_from_a_day_and_posted_months_after_it_are_billed_again(office: Office) -> None:
    before = office.bills()
    stove = group_id(office.session, "HOUSEHOLD_STOVE")

    act = office.act(ActKind.CHANGE_TARIFF_GROUP, date(2026, 2, 10), tariff_group_id=stove)

    after = office.bills()
    assert [bill[:2] for bill in after] == [bill[:2] for bill in before]
    assert after[0] == before[0]
    assert [now[2] != then[2] for now, then in zip(after[1:], before[1:], strict=True)] == [True, True]
    assert [bill["month"] for bill in act.result["bills"] if bill["cancels_id"]] == ["2026-03-01", "2026-02-01"]
    assert office.is_sound()


def test_days_before_the_change_keep_the_price_of_their_group(office: Office) -> None:
    office.act(ActKind.CHANGE_TARIFF_GROUP, date(2026, 2, 10), tariff_group_id=group_id(office.session, "HOUSEHOLD_STOVE"))

    lines = office.session.execute(
        text(
            "SELECT DISTINCT l.period_from, l.period_to, g.code FROM bill b JOIN bill_line l ON l.bill_id = b.id "
            "JOIN tariff_version v ON v.id = l.tariff_version_id JOIN tariff t ON t.id = v.tariff_id "
            "JOIN tariff_group g ON g.id = t.tariff_group_id "
            "WHERE b.account_id = :id AND b.billing_month = '2026-02-01' AND b.revision = 1 AND b.cancels_id IS NULL ORDER BY 1"
        ),
        {"id": office.home.account_id},
    )

    assert [tuple(line) for line in lines] == [
        (date(2026, 1, 31), date(2026, 2, 10), "HOUSEHOLD"),
        (date(2026, 2, 10), date(2026, 2, 28), "HOUSEHOLD_STOVE"),
    ]


def test_months_billed_after_the_change_follow_the_new_group(office: Office) -> None:
    office.act(ActKind.CHANGE_TARIFF_GROUP, date(2026, 4, 1), tariff_group_id=group_id(office.session, "HOUSEHOLD_STOVE"))
    read(office.session, office.home, date(2026, 4, 30), 2200)

    bill_month(office.session, office.home.division_id, date(2026, 4, 1))

    march, april = office.bills()[-2:]
    assert april[1] == march[1]
    assert april[2] < march[2]


CHANGES: list[tuple[ActKind, dict[str, Any]]] = [
    (ActKind.CHANGE_TARIFF_GROUP, {"tariff_group_id": "HOUSEHOLD_STOVE"}),
    (ActKind.CHANGE_TERM, {"term": "FAMILIES", "value_milli": 2000}),
    (ActKind.CHANGE_BENEFIT, {"benefit_id": "any", "is_granted": True}),
    (ActKind.CORRECT_READING, {"reading_id": 1, "dial": "1550"}),
]


@pytest.mark.parametrize(("kind", "parameters"), CHANGES)
def test_counter_act_gives_the_very_bills_back(office: Office, kind: ActKind, parameters: dict[str, Any]) -> None:
    before, stood = office.bills(), owed(office.session, office.home)
    day = date(2026, 2, 28) if kind == ActKind.CORRECT_READING else date(2026, 2, 10)

    act = office.act(kind, day, **known(office, parameters))
    changed = office.bills()
    assert office.is_sound()
    counter = office.undo(act)

    assert changed != before
    assert office.bills() == before
    assert owed(office.session, office.home) == stood
    assert counter.status == ActStatus.DONE
    assert act.status == ActStatus.REVERSED
    assert office.is_sound()


def known(office: Office, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with the numbers of the rows they name."""
    found = dict(parameters)
    if "tariff_group_id" in found:
        found["tariff_group_id"] = group_id(office.session, found["tariff_group_id"])
    if "benefit_id" in found:
        row = "INSERT INTO benefit (code, name, percent, source) VALUES ('TEST', 'Test benefit', 50, 'test') RETURNING id"
        found["benefit_id"] = office.session.scalar(text(row))
    if "reading_id" in found:
        found["reading_id"] = office.readings[found["reading_id"]]
    return found


@pytest.mark.parametrize(("kind", "parameters"), CHANGES)
def test_preview_leaves_nothing(office: Office, kind: ActKind, parameters: dict[str, Any]) -> None:
    before = office.bills()
    day = date(2026, 2, 28) if kind == ActKind.CORRECT_READING else date(2026, 2, 10)

    found = acts.preview(office.session, office.ask(kind, day, **known(office, parameters)), today=TODAY)

    assert len(found["bills"]) == 4
    assert office.bills() == before
    assert office.is_sound()


def test_term_ends_where_no_value_is_given(office: Office) -> None:
    before = office.bills()
    office.act(ActKind.CHANGE_TERM, date(2026, 2, 10), term="FAMILIES", value_milli=2000)

    office.act(ActKind.CHANGE_TERM, date(2026, 2, 10), "second", term="FAMILIES", value_milli=None)

    assert office.bills() == before
    assert office.is_sound()


def test_billed_reading_is_corrected_and_the_months_after_it_follow(office: Office) -> None:
    office.act(ActKind.CORRECT_READING, date(2026, 2, 28), reading_id=office.readings[1], dial="1500")

    assert [bill[1] for bill in office.bills()] == [300_000, 200_000, 400_000]
    assert office.is_sound()


def test_reading_whose_bill_was_withdrawn_can_be_corrected(office: Office) -> None:
    wanted = corrections.CorrectionRequest(
        office.home.division_id, date(2026, 3, 1), corrections.CorrectionKind.CANCEL, "wrong", "cancel", account_id=office.home.account_id
    )
    corrections.correct_account(office.session, wanted, today=TODAY)

    assert metering.is_open(office.session, office.readings[2])
    assert not metering.is_open(office.session, office.readings[1])


@pytest.mark.parametrize("dial", ["1250", "1950", "99999"])
def test_reading_that_goes_back_is_refused_with_all_its_bills_standing(office: Office, dial: str) -> None:
    refused(
        office, ActRefusal.READING_REFUSED, office.ask(ActKind.CORRECT_READING, date(2026, 2, 28), reading_id=office.readings[1], dial=dial)
    )


def test_what_changes_nothing_is_refused(office: Office) -> None:
    group = group_id(office.session, "HOUSEHOLD")

    refused(office, ActRefusal.NOTHING_CHANGES, office.ask(ActKind.CHANGE_TARIFF_GROUP, date(2026, 2, 10), tariff_group_id=group))
    refused(office, ActRefusal.NOTHING_CHANGES, office.ask(ActKind.CHANGE_TERM, date(2026, 2, 10), "b", term="FAMILIES", value_milli=None))


def test_day_before_the_supply_is_refused(office: Office) -> None:
    stove = group_id(office.session, "HOUSEHOLD_STOVE")

    refused(office, ActRefusal.NOT_SUPPLIED, office.ask(ActKind.CHANGE_TARIFF_GROUP, date(2025, 12, 1), tariff_group_id=stove))


def test_group_without_a_tariff_is_refused_because_months_would_stay_unbilled(office: Office) -> None:
    row = "INSERT INTO tariff_group (code, name, consumer_kind) VALUES ('NONE', 'No tariff', 'HOUSEHOLD') RETURNING id"
    group = office.session.scalar(text(row))

    refused(office, ActRefusal.NOT_BILLED_AGAIN, office.ask(ActKind.CHANGE_TARIFF_GROUP, date(2026, 2, 10), tariff_group_id=group))


def test_address_is_corrected_and_given_back(office: Office) -> None:
    session = office.session
    street = session.scalar(
        text("INSERT INTO street (division_id, name) VALUES (:id, 'Bobur') RETURNING id"), {"id": office.home.division_id}
    )
    address = "SELECT s.name, p.house, p.flat FROM service_point p JOIN street s ON s.id = p.street_id WHERE p.id = :id"

    act = office.act(ActKind.CORRECT_ADDRESS, TODAY, street=street, house="12a", flat="3")

    assert tuple(session.execute(text(address), {"id": office.home.service_point_id}).one()) == ("Bobur", "12a", "3")
    assert dict(act.result["details"]) == {"address_before": "Navoiy, 1", "address": "Bobur, 12a-3"}
    office.undo(act)
    assert tuple(session.execute(text(address), {"id": office.home.service_point_id}).one()) == ("Navoiy", "1", None)


def test_street_of_another_division_is_refused(office: Office) -> None:
    foreign = make_district(office.session, "1726998")
    street = office.session.scalar(text("SELECT id FROM street WHERE division_id = :id"), {"id": foreign.id})

    refused(office, ActRefusal.FOREIGN_STREET, office.ask(ActKind.CORRECT_ADDRESS, TODAY, street=street, house="1", flat=""))


def test_first_reading_is_corrected_too(office: Office) -> None:
    first = office.session.scalar(
        text("SELECT id FROM reading WHERE account_id = :id AND kind = :kind"), {"id": office.home.account_id, "kind": ReadingKind.INITIAL}
    )

    office.act(ActKind.CORRECT_READING, date(2026, 1, 1), reading_id=first, dial="1100")

    assert [bill[1] for bill in office.bills()] == [200_000, 300_000, 300_000]
    assert office.is_sound()
