"""The binary format means what the text format means."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services import bulk

COUNT = 64


def test_every_kind_of_column_arrives(session: Session) -> None:
    session.execute(
        text("CREATE TEMP TABLE kinds (id bigint, i int, s smallint, d date, b boolean, u uuid, t varchar(24), n numeric(14, 4), g bigint)")
    )
    number = np.arange(COUNT)
    ids = bulk.uuids(session, COUNT)
    words, rates = ("RECEIVABLE", None, "VAT", ""), ("0.0000", "450.5000", "-12345678.0001", "10000")
    columns = {
        "id": number - 5,
        "i": 7,
        "s": number,
        "d": bulk.dates(number * 1000),
        "b": number % 2 == 0,
        "u": ids,
        "t": bulk.Coded(words, number % 4),
        "n": bulk.Coded(rates, number % 4),
        "g": bulk.Sparse(number, number % 3 > 0),
    }

    bulk.copy(session, "kinds", columns, COUNT)

    rows = session.execute(text("SELECT * FROM kinds ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (
            each - 5, 7, each, date.fromordinal(date(1970, 1, 1).toordinal() + each * 1000), each % 2 == 0, UUID(bytes=bytes(ids[each])),
            words[each % 4], Decimal(rates[each % 4]), each if each % 3 else None,
        )
        for each in range(COUNT)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [3, COUNT])
def test_lists_go_as_text(session: Session, count: int) -> None:
    session.execute(text("CREATE TEMP TABLE texts (id bigint, t text)"))

    bulk.copy(session, "texts", {"id": np.arange(count), "t": [f"a\t{each}\\" for each in range(count)]}, count)

    assert session.scalars(text("SELECT t FROM texts ORDER BY id")).all() == [f"a\t{each}\\" for each in range(count)]


def test_fresh_uuids_are_of_version_seven_and_differ(session: Session) -> None:
    made = [UUID(bytes=bytes(each)) for each in bulk.uuids(session, 1000)]

    assert {each.version for each in made} == {7}
    assert len(set(made)) == 1000
