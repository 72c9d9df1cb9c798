"""The imbalance that the accuracy of meters explains: ``NBд = √(Σ δ²d²)`` percent of the input.

``δ = 1.1 · √(δct² + δvt² + δl² + δm²)`` of each point, d its share of the input; n alike points of mass consumers count
``δ²/n · d²``, which takes their errors as independent. Sources: instruction on commercial metering of Ukraine, annex 8; the factor, the
error of the line and the term of mass consumers as recalled of RD 34.09.101-94, to be confirmed by the company.
"""

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.balances.figures import ComputedFigure, figure

#: Multiplies the errors of classes; a setting of the company.
ERROR_FACTOR = 1.1


class InstrumentErrors(NamedTuple):
    """Classes of what a metering point is made of, percent; 0 for what it has not."""

    current_transformer: float = 0.0
    voltage_transformer: float = 0.0
    line: float = 0.0
    meter: float = 0.0


class MeteredEnergy(NamedTuple):
    """Energy that one point counted, or n alike points together."""

    quantity_milli: int
    errors: InstrumentErrors
    points: int = 1


def metering_error(errors: InstrumentErrors, factor: float = ERROR_FACTOR) -> ComputedFigure:
    """Return the error of a metering point, percent."""
    current, voltage, line, meter = errors
    return figure("metering_error", factor=factor, current_error=current, voltage_error=voltage, line_error=line, meter_error=meter)


def allowed_imbalance(measured: Iterable[MeteredEnergy], input_milli: int, factor: float = ERROR_FACTOR) -> ComputedFigure:
    """Return the allowed imbalance, percent of the input; it is not additive and is computed anew on each level.

    :param measured: points that bound the object, those of the input too
    :param input_milli: above zero
    """
    squares = sum(
        metering_error(each.errors, factor).value ** 2 / each.points * (each.quantity_milli / input_milli) ** 2 for each in measured
    )
    return figure("allowed_imbalance", squares_percent2=squares)
