"""How a dictionary changes: drafted by one person, approved by another, in force on its day.

A change holds the columns it sets, as texts; the database turns them into its types. It is tried when it is drafted, so that
whoever drafts it sees what the tables refuse, and written when its day has come. A change whose row was changed in between
does not overwrite that; it is drafted again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind, ApprovalStatus, roles
from app.domain.administration.translations import catalog_text
from app.domain.notices import KINDS, LastTemplate, MessageTemplateRefused, NoticeKind, check_template
from app.domain.reference import DICTIONARIES, ChangeEvent, ChangeKind, ChangeStatus, moved
from app.models.administration import Approval
from app.models.reference import ReferenceChange
from app.queries import locks
from app.queries import reference as queries
from app.queries.administration import whole_company
from app.queries.locks import Lock
from app.queries.notices import templates
from app.queries.records import fetch_one, fetch_optional
from app.services import tariffs
from app.services.administration import approvals

_EVENTS = {
    ApprovalStatus.APPROVED: ChangeEvent.APPROVE,
    ApprovalStatus.REFUSED: ChangeEvent.REFUSE,
    ApprovalStatus.WITHDRAWN: ChangeEvent.WITHDRAW,
}


class ChangeInThePast(Exception):
    """A dictionary does not change on a day that is over."""


class NothingChanges(Exception):
    """The row holds all of that already."""


class AlreadyWaits(Exception):
    """Another change of the row, or a row with the same key, waits for approval or for its day."""


class ChangedMeanwhile(Exception):
    """The row was changed after the change was drafted."""


class EndsByItself(Exception):
    """A rate is not retired: a later one takes its place."""


class Draft(NamedTuple):
    """A change somebody wants.

    :ivar row_id: None for a row that is new
    :ivar contents: columns of the table and their values as JSON has them; lists and texts only
    """

    table: str
    kind: ChangeKind
    row_id: int | None
    contents: Mapping[str, Any]
    valid_from: date


class _Writer(NamedTuple):
    add: Callable[[Session, Mapping[str, Any]], int]
    change: Callable[[Session, int, Mapping[str, Any]], None]
    retire: Callable[[Session, int, date], None]


def propose(
    session: Session, drafts: Sequence[Draft], *, subject: str, basis: str | None, today: date, made_by: str | None = None
) -> Approval:
    """Try drafts and put them into the inbox as one request.

    :raises ChangeInThePast: if one is to be in force before today
    :raises NothingChanges: if a row holds all of that already
    :raises AlreadyWaits: if another change of a row waits
    :raises IntegrityError: if the table refuses it
    """
    locks.acquire(session, Lock.KEY, ReferenceChange.__tablename__, drafts[0].table)  # of two drafts at once the second sees the first
    complete = [_completed(session, draft, today) for draft in drafts]
    divisions = [_owner(session, draft) for draft, _before in complete]
    common = divisions[0] if len(set(divisions)) == 1 else whole_company(session)
    request = approvals.ask(
        session,
        ApprovalKind.REFERENCE_CHANGE,
        division_id=common,
        subject=subject,
        contents={"table": drafts[0].table, "rows": len(drafts)},
        basis=basis,
        made_by=made_by,
    )
    for (draft, before), division_id in zip(complete, divisions, strict=True):
        change = ReferenceChange(
            approval_id=request.id,
            division_id=division_id,
            table_name=draft.table,
            row_id=draft.row_id,
            kind=draft.kind,
            valid_from=draft.valid_from,
            before=before,
            contents=dict(draft.contents),
        )
        if made_by:
            change.created_by = made_by
        session.add(change)
    session.flush()
    return request


def put_in_force(session: Session, *, today: date, now: datetime) -> tuple[int, int]:
    """Write every approved change whose day has come; return how many, and how many could not be written.

    One that the table refuses keeps the reason and waits for people; the others go on.
    """
    done = failed = 0
    for change in session.scalars(_waiting().where(ReferenceChange.valid_from <= today)):
        try:
            with session.begin_nested():
                approvals.name_both(session, change.created_by, session.get_one(Approval, change.approval_id).decided_by or "")
                _come_into_force(session, change, today, now)
        except (ChangedMeanwhile, MessageTemplateRefused, tariffs.PricesAlreadyBilled, IntegrityError) as error:
            change.problem = f"{type(error).__name__}: {str(getattr(error, 'orig', error)).splitlines()[:1]}"[:300]
            failed += 1
        else:
            done += 1
    session.flush()
    approvals.name_both(session, "", "")
    return done, failed


def decided(session: Session, request: Approval, today: date, now: datetime) -> None:
    """Move the changes of a request on; those whose day has come are written at once.

    :raises ChangedMeanwhile: if a row was changed after its change was drafted
    :raises IntegrityError: if the table refuses it by now
    """
    event = _EVENTS[ApprovalStatus(request.status)]
    for change in session.scalars(select(ReferenceChange).where(ReferenceChange.approval_id == request.id).order_by(ReferenceChange.id)):
        change.status = moved(ChangeStatus(change.status), event)
        if change.status == ChangeStatus.APPROVED and (DICTIONARIES[change.table_name].dated or change.valid_from <= today):
            _come_into_force(session, change, today, now)


def check(session: Session, draft: Draft, today: date) -> None:
    """Tell whether a draft could be proposed, by the errors ``propose`` has."""
    _completed(session, draft, today)


def _completed(session: Session, draft: Draft, today: date) -> tuple[Draft, dict[str, Any] | None]:
    """Return a draft with nothing but what changes, tried, and what its row holds now."""
    if draft.valid_from < today and not DICTIONARIES[draft.table].dated:
        raise ChangeInThePast
    _check_waiting(session, draft)
    before = None
    if draft.kind == ChangeKind.CHANGE:
        assert draft.row_id is not None
        now_held, wanted = queries.row_texts(session, draft.table, draft.row_id), queries.as_texts(session, draft.table, draft.contents)
        changed = {column: value for column, value in wanted.items() if now_held.get(column) != value}
        if not changed:
            raise NothingChanges
        draft, before = draft._replace(contents=changed), {column: now_held.get(column) for column in changed}
    _try_out(session, draft)
    return draft, before


def _check_waiting(session: Session, draft: Draft) -> None:
    """Refuse a second change of a row, and a second row of the same key, while the first waits.

    :raises AlreadyWaits: if one waits
    """
    if draft.row_id is not None and queries.change_waits(session, draft.table, draft.row_id):
        raise AlreadyWaits
    if draft.kind == ChangeKind.RETIRE:
        return
    held = {} if draft.row_id is None else queries.row_texts(session, draft.table, draft.row_id)
    wanted = {**held, **{column: value for column, value in draft.contents.items() if value is not None}}
    if queries.key_waits(session, draft.table, draft.row_id, wanted):
        raise AlreadyWaits


def _try_out(session: Session, draft: Draft) -> None:
    """Write a draft and take it back, so that what the table refuses shows now.

    :raises IntegrityError: if the table refuses it
    :raises PricesAlreadyBilled: if bills were made with what it changes
    """
    with session.begin_nested() as trial:
        _write(session, draft, draft.valid_from)
        session.flush()
        trial.rollback()
    session.expire_all()


def _come_into_force(session: Session, change: ReferenceChange, today: date, now: datetime) -> None:
    if change.before is not None and change.row_id is not None:
        held = queries.row_texts(session, change.table_name, change.row_id)
        if {column: held.get(column) for column in change.before} != change.before:
            raise ChangedMeanwhile
    day = max(change.valid_from, today)
    _label_versions(session, day.isoformat(), str(change.id))
    row_id = _write(session, Draft(change.table_name, ChangeKind(change.kind), change.row_id, change.contents, change.valid_from), day)
    _label_versions(session, "", "")
    _retire_earlier(session, change.table_name, row_id)
    change.row_id, change.in_force_at = row_id, now
    change.status = moved(ChangeStatus.APPROVED, ChangeEvent.COME_INTO_FORCE)
    session.flush()


def _write(session: Session, draft: Draft, day: date) -> int:
    writer = _WRITERS.get(draft.table) or _plain_writer(draft.table)
    if draft.row_id is None:
        return writer.add(session, draft.contents)
    if draft.kind == ChangeKind.RETIRE:
        writer.retire(session, draft.row_id, day)
    else:
        writer.change(session, draft.row_id, draft.contents)
    return draft.row_id


def _retire_earlier(session: Session, table: str, row_id: int) -> None:
    """A change is retired when a later one of its row is in force."""
    session.execute(
        update(ReferenceChange)
        .where(ReferenceChange.table_name == table, ReferenceChange.row_id == row_id, ReferenceChange.status == ChangeStatus.IN_FORCE)
        .values(status=moved(ChangeStatus.IN_FORCE, ChangeEvent.RETIRE))
    )


def _label_versions(session: Session, day: str, change_id: str) -> None:
    """Tell the trigger that keeps the versions from which day they hold, and by which change."""
    settings = "SELECT set_config('app.valid_from', :day, true), set_config('app.change_id', :change_id, true)"
    session.execute(text(settings), {"day": day, "change_id": change_id})


def _waiting() -> Any:
    return (
        select(ReferenceChange)
        .where(ReferenceChange.status == ChangeStatus.APPROVED, ReferenceChange.problem.is_(None))
        .order_by(ReferenceChange.id)
        .with_for_update(skip_locked=True)
    )


def _owner(session: Session, draft: Draft) -> int:
    """Return the division whose people decide: the row's own, or the republic for what all share."""
    if not DICTIONARIES[draft.table].local:
        return whole_company(session)
    if draft.row_id is not None:
        return int(queries.row_texts(session, draft.table, draft.row_id)["division_id"] or 0)
    return int(draft.contents["division_id"])


def _plain_writer(table: str) -> _Writer:
    """Return how rows of a plain table are written."""

    def named(contents: Mapping[str, Any]) -> tuple[str, str]:
        names = ", ".join(sorted(contents))
        return names, f"SELECT {names} FROM jsonb_populate_record(NULL::{table}, CAST(:contents AS jsonb))"

    def add(session: Session, contents: Mapping[str, Any]) -> int:
        names, values = named(contents)
        return fetch_one(session, f"INSERT INTO {table} ({names}) {values} RETURNING id", int, contents=json.dumps(contents))

    def change(session: Session, row_id: int, contents: Mapping[str, Any]) -> None:
        names, values = named(contents)
        # A list of one column takes a row of one, which is what the sub-select is.
        session.execute(text(f"UPDATE {table} SET ({names}) = ({values}) WHERE id = :id"), {"contents": json.dumps(contents), "id": row_id})

    def retire(session: Session, row_id: int, day: date) -> None:
        session.execute(text(f"UPDATE {table} SET retired_on = :day WHERE id = :id"), {"day": day, "id": row_id})

    return _Writer(add, change, retire)


def _add_rate(session: Session, contents: Mapping[str, Any]) -> int:
    tariffs.check_unbilled(session, date.fromisoformat(contents["valid_from"]))
    return _plain_writer("vat_rate").add(session, contents)


def _change_rate(session: Session, row_id: int, contents: Mapping[str, Any]) -> None:
    held = queries.row_texts(session, "vat_rate", row_id)["valid_from"] or ""
    tariffs.check_unbilled(session, date.fromisoformat(min(held, contents.get("valid_from", held))))
    _plain_writer("vat_rate").change(session, row_id, contents)


def _keep_rate(_session: Session, _row_id: int, _day: date) -> None:
    raise EndsByItself


def _change_tariff(session: Session, row_id: int, contents: Mapping[str, Any]) -> None:
    """Change a tariff; bills found it by what it prices and for whom, so that stays once one was made."""
    first = fetch_optional(session, "SELECT min(valid_from) FROM tariff_version WHERE tariff_id = :id", date, id=row_id)
    if first is not None and {"resource_id", "tariff_group_id"} & set(contents):
        tariffs.check_unbilled(session, first)
    _plain_writer("tariff").change(session, row_id, contents)


def _add_template(session: Session, contents: Mapping[str, Any]) -> int:
    _check_words(contents)
    return _plain_writer("notice_template").add(session, contents)


def _change_template(session: Session, row_id: int, contents: Mapping[str, Any]) -> None:
    before = queries.row_texts(session, "notice_template", row_id)
    _check_words({**before, **contents})
    _plain_writer("notice_template").change(session, row_id, contents)
    _check_spoken(session, before, date.fromisoformat(before["valid_from"] or ""))


def _retire_template(session: Session, row_id: int, day: date) -> None:
    before = queries.row_texts(session, "notice_template", row_id)
    _plain_writer("notice_template").retire(session, row_id, day)
    _check_spoken(session, before, day)


def _check_spoken(session: Session, before: Mapping[str, str | None], day: date) -> None:
    """Refuse to take the last words of a kind: what it tells is written with them, whatever is done then.

    :raises LastTemplate: if the kind would have no words in Uzbek on a day
    """
    kind = NoticeKind(before["notice_kind"] or "")
    if KINDS[kind].is_active and "uz" not in templates(session, kind, day):
        raise LastTemplate(kind)


def _check_words(held: Mapping[str, Any]) -> None:
    """Refuse words of a message that would not come out whole.

    :raises MessageTemplateRefused: if they would not
    """
    spec = KINDS[NoticeKind(held["notice_kind"])]
    check_template(held["template_text"], spec.variables, spec.required)


_WRITERS = {
    "notice_template": _Writer(_add_template, _change_template, _retire_template),
    "tariff": _Writer(_plain_writer("tariff").add, _change_tariff, _plain_writer("tariff").retire),
    "tariff_version": _Writer(tariffs.add_version, tariffs.change_version, tariffs.end_version),
    "vat_rate": _Writer(_add_rate, _change_rate, _keep_rate),
}


APPROVAL = approvals.declare(
    approvals.ApprovalSpec(
        ApprovalKind.REFERENCE_CHANGE,
        catalog_text("Change of reference information"),
        catalog_text("approve changes of dictionaries"),
        (roles.SUPERVISOR, roles.RNI_EDITOR, roles.ADMINISTRATOR),
        decided,
        refuse=decided,
        too_late=(
            approvals.TooLate(
                ChangedMeanwhile,
                catalog_text("The row was changed after this was drafted. Refuse it, and have it drafted again."),
            ),
            approvals.TooLate(LastTemplate, catalog_text("Messages of this kind would have no words in Uzbek. Put others in force first.")),
            approvals.TooLate(
                tariffs.PricesAlreadyBilled,
                catalog_text("Bills were made with this version. End it and add a further version instead."),
            ),
        ),
    )
)
