"""What money received is counted by: a cashier's shift, a payment file, a provider's day; opened, counted, closed by another person."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration.translations import catalog_text
from app.domain.payments import ControlAccount, ControlKind, ControlStatus
from app.domain.payments.channels import Collection, collected_by
from app.domain.payments.reconciliation import less_commission
from app.models.administration import Approval
from app.models.payments import ControlEntry, PaymentContract, PaymentControl
from app.queries import payments as queries
from app.services.administration.approvals import TooLate


class ShiftCounted(Exception):
    """A shift that was counted takes nothing more; it must be closed before the next one."""


#: Told when cash cannot go out of a shift any more.
SHIFT_COUNTED = TooLate(
    ShiftCounted, catalog_text("The shift of who asked was counted. Cash goes out of his next one, once this one is closed.")
)


class NotOver(Exception):
    """A provider's day can be counted when it is over."""


class NotCounted(Exception):
    """A control is closed after it was counted, and counted only while it is not closed."""


class RowsHeld(Exception):
    """A payment file is closed when it is decided about all of its rows."""


class BelowZero(Exception):
    """Less than nothing can be counted only where more was given back than received."""


class CountedAlready(Exception):
    """Who counted knows by then what should be there: only another person counts again."""


class DifferenceUnexplained(Exception):
    """Cash that was counted over or short closes with a reason."""


class ShiftOpen(Exception):
    """A cashier has one shift at a time; the text is its id."""


class SameCashier(Exception):
    """Whoever counted does not close."""


def shift(session: Session, *, cashier: str, division_id: int, today: date, full_name: str = "", float_tiyin: int = 0) -> PaymentControl:
    """Return a cashier's shift, held open to the end of the transaction; the first payment opens it.

    :param full_name: the cashier's, as receipts print it
    :param float_tiyin: change in the till of a shift that is opened
    :raises ShiftCounted: if his last one was counted and not closed yet
    """
    statement = select(PaymentControl).where(
        PaymentControl.kind == ControlKind.SHIFT, PaymentControl.cashier == cashier, PaymentControl.status != ControlStatus.CLOSED
    )
    found = session.execute(statement.with_for_update(read=True)).scalar_one_or_none()
    if found is not None:
        if found.status != ControlStatus.OPEN:
            raise ShiftCounted(str(found.id))
        return found
    opened = PaymentControl(
        kind=ControlKind.SHIFT, cashier=cashier, division_id=division_id, business_day=today, float_tiyin=float_tiyin,
        cashier_name=full_name.strip()[:200] or None,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(opened)
    except IntegrityError:
        # Two windows of one cashier opened it at once.
        return session.execute(statement.with_for_update(read=True)).scalar_one()
    return opened


def open_shift(session: Session, *, cashier: str, full_name: str, division_id: int, float_tiyin: int, today: date) -> PaymentControl:
    """Open a cashier's shift with change in the till.

    :raises ShiftOpen: if a shift of the cashier is not closed yet
    """
    mine = PaymentControl.kind == ControlKind.SHIFT, PaymentControl.cashier == cashier, PaymentControl.status != ControlStatus.CLOSED
    if (found := session.scalar(select(PaymentControl.id).where(*mine))) is not None:
        raise ShiftOpen(str(found))
    opened = shift(
        session, cashier=cashier, division_id=division_id, today=today, full_name=full_name, float_tiyin=float_tiyin
    )  # fmt: skip
    session.flush()
    return opened


def cash_contract(session: Session) -> int:
    """Return the contract with ourselves that cashiers' tenders belong to."""
    return session.execute(
        select(func.min(PaymentContract.id)).where(PaymentContract.channel.in_(collected_by(Collection.CASH)))
    ).scalar_one()


def open_cash_shift(session: Session, contract_id: int, request: Approval, today: date) -> int | None:
    """Return the shift out of which cash of a contract is given back: of who asked for it; None: it is no cash.

    :raises ShiftCounted: if his shift gives nothing more
    """
    if contract_id != cash_contract(session):
        return None
    last = select(PaymentControl.division_id).where(PaymentControl.kind == ControlKind.SHIFT, PaymentControl.cashier == request.created_by)
    division_id = session.scalar(last.order_by(PaymentControl.id.desc()).limit(1)) or request.division_id
    return shift(session, cashier=request.created_by, division_id=division_id, today=today).id


_SUSPENSE = """
    INSERT INTO control_entry (division_id, payment_control_id, tender_id, debit, credit, amount_tiyin, posted_on, reason)
    SELECT t.division_id, open_control(t.payment_control_id), t.id, {0}, {1}, t.amount_tiyin, :today, left(:reason, 300)
    FROM tender t JOIN payment_contract k ON k.id = t.payment_contract_id WHERE {2}
"""
_CASH = ", ".join(f"'{channel}'" for channel in collected_by(Collection.CASH))
_MONEY = f"CASE WHEN k.channel IN ({_CASH}) THEN 'CASH' ELSE 'PROVIDER' END"


def enter_suspense(session: Session, tender_id: int, *, on: date, reason: str) -> None:
    """Post that nobody knows whose the money of a tender is."""
    statement = text(_SUSPENSE.format(_MONEY, "'SUSPENSE'", "t.id = :id"))
    session.execute(statement, {"id": tender_id, "today": on, "reason": reason})


def enter_suspense_of(session: Session, control_id: int, *, on: date) -> None:
    """Post that nobody knows whose some money of a payment file is."""
    statement = text(_SUSPENSE.format(_MONEY, "'SUSPENSE'", "t.payment_control_id = :id AND t.account_id IS NULL"))
    session.execute(statement, {"id": control_id, "today": on, "reason": "account unknown"})


def enter_suspense_of_job(session: Session, job_id: int, *, on: date) -> None:
    """Post that nobody knows whose some money is that a job took out of the rows held."""
    mine = "t.account_id IS NULL AND t.id IN (SELECT tender_id FROM held_row WHERE job_run_id = :id)"
    statement = text(_SUSPENSE.format(_MONEY, "'SUSPENSE'", mine))
    session.execute(statement, {"id": job_id, "today": on, "reason": "account unknown"})


def release_from_suspense(session: Session, tender_id: int, *, on: date, reason: str) -> None:
    """Post that money found its account, or goes back."""
    statement = text(_SUSPENSE.format("'SUSPENSE'", _MONEY, "t.id = :id"))
    session.execute(statement, {"id": tender_id, "today": on, "reason": reason})


def count(
    session: Session, control_id: int, *, counted_tiyin: int, by: str, today: date, pieces: Mapping[int, int] | None = None
) -> PaymentControl:
    """Record what was counted; it can be counted anew until it is closed, cash by another person alone.

    :param pieces: how many notes and coins there are of each denomination in soʻm
    :raises CountedAlready: if it is cash that the same person counted before
    :raises NotCounted: if it is closed
    :raises NotOver: if it is a provider's day that is not over
    :raises BelowZero: if less than nothing was counted where that cannot be
    """
    control = lock(session, control_id)
    if control.status == ControlStatus.CLOSED:
        raise NotCounted
    if control.kind == ControlKind.GATEWAY_DAY and control.business_day >= today:
        raise NotOver
    control.tenders, control.received_tiyin = queries.sums(session, control.id)
    if counted_tiyin < min(0, control.received_tiyin):
        raise BelowZero
    if control.kind == ControlKind.SHIFT and control.counted_by == by:
        raise CountedAlready
    control.counted_tiyin, control.counted_by, control.status = counted_tiyin, by, ControlStatus.COUNTED
    control.denominations = {str(som): pieces_of for som, pieces_of in (pieces or {}).items() if pieces_of}
    control.difference_reason = None
    session.flush()
    return control


def explain_difference(session: Session, control_id: int, *, reason: str) -> PaymentControl:
    """Record why cash that was counted is over or short.

    :raises NotCounted: if it is not counted, or closed
    """
    control = lock(session, control_id)
    if control.status != ControlStatus.COUNTED:
        raise NotCounted
    control.difference_reason = reason
    session.flush()
    return control


def close(session: Session, control_id: int, *, by: str, now: datetime, today: date) -> PaymentControl:
    """Close a counted control for good; what counting found over or short is posted.

    :raises NotCounted: if it was not counted, or is closed
    :raises SameCashier: if it is closed by who counted it
    :raises RowsHeld: if some of its rows wait for a person
    :raises DifferenceUnexplained: if cash is over or short and nobody said why
    """
    control = lock(session, control_id)
    if control.status != ControlStatus.COUNTED:
        raise NotCounted
    if control.held:
        raise RowsHeld
    if control.counted_by == by:
        raise SameCashier
    assert control.counted_tiyin is not None
    # What was given back since it was counted belongs to the count.
    control.tenders, control.received_tiyin = queries.sums(session, control.id)
    kept = commission(session, control, control.received_tiyin)
    over = control.counted_tiyin - expected(control, control.received_tiyin, kept)
    if over and control.kind == ControlKind.SHIFT and not control.difference_reason:
        raise DifferenceUnexplained
    money = ControlAccount.CASH if control.kind == ControlKind.SHIFT else ControlAccount.PROVIDER
    _post(session, control, ControlAccount.COMMISSION, money, kept, on=today, reason="commission")
    _post(session, control, ControlAccount.COMMISSION, money, control.charges_tiyin, on=today, reason="bank charges")
    _post(session, control, money, ControlAccount.OVER_SHORT, over, on=today, reason="over" if over > 0 else "short")
    session.flush()
    control.closed_by, control.closed_at, control.status = by, now, ControlStatus.CLOSED
    session.flush()
    return control


def commission(session: Session, control: PaymentControl, received_tiyin: int) -> int:
    """Return what a provider or a bank keeps of a control, in tiyin."""
    if control.payment_contract_id is None:
        return 0
    percent = session.execute(select(PaymentContract.commission_percent).where(PaymentContract.id == control.payment_contract_id))
    return received_tiyin - less_commission(received_tiyin, percent.scalar_one())


def expected(control: PaymentControl, received_tiyin: int, commission_tiyin: int) -> int:
    """Return what counting should find: all of a shift and the change it began with; elsewhere less what was kept by then."""
    return control.float_tiyin + received_tiyin - (commission_tiyin if control.kind == ControlKind.GATEWAY_DAY else control.charges_tiyin)


def _post(
    session: Session, control: PaymentControl, debit: ControlAccount, credit: ControlAccount, amount_tiyin: int, *, on: date, reason: str
) -> None:
    """Post an amount; one below nothing the other way round, nothing not at all."""
    if amount_tiyin < 0:
        debit, credit = credit, debit
    if amount_tiyin:
        session.add(
            ControlEntry(
                division_id=control.division_id, payment_control_id=control.id, debit=debit, credit=credit,
                amount_tiyin=abs(amount_tiyin), posted_on=on, reason=reason,
            )
        )  # fmt: skip


def lock(session: Session, control_id: int) -> PaymentControl:
    """Return a control, locked."""
    return session.execute(select(PaymentControl).where(PaymentControl.id == control_id).with_for_update()).scalar_one()
