"""Campaigns: a filter finds consumers, a preview counts messages, parts and cost; above a limit a second person agrees; a job writes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, JobKind, roles
from app.domain.administration.translations import catalog_text
from app.domain.calendar import TASHKENT
from app.domain.notices import LeftOut, NoticeChannel, NoticeKind, NoticeStatus
from app.domain.runs import RunEvent, RunStatus
from app.models.administration import Approval
from app.models.notices import Campaign, Notice
from app.queries.notices import campaigns as queries
from app.queries.notices import part_price
from app.queries.notices.campaigns import Audience, CampaignSize
from app.services import runs
from app.services.administration import approvals, limits
from app.services.links import LinkTerms
from app.services.notices.paying import paying_links
from app.services.notices.writing import NoticeAbout, NoticeDraft, drafted, write
from app.services.runs import RunNotReady, RunSpec

#: Accounts a step.
WINDOW = 1000
#: Campaigns among the kinds of runs.
RUN = RunSpec(Campaign, JobKind.CAMPAIGN_PREVIEW, JobKind.CAMPAIGN_SENDING)
_LIMIT = "notices.campaign_limit_som"


class NoWords(Exception):
    """An announcement says nothing in Uzbek."""


class CampaignRequest(NamedTuple):
    """A campaign somebody wants.

    :ivar words: what an announcement says, by language; Uzbek is needed
    """

    division_id: int
    notice_kind: NoticeKind
    words: Mapping[str, str]
    consumer_kind: str | None
    debt_from_tiyin: int
    overdue_days: int
    basis: str


class PreviewTotals(NamedTuple):
    """What a preview found so far."""

    accounts: int = 0
    messages: int = 0
    parts: int = 0
    left_out: Mapping[str, int] = {}
    #: numbers an announcement goes to
    numbers: frozenset[str] = frozenset()


def open_campaign(session: Session, request: CampaignRequest) -> Campaign:
    """Open a campaign, to be previewed.

    :raises NoWords: if an announcement says nothing
    """
    if request.notice_kind == NoticeKind.ANNOUNCEMENT and not request.words.get("uz"):
        raise NoWords
    return runs.open_run(session, RUN, Campaign(**request._asdict()))


def audience_of(campaign: Campaign, today: date) -> Audience:
    """Return whom a campaign is for."""
    overdue_by = today - timedelta(days=campaign.overdue_days) if campaign.overdue_days else None
    return Audience(campaign.division_id, campaign.consumer_kind, campaign.debt_from_tiyin, overdue_by)


def preview_window(
    session: Session, campaign: Campaign, found: Sequence[CampaignSize], totals: PreviewTotals, terms: LinkTerms, *, now: datetime
) -> PreviewTotals:
    """Add what a window of accounts would be told; nothing is written."""
    drafts, numbers = _once_a_number(campaign, _drafts(session, campaign, found, terms, now, is_preview=True), set(totals.numbers))
    by_sms = [each for each in drafts if NoticeChannel.SMS in each.ways]
    left_out = Counter(totals.left_out) + Counter(str(each.left_out) for each in drafts if each.left_out)
    parts = totals.parts + sum(each.parts for each in by_sms)
    return PreviewTotals(totals.accounts + len(drafts), totals.messages + len(by_sms), parts, dict(left_out), frozenset(numbers))


def finish_preview(session: Session, campaign: Campaign, totals: PreviewTotals) -> None:
    """Keep what a preview found, with the cost by the contract in use."""
    runs.advance(session, RUN, campaign.id, RunEvent.PREVIEW)
    campaign.accounts, campaign.messages, campaign.parts = totals.accounts, totals.messages, totals.parts
    campaign.cost_tiyin, campaign.without_sms = totals.parts * part_price(session), dict(totals.left_out)
    session.flush()


def send(session: Session, campaign_id: int, *, today: date) -> int | Approval:
    """Have a previewed campaign written, and return the job; or the request, where a second person agrees first.

    :raises RunNotReady: if it is in another state, is asked about already, or its job waits
    """
    campaign = session.execute(select(Campaign).where(Campaign.id == campaign_id).with_for_update()).scalar_one()
    if campaign.status != RunStatus.PREVIEWED or waiting_request(session, campaign_id):
        raise RunNotReady
    if limits.use(session, _LIMIT, campaign.cost_tiyin, division_id=campaign.division_id, account_id=None, today=today):
        return runs.start_posting(session, RUN, campaign_id)
    contents = {name: getattr(campaign, name) for name in ("accounts", "messages", "parts", "cost_tiyin")}
    return approvals.ask(
        session, ApprovalKind.CAMPAIGN, division_id=campaign.division_id, subject=f"{campaign} · {campaign.division}",
        subject_id=campaign.id, contents=contents | {"words": campaign.words}, basis=campaign.basis,
    )  # fmt: skip


def write_window(session: Session, campaign: Campaign, found: Sequence[CampaignSize], terms: LinkTerms, *, now: datetime) -> int:
    """Write the messages of a window of accounts to the outbox; return how many consumers are told by some way."""
    drafts = _drafts(session, campaign, found, terms, now, is_preview=False)
    phones = [each.receiver.phone for each in drafts if each.receiver.phone and NoticeChannel.SMS in each.ways]
    known = queries.numbers_told(session, campaign.id, phones) if campaign.notice_kind == NoticeKind.ANNOUNCEMENT else set()
    drafts, _numbers = _once_a_number(campaign, drafts, known)
    written = write(session, campaign.notice_kind, drafts, now=now, campaign_id=campaign.id)
    campaign.told += written.reached
    session.flush()
    return written.reached


def withdraw(session: Session, campaign_id: int, *, by: str, now: datetime) -> int:
    """Withdraw the messages of a campaign that wait; return how many."""
    waiting = update(Notice).where(Notice.campaign_id == campaign_id, Notice.status == NoticeStatus.QUEUED)
    gone = waiting.values(status=NoticeStatus.WITHDRAWN, decided_by=by, decided_at=now, cost_tiyin=None)
    return len(session.scalars(gone.returning(Notice.id)).all())


def _drafts(
    session: Session, campaign: Campaign, found: Sequence[CampaignSize], terms: LinkTerms, now: datetime, *, is_preview: bool
) -> list[NoticeDraft]:
    if campaign.notice_kind == NoticeKind.DEBT:
        accounts, today = {each.account_id for each in found}, now.astimezone(TASHKENT).date()
        made = paying_links(session, NoticeKind.DEBT, accounts, terms, now=now, is_preview=is_preview)
        told = [NoticeAbout(each.account_id, {"debt": each.debt_tiyin, "due": today, **made.get(each.account_id, {})}) for each in found]
    else:
        told = [NoticeAbout(each.account_id, {"text": campaign.words}) for each in found]
    return drafted(session, campaign.notice_kind, told, now=now)


def _once_a_number(campaign: Campaign, drafts: Iterable[NoticeDraft], numbers: set[str]) -> tuple[list[NoticeDraft], set[str]]:
    """Leave out SMS that would say the same to the same number twice: an announcement says nothing of the account."""
    if campaign.notice_kind != NoticeKind.ANNOUNCEMENT:
        return list(drafts), numbers
    kept = []
    for each in drafts:
        phone, is_by_sms = each.receiver.phone or "", NoticeChannel.SMS in each.ways
        if is_by_sms and phone in numbers:
            kept.append(each._replace(ways=each.ways - {NoticeChannel.SMS}, left_out=LeftOut.SAME_NUMBER))
            continue
        numbers |= {phone} if is_by_sms else set()
        kept.append(each)
    return kept, numbers


def waiting_request(session: Session, campaign_id: int) -> int | None:
    """Return the request by which a second person decides about a campaign, or None if none waits."""
    asked = (Approval.kind == ApprovalKind.CAMPAIGN, Approval.subject_id == campaign_id, Approval.status == ApprovalStatus.PENDING)
    return session.scalar(select(Approval.id).where(*asked))


def _granted(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    runs.start_posting(session, RUN, request.subject_id or 0)


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.CAMPAIGN,
        catalog_text("Campaign of messages"),
        catalog_text("approve campaigns of messages"),
        (roles.SUPERVISOR,),
        _granted,
        page_of=approvals.page_of_subject("CampaignView.show"),
        describe=lambda request: {"campaign": request.contents},
        too_late=(approvals.TooLate(RunNotReady, catalog_text("The campaign was cancelled or sent meanwhile.")),),
    )
)
