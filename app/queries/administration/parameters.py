"""Operating parameters in force."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.models.administration import OperatingParameter


class ParameterRecord(NamedTuple):
    """A value of an operating parameter from a day on."""

    code: str
    valid_from: date
    value: str
    source: str | None
    created_by: str


def parameter_history(session: Session) -> dict[str, list[ParameterRecord]]:
    """Return all values each operating parameter ever had or will have, the newest first; none for one never set."""
    fields = [getattr(OperatingParameter, field) for field in ParameterRecord._fields]
    history: dict[str, list[ParameterRecord]] = {code: [] for code in PARAMETERS}
    for row in session.execute(select(*fields).order_by(OperatingParameter.valid_from.desc(), OperatingParameter.id.desc())):
        history.setdefault(row[0], []).append(ParameterRecord(*row))
    return history


def value_on(session: Session, code: str, day: date) -> int:
    """Return an operating parameter in force on a day, or its default if the office never set it."""
    value = session.scalar(
        select(OperatingParameter.value)
        .where(OperatingParameter.code == code, OperatingParameter.valid_from <= day)
        .order_by(OperatingParameter.valid_from.desc())
        .limit(1)
    )
    return PARAMETERS[code].default if value is None else int(value)
