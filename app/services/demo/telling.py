"""What the demo shows of telling consumers: a contract out of use, ways, a stopped number, outages, a campaign, inquiries, receipts."""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.calendar import TASHKENT
from app.domain.notices import MessageGateway, NoticeChannel, NoticeKind, ReceiptMeaning
from app.domain.outages import OutageStatus
from app.models.notices import MessageContract
from app.queries.notices import campaigns as audiences
from app.queries.records import fetch_all, fetch_optional
from app.services import inquiries, notices, outages
from app.services.administration import finish_job, start_job
from app.services.demo.messages import send_waiting
from app.services.inquiries import InboundMessage
from app.services.links import LinkTerms
from app.services.notices import ConsumerChoice, ReceiptRequest, campaigns
from app.services.once import added
from app.services.outages import OutageRequest

_TERMS = LinkTerms(b"demo", "http://127.0.0.1:8080")
_HOUSEHOLDS = """
    SELECT a.id, a.division_id, c.phone, s.name AS street FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD'
    JOIN supply u ON u.account_id = a.id AND u.valid_to IS NULL JOIN service_point p ON p.id = u.service_point_id
    JOIN street s ON s.id = p.street_id
    WHERE c.phone IS NOT NULL AND a.status = 'OPEN' AND c.language = 'uz' ORDER BY a.id LIMIT 3
    """


class _Household(NamedTuple):
    id: int
    division_id: int
    phone: str
    street: str


def tell_consumers(session: Session, *, now: datetime) -> int:
    """Show what can be told and how; return how many households it is shown with."""
    homes = fetch_all(session, _HOUSEHOLDS, _Household)
    if len(homes) < 2:
        return 0
    ways = {NoticeKind.BILL_READY: frozenset({NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.PORTAL})}
    notices.choose(session, homes[0].id, ConsumerChoice(ways, "uz", "aziz.namuna@example.uz"))
    notices.stop(session, "+998900000001", basis="Telefon orqali soʻradi", now=now)
    _plan(session, homes[0], now)
    _campaign(session, homes[0], now)
    _ask(session, homes[1], now)
    return len(homes)


def _plan(session: Session, home: _Household, now: datetime) -> None:
    """Plan two outages, and cancel one; what their jobs would tell is written by the demo's own gateway."""
    day = timedelta(days=1)
    areas: list[tuple[datetime, list[str], str]] = [(now + 2 * day, [home.street], "TP-112"), (now + 3 * day, [], "F-7")]
    for begins, streets, feeder in areas:
        request = OutageRequest(home.division_id, begins, begins + timedelta(hours=4), feeder, streets, "Rejali taʼmirlash")
        planned = outages.plan(session, request, now=now)
        after = 0
        while (told := outages.tell(session, planned.outage_id, OutageStatus.PLANNED, after=after, now=now))[0]:
            after = told[0]
        finish_job(session, planned.job_id, JobStatus.DONE, now=now)
    cancelled = outages.cancel(session, planned.outage_id, reason="Ish boshqa kunga koʻchirildi", by="engineer", now=now)
    finish_job(session, cancelled.job_id, JobStatus.DONE, now=now)


def _campaign(session: Session, home: _Household, now: datetime) -> None:
    """Preview a campaign that nobody sent yet."""
    words = {"uz": "Hisoblagich koʻrsatkichini 25-sanagacha yuboring.", "ru": "Передайте показания счётчика до 25-го числа."}
    request = campaigns.CampaignRequest(home.division_id, NoticeKind.ANNOUNCEMENT, words, None, 0, 0, "Buyruq 12, namuna")
    campaign = campaigns.open_campaign(session, request)
    found, wanted = campaigns.PreviewTotals(), campaigns.audience_of(campaign, now.astimezone(TASHKENT).date())
    window = audiences.audience(session, wanted, after=0, limit=campaigns.WINDOW)
    campaigns.finish_preview(session, campaign, campaigns.preview_window(session, campaign, window, found, _TERMS, now=now))


def _ask(session: Session, home: _Household, now: datetime) -> None:
    """Let a consumer ask for his balance, and an unknown number too; the answer goes to the demo's own gateway."""
    given = {"address": "https://notify.eskiz.uz", "login": "namuna@example.uz", "secret": "namuna", "sender": "4546"}
    contract = added(session, MessageContract(name="Eskiz (namuna)", gateway=MessageGateway.ESKIZ, is_active=False, **given))
    for number, phone in enumerate((home.phone, "+998900000002"), 1):
        message = InboundMessage(contract.id, f"demo-{number}", phone, now, "balanc")
        answered = inquiries.receive(session, message, _TERMS, today=now.astimezone(TASHKENT).date(), now=now)
        if answered is not None:
            inquiries.answer(session, answered, "Javob namunasi", now=now)
    job_id = start_job(session, JobKind.NOTICE_SEND, division_id=home.division_id)
    send_waiting(session, NoticeChannel.SMS, job_id, now=now, contract_id=contract.id)
    finish_job(session, job_id, JobStatus.DONE, now=now)
    _receive(session, contract.id, now)


def _receive(session: Session, contract_id: int, now: datetime) -> None:
    """Let the gateway tell that the telephone got the answer, once and again, and something of a message that is none of ours."""
    sent = fetch_optional(session, "SELECT max(id) FROM notice WHERE message_contract_id = :id", int, id=contract_id)
    told = [(f"notice-{sent}", "DELIVERED", ReceiptMeaning.DELIVERED), ("notice-0", "EXPIRED", ReceiptMeaning.UNDELIVERED)]
    requests = [
        ReceiptRequest(contract_id, reference, meaning, json.dumps({"user_sms_id": reference, "status": status}))
        for reference, status, meaning in told
    ]
    notices.take_receipts(session, requests, now=now + timedelta(seconds=9))
