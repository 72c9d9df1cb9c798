"""Operating parameters."""

from app.domain.administration import PARAMETERS
from app.models.administration import OperatingParameter


class UnknownParameter(Exception):
    """No operating parameter has this code."""


class OutOfRange(Exception):
    """An operating parameter's value is beyond its limits; the text names them."""


def check_parameter(parameter: OperatingParameter) -> None:
    """Refuse an operating parameter that nobody reads, or whose value is no number in its range.

    :raises UnknownParameter: if no parameter has the code
    :raises OutOfRange: if the value is not a whole number in range
    """
    known = PARAMETERS.get(parameter.code)
    if known is None:
        raise UnknownParameter(parameter.code)
    value = str(parameter.value).strip()
    if not value.isdecimal() or not known.lowest <= int(value) <= known.highest:
        raise OutOfRange(f"{known.lowest}–{known.highest}")
