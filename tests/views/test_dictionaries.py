"""A dictionary on the screen: one person drafts, another approves, everybody sees what was in force when."""

import io
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.jobs import runner
from tests.browsers import Browser, log_in, one

MFO = "00777"


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    yield
    demo_database.execute(f"DELETE FROM bank WHERE mfo = '{MFO}'")
    demo_database.execute("UPDATE shadow_run SET change_id = NULL")
    demo_database.execute("DELETE FROM reference_change")
    demo_database.execute("DELETE FROM approval")


def draft(browser: Browser, **more: str) -> int:
    return browser.post("/bankview/add", **({"mfo": MFO, "name": "Sinov bank", "basis": "no. 1"} | more))


def request_id(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT max(id) FROM approval")


def test_what_one_drafts_another_approves(app: Flask, demo_database: psycopg.Connection) -> None:
    editor, supervisor = log_in(app, "editor"), log_in(app, "supervisor")
    assert draft(editor) == 302
    asked = request_id(demo_database)

    assert f"SELECT {MFO}" != one(demo_database, f"SELECT count(*) FROM bank WHERE mfo = '{MFO}'")
    assert "Sinov bank" not in editor.text("/bankview/list/")
    assert "Sinov bank" in supervisor.text(f"/approvalview/show/{asked}")
    assert f"/approvalview/show/{asked}" in supervisor.text("/approvalview/inbox")
    assert f"/approvalview/show/{asked}" not in editor.text("/approvalview/inbox")
    assert "/approvalview/inbox" in supervisor.text("/")
    assert "/approvalview/inbox" not in editor.text("/")
    assert editor.post(f"/approvalview/decide/{asked}", decision="approve") == 403
    assert one(demo_database, f"SELECT status FROM approval WHERE id = {asked}") == "PENDING"
    assert supervisor.post(f"/approvalview/decide/{asked}", decision="approve") == 302

    bank = one(demo_database, f"SELECT id FROM bank WHERE mfo = '{MFO}'")
    assert one(demo_database, f"SELECT created_by || decided_by FROM approval WHERE id = {asked}") == "editorsupervisor"
    history = editor.text(f"/reference/bank/{bank}/history")
    assert "supervisor" in history
    assert "no. 1" in history
    assert "Sinov bank" in editor.text("/reference/bank/on")
    assert "Sinov bank" not in editor.text("/reference/bank/on?day=2026-01-01")
    assert "Sinov bank" in editor.text("/reference/bank/difference?earlier=2026-01-01")
    assert "Nothing refers to this row." in editor.text(f"/reference/bank/{bank}/uses")


def test_refusal_needs_a_reason_and_a_request_can_be_withdrawn(app: Flask, demo_database: psycopg.Connection) -> None:
    editor, supervisor = log_in(app, "editor"), log_in(app, "supervisor")
    draft(editor)
    asked = request_id(demo_database)

    supervisor.post(f"/approvalview/decide/{asked}", decision="refuse", remark="")
    assert one(demo_database, f"SELECT status FROM approval WHERE id = {asked}") == "PENDING"
    assert supervisor.post(f"/approvalview/withdraw/{asked}") in (302, 403)
    assert one(demo_database, f"SELECT status FROM approval WHERE id = {asked}") == "PENDING"
    assert editor.post(f"/approvalview/withdraw/{asked}") == 302

    assert one(demo_database, f"SELECT status FROM approval WHERE id = {asked}") == "WITHDRAWN"


def test_row_is_retired_not_deleted(app: Flask, demo_database: psycopg.Connection) -> None:
    editor, supervisor = log_in(app, "editor"), log_in(app, "supervisor")
    draft(editor)
    supervisor.post(f"/approvalview/decide/{request_id(demo_database)}", decision="approve")
    bank = one(demo_database, f"SELECT id FROM bank WHERE mfo = '{MFO}'")

    editor.post(f"/bankview/delete/{bank}")
    assert one(demo_database, f"SELECT retired_on IS NULL FROM bank WHERE id = {bank}") == "True"
    supervisor.post(f"/approvalview/decide/{request_id(demo_database)}", decision="approve")

    assert one(demo_database, f"SELECT retired_on IS NULL FROM bank WHERE id = {bank}") == "False"
    assert "Sinov bank" not in editor.text("/reference/bank/on")
    assert "Sinov bank" not in log_in(app, "operator").text("/legalconsumerview/add")


def test_tariff_version_is_drafted_with_its_blocks(app: Flask, demo_database: psycopg.Connection) -> None:
    editor = log_in(app, "editor")
    tariff = one(demo_database, "SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'")
    form = {"tariff": tariff, "valid_from": "2031-01-01", "source": "no. 9", "basis": "", "lost_seen": "1", "csrf_token": editor.token}

    answer = editor.client.post("/tariffversionview/add", data=form | {"blocks": ["TOTAL", "200", "700", "", "900"]})

    assert answer.status_code == 302
    page = editor.text(f"/approvalview/show/{request_id(demo_database)}")
    assert "0–200" in page
    assert "<strong>700</strong>" in page
    assert one(demo_database, "SELECT count(*) FROM tariff_version WHERE valid_from = '2031-01-01'") == "0"


def test_file_becomes_one_request_and_its_bad_rows_are_named(app: Flask, demo_database: psycopg.Connection) -> None:
    editor = log_in(app, "editor")
    content = f"mfo;name\n{MFO};Fayl bank\n123;Qisqa\n".encode()
    form = {"csrf_token": editor.token, "in_force_from": "2031-01-01", "basis": "letter", "file": (io.BytesIO(content), "banks.csv")}

    answer = editor.client.post("/reference/bank/load", data=form, content_type="multipart/form-data")
    job = answer.location.rsplit("/", 1)[1]
    with app.app_context():
        runner.perform(int(job))
    page = editor.text(f"/jobview/show/{job}")

    assert one(demo_database, "SELECT created_by FROM approval ORDER BY id DESC LIMIT 1") == "editor"
    assert one(demo_database, "SELECT contents ->> 'name' FROM reference_change ORDER BY id DESC LIMIT 1") == "Fayl bank"
    assert f"/approvalview/show/{request_id(demo_database)}" in page
    assert "The table refuses the row: a value is too long, out of range, or must be unique." in page


def test_export_is_a_workbook_without_formulas(app: Flask) -> None:
    answer = log_in(app, "editor").client.get("/reference/bank/export.xlsx")

    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


@pytest.mark.parametrize("page", ["/reference/bank/on", "/reference/bank/load", "/reference/account/on", "/reference/bank/export.xlsx"])
def test_dictionary_a_role_does_not_see_is_closed(app: Flask, page: str) -> None:
    assert log_in(app, "cashier").status(page) in (302, 403, 404)


@pytest.mark.parametrize("page", ["/reference/bank/on?day=soon", "/reference/bank/difference?earlier=x"])
def test_what_is_no_day_is_refused(app: Flask, page: str) -> None:
    assert log_in(app, "editor").status(page) == 400
