"""Pages of equipment: passports, the stock of a day, plans of verification, certificates from a file."""

import io
from datetime import timedelta
from html import unescape

import psycopg
import pytest
from flask import Flask

from app import clock, labels
from tests.browsers import Browser, log_in, perform_latest, token


@pytest.fixture(scope="module")
def engineer(app: Flask) -> Browser:
    return log_in(app, "engineer")


def value(demo_database: psycopg.Connection, statement: str, *given: object) -> object:
    row = demo_database.execute(statement, given).fetchone()
    assert row is not None, statement
    return row[0]


def test_passport_is_written_on_its_page_and_shown_on_the_card(engineer: Browser, demo_database: psycopg.Connection) -> None:
    meter = value(demo_database, "SELECT id FROM device WHERE serial_number = 'Y00001' ORDER BY id LIMIT 1")
    page = engineer.text(f"/deviceview/passport/{meter}")

    answer = engineer.client.post(
        f"/deviceview/passport/{meter}", data={"csrf_token": token(page), "clock_zone": "Asia/Tashkent"}, follow_redirects=True
    )

    assert "Clock zone" in answer.text
    assert "Asia/Tashkent" in answer.text


def test_stock_of_a_day_is_counted_by_model_and_state(engineer: Browser, demo_database: psycopg.Connection) -> None:
    kept = "SELECT stock_place_id FROM device WHERE serial_number = 'Y00001' ORDER BY id LIMIT 1"
    place = value(demo_database, kept)

    page = engineer.text(f"/stockplaceview/stock/{place}")

    assert "Y00001" in page
    assert ">5<" in page
    assert "No records found" in engineer.text(f"/stockplaceview/stock/{place}?on=2001-01-01")


def test_plan_says_how_many_consumers_were_told_and_what_was_verified(engineer: Browser, demo_database: psycopg.Connection) -> None:
    approved = "SELECT id FROM verification_plan WHERE status = 'APPROVED' ORDER BY id LIMIT 1"

    page = engineer.text(f"/verificationplanview/show/{value(demo_database, approved)}")

    assert "Approved" in page
    assert "Verifications by division and month" in page
    told = f"SELECT count(noticed_on) FROM planned_verification WHERE verification_plan_id = ({approved})"
    assert int(str(value(demo_database, told))) > 0
    notice = "SELECT text FROM notice WHERE kind = 'VERIFICATION' ORDER BY id LIMIT 1"
    assert value(demo_database, "SELECT a.number FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = 'VERIFICATION'") in str(
        value(demo_database, notice)
    )


def test_plan_of_a_year_waits_for_a_second_person_and_leaves_out_what_is_planned(
    engineer: Browser, app: Flask, demo_database: psycopg.Connection
) -> None:
    division = str(value(demo_database, "SELECT division_id FROM verification_plan ORDER BY id LIMIT 1"))
    year = value(demo_database, "SELECT max(plan_year) FROM verification_plan")
    demo_database.execute(
        "UPDATE device SET verified_to = make_date(%s, 7, 1) WHERE division_id = %s AND serial_number = 'Y00003'",
        (int(str(year)) + 1, division),
    )
    demo_database.commit()

    def drawn(wanted: object) -> str:
        form = {"csrf_token": token(engineer.text("/verificationplanview/draw-up")), "division": division, "basis": "Order 15"}
        answer = engineer.client.post("/verificationplanview/draw-up", data=form | {"plan_year": str(wanted)}, follow_redirects=True)
        return unescape(answer.text)

    assert "The plan waits for approval by a second person." in drawn(int(str(year)) + 1)
    assert "No verification ends in this year that is not planned already." in drawn(int(str(year)) + 1)
    request = value(demo_database, "SELECT max(id) FROM approval WHERE kind = 'VERIFICATION_PLAN'")
    supervisor = log_in(app, "supervisor")
    page = supervisor.text(f"/approvalview/show/{request}")
    assert "Plan of verification" in page


def test_certificates_of_a_file_are_recorded_and_wrong_rows_are_named(
    engineer: Browser, app: Flask, demo_database: psycopg.Connection
) -> None:
    division = str(value(demo_database, "SELECT division_id FROM verification_plan ORDER BY id LIMIT 1"))
    serial = value(demo_database, "SELECT min(serial_number) FROM device WHERE state = 'INSTALLED' AND division_id = %s", division)
    issued, ends = clock.today(), clock.today() + timedelta(days=4000)
    head = "device number,certificate number,organisation,issued on,valid to"
    rows = f"{head}\n{serial},Q-77,Lab,{issued},{ends}\nX-404,Q-78,Lab,{issued},\n{serial},Q-79,Lab,soon,\n"
    form = {"csrf_token": token(engineer.text("/verificationplanview/load")), "division": division}

    answer = engineer.client.post(
        "/verificationplanview/load", data=form | {"file": (io.BytesIO(rows.encode()), "certificates.csv")},
        content_type="multipart/form-data",
    )  # fmt: skip
    perform_latest(app, demo_database, "PARTLY")

    job = answer.location.rpartition("/")[2]
    log = unescape(engineer.text(f"/jobview/show/{job}"))
    assert "1 certificates recorded, 2 rows rejected" in log
    assert "X-404" in log
    assert value(demo_database, "SELECT verified_to FROM device WHERE serial_number = %s", serial) == ends
    paper = engineer.text(f"/equipmentdocumentview/show/{value(demo_database, 'SELECT max(id) FROM equipment_document')}")
    assert "certificates.csv" in paper


def test_intervals_are_listed_with_their_source(engineer: Browser) -> None:
    page = engineer.text("/verificationintervalview/list/")

    assert "to be confirmed by the customer" in page
    assert ">96<" in page


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({}, ""),
        ({"seals": ["S1", "S2"]}, "Seals: S1, S2"),
        (
            {"certificate_number": "C-7", "verified_to": "2034-05-01", "before": "2026-05-01"},
            "Number of the certificate: C-7; Verification ends: 1 May 2034; Verification ends, before: 1 May 2026",
        ),
        ({"verified_to": "2034-05-01", "before": None}, "Verification ends: 1 May 2034"),
    ],
)  # fmt: skip
def test_what_belongs_to_a_movement_is_said_in_words(app: Flask, details: dict[str, object], expected: str) -> None:
    with app.test_request_context():
        assert labels.movement_details(details) == expected


@pytest.mark.parametrize(("condition", "word"), [("details = '{}'", None), ("details ? 'certificate_number'", "Number of the certificate")])
def test_card_of_a_movement_shows_no_json(engineer: Browser, demo_database: psycopg.Connection, condition: str, word: str | None) -> None:
    movement = value(demo_database, f"SELECT id FROM movement WHERE {condition} ORDER BY id LIMIT 1")

    page = unescape(engineer.text(f"/movementview/show/{movement}"))

    assert "{}" not in page
    assert "{'" not in page
    assert word is None or word in page


def test_document_that_lacks_a_signature_waits_among_the_requests_until_it_is_signed(app: Flask, demo_database: psycopg.Connection) -> None:
    waiting = "SELECT id FROM equipment_document WHERE status = 'REQUESTED' AND created_by <> 'supervisor' ORDER BY id LIMIT 1"
    document = value(demo_database, waiting)
    supervisor = log_in(app, "supervisor")
    address = f"/equipmentdocumentview/show/{document}"
    page = unescape(supervisor.text("/approvalview/inbox"))

    assert "Documents of equipment to sign" in page
    assert address in page
    supervisor.client.post(f"/equipmentdocumentview/sign/{document}", data={"csrf_token": token(page)})
    assert address not in supervisor.text("/approvalview/inbox")


def test_work_is_ordered_and_recorded_on_its_pages(engineer: Browser, demo_database: psycopg.Connection) -> None:
    work, division = demo_database.execute(
        "SELECT w.id, w.division_id FROM maintenance_work w JOIN maintenance_plan p ON p.id = w.maintenance_plan_id "
        "WHERE w.status = 'PLANNED' AND p.status = 'APPROVED' ORDER BY w.term_on LIMIT 1"
    ).fetchone() or (0, 0)
    brigade = value(demo_database, "SELECT min(id) FROM brigade WHERE division_id = %s", division)
    address = "/maintenanceorderview/order-works?until=2100-01-01"
    form = {"csrf_token": token(engineer.text(address)), "brigade": brigade, "work_on": clock.today().isoformat(), "works": work}

    ordered = engineer.client.post(address, data=form, follow_redirects=True)
    page = engineer.text(f"/maintenanceworkview/carry-out/{work}")
    done = {"csrf_token": token(page), "done_on": clock.today().isoformat(), "hours_milli": "2,5", "remark": "Oil added"}
    recorded = engineer.client.post(f"/maintenanceworkview/carry-out/{work}", data=done, follow_redirects=True)

    assert "The works were ordered." in ordered.text
    assert "Recorded." in recorded.text
    assert "Oil added" in recorded.text
    assert value(demo_database, "SELECT status FROM maintenance_work WHERE id = %s", work) == "DONE"
    back = {"csrf_token": token(page), "reason": "Another device"}
    undone = engineer.client.post(f"/maintenanceworkview/undo/{work}", data=back, follow_redirects=True)
    assert "takes back record" in undone.text


@pytest.mark.parametrize("paper", ["maintenanceplanview/pdf", "maintenanceorderview/pdf", "verificationplanview/pdf"])
def test_plans_and_orders_are_printed(engineer: Browser, demo_database: psycopg.Connection, paper: str) -> None:
    table = {"m": "maintenance_plan", "o": "maintenance_order", "v": "verification_plan"}[paper[11] if paper[11] == "o" else paper[0]]
    answer = engineer.client.get(f"/{paper}/{value(demo_database, f'SELECT min(id) FROM {table}')}")

    assert answer.data.startswith(b"%PDF")
