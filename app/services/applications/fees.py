"""Fees of applications: asked for on the next bill of the account when what was asked for is done; taken back as every charge is."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.accounts import AccountStatus
from app.domain.billing.corrections import AdjustmentKind
from app.models.accounts import Account
from app.models.acts import Act
from app.models.applications import ConsumerApplication
from app.models.billing import BillableCharge
from app.queries import applications as queries
from app.services.billing import adjustments
from app.services.billing.adjustments import NoteRequest


def charge(session: Session, found: ConsumerApplication, *, today: date) -> BillableCharge | None:
    """Charge the fee that held on the day an application was filed, once; None: there is none, or no open account to bill."""
    kind = queries.kind(session, found.application_kind.code, found.filed_on)
    account = _billed(session, found) if kind and kind.fee_tiyin else None
    if kind is None or not kind.fee_tiyin or account is None or account.status != AccountStatus.OPEN:
        return None
    basis = f"{found.application_kind} № {found.id}, {found.filed_on:%d.%m.%Y}"[:300]
    wish = NoteRequest(AdjustmentKind.DEBIT_NOTE, account.id, kind.fee_tiyin, basis, queries.fee_reference(found.id))
    return adjustments.debit(session, wish, today=today)


def _billed(session: Session, found: ConsumerApplication) -> Account | None:
    """Return the account an application is about, or the one that was opened by it."""
    account_id = found.account_id
    if account_id is None and found.work_reference:
        document = queries.work_document(session, found.work_reference)
        act = session.get(Act, document.id) if document and document.place == "ACT" else None
        account_id = act.account_id if act else None
    return session.get(Account, account_id) if account_id else None
