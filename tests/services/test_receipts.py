"""Receipts of gateways: each is kept once, moves only a message its own contract sent, and comes before its time, late, or twice."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.notices import (
    Delivery,
    DeliveryOutcome,
    DeliveryProblem,
    MessageGateway,
    NoticeChannel,
    NoticeStatus,
    ReceiptMeaning,
    ReceiptUse,
    SendingRules,
    Urgency,
    Way,
)
from app.models.notices import DeliveryReceipt, MessageContract, Notice
from app.services import administration, notices
from app.services.notices import Claim, ReceiptRequest
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DELIVERED, UNDELIVERED = ReceiptMeaning.DELIVERED, ReceiptMeaning.UNDELIVERED
SENT = Delivery(DeliveryOutcome.SENT, reference="r-1")
DOUBT = Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def contract(session: Session, name: str = "one") -> int:
    given = {"address": "http://127.0.0.1:9", "login": "a", "secret": "b", "sender": "4546"}
    row = MessageContract(name=name, gateway=MessageGateway.ESKIZ, **given)
    session.add(row)
    session.flush()
    return row.id


def claim(session: Session, home: Home, contract_id: int) -> tuple[Notice, Claim]:
    notice = notices.queue_notice(session, home.account_id, "text", now=NOW)
    job_id = administration.start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)
    rules = SendingRules(Urgency.MASS, NOW - timedelta(hours=9), 100)
    found = notices.claim(session, {NoticeChannel.SMS: Way("ESKIZ", 10, contract_id)}, rules=rules, job_id=job_id, now=NOW)
    return notice, found[NoticeChannel.SMS][0]


def receipt(
    session: Session, contract_id: int, notice: Notice, meaning: ReceiptMeaning = DELIVERED, body: str = "{}", reference: str = ""
) -> ReceiptUse:
    request = ReceiptRequest(contract_id, reference or f"notice-{notice.id}", meaning, body)
    return notices.take_receipt(session, request, now=NOW + timedelta(seconds=5))


def test_receipt_after_the_answer_says_that_the_telephone_got_it_and_a_repeat_nothing(session: Session, home: Home) -> None:
    agreed = contract(session)
    notice, claimed = claim(session, home, agreed)
    notices.record(session, [(claimed, SENT)], now=NOW)

    uses = [receipt(session, agreed, notice) for _ in range(2)]

    assert uses == [ReceiptUse.APPLIED, ReceiptUse.IGNORED]
    assert (notice.status, notice.delivered_at, notice.provider_reference) == (NoticeStatus.DELIVERED, NOW + timedelta(seconds=5), "r-1")
    assert session.query(DeliveryReceipt).count() == 1


@pytest.mark.parametrize("answer", [SENT, DOUBT], ids=lambda each: str(each.outcome))
def test_receipt_that_overtakes_the_answer_stays(session: Session, home: Home, answer: Delivery) -> None:
    agreed = contract(session)
    notice, claimed = claim(session, home, agreed)

    receipt(session, agreed, notice)
    notices.record(session, [(claimed, answer)], now=NOW + timedelta(seconds=9))

    assert (notice.status, notice.problem) == (NoticeStatus.DELIVERED, None)


def test_receipt_settles_a_doubt(session: Session, home: Home) -> None:
    agreed = contract(session)
    notice, claimed = claim(session, home, agreed)
    notices.record(session, [(claimed, DOUBT)], now=NOW)

    receipt(session, agreed, notice, UNDELIVERED)

    assert notice.status == NoticeStatus.UNDELIVERED
    receipt(session, agreed, notice, DELIVERED, body="later")
    assert notice.status == NoticeStatus.DELIVERED


@pytest.mark.parametrize("reference", ["notice-999999999", "notice-", "notice-x", "7", "notice-007", "notice-" + "9" * 40], ids=str)
def test_receipt_of_no_message_is_kept_and_moves_none(session: Session, home: Home, reference: str) -> None:
    agreed = contract(session)
    notice, _claimed = claim(session, home, agreed)

    assert receipt(session, agreed, notice, reference=reference) == ReceiptUse.UNKNOWN
    assert notice.status == NoticeStatus.SENDING
    assert session.query(DeliveryReceipt).one().notice_id is None


def test_receipt_of_another_contract_moves_nothing(session: Session, home: Home) -> None:
    agreed, other = contract(session), contract(session, "two")
    notice, claimed = claim(session, home, agreed)
    notices.record(session, [(claimed, SENT)], now=NOW)

    assert receipt(session, other, notice) == ReceiptUse.UNKNOWN
    assert notice.status == NoticeStatus.SENT


def test_receipt_of_a_message_that_did_not_leave_moves_nothing(session: Session, home: Home) -> None:
    agreed = contract(session)
    notice, claimed = claim(session, home, agreed)
    notices.record(session, [(claimed, Delivery(DeliveryOutcome.NOT_SENT, problem=DeliveryProblem.BUSY))], now=NOW)

    assert receipt(session, agreed, notice) == ReceiptUse.IGNORED
    assert notice.status == NoticeStatus.QUEUED


def test_receipts_of_one_call_end_alike_in_any_order_and_however_often(session: Session, home: Home) -> None:
    agreed, kinds = contract(session), (ReceiptMeaning.UNDER_WAY, UNDELIVERED, DELIVERED)
    sent = [claim(session, home, agreed) for _ in permutations(kinds)]
    notices.record(session, [(claimed, SENT) for _notice, claimed in sent], now=NOW)
    requests = [
        ReceiptRequest(agreed, f"notice-{notice.id}", meaning, f"{notice.id} {meaning}")
        for (notice, _claimed), order in zip(sent, permutations(kinds), strict=True)
        for meaning in order * 2
    ]
    strange = ReceiptRequest(agreed, "notice-999999999", DELIVERED, "strange")

    uses = notices.take_receipts(session, [strange, *requests, strange], now=NOW)

    assert (uses[0], uses[-1]) == (ReceiptUse.UNKNOWN, ReceiptUse.IGNORED)
    assert {notice.status for notice, _claimed in sent} == {NoticeStatus.DELIVERED}
    assert session.query(DeliveryReceipt).count() == 3 * len(sent) + 1
    assert set(notices.take_receipts(session, requests, now=NOW)) == {ReceiptUse.IGNORED}
    assert session.query(DeliveryReceipt).count() == 3 * len(sent) + 1
