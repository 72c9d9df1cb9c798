"""How many messages a second leave the outbox for a gateway on loopback, beside a bare client that makes the same calls.

``make bench-outbox MESSAGES=20000`` queues messages, sends them as the worker's job does (claimed, committed, handed over, recorded) and
ends with one line of JSON, kept in ``bench/results/outbox.json``: messages a second, the limit asked for (500), receipts a second that are
taken, and how many a bare client hands over that makes the same calls.
"""

import json
import sys
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app import clock
from app.domain.administration import JobKind
from app.domain.notices import MessageGateway, NoticeChannel, NoticeKind, Outgoing, ReceiptMeaning, SendingRules, Urgency, Way
from app.gateways.message_contracts import GatewayAgreement
from app.gateways.senders import Sender, sms_sender
from app.services import administration, notices
from app.services.notices import ReceiptRequest
from bench import office
from bench.billing import keep
from tests.builders import make_district, make_home
from tests.databases import fresh_database, make_bare_database
from tests.loopback import LOGIN, PASSWORD, PlayMobileServer, running

LIMIT, A_CALL = 500, 100


def run(messages: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    base = office.cluster().database_url
    make_bare_database(base)
    url = fresh_database(base, "pc_billing_bench_outbox")
    engine = create_engine(config.database_url(url))
    with running(PlayMobileServer()) as server, Session(engine) as session:
        contract_id = _agree(session, server.url)
        job_id = _queue(session, messages)
        session.commit()
        event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
        sender = sms_sender(MessageGateway.PLAYMOBILE, GatewayAgreement(server.url, LOGIN, PASSWORD, "3700", A_CALL))
        took = _sent(session, sender, Way(sender.name, A_CALL, contract_id, 9500), job_id)
        assert len(server.messages) == messages
        told = _told(session, contract_id, [each["message-id"] for each in server.messages])
        bare = _bare(sender, messages)
    return {"messages": messages, "a_second": round(messages / took), "limit": LIMIT, "ratio": round(messages / took / LIMIT, 2),
            "receipts_a_second": round(messages / told), "bare_client_a_second": round(messages / bare)}  # fmt: skip


def _agree(session: Session, address: str) -> int:
    add = """
        INSERT INTO message_contract (name, gateway, address, login, secret, sender, messages_a_call)
        VALUES ('bench', 'PLAYMOBILE', :address, :login, :secret, '3700', 100) RETURNING id
        """
    return int(session.execute(text(add), {"address": address, "login": LOGIN, "secret": PASSWORD}).scalar_one())


def _queue(session: Session, messages: int) -> int:
    home = make_home(session, make_district(session))
    one = notices.notify(session, home.account_id, NoticeKind.DEBT, {"debt": 12_345_600, "due": clock.today()}, now=clock.now())
    copies = """
        INSERT INTO notice (division_id, account_id, kind, channel, phone, text, parts, urgency, due_at, expires_at)
        SELECT division_id, account_id, kind, channel, '+99890' || lpad(g::text, 7, '0'), text, parts, urgency, due_at, expires_at
        FROM notice, generate_series(1, :count) g WHERE id = ANY(:ids) AND channel = 'SMS'
        """
    session.execute(text(copies), {"count": messages - 1, "ids": one.ids})
    return administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)


def _sent(session: Session, sender: Sender, way: Way, job_id: int) -> float:
    """Send everything as the job does, and return the seconds it took."""
    now = clock.now()
    rules = SendingRules(Urgency.MASS, now - timedelta(hours=12), 5)
    begun = time.perf_counter()
    while claimed := notices.claim(session, {NoticeChannel.SMS: way}, rules=rules, job_id=job_id, now=clock.now()):
        session.commit()
        claims = claimed[NoticeChannel.SMS]
        done = list(zip(claims, sender.send([each.message for each in claims]), strict=True))
        notices.record(session, done, now=clock.now())
        session.commit()
    return time.perf_counter() - begun


def _told(session: Session, contract_id: int, references: list[str]) -> float:
    """Take a receipt of each message, a hundred a call, and return the seconds it took."""
    meaning, begun = ReceiptMeaning.DELIVERED, time.perf_counter()
    for first in range(0, len(references), A_CALL):
        some = [ReceiptRequest(contract_id, each, meaning, json.dumps({"message-id": each})) for each in references[first : first + A_CALL]]
        notices.take_receipts(session, some, now=clock.now())
        session.commit()
    return time.perf_counter() - begun


def _bare(sender: Sender, messages: int) -> float:
    """Return the seconds the calls alone take."""
    batch = [Outgoing("+998901234567", "", "x" * 80, f"bare-{number}") for number in range(A_CALL)]
    begun = time.perf_counter()
    for _ in range(messages // A_CALL):
        sender.send(batch)
    return time.perf_counter() - begun


if __name__ == "__main__":
    figures = run(int(sys.argv[1]))
    print(json.dumps(figures))
    keep("outbox", figures)
