"""Posted bills beside the same with proposed prices: what counts, step by step, and which accounts change most."""

from collections.abc import Sequence

import numpy as np

from app.domain.billing import COMPONENTS, Component
from app.domain.billing.shadow import LARGEST, Comparison, compared, nothing

NORTH, SOUTH = 17, 18
ENERGY = COMPONENTS.index(Component.ENERGY)
#: account (index), block, quantity, amount, charge
Row = tuple[int, int, int, int, int]


def table(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    account, block, quantity, amount, charge = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    none = np.zeros(len(account), dtype=np.int64)
    return {
        "account": account, "component": none + ENERGY, "zone": none, "block_no": block, "quantity_milli": quantity,
        "amount_tiyin": amount, "charge_id": charge,
    }  # fmt: skip


def compare(
    stored: Sequence[Row],
    proposed: Sequence[Row],
    *,
    wanted: Sequence[bool] = (True, True, True),
    built: Sequence[bool] = (True, True, True),
    running: Comparison | None = None,
) -> Comparison:
    return compared(
        account_id=np.array([101, 102, 103]),
        division_id=np.array([NORTH, SOUTH, NORTH]),
        wanted=np.array(wanted),
        built=np.array(built),
        stored=table(stored),
        proposed=table(proposed),
        running=running or nothing(),
    )


def step(division: int, block: int) -> tuple[int, str, str, int]:
    return division, "ENERGY", "TOTAL", block


def test_figures_of_both_prices_stand_by_division_and_step_and_count_each_bill_once() -> None:
    stored = [(0, 1, 200, 90, 0), (0, 1, 100, 45, 0), (0, 2, 50, 40, 0), (1, 1, 10, 5, 0), (2, 1, 7, 3, 0)]
    proposed = [(0, 1, 350, 175, 0), (1, 1, 10, 6, 0), (2, 1, 7, 4, 0)]

    found = compare(stored, proposed)

    assert (found.bills, found.left_out) == (3, 0)
    assert found.steps == {
        step(NORTH, 1): [2, 307, 357, 138, 179],
        step(NORTH, 2): [1, 50, 0, 40, 0],
        step(SOUTH, 1): [1, 10, 10, 5, 6],
    }
    assert found.largest == [[102, SOUTH, 5, 6], [103, NORTH, 3, 4]]


def test_charges_and_bills_that_the_prices_are_not_for_stay_out() -> None:
    rows = [(0, 1, 200, 90, 0), (0, 0, 0, 500, 1), (1, 1, 10, 5, 0), (2, 1, 7, 3, 0)]

    found = compare(rows, rows, wanted=(True, False, True), built=(True, True, False))

    assert (found.bills, found.left_out, found.largest) == (1, 1, [])
    assert found.steps == {step(NORTH, 1): [1, 200, 200, 90, 90]}


def test_further_bills_are_added_to_those_before() -> None:
    before = Comparison(5, 2, {step(NORTH, 1): [5, 10, 20, 30, 40], step(SOUTH, 3): [1, 1, 1, 1, 1]}, [[9, NORTH, 0, 1], [8, NORTH, 0, 9]])

    found = compare([(0, 1, 1, 2, 0)], [(0, 1, 1, 4, 0)], built=(True, False, True), running=before)

    assert (found.bills, found.left_out) == (7, 3)
    assert found.steps == {step(NORTH, 1): [6, 11, 21, 32, 44], step(SOUTH, 3): [1, 1, 1, 1, 1]}
    assert found.largest == [[8, NORTH, 0, 9], [101, NORTH, 2, 4], [9, NORTH, 0, 1]]


def test_only_the_largest_changes_are_kept_and_of_equal_ones_the_first_accounts() -> None:
    before = Comparison(0, 0, {}, [[1000 + number, NORTH, 0, 2] for number in range(LARGEST - 1)])

    found = compare(
        [(0, 1, 0, 0, 0), (1, 1, 0, 0, 0), (2, 1, 0, 0, 0)], [(0, 1, 0, 2, 0), (1, 1, 0, -3, 0), (2, 1, 0, 2, 0)], running=before
    )

    assert len(found.largest) == LARGEST
    assert found.largest[:3] == [[102, SOUTH, 0, -3], [101, NORTH, 0, 2], [103, NORTH, 0, 2]]
    assert found.largest[-1][0] == 1000 + LARGEST - 4
