"""Who has no account files a new connection with a telephone that a code proved, and follows it; nobody else does."""

import io
import re
from typing import Any

import psycopg
from flask.testing import FlaskClient

from app.portal import codes
from tests.browsers import one, token
from tests.portal.consumers import code_sent, post

PDF = b"%PDF-1.4\n%%EOF\n"
PHONE = "+998907778899"


def _prove(client: FlaskClient, database: psycopg.Connection, phone: str = PHONE) -> None:
    assert post(client, "/portal/telephone", phone=phone)[0] == 302
    codes.settle()
    status, to = post(client, "/portal/telephone/code", code=code_sent(database))
    assert (status, to.partition("?")[0]) == (302, "/portal/connections")


def _file(client: FlaskClient, database: psycopg.Connection, **changes: Any) -> Any:
    page = client.get("/portal/connections/new/NEW_CONNECTION").text
    reference = re.search(r'name="reference"[^>]*value="([^"]+)"', page)
    assert reference is not None
    district = one(database, "SELECT id FROM division WHERE level = 'DISTRICT' ORDER BY id LIMIT 1")
    form = {
        "csrf_token": token(page), "reference": reference[1], "applicant_name": "Karimov Aziz", "division": district,
        "given_address": "Navoiy 77", "given_capacity": "7,5", "given_purpose": "HOME", "files": (io.BytesIO(PDF), "a.pdf"),
    }  # fmt: skip
    return client.post("/portal/connections/new/NEW_CONNECTION", data=form | changes)


def test_pages_ask_for_a_telephone_first(client: FlaskClient) -> None:
    for address in ("connections", "connections/new/NEW_CONNECTION", "connections/1"):
        assert client.get(f"/portal/{address}").location.partition("?")[0] == "/portal/telephone"


def test_wrong_code_proves_nothing(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    post(client, "/portal/telephone", phone=PHONE)
    codes.settle()
    right = code_sent(demo_database)

    assert post(client, "/portal/telephone/code", code="000000" if right != "000000" else "111111")[0] == 200
    assert client.get("/portal/connections").status_code == 302


def test_new_connection_is_filed_followed_and_withdrawn(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    _prove(client, demo_database)

    answer = _file(client, demo_database)

    assert answer.status_code == 302, answer.text
    number = answer.location.partition("?")[0].rpartition("/")[2]
    assert f"/portal/connections/{number}" in client.get("/portal/connections").text
    page = client.get(f"/portal/connections/{number}").text
    assert "Navoiy 77" in page
    paper = re.search(rf"/portal/connections/{number}/files/[0-9]+", page)
    assert paper is not None
    assert client.get(paper[0]).data == PDF
    assert one(demo_database, f"SELECT phone || ' ' || way FROM application WHERE id = {number}") == f"{PHONE} PORTAL"
    told = f"SELECT count(*) FROM notice WHERE phone = '{PHONE}' AND kind = 'APPLICATION_STEP' AND account_id IS NULL"
    assert one(demo_database, told) == "1"
    sent = client.post(f"/portal/connections/{number}/withdraw", data={"csrf_token": token(page)})
    assert sent.location.partition("?")[0] == f"/portal/connections/{number}"
    assert one(demo_database, f"SELECT status FROM application WHERE id = {number}") == "WITHDRAWN"


def test_application_of_another_telephone_is_nobodys(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    foreign = one(demo_database, "SELECT min(id) FROM application WHERE account_id IS NULL")
    _prove(client, demo_database, "+998907778800")

    page, form = client.get("/portal/connections"), client.get("/portal/telephone").text

    assert f"/portal/connections/{foreign}" not in page.text
    assert client.get(f"/portal/connections/{foreign}").status_code == 404
    assert client.post(f"/portal/connections/{foreign}/withdraw", data={"csrf_token": token(form)}).status_code == 404
