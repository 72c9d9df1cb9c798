"""Operating parameters in force."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS
from app.models.administration import OperatingParameter


def value_on(session: Session, code: str, day: date) -> int:
    """Return an operating parameter in force on a day, or its default if the office never set it."""
    value = session.scalar(
        select(OperatingParameter.value)
        .where(OperatingParameter.code == code, OperatingParameter.valid_from <= day)
        .order_by(OperatingParameter.valid_from.desc())
        .limit(1)
    )
    return PARAMETERS[code].default if value is None else int(value)
