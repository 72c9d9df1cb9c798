"""What tests are fed with: hypothesis strategies of the trade's quantities, and the reference cases of ``tests/vectors``."""

import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from app.domain.tariffs import Block, Version
from app.domain.values import MAX_AMOUNT_TIYIN, MAX_QUANTITY_MILLI, Integers

settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")

#: ``make oracles`` tries so many times more examples where each of them works on the database.
TIMES = int(os.environ.get("ORACLE_TIMES", "1"))

LARGEST_INT64 = 2**63 - 1

#: Rules of ``vectors/metering.json`` that the domain implements, by the area that tests them.
RULES = {
    "values": ("money_round", "vat_inside"),
    "metering": (
        "delta", "tou", "exchange", "estimate_prev_by_days", "estimate_capacity", "true_up", "vee",
        "source_priority", "reactive", "boundary_loss", "gas_std", "uarl", "heat_leak",
    ),
    "inspections": ("theft_wire", "theft_appliances"),
    "tariffs": ("split_by_days", "blocks", "money_simple"),
    "billing": ("verification_expired", "limit_change_mid_month"),
}  # fmt: skip


def vectors(rule: str | None = None) -> list[dict[str, Any]]:
    """Return the reference cases of a rule (None: all)."""
    text = (Path(__file__).parent / "vectors" / "metering.json").read_text(encoding="utf-8")
    return [vector for vector in json.loads(text)["vectors"] if rule in {None, vector["rule"]}]


def int64s(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def half_up(exact: Fraction) -> int:
    """Round to a whole number, halves away from zero, without any of the code under test."""
    magnitude = int(abs(exact) + Fraction(1, 2))
    return magnitude if exact >= 0 else -magnitude


any_int64 = st.integers(-LARGEST_INT64, LARGEST_INT64)
amounts_tiyin = st.integers(-MAX_AMOUNT_TIYIN, MAX_AMOUNT_TIYIN)
money_tiyin = st.integers(0, 10**9)
quantities_milli = st.one_of(st.integers(0, 5_000_000), st.integers(0, 10**9), st.integers(0, MAX_QUANTITY_MILLI))
vat_percents_e2 = st.sampled_from([0, 1200, 1500, 2000, 1250])
rates_e4 = st.one_of(st.integers(0, 20_000_000), st.sampled_from([1, 4_500_000, 9_000_000, 2_954_650]))
periods_days = st.integers(1, 62)


@st.composite
def shared(draw: st.DrawFn) -> tuple[Integers, Integers, Integers]:
    """Totals, the owner of each part and the weight of each part."""
    groups = draw(st.lists(st.tuples(st.integers(-(2**50), 2**50), _weights), max_size=6))
    owners = [owner for owner, (_, weights) in enumerate(groups) for _ in weights]
    weights = [weight for _, weights in groups for weight in weights]
    return int64s([total for total, _ in groups]), int64s(owners), int64s(weights)


_weights = st.lists(st.integers(0, 400), min_size=1, max_size=8).filter(any)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Block, ...]:
    """Draw rising steps, the last without an end."""
    uppers = draw(st.lists(st.integers(1, 2_000_000), max_size=4, unique=True))
    return tuple(Block(upper, draw(rates_e4)) for upper in [*sorted(uppers), None])


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Draw a tariff version in force for ever."""
    return Version(1, 0, None, draw(vat_percents_e2), draw(blocks()))


@st.composite
def segments(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Draw (first day, end day, quanta) of one account, in order, with gaps here and there."""
    day, result = 20_000, []
    for gap, days, quanta in draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 70), st.integers(0, 10**6)), max_size=5)):
        result.append((day + gap, day + gap + days, quanta))
        day += gap + days
    return result
