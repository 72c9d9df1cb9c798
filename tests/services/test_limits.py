"""Limits above which a second person decides hold for what one person does alone in a day, in however many parts."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.domain.billing.corrections import AdjustmentKind
from app.domain.payments import HeldDecision
from app.models.administration import Approval, LimitUse
from app.models.billing.corrections import Adjustment
from app.services.administration import limits
from app.services.billing import adjustments
from tests.builders import Home, make_district, make_home
from tests.parallel import Beside, copied
from tests.services.bank_scenario import Bank

TODAY, TOMORROW = date(2026, 2, 15), date(2026, 2, 16)
CODE, LIMIT = "billing.adjustment_limit_som", 100_000_000


@pytest.fixture
def home(session: Session) -> Home:
    return make_home(session, make_district(session))


@pytest.fixture
def bank(session: Session, tmp_path: Path) -> Bank:
    return Bank(session, tmp_path)


@pytest.fixture
def engine_of_its_own(servers: tuple[str, str]) -> Iterator[Engine]:
    with copied(servers, "pc_billing_limits") as made:
        yield made


def use(session: Session, home: Home, amount_tiyin: int, on: date = TODAY, *, account_id: int | None = None) -> bool:
    return limits.use(session, CODE, amount_tiyin, division_id=home.division_id, account_id=account_id or home.account_id, today=on)


def become(session: Session, name: str) -> None:
    session.execute(text("SELECT set_config('app.actor', :name, true)"), {"name": name})


@pytest.mark.parametrize(
    ("parts", "last", "is_alone"),
    [
        ([], LIMIT, True),
        ([], LIMIT + 1, False),
        ([60_000_000], 40_000_000, True),
        ([60_000_000], 40_000_001, False),
        ([LIMIT], 1, False),
        ([LIMIT], 0, True),
        ([30_000_000] * 3, 10_000_000, True),
        ([30_000_000] * 3, 10_000_001, False),
    ],
)
def test_sums_of_a_day_on_one_account_count_together_to_the_exact_limit(
    session: Session, home: Home, parts: list[int], last: int, is_alone: bool
) -> None:
    for part in parts:
        assert use(session, home, part)

    assert limits.is_within(session, CODE, last, account_id=home.account_id, today=TODAY) == is_alone
    assert use(session, home, last) == is_alone


def test_what_is_left_to_a_second_person_counts_for_nobody(session: Session, home: Home) -> None:
    assert not use(session, home, LIMIT + 1)

    assert use(session, home, LIMIT)


def test_another_day_another_person_and_another_limit_begin_at_zero(session: Session, home: Home) -> None:
    become(session, "first")
    assert use(session, home, LIMIT)

    assert use(session, home, LIMIT, TOMORROW)
    assert limits.use(session, "acts.limit_som", LIMIT, division_id=home.division_id, account_id=home.account_id, today=TODAY)
    become(session, "second")
    assert use(session, home, LIMIT)


def test_sums_on_all_accounts_stay_within_the_times_the_office_sets(session: Session) -> None:
    session.execute(text("INSERT INTO operating_parameter (code, value, valid_from) VALUES ('access.alone_times', '2', '2020-01-01')"))
    others = [make_home(session, make_district(session, f"172699{number}")) for number in range(3)]
    assert use(session, others[0], LIMIT)
    assert use(session, others[1], LIMIT - 1)

    assert not use(session, others[2], 2)
    assert use(session, others[2], 1)


def note(home: Home, amount_tiyin: int, reference: str, kind: AdjustmentKind = AdjustmentKind.CREDIT_NOTE) -> adjustments.NoteRequest:
    return adjustments.NoteRequest(kind, home.account_id, amount_tiyin, "letter", reference)


@pytest.mark.parametrize("kind", list(AdjustmentKind))
def test_notes_in_parts_ask_a_second_person_from_where_their_sum_passes_the_limit(
    session: Session, home: Home, kind: AdjustmentKind
) -> None:
    first = adjustments.adjust(session, note(home, 60_000_000, "a", kind), today=TODAY)

    asked = adjustments.adjust(session, note(home, 40_000_001, "b", kind), today=TODAY)

    assert not isinstance(first, Approval)
    assert isinstance(asked, Approval)
    assert adjustments.adjust(session, note(home, 60_000_000, "a", kind), today=TODAY) is first, "a repeat counts once"
    assert adjustments.adjust(session, note(home, 40_000_001, "b", kind), today=TOMORROW) is asked, "it was asked, and stays so"
    assert not isinstance(adjustments.adjust(session, note(home, 40_000_000, "c", kind), today=TODAY), Approval)


def test_note_and_its_reversal_count_together(session: Session, home: Home) -> None:
    adjustments.adjust(session, note(home, 60_000_000, "a"), today=TODAY)
    made = session.scalars(select(Adjustment.id)).one()

    assert isinstance(adjustments.reverse_note(session, made, basis="letter 2", today=TODAY), Approval)
    assert isinstance(adjustments.reverse_note(session, made, basis="letter 2", today=TOMORROW), Adjustment)


@pytest.mark.parametrize(("alone_som", "needs_another"), [(20_000, False), (19_999, True)])
def test_rows_held_of_several_files_count_together(bank: Bank, alone_som: int, needs_another: bool) -> None:
    bank.load(bank.file(bank.row("1")))
    contents = [bank.file(bank.row("1"), bank.row(number)) for number in "23"]
    for content in contents:
        bank.load(content)

    first, second = (bank.decide(bank.control(content), HeldDecision.ACCEPT, alone_som=alone_som) for content in contents)

    assert (first.approval_id is None, second.approval_id is not None) == (True, needs_another)


def test_two_sums_at_once_do_not_pass_the_limit_together(engine_of_its_own: Engine) -> None:
    with Session(engine_of_its_own) as session:
        home = make_home(session, make_district(session))
        session.commit()
    with Session(engine_of_its_own) as first:
        assert use(first, home, LIMIT)
        second = Beside(engine_of_its_own, lambda session: use(session, home, 1))

        assert second.waits()
        first.commit()

    assert second.done() is False
    with Session(engine_of_its_own) as session:
        assert session.scalars(select(LimitUse.amount_tiyin)).all() == [LIMIT]


def test_used_limit_is_a_fact(session: Session, home: Home) -> None:
    use(session, home, 1)

    with pytest.raises(Exception, match="limit_use"), session.begin_nested():
        session.execute(text("UPDATE limit_use SET amount_tiyin = 2"))
