"""What accounts took before: the few rows that are read for most say the same as all of them."""

import random
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import months_after
from app.queries.billing.history import history_in, history_of, recent_history
from app.queries.live import live
from tests.builders import make_district, make_home

MONTH = date(2026, 6, 1)
#: Every actual period of bills that stand.
ALL = history_of(f"FROM consumption c JOIN bill b ON b.id = c.bill_id AND {live('b')} WHERE c.account_id = ANY(:ids)")


@pytest.mark.parametrize("seed", range(4))
def test_recent_periods_say_what_all_periods_say(session: Session, seed: int) -> None:
    drawn, district = random.Random(seed), make_district(session)
    ids = np.sort(np.array([make_home(session, district, serial).account_id for serial in range(1, 9)]))
    run_id = session.scalar(
        text("INSERT INTO bill_run (division_id, billing_month, status) VALUES (:id, :month, 'POSTED') RETURNING id"),
        {"id": district.id, "month": MONTH},
    )
    for account_id in ids.tolist():
        bill_past(session, drawn, account_id, run_id)

    found = recent_history(session, ids, MONTH)

    assert found.tolist() == history_in(session, ALL, ids, MONTH, {"ids": ids})[:-1].tolist()
    assert found[0].any()


def bill_past(session: Session, drawn: random.Random, account_id: int, run_id: int | None) -> None:
    """Bill an account up to the month: mostly month by month, now and then for longer, some of it taken back, some of it nothing."""
    day, place = date(2023, 1, 1) + timedelta(days=drawn.choice([0, 700, 1150])), 0
    empty = drawn.random() < 0.3
    while day < MONTH:
        until = min(months_after(day, 1) if drawn.random() < 0.8 else day + timedelta(days=drawn.randint(1, 450)), MONTH)
        place += 1
        bill_id = write_bill(session, account_id, run_id, place, None)
        for zone in drawn.choice([["TOTAL"], ["DAY", "NIGHT"]]):
            session.execute(
                text(
                    "INSERT INTO consumption (division_id, account_id, bill_id, period_from, period_to, quantity_milli, quality,"
                    " rolled_over, zone, billing_month) SELECT a.division_id, a.id, :bill, :day, :until, :quantity, :quality, false, :zone,"
                    " b.billing_month FROM account a JOIN bill b ON b.id = :bill WHERE a.id = :id"
                ),
                {
                    "id": account_id, "bill": bill_id, "day": day, "until": until, "zone": zone,
                    "quantity": 0 if empty or drawn.random() < 0.3 else drawn.randint(1, 900_000),
                    "quality": drawn.choice(["ACTUAL", "ACTUAL", "ACTUAL", "ESTIMATED"]),
                },
            )  # fmt: skip
        if drawn.random() < 0.2:
            write_bill(session, account_id, run_id, place, bill_id)
        else:
            day = until


def write_bill(session: Session, account_id: int, run_id: int | None, place: int, cancels_id: int | None) -> int:
    found = session.scalar(
        text(
            "INSERT INTO bill (division_id, account_id, bill_run_id, billing_month, period_from, period_to, quality, quantity_milli,"
            " amount_tiyin, vat_tiyin, issued_on, due_on, cancels_id) SELECT division_id, id, :run, CAST(:month AS date), :month, :to,"
            " 'ACTUAL', 0, 0, 0, :month, :month, :cancels FROM account WHERE id = :id RETURNING id"
        ),
        {
            "id": account_id, "run": run_id, "month": months_after(date(2000, 1, 1), place), "cancels": cancels_id,
            "to": months_after(date(2000, 1, 1), place + 1),
        },
    )  # fmt: skip
    assert found is not None
    return int(found)
