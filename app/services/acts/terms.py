"""Tariff group, terms and benefits from a day on: the row in force ends, another begins, and posted months are billed again."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.domain.billing import TermKind
from app.domain.contracts import CONTRACT_TERMS
from app.models.accounts import Supply
from app.models.acts import Act
from app.models.household_consumers import AccountBenefit
from app.models.reference import Benefit, TariffGroup
from app.models.supply import SupplyTerm
from app.queries import contracts
from app.queries.billing import corrections as queries
from app.services.acts.core import performs
from app.services.acts.rebilling import bill_again

DatedRow = Supply | SupplyTerm | AccountBenefit
DatedTerm = TypeVar("DatedTerm", Supply, SupplyTerm, AccountBenefit)
_MODELS: dict[str, Any] = {model.__tablename__: model for model in (Supply, SupplyTerm, AccountBenefit)}
#: What the database fills.
_MADE = {"id", "created_at", "created_by"}


def _reverse(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Put the rows back that the act ended or replaced, and bill the months again."""
    undo = undone.result["undo"]
    model = _MODELS[undo["table"]]
    added = session.get(model, undo["added"]) if undo["added"] else None
    ended = session.get(model, undo["ended"]) if undo["ended"] else None
    if (undo["added"] and added is None) or (undo["ended"] and (ended is None or ended.valid_to != undone.effective_on)):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE)
    if added is not None:
        session.delete(added)
        session.flush()
    if ended is not None:
        ended.valid_to = _day(undo["ended_to"])
    if undo["replaced"]:
        session.add(model(**{name: _day(value) if name.startswith("valid_") else value for name, value in undo["replaced"].items()}))
    session.flush()
    _bill_again(session, counter, undone.effective_on, today)
    details = dict(undone.result["details"])
    pairs = [(name, name.removesuffix("_before")) for name in details if name.endswith("_before")]
    return ActOutcome(
        details | {after: details[before] for before, after in pairs} | {before: details.get(after) for before, after in pairs}
    )


@performs(ActKind.CHANGE_TARIFF_GROUP, reverse=_reverse)
def change_tariff_group(session: Session, act: Act, today: date) -> ActOutcome:
    """Let an account's supply go on under another tariff group.

    :raises ActRefused: if it is not supplied on the day, or has that group
    """
    rows = session.scalars(select(Supply).where(Supply.account_id == act.account_id).order_by(Supply.valid_from)).all()
    present = _in_force(rows, act.effective_on)
    if present is None:
        raise ActRefused(ActRefusal.NOT_SUPPLIED, column="effective_on")
    wanted = int(act.parameters["tariff_group_id"])
    if present.tariff_group_id == wanted:
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="tariff_group_id")
    before = present.tariff_group.name
    after = session.execute(select(TariffGroup).where(TariffGroup.id == wanted)).scalar_one()
    new = Supply(
        division_id=present.division_id, account_id=present.account_id, service_point_id=present.service_point_id, tariff_group_id=wanted,
        begins_anew=present.begins_anew and present.valid_from == act.effective_on,
    )  # fmt: skip
    undo = _replace(session, present, new, rows, act.effective_on)
    _bill_again(session, act, act.effective_on, today)
    return ActOutcome({"tariff_group_before": before, "tariff_group": after.name}, undo)


@performs(ActKind.CHANGE_TERM, reverse=_reverse, is_ordered=False)
def change_term(session: Session, act: Act, today: date) -> ActOutcome:
    """Let a term of an account hold another value from a day on; without a value it ends.

    :raises ActRefused: if it holds that value already, or a contract says what it is
    """
    kind, value = TermKind(act.parameters["term"]), act.parameters["value_milli"]
    if kind in CONTRACT_TERMS:
        contract = contracts.contract_of_account(session, act.account_id or 0, on=act.effective_on)
        raise ActRefused(ActRefusal.TERM_OF_CONTRACT, f"№ {contract.number}" if contract else "", column="term")
    chosen = select(SupplyTerm).where(SupplyTerm.account_id == act.account_id, SupplyTerm.kind == kind)
    rows = session.scalars(chosen.order_by(SupplyTerm.valid_from)).all()
    present = _in_force(rows, act.effective_on)
    before = present.value_milli if present else None
    if before == value:
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="value_milli")
    new = None
    if value is not None:
        new = SupplyTerm(division_id=act.division_id, account_id=act.account_id, kind=kind, value_milli=value, basis=act.reason)
    undo = _replace(session, present, new, rows, act.effective_on)
    _bill_again(session, act, act.effective_on, today)
    return ActOutcome({"term": kind.value, "value_milli_before": before, "value_milli": value}, undo)


@performs(ActKind.CHANGE_BENEFIT, reverse=_reverse, is_ordered=False)
def change_benefit(session: Session, act: Act, today: date) -> ActOutcome:
    """Grant an account a benefit from a day on, or end one.

    :raises ActRefused: if it has the benefit already, or has it not
    """
    benefit = session.execute(select(Benefit).where(Benefit.id == int(act.parameters["benefit_id"]))).scalar_one()
    chosen = select(AccountBenefit).where(AccountBenefit.account_id == act.account_id, AccountBenefit.benefit_id == benefit.id)
    rows = session.scalars(chosen.order_by(AccountBenefit.valid_from)).all()
    present, is_granted = _in_force(rows, act.effective_on), bool(act.parameters["is_granted"])
    if is_granted == (present is not None):
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="benefit_id")
    new = AccountBenefit(division_id=act.division_id, account_id=act.account_id, benefit_id=benefit.id) if is_granted else None
    undo = _replace(session, present, new, rows, act.effective_on)
    _bill_again(session, act, act.effective_on, today)
    return ActOutcome({"benefit": benefit.name, "is_granted_before": not is_granted, "is_granted": is_granted}, undo)


def _in_force(rows: Sequence[DatedTerm], day: date) -> DatedTerm | None:
    return next((row for row in rows if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)), None)


def _replace(session: Session, present: DatedRow | None, new: DatedRow | None, rows: Sequence[DatedRow], day: date) -> dict[str, Any]:
    """End the row in force, begin a new one up to the next that is known, and return what reverses that."""
    row = new or present
    assert row is not None
    undo: dict[str, Any] = {"table": row.__tablename__, "added": None, "ended": None, "replaced": None}
    until = min((row.valid_from for row in rows if row.valid_from > day), default=None)
    if present is not None:
        until = present.valid_to if new is not None else until
        if present.valid_from == day:
            undo["replaced"] = _kept(present)
            session.delete(present)
        else:
            undo |= {"ended": present.id, "ended_to": present.valid_to and present.valid_to.isoformat()}
            present.valid_to = day
        # The constraint against overlaps looks at each statement.
        session.flush()
    if new is not None:
        new.valid_from, new.valid_to = day, until
        session.add(new)
        session.flush()
        undo["added"] = new.id
    return undo


def _kept(row: DatedRow) -> dict[str, Any]:
    """Return a row as JSON."""
    values = {column.name: getattr(row, column.name) for column in type(row).__table__.columns if column.name not in _MADE}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _bill_again(session: Session, act: Act, day: date, today: date) -> None:
    assert act.account_id is not None
    bill_again(session, act, since=queries.first_month_touched(session, act.account_id, day), today=today)
