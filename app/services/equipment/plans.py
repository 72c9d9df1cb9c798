"""Plans of a year: drawn up by one person from what falls due in it, and approved by another."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.models.administration import Approval
from app.models.verification import YearPlan
from app.queries import locks
from app.queries.locks import Lock
from app.services.administration import approvals
from app.services.once import added


class NothingToPlan(Exception):
    """Nothing falls due in the year that is not planned already."""


class YearPlanRequest(NamedTuple):
    """A plan somebody draws up."""

    division_id: int
    year: int
    basis: str


class YearPlanSpec(NamedTuple):
    """A kind of plan, declared once.

    :ivar insert: the statement that adds what falls due in a year; it is given the plan, the division, and the year's ``start`` and ``end``
    :ivar label: as messages of the catalogs, as ``permits`` is
    :ivar page: the endpoint of a plan
    """

    model: type[YearPlan]
    insert: str
    kind: ApprovalKind
    label: str
    permits: str
    page: str


def draw_up(session: Session, spec: YearPlanSpec, request: YearPlanRequest) -> YearPlan:
    """Plan what falls due in a division in a year, and ask a second person to approve the plan.

    What another plan has already is left to it, so that a later plan adds what came since.

    :raises NothingToPlan: if nothing is left
    """
    locks.acquire(session, Lock.KEY, spec.model.__tablename__, str(request.year))
    make: Callable[..., YearPlan] = spec.model  # its columns are told to the class that names a table
    plan = added(session, make(division_id=request.division_id, plan_year=request.year, basis=request.basis))
    period = {"start": date(request.year, 1, 1), "end": date(request.year + 1, 1, 1)}
    planned: Any = session.execute(text(spec.insert), {"plan": plan.id, "division": request.division_id, **period})
    if not planned.rowcount:
        raise NothingToPlan
    approvals.ask(
        session, spec.kind, division_id=request.division_id, subject=str(plan), subject_id=plan.id,
        contents={"plan_year": request.year, "planned": planned.rowcount}, basis=request.basis,
    )  # fmt: skip
    return plan


def approval_of(spec: YearPlanSpec) -> approvals.ApprovalSpec:
    """Declare who decides about a kind of plan."""
    decided = _deciding(spec.model)
    return approvals.declare(
        approvals.ApprovalSpec(
            spec.kind, spec.label, spec.permits, (roles.SUPERVISOR,), decided, refuse=decided, page_of=approvals.page_of_subject(spec.page)
        )
    )


def _deciding(model: type[YearPlan]) -> Callable[[Session, Approval, date, datetime], None]:
    def decided(session: Session, request: Approval, _today: date, _now: datetime) -> None:
        plan = session.get_one(model, request.subject_id)
        plan.status, plan.decided_by = ApprovalStatus(request.status), request.decided_by

    return decided
