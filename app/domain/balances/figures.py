"""A figure with what it was computed from: formula, inputs with units, result, so that a sheet prints it and anybody computes it again."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from app.domain.balances.formulas import FORMULAS, SYMBOLS, Numbers


class ComputedFigure(NamedTuple):
    """A result and its inputs; of many elements at once where they are arrays.

    :ivar formula: key of ``FORMULAS``
    :ivar inputs: parameter → value
    """

    formula: str
    inputs: Mapping[str, Numbers]
    result: Numbers

    @property
    def value(self) -> float:
        """Return the result of one element's figure."""
        return number(self.result)

    def at(self, place: int) -> "ComputedFigure":
        """Return the figure of one of the elements."""
        return ComputedFigure(
            self.formula, {name: number_at(value, place) for name, value in self.inputs.items()}, number_at(self.result, place)
        )


class PrintedInput(NamedTuple):
    """An input as a sheet prints it."""

    name: str
    symbol: str
    value: float
    unit: str


def figure(formula: str, **inputs: Numbers) -> ComputedFigure:
    """Compute a formula of ``FORMULAS`` and keep its inputs."""
    return ComputedFigure(formula, inputs, FORMULAS[formula].compute(**inputs))


def printed_inputs(of: ComputedFigure) -> Iterator[PrintedInput]:
    """Yield the inputs of one element's figure, in the order of the formula's parameters."""
    for name, value in of.inputs.items():
        symbol, unit = SYMBOLS[name]
        yield PrintedInput(name, symbol, number(value), unit)


def number(value: Numbers) -> float:
    """Return an array of one number, or a number, as a plain one."""
    plain: float = np.asarray(value, dtype=np.float64).item()
    return plain


def number_at(value: Numbers, place: int) -> float:
    """Return one number of an array; a number that all elements share as it is."""
    return number(value[place] if isinstance(value, np.ndarray) and value.ndim else value)
