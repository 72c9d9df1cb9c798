"""A bill's derivation: which sentence tells each row of energy and each line, and the figures in it."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.billing import Component, LineKind
from app.domain.billing.explanation import ExplanationLine, Sentence, explain
from app.domain.metering import Quality
from app.domain.reference import Names

JAN, FEB, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def taken(**more: Any) -> SimpleNamespace:
    usual = {
        "period_from": JAN, "period_to": FEB, "quantity_milli": 60_000, "zone": "TOTAL", "quality": Quality.ACTUAL, "meter": "M-1",
        "earlier_milli": 99_990_000, "later_milli": 99_993_000, "capacity_milli": 100_000_000, "rolled_over": False, "multiplier": 20,
    }  # fmt: skip
    return SimpleNamespace(**(usual | more))


def line(**more: Any) -> SimpleNamespace:
    usual = {
        "kind": "CHARGE", "for_month": JAN, "period_from": JAN, "period_to": FEB, "block_no": 1, "rate": 600, "amount_tiyin": 36_000,
        "vat_tiyin": 3_857, "zone": "TOTAL", "component": "ENERGY", "charge_id": None, "source": None, "derivation": None,
        "lower_milli": None, "upper_milli": None, "quantity_milli": 60_000, "benefit": None, "benefit_uz_cyrl": None, "benefit_ru": None,
        "percent": None,
    }  # fmt: skip
    return SimpleNamespace(**(usual | more))


def told_of(*lines: SimpleNamespace) -> list[ExplanationLine]:
    """Return what is told of lines, without the total."""
    return explain(lines, [])[:-1]


def test_energy_between_readings_is_told_with_dials_and_their_difference() -> None:
    [told, _total] = explain([], [taken()])

    assert told.sentence == Sentence.READINGS
    assert told.values == {
        "from_on": JAN, "to_on": FEB, "days": 31, "quantity_milli": 60_000, "zone": "TOTAL", "meter": "M-1", "earlier": Decimal(99_990),
        "later": Decimal(99_993), "capacity": 0, "difference": 3, "multiplier": 20,
    }  # fmt: skip


def test_dial_that_went_past_its_last_digit_is_told_with_what_it_can_show() -> None:
    [told, _total] = explain([], [taken(later_milli=2_500, rolled_over=True)])

    assert told.sentence == Sentence.ROLLED_OVER
    assert (told.values["capacity"], told.values["later"], told.values["difference"]) == (100_000, Decimal("2.5"), Decimal("12.5"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (taken(quality=Quality.ESTIMATED), Sentence.ESTIMATED),
        (taken(quality=Quality.NORM, later_milli=None), Sentence.NORM),
        (taken(quality=Quality.LOSSES), Sentence.LOSSES),
        (taken(later_milli=None), Sentence.ESTIMATED),
    ],
)
def test_energy_that_no_reading_shows_is_told_by_where_it_comes_from(row: SimpleNamespace, sentence: Sentence) -> None:
    [told, _total] = explain([], [row])

    assert told == (sentence, {"from_on": JAN, "to_on": FEB, "days": 31, "quantity_milli": 60_000, "zone": "TOTAL"})


@pytest.mark.parametrize(
    ("lower", "upper", "sentence", "from_milli"),
    [
        (None, None, Sentence.FLAT, 0),
        (0, None, Sentence.FLAT, 0),
        (None, 200_000, Sentence.STEP, 0),
        (200_000, 1_000_000, Sentence.STEP, 200_000),
        (1_000_000, None, Sentence.LAST_STEP, 1_000_000),
    ],
)
def test_energy_is_priced_by_a_flat_rate_a_step_or_the_last_step(
    lower: int | None, upper: int | None, sentence: Sentence, from_milli: int
) -> None:
    [told] = told_of(line(lower_milli=lower, upper_milli=upper))

    assert told.sentence == sentence
    assert (told.values["lower_milli"], told.values["upper_milli"], told.values["quantity_milli"]) == (from_milli, upper, 60_000)
    assert {name: told.values[name] for name in ("days", "block_no", "rate", "amount_tiyin", "vat_tiyin", "zone")} == {
        "days": 31, "block_no": 1, "rate": 600, "amount_tiyin": 36_000, "vat_tiyin": 3_857, "zone": "TOTAL",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "percent", "shown"),
    [
        (("Oʻqituvchilar", "Ўқитувчилар", "Учителя"), Decimal(50), (Names("Oʻqituvchilar", "Ўқитувчилар", "Учителя"), 50)),
        (("Oʻqituvchilar", None, None), Decimal(50), (Names("Oʻqituvchilar", None, None), 50)),
        ((None, None, None), None, (Names("", None, None), 0)),
    ],
)
def test_benefit_is_told_with_its_names_and_percent(
    names: tuple[str | None, ...], percent: Decimal | None, shown: tuple[Names, int]
) -> None:
    named = dict(zip(("benefit", "benefit_uz_cyrl", "benefit_ru"), names, strict=True))
    [told] = told_of(line(component="BENEFIT", **named, percent=percent, amount_tiyin=-18_000))

    assert told.sentence == Sentence.BENEFIT
    assert (told.values["benefit"], told.values["percent"], told.values["quantity_milli"]) == (*shown, 60_000)


def test_other_quantities_are_told_in_whole_units() -> None:
    [told] = told_of(line(component="REACTIVE", quantity_milli=1_500))

    assert (told.sentence, told.values["component"], told.values["quantity"]) == (Sentence.PRICED, Component.REACTIVE, Decimal("1.5"))


def test_charge_is_told_with_its_document_and_nothing_more_if_it_kept_no_derivation() -> None:
    [told] = told_of(line(component="ADJUSTMENT", charge_id=8, source="letter 7"))

    assert (told.sentence, told.values["component"], told.values["basis"]) == (Sentence.CHARGED, Component.ADJUSTMENT, "letter 7")


def test_penalty_is_told_by_the_days_of_each_bill_and_what_was_accrued_before() -> None:
    pieces = [["2026-02-11", "2026-02-21", 1_000_000, 500], ["2026-02-21", "2026-03-01", 333_333, 1_000]]
    bill = {"billing_month": "2026-01-01", "pieces": pieces, "total_tiyin": 7_667, "before_tiyin": 5_000, "cap_tiyin": 500_000}

    charged, first, second, total = told_of(line(component="PENALTY", charge_id=8, source="run 3", derivation={"bills": [bill]}))

    assert charged.sentence == Sentence.CHARGED
    assert first == (
        Sentence.PENALTY_DAYS,
        {"from_on": date(2026, 2, 11), "to_on": date(2026, 2, 21), "days": 10, "base_tiyin": 1_000_000, "percent": Decimal("0.05"),
         "amount_tiyin": 5_000},
    )  # fmt: skip
    assert (second.values["days"], second.values["percent"], second.values["amount_tiyin"]) == (8, Decimal("0.1"), 2_667)
    assert total == (
        Sentence.PENALTY_SUM,
        {"month": JAN, "total_tiyin": 7_667, "cap_tiyin": 500_000, "before_tiyin": 5_000, "amount_tiyin": 2_667},
    )


def test_half_a_tiyin_of_a_penalty_is_told_as_a_whole_one() -> None:
    bill = {
        "billing_month": "2026-01-01",
        "total_tiyin": 1,
        "before_tiyin": 0,
        "cap_tiyin": 9,
        "pieces": [["2026-02-01", "2026-02-02", 500, 1000]],
    }

    _, piece, _ = told_of(line(component="PENALTY", charge_id=8, derivation={"bills": [bill]}))

    assert piece.values["amount_tiyin"] == 1


def test_back_billing_is_told_by_the_lines_of_its_act() -> None:
    kept = {"period_from": "2026-01-01", "period_to": "2026-02-01", "block_no": 2, "quantity_milli": 5_000, "amount_tiyin": 4_000,
            "vat_tiyin": 429, "rate_e4": 8_005_000}  # fmt: skip

    _, told = told_of(line(component="BACK_BILLING", charge_id=8, derivation={"lines": [kept]}))

    assert told == (
        Sentence.ACT_LINE,
        {"from_on": JAN, "to_on": FEB, "block_no": 2, "quantity_milli": 5_000, "amount_tiyin": 4_000, "vat_tiyin": 429,
         "rate": Decimal("800.5")},
    )  # fmt: skip


def test_lines_that_give_a_month_back_and_bill_it_again_have_one_head_each_month() -> None:
    back, again = {"kind": LineKind.REVERSAL}, {"kind": LineKind.CORRECTION}

    told = told_of(
        line(**back), line(**back), line(**back, for_month=FEB), line(**again), line(**again, for_month=FEB), line(for_month=MARCH)
    )  # fmt: skip

    heads = [(each.sentence, each.values["month"]) for each in told if each.sentence in {Sentence.TAKEN_BACK, Sentence.CORRECTED}]
    assert heads == [(Sentence.TAKEN_BACK, JAN), (Sentence.TAKEN_BACK, FEB), (Sentence.CORRECTED, JAN), (Sentence.CORRECTED, FEB)]
    assert [each.sentence for each in told[:3]] == [Sentence.TAKEN_BACK, Sentence.FLAT, Sentence.FLAT]


def test_total_is_the_sum_of_the_lines_and_their_number() -> None:
    *_, total = explain([line(), line(amount_tiyin=-6_000, vat_tiyin=-643)], [])

    assert total == (Sentence.TOTAL, {"count": 2, "amount_tiyin": 30_000, "vat_tiyin": 3_214})
