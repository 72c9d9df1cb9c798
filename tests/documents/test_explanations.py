"""The sentences of a bill: what they say adds up, by their own figures as they are written."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import text

from app import labels
from app.domain.billing.explanation import ExplanationLine, Sentence, explain
from app.extensions import Scope, db, set_scope
from app.queries import billing

CENT = Decimal("0.01")


@pytest.fixture
def told(app: Flask) -> Iterator[list[tuple[int, ExplanationLine]]]:
    """Every sentence of every bill of the town, with the bill's amount."""
    with app.test_request_context():
        set_scope(Scope(actor="test", today=date(2026, 3, 1), everywhere=True))
        session = db.session()
        rows = session.execute(text("SELECT id, amount_tiyin FROM bill ORDER BY id")).all()
        yield [
            (amount, each)
            for bill_id, amount in rows
            for each in explain(billing.bill_lines(session, bill_id), billing.bill_consumption(session, bill_id))
        ]
        db.session.remove()


def numbers(written: str) -> list[Decimal]:
    """Return the figures of a text written the Russian way, without its days, months and words."""
    plain = re.sub(r"\d\d\.\d\d\.\d{4}", " ", written).replace("\u00a0", "").replace("−", " - ")
    return [Decimal(found.replace(",", ".")) for found in re.findall(r"(?<![\w.])-?\d+(?:,\d+)?", plain)]


def after_colon(written: str) -> list[Decimal]:
    return numbers(written.rsplit(": ", 1)[1])


def test_written_figures_of_every_line_multiply_to_its_amount(told: list[tuple[int, ExplanationLine]]) -> None:
    lines = [each for _, each in told if each.sentence in {Sentence.FLAT, Sentence.STEP, Sentence.LAST_STEP, Sentence.BENEFIT}]

    assert len(lines) > 100
    with force_locale("ru"):
        for each in lines:
            quantity, rate, amount, vat = after_colon(labels.sentence(each, "kWh"))
            # A line's amount was rounded once, from the exact share; quantities are written so that they add up (largest remainder), so one
            # is less than a thousandth away from its share.
            assert abs(quantity * rate - amount) < abs(rate) * Decimal("0.001") + CENT / 2, each
            assert abs(amount * 12 / 112 - vat) <= CENT / 2, each


def test_written_readings_give_the_written_energy(told: list[tuple[int, ExplanationLine]]) -> None:
    readings = [each for _, each in told if each.sentence in {Sentence.READINGS, Sentence.ROLLED_OVER}]

    assert len(readings) > 50
    with force_locale("ru"):
        for each in readings:
            written = labels.sentence(each, "kWh").rsplit(": ", 1)[1]
            earlier_later, _, rest = written.partition(")")
            sides = numbers(earlier_later.replace("+", " "))
            multiplier, difference, again, quantity = numbers(rest)
            counted = sides[0] - abs(sides[-1]) + (sides[1] if len(sides) == 3 else 0)
            assert counted == difference, written
            assert multiplier == again, written
            assert abs(difference * multiplier - quantity) <= Decimal("0.5"), written


def test_total_is_the_bill(told: list[tuple[int, ExplanationLine]]) -> None:
    totals = [(amount, each) for amount, each in told if each.sentence == Sentence.TOTAL]

    with force_locale("ru"):
        for amount, each in totals:
            assert numbers(labels.sentence(each, "kWh"))[1] == Decimal(amount) / 100


def test_penalty_is_told_by_its_days(app: Flask) -> None:
    piece = ["2026-02-01", "2026-02-11", 10_000_000, 500]
    bill = {"billing_month": "2026-01-01", "pieces": [piece], "total_tiyin": 50_000, "cap_tiyin": 5_000_000, "before_tiyin": 20_000}
    line = billing.BillLineRow(
        1, "CHARGE", date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 11), "", "Penalty", 0, 0, Decimal(0), 30_000, 0,
        "PENALTY", "TOTAL", 7, {"bills": [bill]}, None, None, None, None,
    )  # fmt: skip

    charged, days, total, _ = explain([line], [])

    assert [each.sentence for each in (charged, days, total)] == [Sentence.CHARGED, Sentence.PENALTY_DAYS, Sentence.PENALTY_SUM]
    assert (days.values["days"], days.values["percent"], days.values["amount_tiyin"]) == (10, Decimal("0.05"), 50_000)
    assert total.values["amount_tiyin"] == line.amount_tiyin
    with app.test_request_context(), force_locale("ru"):
        base, percent, count, amount = numbers(labels.sentence(days, "kWh"))
    assert base * percent / 100 * count == amount
