"""Verification: intervals, plans of a year approved by a second person, certificates from files, consumers told once."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import ApprovalStatus
from app.domain.equipment import DeviceEvent, DeviceState
from app.domain.notices import NoticeChannel, NoticeKind
from app.domain.reference import RowFault
from app.gateways.certificates_file import CertificateLine
from app.models.administration import Approval
from app.models.equipment import Device, EquipmentDocument
from app.models.notices import Notice
from app.models.verification import PlannedVerification, VerificationInterval, VerificationPlan
from app.queries import verification as queries
from app.services import equipment, notices
from app.services.administration import approvals
from app.services.equipment import plans, verification
from app.services.notices import ConsumerChoice
from tests.builders import Home, make_district, make_home
from tests.services.equipment_scenario import CERTIFICATE, RECEIVED, TODAY, Stores, make_stores, receive

ISSUED = date(2026, 3, 20)


@pytest.fixture
def stores(session: Session) -> Stores:
    return make_stores(session, make_district(session))


@pytest.fixture
def home(session: Session, stores: Stores) -> Home:
    made = make_home(session, stores.division)
    equipment.take_over(session, stores.division.id)
    return made


def meter_of(session: Session, home: Home) -> Device:
    key = session.execute(text("SELECT meter_id FROM meter_installation WHERE id = :id"), {"id": home.installation_id}).scalar_one()
    return session.get_one(Device, key)


def line(serial: str, **more: Any) -> CertificateLine:
    given = {"certificate_number": "C-9", "organisation": "Lab", "issued_on": "2026-03-20", "verified_to": "2034-03-20"}
    return CertificateLine(2, serial, **(given | more))


def record(session: Session, *lines: CertificateLine) -> tuple[int, list[tuple[str, str]]]:
    rows = [each._replace(row_no=place) for place, each in enumerate(lines, 2)]
    done, refused = verification.record_certificates(session, rows, reason="certificates.csv", today=TODAY, seen={})
    return done, [(row.column, row.fault) for row in refused]


def plan(session: Session, stores: Stores, year: int = 2026) -> VerificationPlan:
    return plans.draw_up(session, verification.PLAN, plans.YearPlanRequest(stores.division.id, year, "Order 14"))


def decide(session: Session, made: VerificationPlan, *, grant: bool) -> None:
    asked = session.scalars(select(Approval).where(Approval.subject_id == made.id, Approval.kind == "VERIFICATION_PLAN")).one()
    approvals.decide(session, asked.id, grant=grant, by="supervisor", remark=None, today=TODAY, now=clock.now())


@pytest.mark.parametrize(
    ("is_installed", "passport", "issued_on", "months"),
    [
        (True, {}, date(2026, 3, 20), 96),  # a household's
        (True, {}, date(2019, 10, 31), 48),  # before the interval was prolonged
        (False, {}, date(2026, 3, 20), 48),  # nobody's yet: the shorter one
        (True, {"active_class": "0.5"}, date(2026, 3, 20), 60),  # of its class
        (True, {"active_class": "2"}, date(2026, 3, 20), 96),  # of any other class
    ],
)
def test_interval_is_that_of_kind_class_and_owner_on_the_day_of_the_certificate(
    session: Session, stores: Stores, home: Home, is_installed: bool, passport: dict[str, str], issued_on: date, months: int
) -> None:
    device = meter_of(session, home) if is_installed else receive(session, stores, "V-1")
    device.passport = passport
    own = {"accuracy_class": "0.5", "consumer_kind": "HOUSEHOLD", "valid_from": date(2020, 1, 1), "interval_months": 60, "source": "order"}
    session.add(VerificationInterval(device_kind_id=1, **own))
    session.flush()

    assert queries.interval_months(session, device.id, issued_on, TODAY) == months


def test_certificate_of_a_file_is_a_document_of_its_day_recorded_once(session: Session, home: Home) -> None:
    device = meter_of(session, home)

    first = record(session, line(device.serial_number), line("V-404"))
    again = record(session, line(device.serial_number))

    assert first == (1, [("serial_number", RowFault.UNKNOWN_ROW)])
    assert again == (0, [("certificate_number", RowFault.REPEATED)])
    document = session.scalars(select(EquipmentDocument).where(EquipmentDocument.kind == DeviceEvent.VERIFY)).one()
    assert (document.document_on, document.document_number, document.reason) == (ISSUED, "C-9", "certificates.csv")
    assert (device.verified_to, device.state) == (date(2034, 3, 20), DeviceState.INSTALLED)


def test_end_that_a_file_does_not_say_is_counted_by_the_interval(session: Session, home: Home) -> None:
    device = meter_of(session, home)

    assert record(session, line(device.serial_number, issued_on="2026-02-28", verified_to="")) == (1, [])

    assert device.verified_to == date(2034, 2, 28)


def test_device_comes_back_from_the_metrology_body_to_its_warehouse(session: Session, stores: Stores) -> None:
    device = receive(session, stores, "V-1")
    for event in (DeviceEvent.LOSE, DeviceEvent.FIND, DeviceEvent.SEND_TO_METROLOGY):
        to = stores.warehouse if event == DeviceEvent.FIND else None
        equipment.move(session, device.id, event, on=RECEIVED, today=TODAY, to=to)

    assert record(session, line("V-1")) == (1, [])

    assert (device.state, device.stock_place_id) == (DeviceState.VERIFIED, stores.warehouse.stock_place_id)


@pytest.mark.parametrize(
    ("changed", "column", "fault"),
    [
        ({"serial_number": ""}, "serial_number", RowFault.EMPTY),
        ({"certificate_number": ""}, "certificate_number", RowFault.EMPTY),
        ({"certificate_number": "9" * 41}, "certificate_number", RowFault.TEXT_TOO_LONG),
        ({"organisation": ""}, "organisation", RowFault.EMPTY),
        ({"issued_on": "31.02.2026"}, "issued_on", RowFault.NOT_A_DAY),
        ({"issued_on": "2026-04-01"}, "issued_on", RowFault.OUT_OF_RANGE),
        ({"verified_to": "soon"}, "verified_to", RowFault.NOT_A_DAY),
        ({"verified_to": "2026-03-20"}, "verified_to", RowFault.OUT_OF_RANGE),
        ({"issued_on": "2026-03-09", "verified_to": "2040-01-01"}, "issued_on", RowFault.OLDER_CERTIFICATE),
    ],
)
def test_wrong_row_is_refused_by_its_column_and_the_good_one_goes_on(
    session: Session, stores: Stores, home: Home, changed: dict[str, str], column: str, fault: RowFault
) -> None:
    installed, new = meter_of(session, home), receive(session, stores, "V-1")
    details = CERTIFICATE | {"issued_on": "2026-03-10"}
    equipment.move(session, installed.id, DeviceEvent.VERIFY, on=date(2026, 3, 10), today=TODAY, details=details)

    assert record(session, line(installed.serial_number)._replace(**changed), line("V-1")) == (1, [(column, fault)])

    assert new.state == DeviceState.VERIFIED


def test_device_that_is_not_verified_in_its_state_or_stands_twice_in_a_file_is_refused(session: Session, stores: Stores) -> None:
    receive(session, stores, "V-1")

    assert record(session, line("V-1"), line("v1", certificate_number="C-10")) == (1, [("serial_number", RowFault.REPEATED)])
    assert record(session, line("V-1", certificate_number="C-11")) == (0, [("serial_number", RowFault.NOT_VERIFIED_NOW)])


def test_plan_names_what_ends_in_the_year_and_leaves_to_others_what_they_have(session: Session, stores: Stores, home: Home) -> None:
    device = meter_of(session, home)
    device.verified_to = date(2026, 5, 1)
    session.flush()

    first = plan(session, stores)

    lines = session.scalars(select(PlannedVerification).where(PlannedVerification.verification_plan_id == first.id)).all()
    assert [(each.device_id, each.ends_on) for each in lines] == [(device.id, date(2026, 5, 1))]
    with pytest.raises(plans.NothingToPlan), session.begin_nested():
        plan(session, stores)
    with pytest.raises(plans.NothingToPlan), session.begin_nested():
        plan(session, stores, 2027)
    decide(session, first, grant=False)
    assert first.status == ApprovalStatus.REFUSED
    assert plan(session, stores).id != first.id


def test_consumer_of_an_approved_plan_is_told_once_a_month_ahead(session: Session, stores: Stores, home: Home) -> None:
    device = meter_of(session, home)
    device.verified_to = date(2026, 4, 20)
    session.flush()
    made = plan(session, stores)

    def ending(today: date) -> list[queries.EndingVerification]:
        return queries.ending(session, today, date(2026, 4, 30), after=0, limit=10)

    assert ending(TODAY) == []  # it is not approved yet
    decide(session, made, grant=True)
    (found,) = ending(TODAY)
    assert (found.meter, found.ends_on) == (device.serial_number, date(2026, 4, 20))
    assert ending(date(2026, 4, 20)) == []
    assert queries.ending(session, TODAY, date(2026, 4, 19), after=0, limit=10) == []

    nothing = ConsumerChoice({NoticeKind.VERIFICATION: frozenset()}, "uz", None)
    notices.choose(session, found.account_id, nothing)
    assert verification.write_notices(session, [found], now=clock.now(), today=TODAY) == 0
    assert ending(TODAY) == [found]
    notices.choose(session, found.account_id, nothing._replace(ways={NoticeKind.VERIFICATION: frozenset({NoticeChannel.SMS})}))
    assert verification.write_notices(session, [found], now=clock.now(), today=TODAY) == 1

    assert ending(TODAY) == []
    notice = session.scalars(select(Notice).where(Notice.kind == "VERIFICATION")).one()
    assert f"{device.serial_number} hisoblagichning qiyoslash muddati 20.04.2026 kuni tugaydi" in notice.text
    assert queries.plan_state(session, made.id) == (1, 1, 0)


def test_meter_that_was_verified_meanwhile_tells_nobody(session: Session, stores: Stores, home: Home) -> None:
    device = meter_of(session, home)
    device.verified_to = date(2026, 4, 20)
    session.flush()
    made = plan(session, stores)
    decide(session, made, grant=True)

    record(session, line(device.serial_number))

    assert queries.ending(session, TODAY, date(2026, 4, 30), after=0, limit=10) == []
    assert queries.plan_state(session, made.id) == (1, 0, 1)
    assert [(each.devices, each.verified) for each in queries.plan_months(session, made.id)] == [(1, 1)]
