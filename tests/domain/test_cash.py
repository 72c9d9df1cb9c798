"""What a cashier is asked about a sum."""

import pytest

from app.domain.payments.cash import DENOMINATIONS, CashLimits, CashQuestion, counted, questions

LIMITS = CashLimits(confirm_above_tiyin=5_000_000_00, times_debt=3)
LARGE, ABOVE, SAME = CashQuestion.LARGE_SUM, CashQuestion.ABOVE_DEBT, CashQuestion.SAME_SUM


@pytest.mark.parametrize(
    ("amount_som", "owed_som", "lately", "expected"),
    [
        (50_000, 50_000, False, []),
        (150_000, 50_000, False, []), (150_001, 50_000, False, [ABOVE]), (150_001, 50_000, True, [ABOVE, SAME]),
        (50_000, 0, False, []), (5_000_000, 0, False, []), (5_000_001, 0, False, [LARGE]), (500_000_000, 1_000, True, [LARGE, ABOVE, SAME]),
    ],
)  # fmt: skip
def test_sum_that_may_be_a_slip_is_asked_about(amount_som: int, owed_som: int, lately: bool, expected: list[CashQuestion]) -> None:
    found = questions(amount_som * 100, owed_tiyin=owed_som * 100, limits=LIMITS, was_taken_lately=lately)

    assert found == expected


def test_till_holds_what_its_pieces_are_worth() -> None:
    assert counted(dict.fromkeys(DENOMINATIONS, 1), 25) == sum(DENOMINATIONS) * 100 + 25
    assert counted({}) == 0
