"""Taking charges back: by a further charge, and above a limit only with a second person."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.claims import ExplainedPeriod, total_of
from app.models.administration import Approval
from app.models.billing import BillableCharge
from app.services.administration import approvals, limits


class ChargeAlreadyReversed(Exception):
    """A charge is taken back once, and what took it back is not taken back itself."""


class ReversalAlreadyRequested(Exception):
    """Somebody asked to take the charge back, and nobody decided yet."""


class PenaltyDifference(NamedTuple):
    """A charge that comes out otherwise when it is computed again."""

    charge_id: int
    charged_tiyin: int
    computed_tiyin: int


def reverse(session: Session, charge_id: int, *, reason: str, today: date) -> BillableCharge | Approval:
    """Take a charge back; above the limit the request waits for a second person.

    :return: the further charge, or the request
    :raises ReversalAlreadyRequested: if a request waits
    :raises ChargeAlreadyReversed: if it was taken back, or is itself a reversal
    """
    charge = _reversible(session, charge_id)
    amount, code = abs(charge.amount_tiyin), "claims.reversal_alone_som"
    if limits.use(session, code, amount, division_id=charge.division_id, account_id=charge.account_id, today=today):
        return _reverse(session, charge, reason)
    waiting = select(Approval.id).where(
        Approval.kind == ApprovalKind.CHARGE_REVERSAL, Approval.subject_id == charge_id, Approval.status == ApprovalStatus.PENDING
    )
    if session.scalar(waiting):
        raise ReversalAlreadyRequested
    return approvals.ask(
        session,
        ApprovalKind.CHARGE_REVERSAL,
        division_id=charge.division_id,
        subject=repr(charge),
        subject_id=charge.id,
        contents={"amount_tiyin": charge.amount_tiyin},
        basis=reason,
    )


def apply_reversal(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Take the charge back once a second person agrees."""
    assert request.subject_id is not None
    _reverse(session, _reversible(session, request.subject_id), request.basis or "")


def replay(session: Session, *, division_id: int, period_from: date, period_to: date) -> list[PenaltyDifference]:
    """Compute the charges of a division anew from what they were computed from; return those that come out otherwise.

    :param period_to: exclusive; charges whose days begin in the period are looked at
    """
    charges = session.execute(
        select(BillableCharge.id, BillableCharge.amount_tiyin, BillableCharge.derivation).where(
            BillableCharge.division_id == division_id,
            BillableCharge.period_from >= period_from,
            BillableCharge.period_from < period_to,
            BillableCharge.reverses_id.is_(None),
        )
    )
    anew = ((charge_id, amount, _anew(derivation)) for charge_id, amount, derivation in charges)
    return [PenaltyDifference(charge_id, amount, computed) for charge_id, amount, computed in anew if computed not in {None, amount}]


def _anew(derivation: dict[str, Any]) -> int | None:
    """Return the amount a derivation comes to; None: it was given, not computed."""
    if bills := derivation.get("bills"):
        totals = [total_of([ExplainedPeriod(*piece) for piece in bill["pieces"]], int(bill["cap_tiyin"])) for bill in bills]
        return sum(totals) - sum(int(bill["before_tiyin"]) for bill in bills)
    if lines := derivation.get("lines"):
        return sum(int(line["amount_tiyin"]) for line in lines)
    return None


def _reversible(session: Session, charge_id: int) -> BillableCharge:
    charge = session.execute(select(BillableCharge).where(BillableCharge.id == charge_id)).scalar_one()
    if charge.reverses_id or session.scalar(select(BillableCharge.id).where(BillableCharge.reverses_id == charge_id)):
        raise ChargeAlreadyReversed
    return charge


def _reverse(session: Session, charge: BillableCharge, reason: str) -> BillableCharge:
    """Add the further charge; the unique key refuses a second one that comes at the same time."""
    reversal = BillableCharge(
        division_id=charge.division_id,
        account_id=charge.account_id,
        component=charge.component,
        period_from=charge.period_from,
        period_to=charge.period_to,
        quantity_milli=-charge.quantity_milli,
        amount_tiyin=-charge.amount_tiyin,
        vat_tiyin=-charge.vat_tiyin,
        basis=reason[:300],
        derivation={"reverses_id": charge.id},
        reverses_id=charge.id,
    )
    try:
        with session.begin_nested():
            session.add(reversal)
            session.flush()
    except IntegrityError as error:
        raise ChargeAlreadyReversed from error
    return reversal


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.CHARGE_REVERSAL,
        catalog_text("Reversal of a charge"),
        catalog_text("approve reversals of charges"),
        (roles.LAWYER, roles.SUPERVISOR),
        apply_reversal,
        page_of=approvals.page_of_subject("BillableChargeView.show"),
        too_late=(
            approvals.TooLate(ChargeAlreadyReversed, catalog_text("This charge was taken back already, or takes another one back.")),
        ),
    )
)
