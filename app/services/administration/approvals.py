"""Separation of duties: what one person asks for, another one grants or refuses.

Every approval of the system goes this way. An area declares its kind of request with an ``ApprovalSpec``;
the database refuses a decision by the person who asked (``approval_two_persons``). Source: OWASP ASVS 5.0, 2.3.5.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus
from app.models.administration import Approval
from app.queries import administration as queries


class SamePerson(Exception):
    """Whoever asked for something does not grant or refuse it, nor does a user who may be the same person."""


class NotYours(Exception):
    """Only the person who asked takes a request back."""


class AlreadyDecided(Exception):
    """The request was granted, refused or taken back before."""


ApprovalEffect = Callable[[Session, Approval, date, datetime], None]
#: The endpoint of a page and the values of its address.
PageAddress = tuple[str, Mapping[str, object]]


class TooLate(NamedTuple):
    """What keeps a request from being granted any more: the error of its effect, and what people are told, as a message of the catalogs."""

    error: type[Exception]
    told: str


def _nothing(_request: Approval) -> Mapping[str, object]:
    return {}


class ApprovalSpec(NamedTuple):
    """A kind of request for approval, declared once beside what it does. Effects run in the decision's transaction.

    :param label: what people call it, as a message of the catalogs
    :param permits: what the permission to decide about it lets one do, as a message of the catalogs
    :param approvers: the roles that decide about it
    :param apply: done when it is granted
    :param refuse: done when it is refused or taken back; None: nothing
    :param page_of: returns the page of what a request is about, or None if it has none
    :param describe: returns what the page of a request shows beside subject, amount and basis
    """

    kind: ApprovalKind
    label: str
    permits: str
    approvers: Sequence[str]
    apply: ApprovalEffect
    refuse: ApprovalEffect | None = None
    page_of: Callable[[Approval], PageAddress | None] | None = None
    describe: Callable[[Approval], Mapping[str, object]] = _nothing
    too_late: Sequence[TooLate] = ()


#: The kinds that the areas declared.
SPECS: dict[ApprovalKind, ApprovalSpec] = {}


def declare(spec: ApprovalSpec) -> ApprovalSpec:
    """Make a kind of request known to ``decide``, and return it."""
    SPECS[spec.kind] = spec
    return spec


def page_of_subject(endpoint: str) -> Callable[[Approval], PageAddress]:
    """Return a ``page_of`` for requests about one row, whose page takes its number."""
    return lambda request: (endpoint, {"pk": request.subject_id})


def permission_of(kind: ApprovalKind) -> str:
    """Return the permission to decide about a kind of request."""
    return f"can_approve_{kind.lower()}"


def ask(
    session: Session,
    kind: ApprovalKind,
    *,
    division_id: int,
    subject: str,
    subject_id: int | None = None,
    contents: Mapping[str, Any] | None = None,
    basis: str | None = None,
    made_by: str | None = None,
    secret: Mapping[str, str] | None = None,
) -> Approval:
    """Put a request into the inbox of a division.

    :param subject: one line that tells what it is about
    :param secret: keys that come with it, kept until the decision and shown to nobody
    :param made_by: whoever asked, where a job does it for him; None: who works in this transaction
    """
    request = Approval(
        kind=kind, division_id=division_id, subject=subject[:300], subject_id=subject_id, contents=dict(contents or {}), basis=basis or None
    )
    if made_by:
        request.created_by = made_by
    if secret:
        request.secret = dict(secret)
    session.add(request)
    session.flush()
    return request


def decide(session: Session, approval_id: int, *, grant: bool, by: str, remark: str | None, today: date, now: datetime) -> Approval:
    """Grant or refuse a request, once, and do what follows from it.

    :raises AlreadyDecided: if it is not pending any more
    :raises SamePerson: if the one who asked decides, or a user who may be him
    """
    request = _pending(session, approval_id)
    if may_be_same(session, request.created_by, by, today=today, now=now):
        raise SamePerson
    return _close(session, request, ApprovalStatus.APPROVED if grant else ApprovalStatus.REFUSED, by, remark, (today, now))


def may_be_same(session: Session, asked_by: str, by: str, *, today: date, now: datetime) -> bool:
    """Return whether two users may be one person: one gave the other a password lately, or a third gave both of them theirs."""
    days = int(queries.value_on(session, "access.given_password_days", today))
    return queries.have_common_hand(session, asked_by, by, since=now - timedelta(days=days))


def withdraw(session: Session, approval_id: int, *, by: str, today: date, now: datetime) -> Approval:
    """Take one's own request back.

    :raises AlreadyDecided: if it is not pending any more
    :raises NotYours: if somebody else asked
    """
    request = _pending(session, approval_id)
    if request.created_by != by:
        raise NotYours
    return _close(session, request, ApprovalStatus.WITHDRAWN, by, None, (today, now))


def name_both(session: Session, asked_by: str, approved_by: str) -> None:
    """Let the audit trail name who asked and who approved for the changes that follow in this transaction; empty: nobody."""
    names = "SELECT set_config('app.asked_by', :asked_by, true), set_config('app.approved_by', :approved_by, true)"
    session.execute(text(names), {"asked_by": asked_by, "approved_by": approved_by})


def _pending(session: Session, approval_id: int) -> Approval:
    request = session.get(Approval, approval_id, with_for_update=True)
    if request is None or request.status != ApprovalStatus.PENDING:
        raise AlreadyDecided
    return request


def _close(
    session: Session, request: Approval, status: ApprovalStatus, by: str, remark: str | None, when: tuple[date, datetime]
) -> Approval:
    today, now = when
    request.status, request.decided_by, request.decided_at, request.remark = status, by, now, (remark or "")[:300] or None
    session.flush()
    if status == ApprovalStatus.APPROVED:
        name_both(session, request.created_by, by)
    spec = SPECS[ApprovalKind(request.kind)]
    effect = spec.apply if status == ApprovalStatus.APPROVED else spec.refuse
    if effect is not None:
        effect(session, request, today, now)
    if request.secret is not None:
        request.secret = None
    session.flush()
    return request
