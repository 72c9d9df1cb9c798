"""The page of nodes, the notice on the home page, and what people read when a row is written elsewhere."""

import base64
import json
import re
from collections.abc import Iterator
from html import unescape

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.jobs import runner
from app.services.administration import replication
from app.services.demo.payments import PAYME_KEY
from tests.databases import PASSWORD

DISTRICT = "1726902"


def log_in(app: Flask, user: str) -> tuple[FlaskClient, str]:
    client = app.test_client()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    assert found is not None
    client.post("/login/", data={"username": user, "password": PASSWORD, "csrf_token": found[1]})
    return client, found[1]


@pytest.fixture
def autonomous(demo_database: psycopg.Connection) -> Iterator[tuple[int, str]]:
    """An account, by id and number, of a district that works on its own node; the district comes back after the test."""
    with demo_database.transaction():
        row = demo_database.execute("SELECT id FROM division WHERE code = %s", (DISTRICT,)).fetchone()
        assert row is not None
        replication.enter_node(demo_database, number=5, name="Far away", division_id=row[0], public_key="0" * 64, is_linked=True)
    account = demo_database.execute("SELECT id, number FROM account WHERE division_id = %s ORDER BY 1 LIMIT 1", row).fetchone()
    assert account is not None
    yield account[0], account[1]
    with demo_database.transaction():
        replication.leave_node(demo_database, 5)
        demo_database.execute("DELETE FROM node")
        demo_database.execute("DROP PUBLICATION pcb_reference")


@pytest.fixture
def conflict(demo_database: psycopg.Connection) -> Iterator[None]:
    demo_database.execute(
        "INSERT INTO sync_conflict (happened_at, subscription, subscription_id, kind, count, total, detail) "
        "VALUES (now(), 'pcb_node_5', 0, 'insert_exists', 1, 1, 'Key (mfo)=(00444)')"
    )
    yield
    demo_database.execute("DELETE FROM sync_conflict")


def test_page_says_who_this_is_and_judges_every_node_in_words(app: Flask, autonomous: tuple[int, str]) -> None:
    client, _ = log_in(app, "supervisor")

    page = client.get("/nodes/").text
    part = client.get("/nodes/", headers={"HX-Request": "true"}).text

    assert autonomous
    assert re.search(r"This installation</dt><dd>The centre<", page)
    assert re.search(r"Far away</td>.*?The exchange stands still", page, re.DOTALL)
    assert re.search(r"Conflicts</dt><dd>0<", page)
    assert part.lstrip().startswith('<div id="nodes"')


def test_page_is_for_administrators_and_supervisors(app: Flask) -> None:
    statuses = {user: log_in(app, user)[0].get("/nodes/").status_code for user in ("admin", "supervisor", "cashier", "inspector")}

    assert (statuses["admin"], statuses["supervisor"]) == (200, 200)
    assert 200 not in (statuses["cashier"], statuses["inspector"])


@pytest.mark.usefixtures("conflict")
def test_conflict_is_on_the_home_page_until_somebody_settles_it(app: Flask, demo_database: psycopg.Connection) -> None:
    client, token = log_in(app, "supervisor")
    home, page = client.get("/").text, client.get("/nodes/").text
    of_cashier = log_in(app, "cashier")[0].get("/").text

    client.post("/nodes/settle", data={"csrf_token": token})

    assert re.search(r"Conflicts of autonomous divisions</a>.*?<td[^>]*>\s*1\s*<", home, re.DOTALL)
    assert "Conflicts of autonomous divisions" not in of_cashier
    assert "insert exists" in page
    assert "(mfo)=(00444)" in page
    assert "Conflicts of autonomous divisions" not in client.get("/").text
    assert demo_database.execute("SELECT settled_by FROM sync_conflict").fetchone() == ("supervisor",)


def test_cashier_reads_where_a_payment_belongs(app: Flask, demo_database: psycopg.Connection, autonomous: tuple[int, str]) -> None:
    client, token = log_in(app, "cashier")
    before = demo_database.execute("SELECT count(*) FROM payment").fetchone()
    form = {"csrf_token": token, "reference": "f" * 32, "amount_tiyin": "1000"}

    answer = client.post(f"/cashier/take/{autonomous[0]}", data=form)

    assert answer.status_code == 409
    assert "This division works on its own node" in answer.text
    assert demo_database.execute("SELECT count(*) FROM payment").fetchone() == before


def test_cashier_is_told_before_a_sum_is_typed(app: Flask, autonomous: tuple[int, str]) -> None:
    client, _ = log_in(app, "cashier")

    found = client.get(f"/cashier/?q={autonomous[1]}")
    asked = client.get(f"/cashier/take/{autonomous[0]}")

    assert (found.status_code, asked.status_code) == (200, 409)
    for answer in (found, asked):
        assert "This division works on its own node" in unescape(answer.text)
        assert "amount_tiyin" not in answer.text


def test_auditor_looks_and_changes_nothing(app: Flask) -> None:
    client, token = log_in(app, "auditor")

    page = client.get("/nodes/")
    refused = [client.post(f"/nodes/{act}", data={"csrf_token": token}).status_code for act in ("settle", "resume")]

    assert page.status_code == 200
    assert "Resume the exchange" not in page.text
    assert all(status in (302, 403) for status in refused)


@pytest.fixture
def stopped(demo_database: psycopg.Connection) -> Iterator[str]:
    """A subscription that stands still; its other side is nowhere."""
    name = "pcb_node_5"
    demo_database.execute(
        f"CREATE SUBSCRIPTION {name} CONNECTION 'host=/nowhere' PUBLICATION pcb_operational WITH (connect = false, slot_name = x)"
    )
    yield name
    demo_database.execute(f"ALTER SUBSCRIPTION {name} DISABLE")
    demo_database.execute(f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
    demo_database.execute(f"DROP SUBSCRIPTION {name}")


def test_exchange_that_stopped_goes_on_by_a_button(
    app: Flask, demo_database: psycopg.Connection, demo_url: str, stopped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, token = log_in(app, "supervisor")

    page = client.get("/nodes/").text
    started = client.post("/nodes/resume", data={"csrf_token": token})
    row = demo_database.execute("SELECT max(id) FROM job_run WHERE kind = 'NODE_RESUME'").fetchone()
    assert row is not None
    # A worker's login owns the subscriptions; the web server's, which this application has, does not.
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", demo_url)
    with app.app_context():
        runner.perform(row[0])

    assert f"Stopped until somebody lets it go on: {stopped}." in page
    assert "Resume the exchange" in page
    assert started.location.endswith(f"/jobview/show/{row[0]}")
    assert demo_database.execute("SELECT subenabled FROM pg_subscription WHERE subname = %s", (stopped,)).fetchone() == (True,)
    assert f"The exchange goes on: {stopped}" in client.get(f"/jobview/show/{row[0]}").text


def test_who_works_in_a_part_of_the_company_does_not_resume_the_exchange_of_all_of_it(
    app: Flask, demo_database: psycopg.Connection, stopped: str
) -> None:
    move = (
        "UPDATE division_access SET division_id = (SELECT id FROM division WHERE code = %s) "
        "WHERE user_id = (SELECT id FROM ab_user WHERE username = 'supervisor')"
    )
    demo_database.execute(move, ("1726",))
    try:
        client, token = log_in(app, "supervisor")
        answers = [client.post(f"/nodes/{act}", data={"csrf_token": token}).status_code for act in ("resume", "settle")]
    finally:
        demo_database.execute(move, ("17",))

    assert answers == [403, 403]
    assert demo_database.execute("SELECT subenabled FROM pg_subscription WHERE subname = %s", (stopped,)).fetchone() == (False,)


def test_form_says_where_a_row_is_written(app: Flask, demo_database: psycopg.Connection, autonomous: tuple[int, str]) -> None:
    client, token = log_in(app, "operator")
    consumer = "SELECT c.id, c.phone FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.id = %s"
    row = demo_database.execute(consumer, (autonomous[0],)).fetchone()
    assert row is not None

    answer = client.post(f"/householdconsumerview/edit/{row[0]}", data={"csrf_token": token, "phone": "+998901112233", "language": "uz"})

    assert "This division works on its own node" in unescape(answer.text)
    assert demo_database.execute(consumer, (autonomous[0],)).fetchone() == row


def test_provider_is_told_that_the_account_is_not_paid_here(client: FlaskClient, autonomous: tuple[int, str]) -> None:
    credentials = base64.b64encode(f"Paycom:{PAYME_KEY}".encode()).decode()
    call = {"method": "CheckPerformTransaction", "id": 1, "params": {"amount": 100_000, "account": {"account": autonomous[1]}}}

    answer = client.post("/api/payme", data=json.dumps(call), headers={"Authorization": f"Basic {credentials}"})

    assert answer.status_code == 200
    assert answer.get_json()["error"]["data"] == "account"


def test_provider_whose_tender_is_from_before_gets_its_money_back(
    client: FlaskClient, demo_database: psycopg.Connection, autonomous: tuple[int, str]
) -> None:
    with demo_database.transaction():
        demo_database.execute("SET LOCAL session_replication_role = replica")
        demo_database.execute(
            "INSERT INTO tender (division_id, payment_contract_id, reference, account_id, amount_tiyin, status, provider_ms, created_ms) "
            "SELECT a.division_id, c.id, 'before', a.id, 100000, 'CREATED', n.ms, n.ms FROM account a, payment_contract c, "
            "(SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms) n WHERE a.id = %s AND c.channel = 'PAYME'",
            (autonomous[0],),
        )
    credentials = base64.b64encode(f"Paycom:{PAYME_KEY}".encode()).decode()
    call = {"method": "PerformTransaction", "id": 1, "params": {"id": "before"}}

    answer = client.post("/api/payme", data=json.dumps(call), headers={"Authorization": f"Basic {credentials}"})

    assert answer.get_json()["error"]["code"] == -31008
    with demo_database.transaction():
        demo_database.execute("SET LOCAL session_replication_role = replica")
        demo_database.execute("DELETE FROM tender WHERE reference = 'before'")
