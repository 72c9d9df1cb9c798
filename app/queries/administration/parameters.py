"""Operating parameters in force."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.administration import PARAMETERS, ApprovalKind, ApprovalStatus
from app.models.administration import Approval, OperatingParameter


class ParameterRecord(NamedTuple):
    """A value of an operating parameter from a day on."""

    code: str
    valid_from: date
    value: str
    source: str | None
    created_by: str
    created_at: datetime
    asked_by: str | None
    approved_by: str | None


def waiting_parameters(session: Session) -> dict[str, int]:
    """Return the requests about parameters that wait for a second person: code and number of the request."""
    waiting = select(Approval.contents["code"].astext, Approval.id).where(
        Approval.kind == ApprovalKind.COMPANY_SETTING,
        Approval.status == ApprovalStatus.PENDING,
        Approval.contents["table"].astext == OperatingParameter.__tablename__,
    )
    return {code: number for code, number in session.execute(waiting.order_by(Approval.id))}  # noqa: C416 - rows are no pairs


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


def values_on(session: Session, group: str, day: date) -> dict[str, int]:
    """Return all parameters of a group in force on a day."""
    return values_of(session, [code for code in PARAMETERS if code.startswith(f"{group}.")], day)


def values_of(session: Session, codes: Sequence[str], day: date) -> dict[str, int]:
    """Return operating parameters in force on a day, by their codes in the order given; the default where the office never set one."""
    begun = select(OperatingParameter.code, OperatingParameter.value).where(
        OperatingParameter.code.in_(codes), OperatingParameter.valid_from <= day
    )
    known = {code: PARAMETERS[code].default for code in codes}
    # Of the values of a code the latest comes last and stays.
    return known | {row.code: int(row.value) for row in session.execute(begun.order_by(OperatingParameter.valid_from))}
