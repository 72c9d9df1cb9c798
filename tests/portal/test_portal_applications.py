"""Applications in the portal: filed, answered, withdrawn, and nobody else's."""

import re
from typing import Any

import psycopg
from flask.testing import FlaskClient

from tests.browsers import one, token
from tests.portal.consumers import consumer, enter


def _post(client: FlaskClient, address: str, **form: Any) -> Any:
    return client.post(address, data=form | {"csrf_token": token(client.get("/portal/applications").text)})


def test_application_is_filed_answered_and_withdrawn(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    enter(client, demo_database, consumer(demo_database, "a.status = 'OPEN'"))
    assert "/portal/applications/new/COMPLAINT" in client.get("/portal/applications").text
    page = client.get("/portal/applications/new/COMPLAINT").text
    reference = re.search(r'name="reference"[^>]*value="([^"]+)"', page)
    assert reference is not None

    answer = _post(client, "/portal/applications/new/COMPLAINT", reference=reference[1], given_about="The light is dim.")

    number = answer.location.partition("?")[0].rpartition("/")[2]
    assert "The light is dim." in client.get(f"/portal/applications/{number}").text
    demo_database.execute(f"UPDATE application SET status = 'RETURNED', returned_on = filed_on WHERE id = {number}")
    assert _post(client, f"/portal/applications/{number}/answer", reason="In the evening.").status_code == 302
    assert one(demo_database, f"SELECT status FROM application WHERE id = {number}") == "TAKEN"
    assert _post(client, f"/portal/applications/{number}/withdraw").status_code == 302
    assert one(demo_database, f"SELECT status FROM application WHERE id = {number}") == "WITHDRAWN"


def test_application_of_another_consumer_is_nobodys(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    enter(client, demo_database, consumer(demo_database, "a.status = 'OPEN'"))
    own = "SELECT account_id FROM portal_access WHERE removed_at IS NULL ORDER BY id DESC LIMIT 1"
    foreign = one(demo_database, f"SELECT id FROM application WHERE account_id <> ({own}) ORDER BY id LIMIT 1")

    assert client.get(f"/portal/applications/{foreign}").status_code == 404
    assert _post(client, f"/portal/applications/{foreign}/withdraw").status_code == 404
