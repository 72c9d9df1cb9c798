"""Users of the portal: several accounts under one telephone, each claimed by a code, and how an access ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.portal import AccessEnd, PortalRight
from app.queries import portal as queries
from app.services.portal import Opened, users
from app.services.portal.users import NotTheirs, SignedIn
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINE, MOTHERS = "+998901112233", "+998907778899"


@pytest.fixture
def homes(session: Session) -> tuple[Home, Home]:
    """One's own account and the mother's, in two districts."""
    found = make_home(session, make_district(session, "1726998")), make_home(session, make_district(session, "1726999"), 2)
    for home, phone in zip(found, (MINE, MOTHERS), strict=True):
        set_phone(session, home, phone)
    return found


def set_phone(session: Session, home: Home, phone: str) -> None:
    statement = "UPDATE consumer SET phone = :phone WHERE id = (SELECT consumer_id FROM account WHERE id = :id)"
    session.execute(text(statement), {"phone": phone, "id": home.account_id})


def sign_in(session: Session, home: Home, phone: str, now: datetime = NOW) -> SignedIn:
    found = users.sign_in(session, Opened(1, home.account_id, phone), idle_days=180, now=now)
    assert found is not None
    return found


def numbers(session: Session, signed_in: SignedIn) -> list[int]:
    return [each.account_id for each in queries.accesses_of_session(session, signed_in.session_id)]


def test_code_of_an_account_opens_a_session_of_the_telephone_with_this_account(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)

    again = sign_in(session, homes[0], MINE)

    assert numbers(session, opened) == [homes[0].account_id]
    assert opened.user_id == again.user_id
    assert [each.phone for each in queries.holders(session, homes[0].account_id)] == [MINE]


def test_account_of_another_telephone_is_claimed_by_its_code_and_stays(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)

    users.claim(session, opened.user_id, Opened(2, homes[1].account_id, MOTHERS), now=NOW)

    later = sign_in(session, homes[0], MINE)
    assert numbers(session, opened) == numbers(session, later) == [home.account_id for home in homes]
    assert numbers(session, sign_in(session, homes[1], MOTHERS)) == [homes[1].account_id]


def test_code_that_went_to_a_telephone_the_account_has_no_more_claims_nothing(session: Session, homes: tuple[Home, Home]) -> None:
    set_phone(session, homes[0], "+998935556677")

    assert users.sign_in(session, Opened(1, homes[0].account_id, MINE), idle_days=180, now=NOW) is None


def test_access_ends_with_the_telephone_it_was_proved_by(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)
    users.claim(session, opened.user_id, Opened(2, homes[1].account_id, MOTHERS), now=NOW)

    set_phone(session, homes[1], "+998935556677")

    assert numbers(session, opened) == [homes[0].account_id]


def test_access_ends_when_the_account_is_another_consumers(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)
    other = "SELECT consumer_id FROM account WHERE id = :other"

    session.execute(
        text(f"UPDATE account SET consumer_id = ({other}) WHERE id = :id"), {"other": homes[1].account_id, "id": homes[0].account_id}
    )
    set_phone(session, homes[1], MINE)  # even though the new owner has the same telephone

    assert numbers(session, opened) == []


def test_user_who_stayed_away_for_too_long_claims_the_others_anew(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)
    users.claim(session, opened.user_id, Opened(2, homes[1].account_id, MOTHERS), now=NOW)

    in_time = sign_in(session, homes[0], MINE, NOW + timedelta(days=180))
    both = numbers(session, in_time)
    late = sign_in(session, homes[0], MINE, NOW + timedelta(days=360, seconds=1))

    assert len(both) == 2
    assert numbers(session, late) == [homes[0].account_id]


def test_two_accounts_with_one_telephone_are_one_users(session: Session, homes: tuple[Home, Home]) -> None:
    set_phone(session, homes[1], MINE)
    opened = sign_in(session, homes[0], MINE)

    second = sign_in(session, homes[1], MINE)

    assert opened.user_id == second.user_id
    assert numbers(session, second) == [home.account_id for home in homes]


def test_account_that_was_left_is_shown_no_more_until_it_is_claimed_anew(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)
    users.claim(session, opened.user_id, Opened(2, homes[1].account_id, MOTHERS), now=NOW)

    users.remove_own(session, opened.user_id, homes[1].account_id, now=NOW)

    assert numbers(session, opened) == [homes[0].account_id]
    with pytest.raises(NotTheirs):
        users.remove_own(session, opened.user_id, homes[1].account_id, now=NOW)
    users.claim(session, opened.user_id, Opened(3, homes[1].account_id, MOTHERS), now=NOW)
    assert len(numbers(session, opened)) == 2


def test_access_of_another_account_is_not_removed(session: Session, homes: tuple[Home, Home]) -> None:
    sign_in(session, homes[0], MINE)
    (holder,) = queries.holders(session, homes[0].account_id)

    with pytest.raises(NotTheirs):
        users.remove(session, holder.id, account_id=homes[1].account_id, end=AccessEnd.REMOVED, now=NOW)

    users.remove(session, holder.id, account_id=homes[0].account_id, end=AccessEnd.REMOVED, now=NOW)
    assert queries.holders(session, homes[0].account_id) == []


def test_granted_access_has_the_rights_given_and_that_to_see(session: Session, homes: tuple[Home, Home]) -> None:
    owner = sign_in(session, homes[0], MINE)

    users.grant(session, MOTHERS, homes[0].account_id, [PortalRight.PAY], by_user_id=owner.user_id, now=NOW)

    (first, granted) = queries.holders(session, homes[0].account_id)
    assert first.rights == [str(right) for right in PortalRight]
    assert (granted.phone, granted.rights, granted.granted_by) == (MOTHERS, ["VIEW", "PAY"], MINE)


def test_closed_session_opens_nothing(session: Session, homes: tuple[Home, Home]) -> None:
    opened = sign_in(session, homes[0], MINE)

    users.close_session(session, opened.session_id, now=NOW)

    assert numbers(session, opened) == []
