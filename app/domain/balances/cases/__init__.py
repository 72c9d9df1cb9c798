"""Loss cases: what ``flask --app run losses calculate`` computes."""

from app.domain.balances.cases.energies import of_energies
from app.domain.balances.cases.feeders import of_feeder
from app.domain.balances.cases.records import (
    LOW_SIDE_KV,
    Basic,
    Basis,
    Carried,
    CaseResult,
    Currents,
    EnergiesCase,
    FeederCase,
    HeadMeasured,
    NegativeBalance,
    UnbalanceCase,
)
from app.domain.balances.cases.unbalance import of_unbalance

LossCase = FeederCase | EnergiesCase | UnbalanceCase


def calculate(case: LossCase) -> CaseResult:
    """Return the losses of a case.

    :raises NetworkRefused: with all faults of its elements
    :raises LossesAboveInput: for an element that would lose more than it carries
    :raises NegativeBalance: if more is taken somewhere than flows in
    """
    if isinstance(case, FeederCase):
        return of_feeder(case)
    if isinstance(case, EnergiesCase):
        return of_energies(case)
    return of_unbalance(case)


__all__ = [
    "LOW_SIDE_KV",
    "Basic",
    "Basis",
    "Carried",
    "CaseResult",
    "Currents",
    "EnergiesCase",
    "FeederCase",
    "HeadMeasured",
    "LossCase",
    "NegativeBalance",
    "UnbalanceCase",
    "calculate",
]
