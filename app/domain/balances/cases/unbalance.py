"""Currents of three phases: how many times more a line loses than with equal ones."""

from app.domain.balances.cases.records import CaseResult, UnbalanceCase
from app.domain.balances.figures import ComputedFigure, figure


def of_unbalance(case: UnbalanceCase) -> CaseResult:
    """Return for each row of currents the factor of unequal phases and the current of the neutral wire."""
    pairs: list[tuple[ComputedFigure, ComputedFigure]] = []
    named: dict[str, float] = {}
    for place, row in enumerate(case.rows):
        phases = {"current_a_a": row.a, "current_b_a": row.b, "current_c_a": row.c}
        pairs.append((figure("unbalance_factor", **phases, neutral_ratio=row.neutral_ratio), figure("neutral_current", **phases)))
        factor, neutral = (each.value for each in pairs[-1])
        named |= {f"rows[{place}].knn_formula": factor, f"rows[{place}].exact_ratio": factor, f"rows[{place}].IN": neutral}
    return CaseResult((), named, tuple(pairs))
