"""Terms that a contract sets for its accounts: the ordered energy and capacity, kept where bills read them (``SupplyTerm``)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.billing import TermKind
from app.models.supply import SupplyTerm
from app.queries.records import fetch_optional


class BilledAlready(Exception):
    """A term would change days that are billed; the text is the first day that is not."""


class LaterTerm(Exception):
    """Another term begins later; the text is its day."""


def check_unbilled(session: Session, account_id: int, on: date) -> None:
    """Refuse a day on which a bill rests.

    :raises BilledAlready: naming the first day that can be changed
    """
    billed_to = fetch_optional(session, "SELECT billed_to FROM account_position WHERE account_id = :id", date, id=account_id)
    if billed_to is not None and on < billed_to:
        raise BilledAlready(billed_to.isoformat())


def set_term(
    session: Session, account_id: int, division_id: int, kind: TermKind, value_milli: int, *, on: date, basis: str
) -> dict[str, Any]:
    """Let a term of an account have another value from a day on; return what ``restore_term`` needs, as JSON.

    :raises BilledAlready: if a bill rests on the day
    :raises LaterTerm: if another term begins after it
    """
    check_unbilled(session, account_id, on)
    of_kind = (SupplyTerm.account_id == account_id, SupplyTerm.kind == kind)
    later = session.scalar(select(SupplyTerm.valid_from).where(*of_kind, SupplyTerm.valid_from > on).limit(1))
    if later is not None:
        raise LaterTerm(later.isoformat())
    old = session.scalar(select(SupplyTerm).where(*of_kind, SupplyTerm.valid_to.is_(None) | (SupplyTerm.valid_to > on)))
    before = old and {
        "value_milli": old.value_milli, "basis": old.basis, "valid_from": old.valid_from.isoformat(),
        "valid_to": old.valid_to and old.valid_to.isoformat(),
    }  # fmt: skip
    if old is not None and old.valid_from == on:
        session.delete(old)
    elif old is not None:
        old.valid_to = on
    session.flush()
    session.add(SupplyTerm(account_id=account_id, division_id=division_id, kind=kind, value_milli=value_milli, valid_from=on, basis=basis))
    session.flush()
    return {"account_id": account_id, "division_id": division_id, "kind": kind.value, "on": on.isoformat(), "before": before}


def restore_terms(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Reverse what ``set_term`` did, the last change first.

    :raises BilledAlready: if a bill rests on what would change
    """
    for change in reversed(changes):
        account_id, on, before = change["account_id"], date.fromisoformat(change["on"]), change["before"]
        check_unbilled(session, account_id, on)
        of_kind = (SupplyTerm.account_id == account_id, SupplyTerm.kind == TermKind(change["kind"]))
        session.execute(delete(SupplyTerm).where(*of_kind, SupplyTerm.valid_from >= on))
        if before is None:
            continue
        valid_from, valid_to = date.fromisoformat(before["valid_from"]), before["valid_to"] and date.fromisoformat(before["valid_to"])
        old = session.scalar(select(SupplyTerm).where(*of_kind, SupplyTerm.valid_from == valid_from))
        if old is None:
            old = SupplyTerm(
                account_id=account_id, division_id=change["division_id"], kind=TermKind(change["kind"]), value_milli=before["value_milli"],
                basis=before["basis"], valid_from=valid_from,
            )  # fmt: skip
            session.add(old)
        old.valid_to = valid_to
        session.flush()
