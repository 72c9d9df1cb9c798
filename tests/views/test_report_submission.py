"""Reports are kept as they were made, signed, taken and accepted, or returned and made anew."""

import re
from datetime import date

import psycopg
import pytest
from flask import Flask

from app import clock
from app.domain.calendar import months_after
from app.domain.reports import PartFault, ReportEvent
from app.extensions import Scope, db, set_scope
from app.queries.reports.late import late_reports
from app.services import reports as service
from tests.browsers import MINE, Browser, one

#: A month that is over and billed; the demo keeps reports of its first month only.
MONTH = months_after(clock.today(), -3).isoformat()


@pytest.fixture
def region(demo_database: psycopg.Connection) -> str:
    return one(demo_database, f"SELECT parent_id FROM division WHERE code = '{MINE}'")


@pytest.fixture
def districts(demo_database: psycopg.Connection, region: str) -> list[str]:
    """The districts of the region that have bills."""
    rows = demo_database.execute(
        "SELECT id FROM division WHERE parent_id = %s AND id IN (SELECT division_id FROM division_turnover) ORDER BY id", (region,)
    )
    return [str(row[0]) for row in rows]


def keep(browser: Browser, division_id: str, name: str = "turnover") -> str:
    """Keep a report of the month and return the address of its page."""
    answer = browser.client.post(
        f"/reports/{name}/store?division={division_id}&first={MONTH}&last={MONTH}", data={"csrf_token": browser.token, "keep": "y"}
    )
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def advance(browser: Browser, address: str, event: str, remark: str = "") -> str:
    """Let something happen to a kept report and return the page that follows."""
    answer = browser.client.post(
        f"{address}/advance", data={"csrf_token": browser.token, "event": event, "remark": remark}, follow_redirects=True
    )
    return answer.text


def status_of(database: psycopg.Connection, address: str) -> str:
    key = int(address.rpartition("/")[2])
    row = database.execute("SELECT status FROM report_step WHERE stored_report_id = %s ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return str(row[0]) if row else "DRAFT"


@pytest.fixture
def closed(demo_database: psycopg.Connection) -> None:
    """The month and all before it are closed everywhere."""
    demo_database.execute(
        "INSERT INTO accounting_period (division_id, billing_month, status, decided_by, decided_at) "
        "SELECT t.division_id, t.billing_month, 'CLOSED', 'test', now() FROM division_turnover t WHERE t.billing_month <= %s "
        "UNION SELECT d.id, %s::date, 'CLOSED', 'test', now() FROM division d ON CONFLICT DO NOTHING",
        (MONTH, MONTH),
    )


@pytest.mark.usefixtures("closed")
def test_report_goes_up_from_districts_over_the_region_to_the_company(
    supervisor: Browser, demo_database: psycopg.Connection, region: str, districts: list[str]
) -> None:
    whole = keep(supervisor, region)
    assert "its report is missing" in advance(supervisor, whole, "SIGN")
    assert status_of(demo_database, whole) == "DRAFT"

    parts = [keep(supervisor, each) for each in districts]
    for part in parts:
        advance(supervisor, part, "SIGN")
    assert "was not taken" in advance(supervisor, whole, "SIGN")
    for part in parts:
        advance(supervisor, part, "TAKE")
        assert status_of(demo_database, part) == "TAKEN"

    for event, status in (("SIGN", "SIGNED"), ("TAKE", "TAKEN"), ("ACCEPT", "ACCEPTED")):
        advance(supervisor, whole, event)
        assert status_of(demo_database, whole) == status
    assert supervisor.text(f"/submitted-reports/?division={region}&month={MONTH}").count("Taken by the division above") == len(parts)


@pytest.mark.usefixtures("closed")
def test_signed_report_does_not_change_when_the_books_do(
    supervisor: Browser, demo_database: psycopg.Connection, districts: list[str]
) -> None:
    first = keep(supervisor, districts[0], "bill_quality")
    advance(supervisor, first, "SIGN")
    before = supervisor.client.get(f"{first}/file.csv").data
    assert keep(supervisor, districts[0], "bill_quality") == first

    demo_database.execute(
        "UPDATE division_turnover SET charged_tiyin = charged_tiyin + 1 WHERE division_id = %s AND billing_month = %s",
        (districts[0], MONTH),
    )
    try:
        second = keep(supervisor, districts[0], "bill_quality")
    finally:
        demo_database.execute(
            "UPDATE division_turnover SET charged_tiyin = charged_tiyin - 1 WHERE division_id = %s AND billing_month = %s",
            (districts[0], MONTH),
        )

    assert second != first
    assert supervisor.client.get(f"{first}/file.csv").data == before
    assert "A newer version of the report is there" in advance(supervisor, first, "TAKE")
    assert status_of(demo_database, first) == "SIGNED"


@pytest.mark.usefixtures("closed")
def test_returned_report_needs_a_remark_and_is_made_anew(
    supervisor: Browser, demo_database: psycopg.Connection, districts: list[str]
) -> None:
    report = keep(supervisor, districts[0], "sales")
    advance(supervisor, report, "SIGN")

    assert "needs a remark" in advance(supervisor, report, "RETURN")
    advance(supervisor, report, "RETURN", remark="Zone totals are missing")

    assert status_of(demo_database, report) == "RETURNED"
    assert "Zone totals are missing" in supervisor.text(report)
    assert keep(supervisor, districts[0], "sales") != report


def test_open_month_is_not_signed(supervisor: Browser, demo_database: psycopg.Connection, districts: list[str]) -> None:
    latest = str(date.fromisoformat(one(demo_database, "SELECT max(billing_month) FROM division_turnover")))
    answer = supervisor.client.post(
        f"/reports/turnover/store?division={districts[0]}&first={latest}&last={latest}", data={"csrf_token": supervisor.token, "keep": "y"}
    )

    assert "is open" in advance(supervisor, str(answer.location), "SIGN")
    assert status_of(demo_database, str(answer.location)) == "DRAFT"


@pytest.mark.usefixtures("closed")
def test_report_is_signed_once(supervisor: Browser, demo_database: psycopg.Connection, districts: list[str]) -> None:
    report = keep(supervisor, districts[0], "benefits")
    advance(supervisor, report, "SIGN")

    assert "was signed already" in advance(supervisor, report, "SIGN")

    key = int(report.rpartition("/")[2])
    assert one(demo_database, f"SELECT count(*) FROM report_step WHERE stored_report_id = {key}") == "1"


@pytest.mark.usefixtures("closed")
def test_consolidation_with_a_child_missing_is_refused_by_the_service(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, region: str, districts: list[str]
) -> None:
    whole = int(keep(supervisor, region, "bill_quality").rpartition("/")[2])
    with app.app_context():
        set_scope(Scope(actor="test", today=date(2026, 9, 1), everywhere=True))

        with pytest.raises(service.ReportStepRefused) as refused:
            service.advance(db.session(), whole, ReportEvent.SIGN)
        db.session.remove()

    missing = {each.division_id for each in refused.value.problems}
    assert missing
    assert missing <= {int(each) for each in districts}
    assert {each.fault for each in refused.value.problems} <= set(PartFault)
    assert status_of(demo_database, f"/{whole}") == "DRAFT"


@pytest.mark.usefixtures("closed")
def test_late_reports_are_those_due_and_not_signed(
    supervisor: Browser, app: Flask, demo_database: psycopg.Connection, districts: list[str]
) -> None:
    month = date.fromisoformat(MONTH)
    signed = keep(supervisor, districts[0], "turnover")
    advance(supervisor, signed, "SIGN")

    def late(day: date) -> set[tuple[int, str]]:
        with app.app_context():
            set_scope(Scope(actor="test", today=day, everywhere=True))
            found = late_reports(db.session(), ["turnover"], [month], today=day)
            db.session.remove()
        assert {each.month for each in found} <= {month}
        return {(each.division_id, each.level) for each in found}

    at_the_due_day, after_it, at_the_end = (late(months_after(month, 1).replace(day=day)) for day in (5, 6, 13))

    assert at_the_due_day == set()
    assert {level for _division, level in after_it} == {"DISTRICT"}
    assert {level for _division, level in at_the_end} == {"DISTRICT", "REGION", "REPUBLIC"}
    is_signed = status_of(demo_database, signed) not in {"DRAFT", "RETURNED"}
    assert (int(districts[0]) in {division for division, _level in after_it}) != is_signed
    empty = one(
        demo_database, "SELECT min(id) FROM division WHERE level = 'DISTRICT' AND id NOT IN (SELECT division_id FROM division_turnover)"
    )
    assert empty not in {str(division) for division, _level in at_the_end}


def test_who_works_below_neither_takes_nor_accepts(chief: Browser, demo_database: psycopg.Connection) -> None:
    mine = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    report = keep(chief, mine, "benefits")

    offered = re.findall(r'name="event" value="(\w+)"', chief.text(report))

    assert set(offered) <= {"SIGN"}
    assert chief.post(f"{report}/advance", event="TAKE", remark="") == 403


def test_kept_report_cannot_be_changed(demo_database: psycopg.Connection, supervisor: Browser, districts: list[str]) -> None:
    keep(supervisor, districts[0])

    with pytest.raises(psycopg.errors.RestrictViolation):
        demo_database.execute("UPDATE stored_report SET rows = rows + 1")
