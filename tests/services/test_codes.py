"""Codes of the portal: each for the browser that asked, within budgets that no stranger spends for others."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services import portal
from app.services.portal import Budgets, CodeRequest
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WIDE = Budgets(100, 100, 100, 100)


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


def ask(
    session: Session,
    home: Home | None,
    code: str = "123456",
    *,
    browser: str = "own",
    address: str = "a",
    budgets: Budgets = WIDE,
    now: datetime = NOW,
) -> bool:
    """Ask for a code; return whether one was given."""
    try:
        portal.issue_code(session, CodeRequest(home and home.account_id, browser, address), code, budgets=budgets, minutes=5, now=now)
    except portal.TooManyCodes:
        return False
    return True


def opens(session: Session, home: Home, code: str = "123456", *, browser: str = "own", now: datetime = NOW, most_attempts: int = 5) -> bool:
    opened = portal.check_code(session, browser, code, most_attempts=most_attempts, now=now)
    return opened is not None and opened.account_id == home.account_id


def test_right_code_opens_once(session: Session, home: Home) -> None:
    ask(session, home)

    assert [opens(session, home), opens(session, home)] == [True, False]


def test_browser_that_asked_for_nothing_opens_nothing(session: Session, home: Home) -> None:
    ask(session, home)

    assert not opens(session, home, browser="another")
    assert not opens(session, home, "", browser="another")


def test_what_was_asked_for_without_an_account_opens_nothing(session: Session) -> None:
    make_district(session)
    ask(session, None)

    assert portal.check_code(session, "own", "123456", most_attempts=5, now=NOW) is None


@pytest.mark.parametrize(("wrong", "opened"), [(0, True), (1, True), (4, True), (5, False), (6, False)])
def test_wrong_codes_are_counted_and_the_last_try_closes_it(session: Session, home: Home, wrong: int, opened: bool) -> None:
    ask(session, home)

    assert not any(opens(session, home, "654321") for _ in range(wrong))
    assert opens(session, home) is opened


def test_wrong_codes_of_another_browser_are_not_counted(session: Session, home: Home) -> None:
    ask(session, home)
    ask(session, home, "222222", browser="stranger")

    assert not any(opens(session, home, "654321", browser="stranger") for _ in range(9))
    assert opens(session, home)


@pytest.mark.parametrize(("later", "opened"), [(5 * MINUTE - timedelta(seconds=1), True), (5 * MINUTE, False), (60 * MINUTE, False)])
def test_code_expires(session: Session, home: Home, later: timedelta, opened: bool) -> None:
    ask(session, home)

    assert opens(session, home, now=NOW + later) is opened


def test_each_code_of_a_browser_opens_within_its_minutes(session: Session, home: Home) -> None:
    ask(session, home, "111111")
    ask(session, home, "222222")
    ask(session, home, "333333", browser="stranger")

    assert opens(session, home, "111111")
    assert opens(session, home, "222222")


def test_code_is_not_kept_in_the_clear(session: Session, home: Home) -> None:
    ask(session, home, "424242")

    row = session.execute(text("SELECT code_sha256, p::text FROM portal_code p")).one()

    assert len(row[0]) == 64
    assert "424242" not in row[1]


@pytest.mark.parametrize(
    ("budgets", "given"),
    [(WIDE, [True] * 6), (Budgets(3, 9, 9, 9), [True] * 3 + [False] * 3), (Budgets(9, 2, 9, 9), [True, True, True, True, False, False]),
     (Budgets(9, 9, 9, 4), [True] * 4 + [False] * 2)],
)  # fmt: skip
def test_budgets_of_account_asker_and_company_are_counted(session: Session, home: Home, budgets: Budgets, given: list[bool]) -> None:
    asked = [ask(session, home, browser=f"b{number}", address=f"a{number % 2}", budgets=budgets) for number in range(6)]

    assert asked == given


def test_budget_of_an_address_counts_accounts_that_are_not_there(session: Session, home: Home) -> None:
    for number in range(3):
        ask(session, None, browser=f"b{number}")

    assert not ask(session, home, budgets=Budgets(9, 9, 3, 9))
    assert ask(session, home, address="another", budgets=Budgets(9, 9, 3, 9))


def test_codes_of_the_day_before_do_not_count(session: Session, home: Home) -> None:
    tight = Budgets(1, 1, 1, 1)
    assert ask(session, home, budgets=tight)

    assert not ask(session, home, budgets=tight, now=NOW + timedelta(hours=23, minutes=59))
    assert ask(session, home, budgets=tight, now=NOW + timedelta(hours=48))


def test_browser_that_opened_the_account_has_budgets_no_stranger_spends(session: Session, home: Home) -> None:
    tight = Budgets(3, 3, 3, 3)
    ask(session, home, budgets=tight)
    assert opens(session, home)
    strangers = [ask(session, home, browser=f"s{number}", budgets=tight) for number in range(6)]

    own = [ask(session, home, budgets=tight) for _ in range(4)]

    assert strangers == [True, True] + [False] * 4
    assert own == [True] * 3 + [False]
