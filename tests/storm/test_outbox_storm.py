"""Messages over a gateway that delays, cuts the line after it took a call, is busy, tells receipts early, late, doubled and shuffled.

None may be marked delivered that was not, none may be sent twice, and the gateway's own log equals what we say was sent or is in doubt.
"""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

import config
from app import clock
from app.domain.administration import JobKind
from app.domain.notices import NoticeKind
from app.extensions import redis
from app.gateways import playmobile
from app.services import administration, notices
from app.services.notices import ReceiptRequest
from tests import commands
from tests.builders import make_district, make_home
from tests.databases import environment, fresh_database
from tests.loopback import LOGIN, PASSWORD, PlayMobileServer, running
from tests.waiting import wait_for_row

MESSAGES = int(os.environ.get("MESSAGES", "300"))
#: A call brings so many; every fourth is taken and not answered, every seventh is refused for now.
A_CALL = max(MESSAGES // 40, 5)
#: Receipts the gateway tells in one call.
A_TELLING = 20


@pytest.fixture(scope="module")
def url(servers: tuple[str, str]) -> str:
    made = fresh_database(servers[0], "pc_billing_outbox_storm")
    redis(servers[1]).flushdb()
    return made


class Storm:
    """A gateway in bad weather: what it took, what it says of each message, and receipts it sends in no order."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.contract_id, self.chance = engine, 0, random.Random(7)
        self.server = PlayMobileServer()
        self.server.on_messages = self.take
        self.server.answers = [(200, b"Request is received")]
        self.told: dict[str, str] = {}
        self.waiting: list[dict[str, Any]] = []
        self.calls = self.receipts = 0
        self.lock = threading.Lock()
        self.is_over = threading.Event()

    def take(self, messages: list[dict[str, Any]]) -> None:
        """Take a call's messages, decide what the telephones got, tell some of it before the call is answered, and choose the answer."""
        with self.lock:
            self.calls += 1
            if self.calls % 7 == 0:
                del self.server.messages[-len(messages) :]  # it is busy: nothing was taken
                self.server.answers = [(503, b"")]
                return
            for each in messages:
                number = each["message-id"]
                self.told[number] = self.chance.choice(("Delivered", "NotDelivered", "Transmitted"))
                self.waiting += [{"message-id": number, "status": "Transmitted", "part": self.chance.randrange(10**9)}]
                self.waiting += [{"message-id": number, "status": self.told[number]}] * self.chance.choice((1, 2))
            self.server.answers = [None if self.calls % 4 == 0 else (200, b"Request is received")]
        time.sleep(self.chance.random() / 50)
        self.tell(len(messages) // 2)

    def tell(self, count: int) -> None:
        """Send some of the receipts that wait, in no order, in calls of a few."""
        with self.lock:
            self.chance.shuffle(self.waiting)
            some, self.waiting = self.waiting[:count], self.waiting[count:]
            self.receipts += len(some)
        for first in range(0, len(some), A_TELLING):
            requests = [self.request(each) for each in some[first : first + A_TELLING]]
            with Session(self.engine) as session:
                notices.take_receipts(session, requests, now=clock.now())
                session.commit()

    def request(self, said: dict[str, Any]) -> ReceiptRequest:
        receipt = playmobile.receipt(said)
        assert receipt is not None
        return ReceiptRequest(self.contract_id, receipt.reference, receipt.meaning, json.dumps(said))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Send receipts beside the calls, too, while the worker records what it sent."""

        def go_on() -> None:
            while not self.is_over.wait(self.chance.random() / 10):
                self.tell(A_TELLING)

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            thread.join()


#: Messages like one, to other telephones.
COPIES = """
    INSERT INTO notice (division_id, account_id, kind, channel, phone, text, parts, urgency, due_at, expires_at)
    SELECT division_id, account_id, kind, channel, '+99890' || lpad(g::text, 7, '0'), text, parts, urgency, due_at, expires_at
    FROM notice, generate_series(1, :count) g WHERE id = :id
    """


@contextmanager
def worker(url: str, servers: tuple[str, str]) -> Iterator[None]:
    process = commands.Running("worker", environ=environment(url, servers[1]))
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def connections(url: str) -> Engine:
    """Connections that work as the web server's do."""
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
    return engine


def queue(engine: Engine, gateway: str) -> int:
    """Write the messages of as many telephones, agree with the gateway, and return the contract."""
    with Session(engine) as session:
        home = make_home(session, make_district(session))
        add = """
            INSERT INTO message_contract (name, gateway, address, login, secret, sender, messages_a_call)
            VALUES ('storm', 'PLAYMOBILE', :address, :login, :secret, '3700', :a_call) RETURNING id
            """
        given = {"address": gateway, "login": LOGIN, "secret": PASSWORD, "a_call": A_CALL}
        contract_id = int(session.execute(text(add), given).scalar_one())
        written = notices.notify(session, home.account_id, NoticeKind.PORTAL_CODE, {"code": "123456"}, now=clock.now())
        session.execute(text(COPIES), {"id": written.ids[0], "count": MESSAGES - 1})
        administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)
        session.commit()
        return contract_id


def test_no_message_is_sent_twice_and_none_marked_delivered_that_was_not(url: str, servers: tuple[str, str]) -> None:
    storm = Storm(connections(url))
    with running(storm.server), psycopg.connect(url, autocommit=True) as database:
        storm.contract_id = queue(storm.engine, storm.server.url)
        begun = time.monotonic()
        with worker(url, servers), storm.telling():
            wait = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notice WHERE status = 'SENDING' OR status = 'QUEUED' AND attempts = 0)"
            wait_for_row(url, wait, 120 + MESSAGES / 50)
            for _ in range(60):
                database.execute("UPDATE notice SET due_at = now() WHERE status = 'QUEUED'")
                left = database.execute("SELECT count(*) FROM notice WHERE status IN ('QUEUED', 'SENDING')").fetchone()
                if left == (0,):
                    break
                time.sleep(1)
        took = time.monotonic() - begun
        storm.tell(len(storm.waiting))
        storm.engine.dispose()
        found = {f"notice-{row[0]}": row[1] for row in database.execute("SELECT id, status FROM notice WHERE channel = 'SMS'").fetchall()}
        kept = database.execute("SELECT count(*) FROM delivery_receipt").fetchone()

    arrived = Counter(each["message-id"] for each in storm.server.messages)
    assert max(arrived.values()) == 1, "a message was sent twice"
    delivered = {number for number, said in storm.told.items() if said == "Delivered"}
    assert {number for number, status in found.items() if status == "DELIVERED"} == delivered
    assert {number for number, status in found.items() if status == "UNDELIVERED"} == {
        n for n, s in storm.told.items() if s == "NotDelivered"
    }
    # What was taken and never told of again was answered, or is in doubt; nothing else left.
    assert {number for number, status in found.items() if status in {"DELIVERED", "UNDELIVERED", "SENT", "IN_DOUBT"}} == set(arrived)
    assert (len(found), set(found) - set(arrived)) == (MESSAGES, set())
    told = {"told": storm.receipts, "kept": kept[0] if kept else 0, "seconds": round(took, 1)}
    print(json.dumps({"messages": MESSAGES, "calls": storm.calls, **told, **Counter(found.values())}))
