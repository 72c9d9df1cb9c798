"""By which method the losses of a class of elements are computed, from which day: the regulator's choice is data.

Defaults are those the company has to confirm: kk = 0.99 in Order 326 (1 here, as in the proofs against load flow), fill factor 0.5,
own use of meters in kWh a year.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.balances.figures import ComputedFigure, figure
from app.domain.balances.form_factors import DEFAULT_FILL
from app.domain.balances.formulas import Numbers
from app.domain.calendar import Period


class ElementClass(StrEnum):
    """Classes of elements that have a method each."""

    TRANSFORMER = "TRANSFORMER"
    LINE = "LINE"  # 6 to 35 kV
    LOW_VOLTAGE_LINE = "LOW_VOLTAGE_LINE"
    CABLE_INSULATION = "CABLE_INSULATION"
    METER = "METER"
    BOUNDARY = "BOUNDARY"  # between a consumer's meter and the boundary of the networks


class LossMethod(StrEnum):
    """How losses are computed."""

    ENERGY = "ENERGY"  # mean loads: energy and form factor
    MAXIMUM = "MAXIMUM"  # greatest load and loss hours
    VOLTAGE_DROP = "VOLTAGE_DROP"
    LENGTH = "LENGTH"
    INSULATION = "INSULATION"
    OWN_USE = "OWN_USE"
    PERCENT = "PERCENT"


#: Methods that each class of elements has.
METHODS: Mapping[ElementClass, frozenset[LossMethod]] = {
    ElementClass.TRANSFORMER: frozenset({LossMethod.ENERGY, LossMethod.MAXIMUM, LossMethod.PERCENT}),
    ElementClass.LINE: frozenset({LossMethod.ENERGY, LossMethod.PERCENT}),
    ElementClass.LOW_VOLTAGE_LINE: frozenset({LossMethod.ENERGY, LossMethod.VOLTAGE_DROP, LossMethod.LENGTH, LossMethod.PERCENT}),
    ElementClass.CABLE_INSULATION: frozenset({LossMethod.INSULATION}),
    ElementClass.METER: frozenset({LossMethod.OWN_USE}),
    ElementClass.BOUNDARY: frozenset({LossMethod.ENERGY, LossMethod.PERCENT}),
}
#: Formula of each method that is one formula; losses by energy are in ``losses``.
FORMULA_OF: Mapping[LossMethod, str] = {
    LossMethod.MAXIMUM: "transformer_load_by_maximum",
    LossMethod.VOLTAGE_DROP: "low_voltage_by_drop",
    LossMethod.LENGTH: "low_voltage_by_length",
    LossMethod.INSULATION: "cable_insulation",
    LossMethod.OWN_USE: "meters_own_use",
    LossMethod.PERCENT: "fixed_percent",
}
#: Own use of a meter, kWh a year, by kind; recalled of Order 326, to be confirmed by the company.
OWN_USE_KWH: Mapping[str, float] = {
    "SINGLE_PHASE_INDUCTION": 18.4, "THREE_PHASE_INDUCTION": 92.0, "SINGLE_PHASE_ELECTRONIC": 21.9, "THREE_PHASE_ELECTRONIC": 73.6,
}  # fmt: skip


class NoMethod(Exception):
    """No policy, or two, or one with a method the class has not, is in force for a class of elements on a day."""


class LossPolicy(NamedTuple):
    """The method of a class of elements in a period."""

    element_class: ElementClass
    method: LossMethod
    period: Period
    configuration: float = 1.0
    fill: float = DEFAULT_FILL


def policy_in(policies: Iterable[LossPolicy], element_class: ElementClass, month: Period) -> LossPolicy:
    """Return the policy of a class that is in force at the beginning of a month.

    :raises NoMethod: if there is none or more than one, or the class has no such method
    """
    found = [each for each in policies if each.element_class is element_class and each.period.start <= month.start < each.period.end]
    if len(found) != 1 or found[0].method not in METHODS[element_class]:
        raise NoMethod(f"{element_class} in {month.start:%Y-%m}")
    return found[0]


def by_method(method: LossMethod, **inputs: Numbers) -> ComputedFigure:
    """Return losses by a method that is one formula, with its inputs; of VOLTAGE_DROP in percent of the energy."""
    return figure(FORMULA_OF[method], **inputs)
