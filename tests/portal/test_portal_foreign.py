"""Objects of other consumers: whatever an address of the portal names, another's is not found, and nothing is done to it."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browsers import token
from tests.portal.consumers import Consumer, consumer, enter, forget_everybody, make_statement

#: What an argument of an address names: the column of a table, and which rows are others'; ``{id}`` is the own account.
FOREIGN = {
    "access_id": ("id", "portal_access x WHERE account_id <> {id} AND removed_at IS NULL"),
    "application_id": ("id", "application x WHERE account_id <> {id}"),
    "application_file_id": ("f.id", "application x JOIN application_file f ON f.application_id = x.id WHERE x.account_id <> {id}"),
    "device_id": ("id", "portal_device x"),
    "invoice_id": ("id", "tax_invoice x WHERE account_id <> {id}"),
    "payment_id": ("id", "payment x WHERE account_id <> {id}"),
    "public_id": ("public_id", "bill x WHERE account_id <> {id}"),
    "reading_id": ("id", "consumer_reading x WHERE account_id <> {id} AND stored_file_id IS NOT NULL"),
    "statement_id": ("id", "account_statement x WHERE account_id <> {id}"),
}
#: Arguments that name nobody's row.
OF_NOBODY = {"archive_kind", "code_", "kind_code", "token"}
#: What a form of another's object would leave.
CHANGED = """
    SELECT (SELECT count(*) FROM application_step), (SELECT count(*) FROM statement_answer), (SELECT count(*) FROM paper_print),
           (SELECT count(*) FROM portal_access WHERE removed_at IS NULL), (SELECT count(*) FROM portal_session WHERE closed_at IS NULL)
"""


@pytest.fixture
def own(app: Flask, client: FlaskClient, demo_database: psycopg.Connection) -> Consumer:
    """A firm that is signed in, while another consumer of its division is too."""
    forget_everybody(demo_database)
    firm = consumer(demo_database, "c.kind = 'LEGAL'")
    other = consumer(demo_database, f"a.id <> {firm.id} AND a.division_id = {firm.division}")
    enter(app.test_client(), demo_database, other)
    make_statement(demo_database, f"a.id <> {firm.id} AND a.division_id = {firm.division}")
    enter(client, demo_database, firm)
    return firm


def addresses(app: Flask, demo_database: psycopg.Connection, own: Consumer) -> Iterator[tuple[str, str]]:
    """Return each method and address of the portal that names rows, naming those of another consumer, of the own division if it has any."""
    for rule in app.url_map.iter_rules():
        named = rule.arguments - OF_NOBODY
        if not rule.endpoint.startswith("portal.") or not named:
            continue
        places = {}
        for argument in named:
            column, rows = FOREIGN[argument]
            beside = " ORDER BY x.division_id <> %s, 1 LIMIT 1" if argument != "device_id" else " WHERE %s > 0 ORDER BY 1 LIMIT 1"
            row = demo_database.execute(f"SELECT {column} FROM {rows.format(id=own.id)}{beside}", (own.division,)).fetchone()
            assert row is not None, argument
            places[argument] = row[0]
        address = rule.build(places)
        assert address is not None
        yield from ((method, address[1]) for method in sorted(rule.methods or ()) if method in {"GET", "POST"})


def test_what_addresses_name_is_known(app: Flask) -> None:
    named = {argument for rule in app.url_map.iter_rules() if rule.endpoint.startswith("portal.") for argument in rule.arguments}

    assert named == FOREIGN.keys() | OF_NOBODY


def test_object_of_another_consumer_is_nowhere(app: Flask, client: FlaskClient, demo_database: psycopg.Connection, own: Consumer) -> None:
    sent = {"csrf_token": token(client.get("/portal/settings").text), "reason": "x", "person": "Karimov Anvar", "objection": ""}
    before = demo_database.execute(CHANGED).fetchone()

    answers = {
        f"{method} {address}": client.open(address, method=method, data=sent if method == "POST" else None)
        for method, address in addresses(app, demo_database, own)
    }

    # Whoever applies without an account proves a telephone first.
    expected = {name: 302 if "/connections/" in name else 404 for name in answers}
    assert {name: answer.status_code for name, answer in answers.items()} == expected
    assert all(answer.location == "/portal/telephone" for answer in answers.values() if answer.status_code == 302)
    assert demo_database.execute(CHANGED).fetchone() == before
    assert len(answers) > 15
