"""What each list offers, against a table that was reviewed. ``WRITE_LISTS=1`` writes it anew; a gap then needs its reason."""

import csv
import os
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import appbuilder
from app.views.base import EntityView
from app.views.lists.files import LARGEST
from app.views.lists.state import SIZES

REVIEWED = Path(__file__).with_name("lists.csv")
HEADER = ("list", "search", "chips", "columns", "saved views", "sums", "files", "pages")
#: What must be found by account.
BY_ACCOUNT = {"MeterInstallationView", "ServicePointView", "BillView", "PaymentView", "ReadingView", "DebtView"}


def offered(view: EntityView) -> tuple[str, ...]:
    """Return what a list offers, a word or a number for each thing."""
    chips = [column for column in view.search_columns if view.datamodel.is_relation(column) or column in view.datamodel.list_columns]
    return (
        type(view).__name__, " ".join(view.searched), " ".join(chips), f"{len(view.list_columns)} of {len(view.offered_columns)}",
        "mine, a role's, default", " ".join(view.total_columns), " ".join(["csv", *sorted(LARGEST)]), " ".join(map(str, SIZES)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(app: Flask) -> dict[str, tuple[str, ...]]:
    assert app
    return {type(view).__name__: offered(view) for view in appbuilder.baseviews if isinstance(view, EntityView)}


def reviewed() -> dict[str, tuple[str, ...]]:
    with REVIEWED.open(encoding="utf-8", newline="") as stream:
        header, *rows = [tuple(row) for row in csv.reader(stream)]
    assert header == HEADER
    return {row[0]: row for row in rows}


@pytest.mark.skipif("WRITE_LISTS" not in os.environ, reason="writes the table")
def test_table_is_written(found: dict[str, tuple[str, ...]]) -> None:
    before = reviewed() if REVIEWED.exists() else {}
    with REVIEWED.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for name, row in sorted(found.items()):
            kept = before.get(name, ("",) * len(row))
            writer.writerow([cell or (was if was.startswith("-") else "") for cell, was in zip(row, kept, strict=True)])


def test_lists_offer_what_was_reviewed(found: dict[str, tuple[str, ...]]) -> None:
    assert [*reviewed()] == sorted(found)
    for name, row in reviewed().items():
        for head, cell, now in zip(HEADER, row, found[name], strict=True):
            assert now == cell or (not now and cell.startswith("- ")), (name, head)


def test_nothing_is_left_out_without_a_reason() -> None:
    gaps = [(row[0], head) for row in reviewed().values() for head, cell in zip(HEADER, row, strict=True) if len(cell.strip("- ")) < 2]

    assert gaps == []


def test_rows_of_an_account_are_found_by_it(found: dict[str, tuple[str, ...]]) -> None:
    assert {name for name in BY_ACCOUNT if "account" not in found[name][1].split()} == set()
