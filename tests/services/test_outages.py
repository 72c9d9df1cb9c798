"""Planned outages: whom one concerns, what they are told, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.notices import NoticeKind
from app.domain.outages import OutageFault, OutageRefused, OutageStatus
from app.models.administration import Division
from app.models.notices import Notice
from app.models.outages import PlannedOutage
from app.queries import outages as queries
from app.services import outages as service
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEGINS = NOW + timedelta(days=1)


@pytest.fixture
def district(session: Session) -> Division:
    return make_district(session)


@pytest.fixture
def home(session: Session, district: Division) -> Home:
    return make_home(session, district)


def request(home: Home, *streets: str, feeder: str = "", hours: int = 4, begins: datetime = BEGINS) -> service.OutageRequest:
    return service.OutageRequest(home.division_id, begins, begins + timedelta(hours=hours), feeder, streets, "Taʼmir")


def messages(session: Session) -> list[tuple[str, str]]:
    return [(each.channel, each.text) for each in session.query(Notice).order_by(Notice.id)]


def tell(session: Session, planned: service.PlannedNow, status: OutageStatus = OutageStatus.PLANNED) -> list[tuple[int, int]]:
    steps, after = [], 0
    while (step := service.tell(session, planned.outage_id, status, after=after, now=NOW))[0]:
        steps.append(step)
        after = step[0]
    return steps


def test_outage_is_told_to_who_is_supplied_on_its_streets(session: Session, district: Division, home: Home) -> None:
    make_home(session, make_district(session, "1726998"), serial=2)  # a street of the same name elsewhere

    planned = service.plan(session, request(home, "navoiy"), now=NOW)

    assert tell(session, planned) == [(home.account_id, 1)]
    assert messages(session)[0] == (
        "SMS", f"Hisob {home.number}: 03.03.2026 14:00 dan 03.03.2026 18:00 gacha elektr ta'minoti o'chiriladi. Sababi: Ta'mir."
    )  # fmt: skip
    assert session.get_one(PlannedOutage, planned.outage_id).told == 1
    assert session.execute(text("SELECT kind FROM job_run WHERE id = :id"), {"id": planned.job_id}).scalar_one() == "OUTAGE_NOTICES"
    [shown] = queries.of_account(session, home.account_id, now=NOW)
    assert (shown.streets, shown.reason) == (["Navoiy"], "Taʼmir")
    assert [each.id for each in queries.coming(session, now=NOW, division_id=district.id)] == [planned.outage_id]


def test_outage_of_a_feeder_is_shown_to_the_district_and_told_to_nobody(session: Session, home: Home) -> None:
    planned = service.plan(session, request(home, feeder="TP-112"), now=NOW)

    assert (tell(session, planned), messages(session)) == ([], [])
    assert [each.feeder for each in queries.of_account(session, home.account_id, now=NOW)] == ["TP-112"]


def test_cancelled_outage_is_told_so_and_shown_no_more(session: Session, home: Home) -> None:
    planned = service.plan(session, request(home, "Navoiy"), now=NOW)

    service.cancel(session, planned.outage_id, reason="Moved", by="anna", now=NOW)

    assert tell(session, planned) == []  # the job of the plan comes late
    assert tell(session, planned, OutageStatus.CANCELLED) == [(home.account_id, 1)]
    assert {each.kind for each in session.query(Notice)} == {NoticeKind.OUTAGE_CANCELLED}
    assert queries.of_account(session, home.account_id, now=NOW) == []
    with pytest.raises(OutageRefused):
        service.cancel(session, planned.outage_id, reason="Again", by="anna", now=NOW)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"hours": 0, "feeder": "F-1"}, OutageFault.TERM_FALLS),
        ({"begins": NOW, "feeder": "F-1"}, OutageFault.IN_THE_PAST),
        ({}, OutageFault.NO_AREA),
    ],
    ids=str,
)
def test_outage_that_makes_no_sense_is_refused(session: Session, home: Home, given: dict[str, object], fault: OutageFault) -> None:
    with pytest.raises(OutageRefused) as refused:
        service.plan(session, request(home, **given), now=NOW)  # type: ignore[arg-type]

    assert refused.value.fault == fault


def test_street_of_another_division_is_not_known(session: Session, home: Home) -> None:
    with pytest.raises(OutageRefused) as refused:
        service.plan(session, request(home, "Navoiy", "Amir Temur"), now=NOW)

    assert (refused.value.fault, refused.value.detail) == (OutageFault.UNKNOWN_STREET, "Amir Temur")
