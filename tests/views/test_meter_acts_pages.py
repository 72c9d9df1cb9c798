"""Pages of acts about meters: photographs refused beside their field, papers in two languages, who may, and the list of what is left."""

import io
from typing import Any

import psycopg
import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.domain.documents import LARGEST_PICTURE_BYTES
from tests.browsers import MINE, Browser, log_in, one

_QUIET = f"""
    SELECT a.id FROM account a JOIN division d ON d.id = a.division_id AND d.code = '{MINE}'
    JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' JOIN supply s ON s.account_id = a.id AND s.valid_to IS NULL
    WHERE a.status = 'OPEN' AND NOT EXISTS (SELECT FROM act x WHERE x.account_id = a.id)
      AND 1 = (SELECT count(*) FROM meter_installation i JOIN register g ON g.meter_id = i.meter_id
               WHERE i.service_point_id = s.service_point_id)
      AND (SELECT max(read_on) FROM reading r WHERE r.account_id = a.id) < current_date - 1
    ORDER BY a.number LIMIT 1
"""


@pytest.fixture
def account(demo_database: psycopg.Connection) -> str:
    return one(demo_database, _QUIET)


def photograph() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(made, "JPEG")
    return made.getvalue()


def form_of(browser: Browser, database: psycopg.Connection, account: str, kind: str = "exchange", **given: Any) -> dict[str, Any]:
    """Return what somebody fills in on the page of an act."""
    page = browser.text(f"/acts/{kind}-meter/{account}")
    reference = page.split('name="reference"')[1].split('value="')[1].split('"')[0]
    brigade = f"""
        INSERT INTO brigade (division_id, name) SELECT division_id, 'Brigade of pages' FROM account WHERE id = {account}
        ON CONFLICT (division_id, name) DO UPDATE SET name = excluded.name RETURNING id
        """
    register = one(
        database,
        "SELECT max(r.register_id) || ' ' || max(r.dial_milli) / 1000 + 2 FROM reading r "
        f"WHERE r.account_id = {account} AND r.read_on = (SELECT max(read_on) FROM reading WHERE account_id = {account})",
    ).split()
    return {
        f"reading_{register[0]}": register[1], "serial_number": f"PAGE-{account}", "opening_total": "0", "verified_to": "2034-01-01",
        "model_id": one(database, "SELECT min(id) FROM device_model"), "digits": "5", "ct_primary": "1", "ct_secondary": "1",
        "vt_primary": "1", "vt_secondary": "1", "brigade_id": one(database, brigade), "is_sure": "y", "seals": "",
        "reason_id": one(database, "SELECT id FROM meter_change_reason WHERE code = 'PLANNED'"), "reason": "work order no. 7",
        "effective_on": one(database, "SELECT current_date"), "reference": reference, "csrf_token": browser.token,
    } | given  # fmt: skip


def sent(browser: Browser, account: str, form: dict[str, Any], step: str) -> Any:
    # Encoded here: the test client would keep large files in temporary ones that it never closes.
    files = {name: FileStorage(value[0], filename=value[1]) for name, value in form.items() if isinstance(value, tuple)}
    boundary, body = encode_multipart(form | files | {"step": step})
    content_type = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(f"/acts/exchange-meter/{account}", data=body, content_type=content_type)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("meter.jpg", b"", "The file is empty"),
        ("meter.jpg", b"MZ\x90" + b"\0" * 500, "This is no photograph"),
        ("meter.heic", b"\0\0\0\x18ftypheic" + b"\0" * 64, "HEIC pictures are not taken"),
        ("meter.jpg", b"\xff\xd8\xff" + b"\0" * LARGEST_PICTURE_BYTES, "larger than 10 MB"),
    ],
    ids=["nothing", "a renamed program", "HEIC", "eleven megabytes"],
)
def test_what_is_no_photograph_is_refused_beside_its_field(
    app: Flask, demo_database: psycopg.Connection, account: str, name: str, content: bytes, words: str
) -> None:
    operator = log_in(app, "operator")

    page = sent(operator, account, form_of(operator, demo_database, account, photos=(io.BytesIO(content), name)), "preview").text

    assert words in page
    assert "act-effects" not in page


def test_forty_megabytes_are_refused_as_a_page_of_words(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")
    form = form_of(operator, demo_database, account, photos=(io.BytesIO(b"\xff\xd8\xff" + b"\0" * 40 * 1024 * 1024), "meter.jpg"))

    answer = sent(operator, account, form, "preview")

    assert answer.status_code == 413
    assert "The file is too large" in answer.text


def test_exchange_is_previewed_performed_printed_and_undone(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    engineer, cashier = log_in(app, "engineer"), log_in(app, "cashier")
    page = f"/acts/exchange-meter/{account}"
    assert page in engineer.text(f"/accountview/show/{account}")
    assert page not in cashier.text(f"/accountview/show/{account}")
    form = form_of(engineer, demo_database, account)

    preview = sent(engineer, account, form | {"photos": (io.BytesIO(photograph()), "meter.jpg")}, "preview").text
    assert one(demo_database, f"SELECT count(*) FROM act WHERE account_id = {account}") == "0"
    answers = [sent(engineer, account, form | {"photos": (io.BytesIO(photograph()), "meter.jpg")}, "do").status_code for _ in range(2)]

    act = one(demo_database, f"SELECT max(id) FROM act WHERE account_id = {account}")
    photo = one(demo_database, f"SELECT max(id) FROM act_photo WHERE act_id = {act}")
    assert answers == [302, 302]
    assert f"PAGE-{account}" in preview
    assert "As it would be billed today" in preview
    assert one(demo_database, f"SELECT count(*) FROM act_photo WHERE act_id = {act}") == "1"
    assert f"/accountactview/photo/{photo}" in engineer.text(f"/accountactview/show/{act}")
    assert engineer.client.get(f"/accountactview/photo/{photo}").data.startswith(b"\xff\xd8\xff")
    assert engineer.client.get(f"/accountactview/pdf/{act}").data.startswith(b"%PDF")
    assert engineer.client.get(f"/accountactview/statement/{act}").data.startswith(b"%PDF")

    undo = f"/accountactview/reverse/{act}"
    key = engineer.text(undo).split('name="reference"')[1].split('value="')[1].split('"')[0]
    back = {"effective_on": form["effective_on"], "reason": "another account", "reference": key}
    assert engineer.post(undo, **back, step="do") == 302
    assert one(demo_database, f"SELECT status FROM act WHERE id = {act}") == "REVERSED"
    assert one(demo_database, f"SELECT count(*) FROM device WHERE serial_number = 'PAGE-{account}' AND state IS NULL") == "1"


def test_supply_whose_meter_was_taken_off_is_listed_and_counted(app: Flask, demo_database: psycopg.Connection, account: str) -> None:
    operator = log_in(app, "operator")
    number = one(demo_database, f"SELECT number FROM account WHERE id = {account}")
    form = form_of(operator, demo_database, account, "remove")
    assert number not in operator.text("/unmeteredsupplyview/list/")

    answer = operator.client.post(f"/acts/remove-meter/{account}", data=form | {"step": "do"}, content_type="multipart/form-data")

    assert answer.status_code == 302
    assert number in operator.text("/unmeteredsupplyview/list/")
    assert "Supplies without a meter" in operator.text("/")
