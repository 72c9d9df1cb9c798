"""Days of providers compared: statement, tenders and ledger; what is not equal is asked about again, then people decide."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.payments import reconciliation
from app.domain.payments.reconciliation import (
    ASKED_AFTER,
    DOUBTS,
    STATES,
    STATUSES,
    VERDICTS,
    Decision,
    Matched,
    OurRecords,
    ProviderRecords,
    ReconciliationStatus,
    StatementState,
    Total,
    TransactionVerdict,
)
from app.models.payments.reconciliation import Reconciliation, ReconciliationRow
from app.queries.payments import reconciliation as queries
from app.queries.records import fetch_one
from app.services.administration import start_job

#: A round of questions that failed is not begun anew before.
_REST = timedelta(hours=1)
_EQUAL = VERDICTS.index(TransactionVerdict.EQUAL)


class NoStatement(Exception):
    """Of this day there is no statement of the provider to compare with."""


class DecisionRefused(Exception):
    """Only what is not equal is decided about."""


def reconcile(session: Session, contract_id: int, day: date, *, now: datetime) -> Mapping[TransactionVerdict, Total]:
    """Compare a provider's day and keep what is not equal; done again, it changes what has changed and nothing else.

    :raises NoStatement: if there is none of the day
    """
    if not queries.has_statement(session, contract_id, day):
        raise NoStatement
    # Two comparisons of a day go one after the other, so the later one writes what it has read later.
    found = _locked_day(session, contract_id, day, now)
    theirs, ours = queries.theirs(session, contract_id, day), queries.ours(session, contract_id, day)
    matched = reconciliation.match(theirs, ours)
    totals = reconciliation.totals(matched)
    _write_rows(session, contract_id, day, (theirs, ours, matched), now)
    _write_totals(session, found, totals)
    found.compared_at = now
    session.flush()
    return totals


def _locked_day(session: Session, contract_id: int, day: date, now: datetime) -> Reconciliation:
    session.execute(
        text(
            "INSERT INTO reconciliation (division_id, payment_contract_id, business_day, compared_at) "
            "SELECT id, :contract_id, :day, :now FROM division WHERE parent_id IS NULL "
            "ON CONFLICT (payment_contract_id, business_day) DO NOTHING"
        ),
        {"contract_id": contract_id, "day": day, "now": now},
    )
    statement = select(Reconciliation).where(Reconciliation.payment_contract_id == contract_id, Reconciliation.business_day == day)
    return session.execute(statement.with_for_update()).scalar_one()


def _write_totals(session: Session, found: Reconciliation, totals: Mapping[TransactionVerdict, Total]) -> None:
    for verdict, total in totals.items():
        setattr(found, f"{verdict.lower()}_rows", total.rows)
        setattr(found, f"{verdict.lower()}_tiyin", total.disputed_tiyin)
    for side in ("theirs_tiyin", "ours_tiyin", "ledger_tiyin"):
        setattr(found, side, sum(getattr(total, side) for total in totals.values()))
    percent = queries.commission_percent(session, found.payment_contract_id)
    found.expected_tiyin = reconciliation.less_commission(found.theirs_tiyin, percent)
    found.bank_tiyin = queries.bank_tiyin(session, found.payment_contract_id, found.business_day)


#: A row that became equal is settled; one that was settled or decided and differs anew is asked about anew.
_KEEP = text(
    """
    INSERT INTO reconciliation_row AS r (division_id, payment_contract_id, business_day, reference, verdict, doubt_reason, their_state,
        theirs_tiyin, our_status, ours_tiyin, ledger_tiyin, appeared_at, next_ask_at)
    SELECT (SELECT id FROM division WHERE parent_id IS NULL), :contract_id, :day, u.*, :now, :next_ask_at
    FROM unnest(CAST(:references AS text[]), CAST(:verdicts AS text[]), CAST(:doubts AS text[]), CAST(:states AS text[]),
                CAST(:theirs AS bigint[]), CAST(:statuses AS text[]), CAST(:ours AS bigint[]), CAST(:ledger AS bigint[])) AS u
    ON CONFLICT (payment_contract_id, reference) DO UPDATE SET
        business_day = excluded.business_day, verdict = excluded.verdict, doubt_reason = excluded.doubt_reason,
        their_state = excluded.their_state, theirs_tiyin = excluded.theirs_tiyin, our_status = excluded.our_status,
        ours_tiyin = excluded.ours_tiyin, ledger_tiyin = excluded.ledger_tiyin,
        status = CASE WHEN excluded.verdict = 'EQUAL' THEN CASE r.status WHEN 'DECIDED' THEN 'DECIDED' ELSE 'SETTLED' END
                      WHEN r.status = 'NEEDS_PERSON' THEN 'NEEDS_PERSON' ELSE 'WAITS' END,
        next_ask_at = CASE WHEN excluded.verdict = 'EQUAL' THEN NULL WHEN r.status IN ('WAITS', 'NEEDS_PERSON') THEN r.next_ask_at
                           ELSE excluded.next_ask_at END,
        appeared_at = CASE WHEN reopened THEN excluded.appeared_at ELSE r.appeared_at END,
        asked_times = CASE WHEN reopened THEN 0 ELSE r.asked_times END,
        decision = CASE WHEN reopened THEN NULL ELSE r.decision END,
        decided_by = CASE WHEN reopened THEN NULL ELSE r.decided_by END,
        decided_at = CASE WHEN reopened THEN NULL ELSE r.decided_at END
    WHERE (r.business_day, r.verdict, r.doubt_reason, r.their_state, r.theirs_tiyin, r.our_status, r.ours_tiyin, r.ledger_tiyin)
        IS DISTINCT FROM (excluded.business_day, excluded.verdict, excluded.doubt_reason, excluded.their_state, excluded.theirs_tiyin,
                          excluded.our_status, excluded.ours_tiyin, excluded.ledger_tiyin)
    """.replace("reopened", "excluded.verdict <> 'EQUAL' AND r.status IN ('SETTLED', 'DECIDED')")
)


def _write_rows(session: Session, contract_id: int, day: date, found: tuple[ProviderRecords, OurRecords, Matched], now: datetime) -> None:
    """Keep what is not equal, and what was not and is now."""
    theirs, ours, matched = found
    known = queries.unequal_references(session, contract_id)
    verdicts = matched.verdict.tolist()
    places = [place for place, name in enumerate(matched.reference) if verdicts[place] != _EQUAL or name in known]
    if not places:
        return
    their_place, our_place = matched.theirs[places].tolist(), matched.ours[places].tolist()
    given = {
        "references": [matched.reference[place] for place in places],
        "verdicts": [VERDICTS[verdicts[place]] for place in places],
        "doubts": _each(DOUBTS, matched.doubt[places].tolist()),
        "states": _each([STATES[each] for each in theirs.state.tolist()], their_place),
        "theirs": _each(theirs.amount_tiyin.tolist(), their_place),
        "statuses": _each([STATUSES[each] for each in ours.status.tolist()], our_place),
        "ours": _each(ours.amount_tiyin.tolist(), our_place),
        "ledger": matched.ledger_tiyin[places].tolist(),
    }
    session.execute(_KEEP, {**given, "contract_id": contract_id, "day": day, "now": now, "next_ask_at": now + ASKED_AFTER[0]})


def _each(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """Return the values at some places, None where there is none."""
    return [values[place] if place >= 0 else None for place in places]


def decide(session: Session, row_id: int, decision: Decision, *, by: str, remark: str, now: datetime) -> None:
    """Record what a person found out about a transaction; the money is moved elsewhere, by its own documents.

    :raises DecisionRefused: if the transaction is equal
    """
    row = session.execute(select(ReconciliationRow).where(ReconciliationRow.id == row_id).with_for_update()).scalar_one()
    if row.verdict == TransactionVerdict.EQUAL:
        raise DecisionRefused
    row.decision, row.decided_by, row.decided_at, row.remark = decision, by, now, remark[:300]
    row.status, row.next_ask_at = ReconciliationStatus.DECIDED, None
    session.flush()


def due(session: Session, *, now: datetime, limit: int = 200) -> list[queries.DueRow]:
    """Return the transactions that are to be asked about again by now."""
    return queries.due(session, now=now, limit=limit)


def mark_asked(session: Session, row_ids: Sequence[int]) -> None:
    """Count that transactions were asked about; after the last time they are left to people."""
    statement = select(ReconciliationRow).where(ReconciliationRow.id.in_(row_ids), ReconciliationRow.status == ReconciliationStatus.WAITS)
    for row in session.scalars(statement.order_by(ReconciliationRow.id).with_for_update()):
        row.asked_times += 1
        row.next_ask_at = reconciliation.next_ask(row.appeared_at, row.asked_times)
        if row.next_ask_at is None:
            row.status = ReconciliationStatus.NEEDS_PERSON
    session.flush()


def record_reply(session: Session, row: queries.DueRow, state: StatementState | None, answer: str) -> None:
    """Keep what a provider said of a transaction.

    An answer tells no amount, so it changes the state of a row its statement has, and makes none.

    :param state: how the transaction stands now; None: the provider did not say
    """
    session.execute(text("UPDATE reconciliation_row SET answer = :answer WHERE id = :id"), {"id": row.id, "answer": _kept(answer)})
    if state is not None:
        session.execute(
            text(
                "UPDATE statement_row SET state = :state WHERE payment_contract_id = :contract_id AND source = 'GATEWAY' "
                "AND reference = :reference AND state <> :state"
            ),
            {"state": state, "contract_id": row.contract_id, "reference": row.reference},
        )


def _kept(answer: str) -> str:
    """Return an answer's text as a column can hold it: half a character and NUL are none."""
    return answer[:200].replace("\0", "").encode(errors="replace").decode()


def start_comparison(session: Session, contract_id: int, day: date) -> int:
    """Ask for a job that compares a provider's day, and return its number."""
    return _start(session, {"contract_id": contract_id, "day": day.isoformat()})


def start_load(session: Session, contract_id: int, *, file_id: int, source: str) -> int:
    """Ask for a job that takes a statement in and compares its days, and return its number."""
    return _start(session, {"contract_id": contract_id, "file_id": file_id, "source": source})


def start_round(session: Session, *, now: datetime) -> int | None:
    """Ask for a job that asks about what is due, and return its number; None: nothing is due, or it is being asked about."""
    if not queries.due(session, now=now, limit=1) or queries.is_asked_about(session, since=now - _REST):
        return None
    return _start(session, {})


def _start(session: Session, parameters: dict[str, Any]) -> int:
    division_id = fetch_one(session, "SELECT id FROM division WHERE parent_id IS NULL", int)
    return start_job(session, JobKind.RECONCILE, division_id=division_id, parameters=parameters)
