"""Answers to apps and messages of consumers are deleted once they are older than they are kept, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.domain.administration.retention import RETENTION
from app.models.columns import metadata
from app.services.administration import retention
from tests.builders import make_district

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAYS = {code: PARAMETERS[code].default for code in RETENTION.values()}
REPLY = """
    INSERT INTO consumer_reply (caller, key, asked_sha256, status, reply, created_at) VALUES ('user 1', :key, 'x', 200, '{}', :created_at)
    """
INQUIRY = """
    INSERT INTO inquiry (division_id, message_contract_id, provider_reference, phone, submitted_at, text, inquiry_command, created_at)
    SELECT :division_id, id, :key, '+998900000000', now(), 'balans', 'BALANCE', :created_at FROM message_contract
    """
CONTRACT = """
    INSERT INTO message_contract (name, gateway, address, login, secret, sender)
    VALUES ('one', 'ESKIZ', 'http://127.0.0.1:9', 'a', 'b', '1')
    """


def write(session: Session, table: str, ages: list[timedelta]) -> None:
    """Write a row of each age."""
    division_id = make_district(session).id
    session.execute(text(CONTRACT))
    for number, age in enumerate(ages):
        given = {"key": f"key-{number}", "created_at": NOW - age}
        session.execute(text(REPLY), given) if table == "consumer_reply" else session.execute(
            text(INQUIRY), given | {"division_id": division_id}
        )


@pytest.mark.parametrize("table", RETENTION)
def test_rows_are_deleted_once_they_are_older_than_they_are_kept(session: Session, table: str) -> None:
    kept, second = timedelta(days=DAYS[RETENTION[table]]), timedelta(seconds=1)
    write(session, table, [kept + second, kept + kept, kept, second])

    counts = [retention.delete_old(session, table, DAYS, now=NOW) for _ in range(2)]

    assert (counts, session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()) == ([2, 0], 2)


def test_tables_of_facts_of_the_books_are_never_among_them() -> None:
    assert {table for table in RETENTION if table not in metadata.tables} == set()
    assert set(RETENTION) & {"bill", "payment", "ledger_entry", "reading", "audit_entry", "notice"} == set()
