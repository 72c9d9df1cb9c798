"""Links of one purpose: who has not the very word, in time, gets nowhere."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.portal import LinkPurpose
from app.services import links
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEY = b"our secret"
#: Tokens that are tried in vain.
MISUSES = 10_000


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def make(session: Session, home: Home, purpose: LinkPurpose = LinkPurpose.PAY) -> str:
    return links.make(session, home.account_id, purpose, key=KEY, now=NOW, phone="+998901234567" if purpose == LinkPurpose.PHONE else None)


def test_link_finds_its_account_and_purpose(session: Session, home: Home) -> None:
    found = links.find(session, make(session, home), key=KEY, now=NOW)

    assert found is not None
    assert (found.account_id, found.purpose) == (home.account_id, LinkPurpose.PAY)


def test_token_is_kept_as_a_digest(session: Session, home: Home) -> None:
    token = make(session, home)

    row = session.execute(text("SELECT p::text FROM portal_link p")).scalar_one()

    assert token not in row


@pytest.mark.parametrize(("later", "works"), [(timedelta(hours=72, seconds=-1), True), (timedelta(hours=72), False)])
def test_link_works_for_its_hours(session: Session, home: Home, later: timedelta, works: bool) -> None:
    token = make(session, home)

    assert (links.find(session, token, key=KEY, now=NOW + later) is not None) is works


def test_link_ends_when_the_account_is_another_consumers(session: Session, home: Home) -> None:
    token, other = make(session, home), make_home(session, make_district(session, "1726998"), 2)

    session.execute(
        text("UPDATE account SET consumer_id = (SELECT consumer_id FROM account WHERE id = :other) WHERE id = :id"),
        {"other": other.account_id, "id": home.account_id},
    )

    assert links.find(session, token, key=KEY, now=NOW) is None


@pytest.mark.parametrize(("purpose", "uses"), [(LinkPurpose.PAY, 3), (LinkPurpose.READING, 1), (LinkPurpose.PHONE, 1)])
def test_act_that_is_done_once_uses_its_link_up(session: Session, home: Home, purpose: LinkPurpose, uses: int) -> None:
    token, used = make(session, home, purpose), 0
    for _ in range(3):
        found = links.find(session, token, key=KEY, now=NOW)
        used += found is not None and links.use(session, found, now=NOW)

    assert used == uses


def test_two_who_hold_a_link_at_once_use_it_once(session: Session, home: Home) -> None:
    found = links.find(session, make(session, home, LinkPurpose.READING), key=KEY, now=NOW)
    assert found is not None

    assert [links.use(session, found, now=NOW) for _ in range(3)] == [True, False, False]


def test_withdrawn_link_leads_nowhere(session: Session, home: Home) -> None:
    token = make(session, home)
    found = links.find(session, token, key=KEY, now=NOW)
    assert found is not None

    links.withdraw(session, found.id, account_id=home.account_id, now=NOW)

    assert links.find(session, token, key=KEY, now=NOW) is None


def test_misused_tokens_are_refused(session: Session, home: Home) -> None:
    token, draw = make(session, home), random.Random(7)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    refused = sum(links.find(session, _misused(token, draw, letters), key=KEY, now=NOW) is None for _ in range(MISUSES))

    assert refused == MISUSES
    assert links.find(session, token, key=b"another secret", now=NOW) is None


def _misused(token: str, draw: random.Random, letters: str) -> str:
    """Return a token with a letter changed, cut, doubled, in another order, made up, or in another alphabet."""
    place = draw.randrange(len(token))
    other = draw.choice([letter for letter in letters if letter != token[place]])
    return draw.choice(
        [
            token[:place] + other + token[place + 1 :],
            token[:place],
            token + draw.choice(letters),
            token.swapcase(),
            "".join(draw.choices(letters, k=32)),
            token[:place] + "Ж" + token[place + 1 :],
            token + "=",
            "",
        ]
    )
