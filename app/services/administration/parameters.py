"""Operating parameters."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.models.administration import OperatingParameter


class UnknownParameter(Exception):
    """No operating parameter has this code."""


class ParameterOutOfRange(Exception):
    """An operating parameter's value is beyond its limits; the text names them."""


class ParameterInThePast(Exception):
    """An operating parameter would change for days that are over."""


class NoSource(Exception):
    """An operating parameter changes without a document that says so."""


def set_parameter(
    session: Session, *, code: str, value: str, source: str, valid_from: date, today: date, by: tuple[str, str] | None = None
) -> OperatingParameter:
    """Set an operating parameter from a day on; what held before that day goes on to have held.

    A row of the same day, which has not been in force before today, takes the new value; otherwise a further row is made.

    :param by: who asked and who approved
    :raises ParameterInThePast: if the day is over
    :raises NoSource: if no source is named
    :raises UnknownParameter: if no parameter has the code
    :raises ParameterOutOfRange: if the value is not a whole number in range
    """
    if valid_from < today:
        raise ParameterInThePast
    if not source.strip():
        raise NoSource
    same_day = select(OperatingParameter).where(OperatingParameter.code == code, OperatingParameter.valid_from == valid_from)
    parameter = session.scalar(same_day) or OperatingParameter(code=code, valid_from=valid_from)
    with session.no_autoflush:
        changed = OperatingParameter(code=code, value=value.strip())
        check_parameter(changed)
    parameter.value, parameter.source = changed.value, source.strip()
    parameter.asked_by, parameter.approved_by = by or (None, None)
    session.add(parameter)
    session.flush()
    return parameter


def check_parameter(parameter: OperatingParameter) -> None:
    """Refuse an operating parameter that nobody reads, or whose value is no number in its range.

    :raises UnknownParameter: if no parameter has the code
    :raises ParameterOutOfRange: if the value is not a whole number in range
    """
    known = PARAMETERS.get(parameter.code)
    if known is None:
        raise UnknownParameter(parameter.code)
    value = str(parameter.value).strip()
    if not value.isdecimal() or not known.lowest <= int(value) <= known.highest:
        raise ParameterOutOfRange(f"{known.lowest}–{known.highest}")
