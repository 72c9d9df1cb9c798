"""Messages bear a link for paying where the words of their kind name one, and nowhere else."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.notices import NoticeKind
from app.domain.portal import LinkPurpose
from app.models.notices import Notice
from app.queries.notices.campaigns import CampaignSize
from app.services import links
from app.services.links import LinkTerms
from app.services.notices import campaigns
from app.services.notices.paying import paying_links
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TERMS = LinkTerms(b"k" * 32, "https://billing.example.uz/")


@pytest.fixture
def homes(session: Session) -> list[Home]:
    district = make_district(session)
    return [make_home(session, district, place) for place in (1, 2)]


def say(session: Session, words: str) -> None:
    """Let messages about debts have words of our own."""
    session.execute(text("UPDATE notice_template SET template_text = :words WHERE notice_kind = 'DEBT'"), {"words": words})


def count(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM portal_link")) or 0)


def found(homes: list[Home]) -> list[CampaignSize]:
    return [CampaignSize(home.account_id, 1_000_000) for home in homes]


def campaign(session: Session, home: Home) -> campaigns.Campaign:
    request = campaigns.CampaignRequest(home.division_id, NoticeKind.DEBT, {}, None, 1, 0, "order 1")
    return campaigns.open_campaign(session, request)


def test_no_link_is_made_where_the_words_name_none(session: Session, homes: list[Home]) -> None:
    found = paying_links(session, NoticeKind.DEBT, [home.account_id for home in homes], TERMS, now=NOW)

    assert (found, count(session)) == ({}, 0)


def test_each_message_bears_the_link_of_its_account(session: Session, homes: list[Home]) -> None:
    say(session, "{account}: {debt}. {link}")

    campaigns.write_window(session, campaign(session, homes[0]), found(homes), TERMS, now=NOW)

    told = session.query(Notice).order_by(Notice.account_id).all()
    opened = [links.find(session, each.text.rpartition("/")[2], key=TERMS.key, now=NOW) for each in told]
    assert [(each.account_id, each.purpose) for each in opened if each] == [(each.account_id, LinkPurpose.PAY) for each in told]
    assert {each.account_id for each in told} == {home.account_id for home in homes}
    assert all(" https://billing.example.uz/portal/l/" in each.text for each in told)


def test_preview_counts_parts_as_they_come_and_makes_no_link(session: Session, homes: list[Home]) -> None:
    say(session, "{account}: {debt}. " + "x" * 65 + " {link}")
    opened = campaign(session, homes[0])

    totals = campaigns.preview_window(session, opened, found(homes), campaigns.PreviewTotals(), TERMS, now=NOW)
    before = count(session)
    campaigns.write_window(session, opened, found(homes), TERMS, now=NOW)

    parts = session.scalar(text("SELECT sum(parts) FROM notice"))
    assert (totals.parts, before, count(session)) == (parts, 0, len(homes))


def test_links_of_many_accounts_are_made_at_once(session: Session, homes: list[Home]) -> None:
    ids = [home.account_id for home in homes]

    tokens = links.make_many(session, ids, LinkPurpose.PAY, key=TERMS.key, now=NOW)

    opened = {account_id: links.find(session, token, key=TERMS.key, now=NOW) for account_id, token in tokens.items()}
    assert {account_id: link and link.account_id for account_id, link in opened.items()} == {each: each for each in ids}


def test_link_in_a_message_works_in_its_hours_only(session: Session, homes: list[Home]) -> None:
    [token] = links.make_many(session, [homes[0].account_id], LinkPurpose.PAY, key=TERMS.key, now=NOW).values()

    assert links.find(session, token, key=TERMS.key, now=datetime(2026, 3, 6, tzinfo=UTC)) is None
