"""Messages of the demo, one in each state that is over, from before its first day; nothing of them went anywhere."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.notices import Delivery, DeliveryOutcome, DeliveryProblem, NoticeChannel, SendingRules, Urgency, Way
from app.queries.records import fetch_all
from app.services import notices
from app.services.administration import finish_job, log_job, start_job

#: The name under which the demo's messages stand in the column of gateways.
PROVIDER = "DEMO"
_TEXT = "PC Billing: namuna xabarnoma"
_DELIVERIES = (
    Delivery(DeliveryOutcome.SENT, reference="demo-0001"),
    Delivery(DeliveryOutcome.REFUSED, problem=DeliveryProblem.REFUSED, detail="HTTP 422 demo"),
    Delivery(DeliveryOutcome.UNKNOWN, problem=DeliveryProblem.NO_ANSWER, detail="TimeoutError demo"),
)
_ACCOUNTS = """
    SELECT a.id, a.division_id FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE c.phone IS NOT NULL ORDER BY a.id DESC LIMIT 4
"""


class _Account(NamedTuple):
    id: int
    division_id: int


def make_messages(session: Session, *, now: datetime) -> None:
    """Write a message that was sent, one that was refused, one in doubt and one that came too late, all of them over."""
    accounts = fetch_all(session, _ACCOUNTS, _Account)
    written_at = now - timedelta(days=5)
    job_id = start_job(session, JobKind.NOTICE_SEND, division_id=accounts[0].division_id)
    for account, delivery in zip(accounts, _DELIVERIES, strict=False):
        notices.queue_notice(session, account.id, _TEXT, now=written_at)
        send_waiting(session, NoticeChannel.SMS, job_id, now=written_at, delivery=delivery)
    notices.queue_notice(session, accounts[-1].id, _TEXT, now=written_at)
    notices.expire(session, now=now)
    message = "%(sent)s messages sent, %(failed)s failed, %(again)s to be tried again, %(in_doubt)s in doubt"
    log_job(session, job_id, message, sent=1, failed=1, again=0, in_doubt=1)
    finish_job(session, job_id, JobStatus.PARTLY, now=now)


def send_waiting(
    session: Session,
    channel: NoticeChannel,
    job_id: int,
    *,
    now: datetime,
    delivery: Delivery | None = None,
    contract_id: int | None = None,
) -> None:
    """Record what waits in a channel as handed to the demo's own gateway, which sends nothing."""
    said = delivery or Delivery(DeliveryOutcome.SENT)
    rules = SendingRules(Urgency.MASS, now, 1000)
    while claimed := notices.claim(session, {channel: Way(PROVIDER, contract_id=contract_id)}, rules=rules, job_id=job_id, now=now):
        done = [(each, said._replace(reference=said.reference or f"demo-{each.notice_id}")) for each in claimed[channel]]
        notices.record(session, done, now=now + timedelta(seconds=2))
