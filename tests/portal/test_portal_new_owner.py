"""The new owner of an account that kept its number sees nothing of the owner before."""

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.portal.consumers import Consumer, consumer, enter, forget_everybody

_TAKEN_OVER = (
    "EXISTS (SELECT FROM act t WHERE t.account_id = a.id AND t.kind = 'CHANGE_OWNER' AND t.status = 'DONE' "
    "AND t.parameters ->> 'debt' = 'TAKEN_OVER' AND t.consumer_id <> a.consumer_id)"
)
_TOPICS = ("bills", "payments", "consumption", "readings_sent", "benefits")


@pytest.fixture(autouse=True)
def nobody_yet(demo_database: psycopg.Connection) -> None:
    forget_everybody(demo_database)


@pytest.fixture
def account(demo_database: psycopg.Connection) -> Consumer:
    return consumer(demo_database, _TAKEN_OVER, is_taken_over=True)


def _of_before(demo_database: psycopg.Connection, account: Consumer, statement: str) -> list[str]:
    rows = demo_database.execute(
        f"{statement} < (SELECT max(effective_on) FROM act WHERE account_id = %(id)s AND kind = 'CHANGE_OWNER')", {"id": account.id}
    ).fetchall()
    assert rows
    return [str(row[0]) for row in rows]


def test_bills_of_the_owner_before_are_neither_listed_nor_opened(
    client: FlaskClient, demo_database: psycopg.Connection, account: Consumer
) -> None:
    earlier = _of_before(demo_database, account, "SELECT public_id FROM bill WHERE account_id = %(id)s AND period_from")
    enter(client, demo_database, account)

    pages = client.get("/portal/home").text + client.get("/portal/bills").text

    assert not [bill for bill in earlier if bill in pages]
    assert {client.get(f"/portal/bills/{bill}").status_code for bill in earlier} == {404}
    assert {client.get(f"/portal/bills/{bill}.pdf").status_code for bill in earlier} == {404}


def test_receipts_of_the_owner_before_are_not_sent(client: FlaskClient, demo_database: psycopg.Connection, account: Consumer) -> None:
    earlier = _of_before(demo_database, account, "SELECT id FROM payment WHERE account_id = %(id)s AND received_on")
    enter(client, demo_database, account)

    shown = client.get("/portal/payments").text

    assert not [payment for payment in earlier if f"/portal/payments/{payment}.pdf" in shown]
    assert {client.get(f"/portal/payments/{payment}.pdf").status_code for payment in earlier} == {404}


def test_own_data_hold_nothing_of_the_owner_before(client: FlaskClient, demo_database: psycopg.Connection, account: Consumer) -> None:
    enter(client, demo_database, account)

    found = client.get("/portal/own-data.json").json

    assert {topic: found[topic] for topic in _TOPICS} == {topic: [] for topic in _TOPICS}
