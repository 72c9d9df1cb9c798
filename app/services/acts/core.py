"""How every act goes: recorded once, performed in the same transaction, or put before a second person above a limit.

What an act would do is found by doing it in a savepoint and taking that back, so a preview shows the very entries and bills. A module of
this package registers a kind with ``performs``: what the act does, and what its counter-act does. Above the operating parameter
``acts.limit_som`` of money that acts of one person take back or move on one account in a day, a second person decides.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import TRANSITIONS, ActEvent, ActKind, ActOutcome, ActRefusal, ActRefused, ActRequest, ActStatus
from app.domain.administration import ApprovalKind, roles
from app.domain.administration.translations import catalog_text
from app.models.accounts import Account, Consumer
from app.models.acts import Act
from app.models.administration import Approval
from app.queries import acts as queries
from app.services import ledger as ledger_service
from app.services import notices
from app.services.administration import approvals, limits
from app.services.once import once

_LIMIT = "acts.limit_som"

Perform = Callable[[Session, Act, date], ActOutcome]
Reverse = Callable[[Session, Act, Act, date], ActOutcome]


class ActSpec(NamedTuple):
    """What a kind of act does."""

    #: performs an act; called with its account or consumer locked
    perform: Perform
    #: performs a counter-act; called with it and with the act it undoes
    reverse: Reverse
    #: the acts of an account that carry this mark follow one another by day
    is_ordered: bool = True


#: What is known of each kind; filled by the modules of this package.
SPECS: dict[ActKind, ActSpec] = {}


def performs(kind: ActKind, *, reverse: Reverse, is_ordered: bool = True) -> Callable[[Perform], Perform]:
    """Register what a kind of act and its counter-act do."""

    def register(perform: Perform) -> Perform:
        SPECS[kind] = ActSpec(perform, reverse, is_ordered)
        return perform

    return register


def submit(session: Session, request: ActRequest, *, today: date) -> Act:
    """Perform an act once, or above the limit put it before a second person; a repeat returns the first.

    :raises ActRefused: if the act cannot be performed
    """
    same = ("kind", "account_id", "consumer_id", "effective_on", "reason", "reverses_id")
    # The act that opens an account names it once it is there.
    given = {name: getattr(request, name) for name in same if getattr(request, name) is not None}
    return once(
        session,
        ("act", request.reference),
        find=select(Act).where(Act.reference == request.reference),
        contents=given | {"parameters": dict(request.parameters)},
        conflict=lambda first: ActRefused(ActRefusal.OTHER_CONTENTS, first),
        make=lambda: _submit(session, request, today),
    )


def _submit(session: Session, request: ActRequest, today: date) -> Act:
    # What is refused leaves nothing, whatever the caller does with its transaction.
    with session.begin_nested():
        act = _record(session, request, today)
        with session.begin_nested() as attempt:
            result = _perform(session, act, today)
            waits = not limits.use(
                session, _LIMIT, _at_stake(result), division_id=act.division_id, account_id=request.account_id, today=today
            )
            if waits:
                attempt.rollback()
        if waits:
            _ask(session, act, result)
        else:
            _finish(session, act, result)
    return act


def preview(session: Session, request: ActRequest, *, today: date) -> Mapping[str, Any]:
    """Return what an act would write; nothing of it stays. ``needs_second`` tells whether a second person would decide.

    :raises ActRefused: if the act cannot be performed
    """
    with session.begin_nested() as attempt:
        result = _perform(session, _record(session, request, today), today)
        attempt.rollback()
    return result | {"needs_second": not limits.is_within(session, _LIMIT, _at_stake(result), account_id=request.account_id, today=today)}


def request_of(act: Act, *, effective_on: date, reason: str, reference: str) -> ActRequest:
    """Return the request for the counter-act of an act."""
    return ActRequest(
        ActKind(act.kind), act.division_id, effective_on, reason, {}, reference, act.account_id, act.consumer_id, reverses_id=act.id
    )


def _asked(session: Session, request: Approval) -> Act:
    return session.execute(select(Act).where(Act.id == request.subject_id).with_for_update()).scalar_one()


def refuse(session: Session, request: Approval, _today: date, _now: datetime) -> None:
    """Leave an act undone whose request was refused or taken back."""
    act = _asked(session, request)
    act.status = TRANSITIONS[ActStatus(act.status), ActEvent.REFUSE]
    session.flush()


def apply(session: Session, request: Approval, today: date, _now: datetime) -> None:
    """Perform an approved act.

    :raises ActRefused: if it cannot be performed any more
    """
    act = _asked(session, request)
    _lock_subject(session, act)
    _finish(session, act, _perform(session, act, today))


def act_of(session: Session, act_id: int) -> Act:
    """Return an act."""
    return session.execute(select(Act).where(Act.id == act_id)).scalar_one()


def _record(session: Session, request: ActRequest, today: date) -> Act:
    if request.effective_on > today:
        raise ActRefused(ActRefusal.FUTURE_DAY, column="effective_on")
    act = Act(**{**request._asdict(), "parameters": dict(request.parameters)})
    _lock_subject(session, act)
    if request.reverses_id is not None and queries.reversed_by(session, request.reverses_id):
        raise ActRefused(ActRefusal.REQUESTED_ALREADY)
    session.add(act)
    session.flush()
    return act


def _lock_subject(session: Session, act: Act) -> None:
    """Let acts about an account or a consumer wait for one another, and for bills and payments."""
    if act.account_id is not None:
        session.execute(select(Account.id).where(Account.id == act.account_id).with_for_update())
        ledger_service.lock_positions(session, np.array([act.account_id], dtype=np.int64))
    if act.consumer_id is not None:
        session.execute(select(Consumer.id).where(Consumer.id == act.consumer_id).with_for_update())


def _standing(session: Session, act_id: int) -> Act:
    """Return an act that can be reversed: it stands, and no later one stands on it."""
    act = session.execute(select(Act).where(Act.id == act_id).with_for_update()).scalar_one()
    if act.status != ActStatus.DONE or act.reverses_id is not None:
        raise ActRefused(ActRefusal.NOT_STANDING)
    later = queries.later_act(session, account_id=act.account_id, consumer_id=act.consumer_id, after_id=act.id)
    if later is not None:
        raise ActRefused(ActRefusal.LATER_ACT, f"№ {later}")
    return act


def _check_order(session: Session, act: Act) -> None:
    """Refuse a day before an act that stands; that one would have to be reversed first."""
    if not SPECS[ActKind(act.kind)].is_ordered or act.account_id is None:
        return
    ordered = [kind for kind, spec in SPECS.items() if spec.is_ordered]
    latest = queries.latest_day(session, act.account_id, ordered)
    if latest is not None and latest > act.effective_on:
        raise ActRefused(ActRefusal.LATER_ACT, latest.isoformat(), column="effective_on")


def _perform(session: Session, act: Act, today: date) -> dict[str, Any]:
    """Perform an act or counter-act and return what it wrote, as JSON."""
    spec, known = SPECS[ActKind(act.kind)], [act.account_id] if act.account_id else []
    before = queries.recorded(session, known)
    if act.reverses_id is None:
        _check_order(session, act)
        outcome = spec.perform(session, act, today)
    else:
        outcome = spec.reverse(session, act, _standing(session, act.reverses_id), today)
    session.flush()
    accounts = [*known, *outcome.account_ids, *([act.account_id] if act.account_id else [])]
    found = queries.effects(session, accounts, before)
    language = queries.language_of(session, account_id=act.account_id, consumer_id=act.consumer_id)
    own = {
        "details": [[*pair] for pair in outcome.details.items()],
        "undo": dict(outcome.undo),
        "moved_tiyin": outcome.moved_tiyin,
        "language": language,
    }
    own |= {name: [*rows] for name, rows in (("counted", outcome.counted), ("energy", outcome.energy)) if rows}
    return own | found


def _at_stake(result: Mapping[str, Any]) -> int:
    """Return how much money an act takes back or moves, in tiyin."""
    withdrawn = sum(abs(bill["amount_tiyin"]) for bill in result["bills"] if bill["cancels_id"] is not None)
    return int(withdrawn) + abs(int(result["moved_tiyin"]))


def _ask(session: Session, act: Act, result: Mapping[str, Any]) -> None:
    """Leave an act to a second person, with what it would write as it stands now."""
    act.result = dict(result)
    subject = f"{act.kind} {act.account or act.consumer or ''}".strip()
    contents = {"act": act.kind, "reverses_id": act.reverses_id}
    approvals.ask(
        session, ApprovalKind.ACT, division_id=act.division_id, subject=subject, subject_id=act.id, contents=contents, basis=act.reason
    )


def _finish(session: Session, act: Act, result: Mapping[str, Any]) -> None:
    act.result, act.status = dict(result), TRANSITIONS[ActStatus(act.status), ActEvent.PERFORM]
    if act.reverses_id is not None:
        undone = act_of(session, act.reverses_id)
        undone.status = TRANSITIONS[ActStatus(undone.status), ActEvent.REVERSE]
        notices.withdraw(session, undone.result["undo"].get("told", []), by=act.created_by, now=act.created_at)
    session.flush()


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.ACT,
        catalog_text("An act"),
        catalog_text("approve acts over the limit"),
        (roles.SUPERVISOR,),
        apply,
        refuse=refuse,
        page_of=approvals.page_of_subject("AccountActView.show"),
    )
)
