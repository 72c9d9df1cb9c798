"""What belongs to no division and touches money or the second person himself: one person drafts a change, another lets it hold.

Contracts with providers (keys, networks, limits) and operating parameters. A draft is tried in its table and taken back, so that
whoever drafts it sees what the table refuses. Keys go along unseen and are forgotten with the decision.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, roles
from app.domain.administration.translations import catalog_text
from app.models.administration import Approval, OperatingParameter
from app.queries import administration as queries
from app.queries.records import fetch_one
from app.services.administration import approvals
from app.services.administration.parameters import NoSource, ParameterInThePast, check_parameter, set_parameter

#: Columns that are never shown.
SECRETS = frozenset({"key_sha256", "secret"})
_PARAMETER = "operating_parameter"


class SettingWaits(Exception):
    """Another change of the same row waits for a second person."""


class NothingChanged(Exception):
    """The row holds all of that already."""


class SettingChanged(Exception):
    """The row was changed after the change was drafted."""


def changes_of(row: Any) -> dict[str, tuple[Any, Any]]:
    """Return what a changed row of the session would get: column → value before and after, as JSON has them."""
    found = {}
    for column in inspect(row).mapper.columns:
        history = inspect(row).attrs[column.key].history
        if history.added and history.added != history.deleted:
            found[column.key] = (_plain(history.deleted[0]) if history.deleted else None, _plain(history.added[0]))
    return found


def propose_row(session: Session, row: Any, *, basis: str | None) -> Approval:
    """Put the change of a row, or a new row, into the inbox of the whole company; the row itself stays as it is.

    :raises NothingChanged: if nothing would change
    :raises SettingWaits: if another change of the row waits
    :raises IntegrityError: if the table refuses it
    """
    changes, table, subject = changes_of(row), row.__tablename__, repr(row)
    row_id = row.id if inspect(row).persistent else None
    if row_id is not None:
        session.expire(row)  # or the next statement would write it
    if not changes:
        raise NothingChanged
    if row_id is not None and queries.contents_wait(session, ApprovalKind.COMPANY_SETTING, {"table": table, "row_id": row_id}):
        raise SettingWaits
    secret = {column: after for column, (_before, after) in changes.items() if column in SECRETS}
    open_ = {column: pair for column, pair in changes.items() if column not in SECRETS}
    contents = {
        "table": table,
        "row_id": row_id,
        "before": {column: before for column, (before, _after) in open_.items()},
        "after": {column: after for column, (_before, after) in open_.items()},
        "keys": sorted(secret),
    }
    with session.begin_nested() as trial:
        _write(session, contents, secret)
        trial.rollback()
    return _ask(session, subject=subject, subject_id=row_id, contents=contents, basis=basis, secret=secret)


def propose_parameter(session: Session, *, code: str, value: str, source: str, valid_from: date, today: date) -> Approval:
    """Put a value of an operating parameter into the inbox of the whole company.

    :raises ParameterInThePast: if the day is over
    :raises NoSource: if no source is named
    :raises SettingWaits: if another value of the parameter waits
    :raises UnknownParameter: if no parameter has the code
    :raises ParameterOutOfRange: if the value is not a whole number in range
    """
    if valid_from < today:
        raise ParameterInThePast
    if not source.strip():
        raise NoSource
    check_parameter(OperatingParameter(code=code, value=value.strip()))
    if queries.contents_wait(session, ApprovalKind.COMPANY_SETTING, {"table": _PARAMETER, "code": code}):
        raise SettingWaits
    contents = {
        "table": _PARAMETER,
        "code": code,
        "before": {"value": str(queries.value_on(session, code, valid_from))},
        "after": {"value": value.strip(), "valid_from": valid_from.isoformat(), "source": source.strip()},
    }
    return _ask(session, subject=code, contents=contents, basis=source.strip())


def apply_setting(session: Session, request: Approval, today: date, _now: datetime) -> None:
    """Let a drafted change hold once a second person agrees; a parameter holds from its day, at the earliest from today.

    :raises SettingChanged: if the row was changed after the change was drafted
    :raises IntegrityError: if the table refuses it by now
    """
    held = request.contents
    if held["table"] == _PARAMETER:
        after = held["after"]
        valid_from = max(date.fromisoformat(after["valid_from"]), today)
        by = (request.created_by, request.decided_by or "")
        given = {"code": held["code"], "value": after["value"], "source": after["source"]}
        set_parameter(session, **given, valid_from=valid_from, today=today, by=by)
    else:
        _write(session, held, request.secret or {})


def _ask(session: Session, **given: Any) -> Approval:
    return approvals.ask(session, ApprovalKind.COMPANY_SETTING, division_id=queries.whole_company(session), **given)


def _write(session: Session, held: Mapping[str, Any], secret: Mapping[str, str]) -> None:
    table, row_id, values = held["table"], held["row_id"], {**held["after"], **secret}
    names = ", ".join(sorted(values))
    filled = f"SELECT {names} FROM jsonb_populate_record(NULL::{table}, CAST(:values AS jsonb))"
    given = {"values": json.dumps(values), "id": row_id}
    if row_id is None:
        session.execute(text(f"INSERT INTO {table} ({names}) {filled}"), given)
        return
    now_held = fetch_one(session, f"SELECT to_jsonb(t) FROM {table} t WHERE id = :id FOR UPDATE", dict, id=row_id)
    if any(_differs(now_held[column], before) for column, before in held["before"].items()):
        raise SettingChanged
    # A list of one column takes a row of one, which is what the sub-select is.
    session.execute(text(f"UPDATE {table} SET ({names}) = ({filled}) WHERE id = :id"), given)
    session.expire_all()


def _differs(now_held: Any, before: Any) -> bool:
    """Tell whether a value is another one; a fraction is written in several ways."""
    if isinstance(before, str) and isinstance(now_held, int | float):
        return Decimal(str(now_held)) != Decimal(before)
    return bool(now_held != before)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.COMPANY_SETTING,
        catalog_text("Change of what holds in the whole company"),
        catalog_text("approve what holds in the whole company"),
        roles.MANAGERS,
        apply_setting,
        too_late=(
            approvals.TooLate(
                SettingChanged, catalog_text("The row was changed after this was drafted. Refuse it, and have it drafted again.")
            ),
        ),
    )
)
