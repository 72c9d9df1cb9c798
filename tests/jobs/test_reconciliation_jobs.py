"""Statements taken in, days compared and providers asked again as jobs; the peer is a server on loopback that speaks Click's protocol."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.payments.channels import Channel
from app.domain.payments.reconciliation import ReconciliationStatus, StatementSource, StatementState, TransactionVerdict
from app.gateways import click
from app.jobs.kinds import JOBS
from app.jobs.payments import reconciliation as jobs
from app.jobs.runner import JobRefused, JobStep
from app.models.payments import PaymentContract
from app.models.payments.reconciliation import ReconciliationRow
from app.queries import administration as queries
from app.services import administration, payments
from app.services.payments import reconciliation as service
from app.services.payments import statements
from app.services.payments.statements import GoodRow
from tests.builders import make_district, make_home

DAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
NOW_MS = 1_772_500_000_000
SECRET = "test-secret"
MERCHANT = click.Merchant(77, 80012, SECRET)


class Peer(ThreadingHTTPServer):
    """Click's Merchant API: it checks who asks, and tells how its payments stand."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.states: dict[str, int] = {}
        self.asked: list[str] = []
        #: seconds between the bytes of an answer
        self.drip_s = 0.0
        self.moved_to = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v2/merchant/"


class _Asked(BaseHTTPRequestHandler):
    server: Peer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        user, digest, moment = self.headers["Auth"].split(":")
        if (user, digest) != ("77", hashlib.sha1(f"{moment}{SECRET}".encode()).hexdigest()):
            self.send_error(401)
            return
        if self.server.moved_to:
            self.send_response(302)
            self.send_header("Location", self.server.moved_to)
            self.end_headers()
            return
        number = self.path.removeprefix("/v2/merchant/payment/status/80012/")
        found = self.server.states.get(number)
        answer = {"error_code": -16, "error_note": "Payment not found"} if found is None else {
            "error_code": 0, "error_note": "Success", "payment_id": int(number), "payment_status": found,
        }  # fmt: skip
        self._answer(json.dumps(answer).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return
            time.sleep(self.server.drip_s)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


class Scenario:
    """A contract with Click and an account."""

    def __init__(self, session: Session, ask_url: str = "", secret: str = SECRET) -> None:
        self.session = session
        self.home = make_home(session, make_district(session))
        contract = PaymentContract(
            channel=Channel.CLICK, name="Test", merchant_number="1", service_number="80012", secret=secret, ask_url=ask_url, ask_login="77"
        )
        session.add(contract)
        session.flush()
        self.contract_id = contract.id

    def take(self, reference: str, *, credited: bool = True) -> None:
        """Take ten thousand soʻm."""
        control_id = payments.day_control(self.session, self.contract_id, DAY)
        asked = payments.TenderRequest(
            self.contract_id, reference, self.home.number, 1_000_000, NOW_MS, is_performed=True, control_id=control_id
        )
        payments.accept(self.session, [asked], now_ms=NOW_MS, today=DAY)
        if credited:
            payments.credit(self.session, today=DAY)

    def say(self, reference: str, state: StatementState, day: date = DAY) -> None:
        """Let a statement say something of ten thousand soʻm."""
        moment = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
        statements.keep(self.session, self.contract_id, StatementSource.GATEWAY, [GoodRow(reference, 1_000_000, state, moment, day)])

    def compare(self, day: date = DAY) -> None:
        service.reconcile(self.session, self.contract_id, day, now=NOW)

    def work(self, job_id: int) -> list[JobStep]:
        """Do a job."""
        record = queries.job(self.session, job_id)
        assert record is not None
        steps = list(JOBS[JobKind.RECONCILE].work(self.session, record))
        self.session.expire_all()
        return steps

    def ask_again(self) -> list[JobStep]:
        """Do a round of questions."""
        job_id = service.start_round(self.session, now=NOW.replace(day=5))
        assert job_id is not None
        return self.work(job_id)

    def rows(self) -> dict[str, tuple[str, str, int, str]]:
        """Return verdict, status, times asked and answer of each transaction that was not equal."""
        found = self.session.scalars(select(ReconciliationRow).where(ReconciliationRow.payment_contract_id == self.contract_id))
        return {row.reference: (row.verdict, row.status, row.asked_times, row.answer) for row in found}

    def load(self, content: bytes, source: StatementSource = StatementSource.GATEWAY) -> int:
        """Ask for a job that takes a statement in."""
        stored = administration.store_file(
            self.session, division_id=self.home.division_id, name="statement.csv", media_type="text/csv", content=content
        )
        return service.start_load(self.session, self.contract_id, file_id=stored.id, source=source)

    def log(self, job_id: int) -> list[str]:
        """Return the lines of a job's log."""
        return [message % places if places else message for _at, message, places in queries.job_log(self.session, job_id)]


WAITS, SETTLED = ReconciliationStatus.WAITS, ReconciliationStatus.SETTLED


def test_click_is_asked_and_what_it_says_settles_the_doubt(session: Session, peer: Peer) -> None:
    scenario = Scenario(session, peer.url)
    for reference in ("1001", "1002", "1003", "1004"):
        scenario.take(reference)
        scenario.say(reference, StatementState.PENDING)
    scenario.compare()
    peer.states = {"1001": 2, "1002": -1, "1003": 1}

    steps = scenario.ask_again()

    assert sorted(peer.asked) == [f"/v2/merchant/payment/status/80012/{number}" for number in range(1001, 1005)]
    assert scenario.rows() == {
        "1001": (TransactionVerdict.EQUAL, SETTLED, 1, "PERFORMED Success"),
        "1002": (TransactionVerdict.IN_DOUBT, WAITS, 1, "CANCELLED Success"),
        "1003": (TransactionVerdict.IN_DOUBT, WAITS, 1, "PENDING Success"),
        "1004": (TransactionVerdict.IN_DOUBT, WAITS, 1, "— Payment not found"),
    }
    assert steps[-1].done == steps[-1].total == 4


def test_provider_that_does_not_answer_is_asked_once_a_round_and_all_are_counted(session: Session, peer: Peer) -> None:
    scenario = Scenario(session, peer.url, secret="another secret")
    for reference in ("1001", "1002"):
        scenario.take(reference)
        scenario.say(reference, StatementState.PENDING)
    scenario.compare()

    scenario.ask_again()

    assert len(peer.asked) == 1
    assert scenario.rows() == {
        "1001": (TransactionVerdict.IN_DOUBT, WAITS, 1, "HTTP 401"),
        "1002": (TransactionVerdict.IN_DOUBT, WAITS, 1, ""),
    }


def test_without_an_address_our_side_alone_is_looked_at_again(session: Session, peer: Peer) -> None:
    scenario = Scenario(session)
    scenario.take("1001", credited=False)
    scenario.say("1001", StatementState.PERFORMED)
    scenario.compare()
    payments.credit(session, today=DAY)

    scenario.ask_again()

    assert peer.asked == []
    assert scenario.rows() == {"1001": (TransactionVerdict.EQUAL, SETTLED, 1, "")}


def request() -> click.ClickRequest:
    return click.payment_status(MERCHANT, 1001, at_s=1_700_000_000)


def test_answer_that_drips_is_not_waited_for(peer: Peer) -> None:
    peer.states, peer.drip_s = {"1001": 2}, 0.2
    started = time.monotonic()

    with pytest.raises(jobs.ProviderSilent):
        jobs.fetch(request(), peer.url, timeout_s=0.5)

    assert time.monotonic() - started < 2


def test_answer_that_leads_elsewhere_is_not_followed(peer: Peer) -> None:
    peer.states, peer.moved_to = {"1001": 2}, peer.url

    with pytest.raises(jobs.ProviderSilent, match="HTTP 302"):
        jobs.fetch(request(), peer.url, timeout_s=2)

    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http://no-such-host.invalid/", "https://127.0.0.1:1/"]
)
def test_nobody_at_the_address_is_no_answer(address: str) -> None:
    with pytest.raises(jobs.ProviderSilent):
        jobs.fetch(request(), address, timeout_s=2)


FILE = """reference;amount;state;moment
1001;10000,00;paid;2026-03-03 10:00:00
1002;10000;paid;2026-03-03 11:00:00
1003;ten;paid;2026-03-03 11:00:00
1001;10000;paid;2026-03-03 12:00:00
"""


def test_statement_is_taken_in_its_bad_rows_are_named_and_its_day_is_compared(session: Session) -> None:
    scenario = Scenario(session)
    scenario.take("1001")

    job_id = scenario.load(FILE.encode())
    steps = scenario.work(job_id)

    assert scenario.log(job_id) == [
        "Row 4, amount_tiyin, “ten”: NOT_A_NUMBER",
        "Row 5, reference, “1001”: REPEATED The first is row 2.",
        "4 rows, 2 good, 2 rejected",
        "2026-03-03: 1 equal, 1 only theirs, 0 only ours, 0 in doubt",
    ]
    assert scenario.rows() == {"1002": (TransactionVerdict.ONLY_THEIRS, WAITS, 0, "")}
    assert steps[-1].done == steps[-1].total == 1


def test_statement_read_twice_changes_nothing(session: Session) -> None:
    scenario = Scenario(session)
    scenario.work(scenario.load(FILE.encode()))
    first = scenario.rows()

    scenario.work(scenario.load(FILE.encode()))

    assert scenario.rows() == first
    assert session.scalar(text("SELECT count(*) FROM statement_row WHERE payment_contract_id = :id"), {"id": scenario.contract_id}) == 2


def test_days_around_that_were_compared_are_compared_anew(session: Session) -> None:
    scenario = Scenario(session)
    scenario.take("1001")
    scenario.say("other", StatementState.CANCELLED)
    scenario.compare()
    assert scenario.rows()["1001"][0] == TransactionVerdict.ONLY_OURS

    job_id = scenario.load(b"reference;amount;state;moment\n1001;10000;paid;2026-03-04 00:00:01\n")
    scenario.work(job_id)

    assert scenario.log(job_id)[1:] == [
        "2026-03-04: 1 equal, 0 only theirs, 0 only ours, 0 in doubt",
        "2026-03-03: 1 equal, 0 only theirs, 0 only ours, 0 in doubt",
    ]
    assert scenario.rows()["1001"][:2] == (TransactionVerdict.EQUAL, SETTLED)


def test_day_of_the_bank_alone_is_told_to_have_no_statement(session: Session) -> None:
    scenario = Scenario(session)

    job_id = scenario.load(b"reference;amount;state;moment\nA-5;9900;ok;2026-03-03\n", StatementSource.BANK)
    scenario.work(job_id)

    assert scenario.log(job_id)[-1] == "2026-03-03: there is no statement of the provider"


def test_file_that_is_no_statement_fails_the_job(session: Session) -> None:
    scenario = Scenario(session)
    job_id = scenario.load(b"a;b\n1;2\n")

    with pytest.raises(JobRefused, match="NO_HEADER"):
        scenario.work(job_id)


def test_one_day_is_compared(session: Session) -> None:
    scenario = Scenario(session)
    scenario.say("1001", StatementState.PERFORMED)

    job_id = service.start_comparison(session, scenario.contract_id, DAY)
    scenario.work(job_id)

    assert scenario.log(job_id) == ["2026-03-03: 0 equal, 1 only theirs, 0 only ours, 0 in doubt"]
