"""Campaigns: whom a filter finds, what a preview counts, who is left out and why, a second person above a limit, each told once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalStatus
from app.domain.notices import MessageGateway, NoticeChannel, NoticeKind, NoticeStatus
from app.domain.runs import RunEvent, RunStatus
from app.models.administration import Approval, Division
from app.models.notices import Campaign, MessageContract, Notice
from app.queries.notices import campaigns as queries
from app.services import notices, runs
from app.services.administration import set_parameter
from app.services.links import LinkTerms
from app.services.notices import ConsumerChoice, campaigns
from app.services.runs import RunNotReady
from tests.builders import make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
TERMS = LinkTerms(b"k" * 32, "https://billing.example.uz/")
WORDS = {"uz": "Salom", "ru": "Привет"}


@pytest.fixture
def district(session: Session) -> Division:
    return make_district(session)


def campaign_of(session: Session, district: Division, kind: NoticeKind = NoticeKind.ANNOUNCEMENT, **given: Any) -> Campaign:
    asked: dict[str, Any] = {"words": WORDS if kind == NoticeKind.ANNOUNCEMENT else {}, "consumer_kind": None, "debt_from_tiyin": 0}
    request = campaigns.CampaignRequest(
        **asked | {"division_id": district.id, "notice_kind": kind, "overdue_days": 0, "basis": "12"} | given
    )
    return campaigns.open_campaign(session, request)


def found(session: Session, campaign: Campaign) -> list[queries.CampaignSize]:
    return queries.audience(session, campaigns.audience_of(campaign, TODAY), after=0, limit=100)


def previewed(session: Session, campaign: Campaign) -> Campaign:
    totals = campaigns.preview_window(session, campaign, found(session, campaign), campaigns.PreviewTotals(), TERMS, now=NOW)
    campaigns.finish_preview(session, campaign, totals)
    return campaign


def agree(session: Session, price_tiyin: int) -> None:
    given = {"address": "http://127.0.0.1:9", "login": "a", "secret": "b", "sender": "3700", "part_price_tiyin": price_tiyin}
    session.add(MessageContract(name="one", gateway=MessageGateway.PLAYMOBILE, **given))
    session.flush()


def owe(session: Session, account_id: int, tiyin: int) -> None:
    given = {"id": account_id, "tiyin": tiyin}
    session.execute(text("UPDATE account_position SET debt_tiyin = :tiyin WHERE account_id = :id"), given)
    add = """
        INSERT INTO account_position (account_id, division_id, debt_tiyin) SELECT id, division_id, :tiyin FROM account a
        WHERE id = :id AND NOT EXISTS (SELECT FROM account_position WHERE account_id = a.id)
        """
    session.execute(text(add), given)


def test_preview_counts_parts_and_cost_and_says_who_is_left_out_and_why(session: Session, district: Division) -> None:
    agree(session, 9_500)
    make_home(session, district)
    make_home(session, district, 2)  # the same number
    make_home(session, district, 3, phone=None)
    make_home(session, district, 4, phone="+998901110004")
    notices.stop(session, "+998901110004", basis="asked", now=NOW)
    unwilling = make_home(session, district, 5, phone="+998901110005")
    notices.choose(session, unwilling.account_id, ConsumerChoice({NoticeKind.ANNOUNCEMENT: frozenset()}, "uz", None))
    make_home(session, make_district(session, "1726998"), 6, phone="+998901110006")

    campaign = previewed(session, campaign_of(session, district, words={"uz": "a" * 200}))

    assert (campaign.accounts, campaign.messages, campaign.parts, campaign.cost_tiyin) == (5, 1, 2, 19_000)
    assert campaign.without_sms == {"SAME_NUMBER": 1, "NO_TELEPHONE": 1, "STOPPED": 1, "NOT_WANTED": 1}
    assert (campaign.status, session.query(Notice).count()) == (RunStatus.PREVIEWED, 0)


def test_debt_campaign_finds_who_owes_so_much(session: Session, district: Division) -> None:
    home = make_home(session, district)
    other = make_home(session, district, 2)
    owe(session, home.account_id, 500_000)
    owe(session, other.account_id, 499_999)

    campaign = campaign_of(session, district, NoticeKind.DEBT, debt_from_tiyin=500_000)

    assert [tuple(each) for each in found(session, campaign)] == [(home.account_id, 500_000)]
    assert found(session, campaign_of(session, district, consumer_kind="LEGAL")) == []


def test_announcement_without_words_in_uzbek_is_refused(session: Session, district: Division) -> None:
    with pytest.raises(campaigns.NoWords):
        campaign_of(session, district, words={"ru": "Привет"})


def test_campaign_over_the_limit_waits_for_a_second_person_and_is_asked_about_once(session: Session, district: Division) -> None:
    agree(session, 1_000_000)
    set_parameter(session, code="notices.campaign_limit_som", value="9999", source="letter 7", valid_from=TODAY, today=TODAY)
    make_home(session, district)
    campaign = previewed(session, campaign_of(session, district))

    asked = campaigns.send(session, campaign.id, today=TODAY)

    assert isinstance(asked, Approval)
    assert (asked.status, asked.subject_id, asked.contents["cost_tiyin"]) == (ApprovalStatus.PENDING, campaign.id, 1_000_000)
    assert (campaign.status, session.query(Notice).count()) == (RunStatus.PREVIEWED, 0)
    with pytest.raises(RunNotReady):
        campaigns.send(session, campaign.id, today=TODAY)


def test_campaign_within_the_limit_is_sent_by_a_job_once(session: Session, district: Division) -> None:
    make_home(session, district)
    campaign = previewed(session, campaign_of(session, district))

    assert isinstance(campaigns.send(session, campaign.id, today=TODAY), int)
    with pytest.raises(RunNotReady):
        campaigns.send(session, campaign.id, today=TODAY)


def test_messages_of_a_campaign_say_the_same_once_a_number_and_those_that_wait_are_withdrawn(session: Session, district: Division) -> None:
    make_home(session, district)
    make_home(session, district, 2)  # the same number
    campaign = previewed(session, campaign_of(session, district))
    runs.advance(session, campaigns.RUN, campaign.id, RunEvent.POST)
    first, second = found(session, campaign)

    told = [campaigns.write_window(session, campaign, [each], TERMS, now=NOW) for each in (first, second)]

    by_sms = session.query(Notice).filter(Notice.channel == NoticeChannel.SMS).all()
    assert (told, campaign.told, [each.text for each in by_sms]) == ([1, 1], 2, ["Salom"])
    assert queries.states(session, campaign.id) == {NoticeStatus.QUEUED: 1, NoticeStatus.SENT: 2}

    assert campaigns.withdraw(session, campaign.id, by="anna", now=NOW) == 1
    assert queries.states(session, campaign.id) == {NoticeStatus.WITHDRAWN: 1, NoticeStatus.SENT: 2}
    assert campaigns.withdraw(session, campaign.id, by="anna", now=NOW) == 0
