"""Pages of seals: receipt by range and file with the protocol of doubles, cards, the stock of a day, and inspections."""

import io
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, one

_STORE = "SELECT p.id FROM stock_place p WHERE p.name = 'Markaziy ombor' LIMIT 1"


@pytest.fixture
def store(demo_database: psycopg.Connection) -> str:
    return one(demo_database, _STORE)


def document(browser: Browser, database: psycopg.Connection, kind: str, store: str, **given: Any) -> dict[str, Any]:
    page = browser.text(f"/equipment-documents/new/{kind}")
    reference = page.split('name="reference"')[1].split('value="')[1].split('"')[0]
    return {
        "division": one(database, f"SELECT division_id FROM stock_place WHERE id = {store}"),
        "document_on": one(database, "SELECT current_date"),
        "document_number": "17", "reason": "plan", "reference": reference, "stock_place": store, "seal_kind_id": "1", "supplier": "Factory",
        "csrf_token": browser.token,
    } | given  # fmt: skip


def test_seals_are_received_by_range_and_file_with_a_protocol_of_doubles(app: Flask, demo_database: psycopg.Connection, store: str) -> None:
    engineer, cashier = log_in(app, "engineer"), log_in(app, "cashier")
    address = "/equipment-documents/new/RECEIVE_SEALS"
    assert cashier.status(address) in {302, 403}
    form = document(engineer, demo_database, "RECEIVE_SEALS", store, seals="PG-001 .. PG-003\nNP-00001")
    file = (io.BytesIO(b"seal number;last number\nPG-004;\nPG-005;\nPG-007;PG-009\n"), "seals.csv")

    preview = engineer.client.post(address, data=form | {"file": file, "step": "preview"}, content_type="multipart/form-data").text
    filled = preview.split('name="seals"')[1].split("</textarea>")[0]
    wrong = engineer.client.post(address, data=form | {"file": (io.BytesIO(b"a;b\n1;2\n"), "seals.csv"), "step": "preview"}).text
    bad = engineer.client.post(address, data=form | {"seals": "PG-9 .. PG-1", "step": "preview"}).text
    done = engineer.client.post(address, data=form | {"seals": "PG-001 .. PG-005\nPG-007 .. PG-009\nNP-00001", "step": "do"})
    shown = engineer.text(done.headers["Location"])

    assert "PG-004 .. PG-005" in filled
    assert "Left out, because they stand in the register or twice here: 1" in preview
    assert "This is no range: PG-9 .. PG-1" in bad
    assert 'step" value="do"' not in wrong
    assert (done.status_code, "Seals: 8" in shown, "NP-00001" in shown) == (302, True, True)
    number = done.headers["Location"].rsplit("/", 1)[1]
    assert engineer.client.get(f"/equipmentdocumentview/pdf/{number}").data.startswith(b"%PDF")
    assert "PG-001 – PG-005" in engineer.text(f"/stockplaceview/stock/{store}")


def test_example_of_a_file_of_seals_is_for_those_who_receive_them(app: Flask) -> None:
    assert "NP-000001" in log_in(app, "engineer").text("/equipment-documents/example.csv")
    assert log_in(app, "cashier").status("/equipment-documents/example.csv") in {302, 403}


def test_card_of_a_seal_shows_its_history(app: Flask, demo_database: psycopg.Connection) -> None:
    engineer = log_in(app, "engineer")
    seal, number, device = one(
        demo_database,
        "SELECT s.id || ' ' || s.number || ' ' || s.device_id FROM seal s "
        "WHERE s.state = 'APPLIED' AND s.number LIKE 'NP-%' ORDER BY s.id LIMIT 1",
    ).split()

    card, of_device = engineer.text(f"/sealview/show/{seal}"), engineer.text(f"/deviceview/show/{device}")

    assert "Applied to a device" in card
    assert "Arrival" in card
    assert f"/sealview/show/{seal}" in of_device
    assert f"/deviceview/show/{device}" in engineer.text(f"/deviceview/list/?_q={number}")
    assert number in engineer.text(f"/sealview/export.csv?_q={number}")
    assert number in engineer.text(f"/sealmovementview/export.csv?_q={number}")


def test_inspection_names_seal_and_device_and_ends_with_a_reason(app: Flask, demo_database: psycopg.Connection) -> None:
    inspector, engineer = log_in(app, "inspector"), log_in(app, "engineer")
    number = one(demo_database, "SELECT min(id) FROM inspection WHERE status = 'OPEN' AND cause = 'BROKEN_SEAL'")
    seal = one(demo_database, f"SELECT s.number FROM inspection i JOIN seal s ON s.id = i.seal_id WHERE i.id = {number}")
    account = one(demo_database, f"SELECT account_id FROM inspection WHERE id = {number}")

    page = inspector.text(f"/inspectionview/show/{number}")
    draft = inspector.text(f"/inspectionrecordview/draft/{account}?inspection={number}")
    may_not = engineer.post(f"/inspectionview/end/{number}", conclusion="nothing")
    inspector.post(f"/inspectionview/end/{number}", conclusion="")
    still = one(demo_database, f"SELECT status FROM inspection WHERE id = {number}")
    inspector.post(f"/inspectionview/end/{number}", conclusion="struck by a truck")

    assert seal in page
    assert "/deviceview/show/" in page
    assert f'value="{seal}"' in draft
    assert (may_not in {302, 403}, still) == (True, "OPEN")
    assert one(demo_database, f"SELECT status || ' ' || conclusion FROM inspection WHERE id = {number}") == "ENDED struck by a truck"
    assert one(demo_database, "SELECT count(*) FROM inspection WHERE cause = 'TAMPER_EVENT'") != "0"
