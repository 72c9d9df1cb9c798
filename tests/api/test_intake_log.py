"""The log of calls as the intake server's connections write it: arrays in binary, whatever a caller sent."""

import psycopg
import pytest
from sqlalchemy.orm import Session

import config
from app.api.server import _engine
from app.domain.payments.channels import Channel
from app.services import payments as service
from app.services.payments import CallRecord

HOSTILE = ["", "NULL", '{"a": [1, "\\"]}', "a,b}{", "Оплата", "\u2003\x1f\n", "\ud800", "cut\0here"]
KEPT = ["", "NULL", '{"a": [1, "\\"]}', "a,b}{", "Оплата", "\u2003\x1f\n", "?", "cuthere"]


@pytest.mark.parametrize("references", [["1", None, "", *["NULL"] * 5], [None] * 8])
def test_call_is_kept_as_it_was_sent(demo_url: str, demo_database: psycopg.Connection, references: list[str | None]) -> None:
    engine = _engine(config.database_url(demo_url))
    calls = [CallRecord(Channel.PAYNET, "Pay", reference, "::1", sent, sent) for sent, reference in zip(HOSTILE, references, strict=True)]

    with engine.connect() as connection, Session(connection) as session:
        service.log_calls(session, calls)
    engine.dispose()

    kept = demo_database.execute("SELECT channel, reference, request, reply FROM gateway_call ORDER BY id DESC LIMIT 8").fetchall()[::-1]
    assert kept == [("PAYNET", reference, text, text) for reference, text in zip(references, KEPT, strict=True)]
