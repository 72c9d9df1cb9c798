"""Figures that were posted against those computed again: each one that differs is named with its account and row."""

from typing import Any

import numpy as np
import pytest

from app.domain.billing.replay import Posted, ReplayDifference, ReplayTable, columns_of, differences

BILL, LINE, CONSUMPTION = columns_of()
#: Account 0 has one bill with two lines, account 3 one with one line.
ACCOUNTS = {"bill": (0, 3), "line": (0, 0, 3), "consumption": (0, 3)}


def table(accounts: tuple[int, ...], names: tuple[str, ...]) -> ReplayTable:
    """Return rows whose every figure is another one."""
    first = {name: 100 * place for place, name in enumerate(names)}
    return {"account": np.array(accounts)} | {name: first[name] + np.arange(len(accounts)) for name in names}


def posted(**accounts: tuple[int, ...]) -> Posted:
    rows = ACCOUNTS | accounts
    return Posted(table(rows["bill"], BILL), table(rows["line"], LINE), table(rows["consumption"], CONSUMPTION))


def test_equal_figures_differ_nowhere() -> None:
    assert differences(posted(), posted()) == []


@pytest.mark.parametrize(
    ("kind", "place", "column", "account", "number"),
    [
        ("bill", 0, "amount_tiyin", 0, 1),
        ("bill", 1, "vat_tiyin", 3, 1),
        ("line", 0, "quantity_milli", 0, 1),
        ("line", 1, "amount_tiyin", 0, 2),
        ("line", 2, "rate_e4", 3, 1),
        ("consumption", 1, "quality", 3, 1),
    ],
)
def test_figure_that_differs_is_named_with_its_account_and_row(kind: str, place: int, column: str, account: int, number: int) -> None:
    stored, again = posted(), posted()
    tables: Any = {"bill": again.bills, "line": again.lines, "consumption": again.consumptions}
    before = int(tables[kind][column][place])
    tables[kind][column][place] += 5

    assert differences(stored, again) == [ReplayDifference(account, kind, number, column, before, before + 5)]


@pytest.mark.parametrize("is_gone", [True, False])
def test_row_that_is_there_on_one_side_is_named_by_its_main_figure(*, is_gone: bool) -> None:
    more, fewer = posted(), posted(line=(0, 3))
    fewer = fewer._replace(lines={name: more.lines[name][[0, 2]] for name in more.lines})
    amount = int(more.lines["amount_tiyin"][1])

    stored, again = (more, fewer) if is_gone else (fewer, more)

    expected = ReplayDifference(0, "line", 2, "amount_tiyin", amount if is_gone else None, None if is_gone else amount)
    assert differences(stored, again) == [expected]


def test_energy_without_an_amount_is_named_by_its_quantity() -> None:
    more, fewer = posted(), posted(consumption=(0,))

    assert [(each.account, each.row, each.column) for each in differences(more, fewer)] == [(3, "consumption", "quantity_milli")]


def test_differences_are_told_in_the_order_of_accounts_within_each_kind() -> None:
    stored, again = posted(), posted()
    again.lines["zone"] += 1
    again.bills["actual"] += 1

    assert [(each.row, each.account, each.number) for each in differences(stored, again)] == [
        ("bill", 0, 1), ("bill", 3, 1), ("line", 0, 1), ("line", 0, 2), ("line", 3, 1),
    ]  # fmt: skip
