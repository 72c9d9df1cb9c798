"""The life of a provider's tender: taken, performed, cancelled; it is posted to the ledger afterwards.

A tender is kept in one statement that touches nothing but the tables of payments, so money is taken while bills are made, months
are closed and workers are away. ``crediting`` sets it against debts; until then it counts as waiting.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain import payments
from app.domain.payments import TenderEvent, TenderStatus, UnkeptCall
from app.domain.payments.channels import Channel
from app.queries import payments as queries
from app.queries.payments import TenderRecord
from app.queries.records import fetch_all, fetch_one, fetch_optional
from app.services.payments.controls import release_from_suspense


class TooLateToCancel(Exception):
    """A payment is older than its contract lets a provider cancel."""


class TenderRequest(NamedTuple):
    """A tender as a provider asks us to keep it."""

    contract_id: int
    #: the provider's number of the transaction
    reference: str
    account_number: str
    amount_tiyin: int
    provider_ms: int
    #: the money was collected already; else the provider will say when it was
    is_performed: bool
    #: the day's control, if it is performed
    control_id: int | None = None
    #: over the counter: for a closed account too; where a division works on its own node, the database refuses and names it
    at_counter: bool = False


class TenderResult(NamedTuple):
    """What became of an asked tender: kept now, known from before, or (without a tender) why not."""

    tender: TenderRecord | None
    is_new: bool
    #: the account that was asked for; None: there is none that money may be taken for
    account_id: int | None
    is_blocked: bool
    #: what the account owes (below zero: has ahead) with all that was performed, also what the ledger has not heard of yet
    owed_tiyin: int

    def agrees(self, asked: TenderRequest) -> bool:
        """Tell whether a known tender is the one that was asked for."""
        return self.tender is not None and (self.tender.account_number, self.tender.amount_tiyin) == (
            asked.account_number,
            asked.amount_tiyin,
        )


_TAKE = f"""
    WITH asked AS (
        SELECT * FROM unnest(CAST(:contract AS bigint[]), CAST(:reference AS text[]), CAST(:number AS text[]), CAST(:amount AS bigint[]),
                             CAST(:provider_ms AS bigint[]), CAST(:performed AS boolean[]), CAST(:control AS bigint[]),
                             CAST(:at_counter AS boolean[]))
            WITH ORDINALITY AS a (contract_id, reference, number, amount, provider_ms, performed, control_id, at_counter, place)
    ), found AS (
        SELECT a.*, c.id AS account_id, c.division_id, {queries.BLOCKED} AS is_blocked
        FROM asked a LEFT JOIN account c ON c.number = a.number AND (a.at_counter OR {queries.PAYABLE} AND NOT {queries.ELSEWHERE})
    ), written AS (
        INSERT INTO tender (division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms,
                            created_ms, performed_ms, payment_control_id, received_on, waiting)
        SELECT DISTINCT ON (contract_id, reference)
               division_id, contract_id, reference, account_id, number, amount,
               CASE WHEN performed THEN 'PERFORMED' ELSE 'CREATED' END, provider_ms, CAST(:now_ms AS bigint),
               CASE WHEN performed THEN CAST(:now_ms AS bigint) ELSE 0 END,
               control_id, CASE WHEN performed THEN CAST(:today AS date) END, performed
        FROM found WHERE account_id IS NOT NULL AND NOT is_blocked
        ORDER BY contract_id, reference, place
        ON CONFLICT (payment_contract_id, reference) DO NOTHING
        RETURNING id, payment_contract_id, reference, account_number, amount_tiyin
    )
    SELECT f.place, f.account_id, coalesce(f.is_blocked, false) AS is_blocked, w.id AS new_id,
           t.id, t.payment_contract_id AS contract_id, t.reference, t.account_id AS known_account_id, t.account_number, t.amount_tiyin,
           t.status, t.provider_ms, t.created_ms, t.performed_ms, t.cancelled_ms, t.cancel_reason, t.received_on,
           (coalesce(p.debt_tiyin - p.advance_tiyin, 0) - {queries.WAITING.format("f.account_id")})::bigint AS owed_tiyin
    FROM found f
    LEFT JOIN written w ON w.payment_contract_id = f.contract_id AND w.reference = f.reference
        AND w.account_number = f.number AND w.amount_tiyin = f.amount
    LEFT JOIN tender t ON t.payment_contract_id = f.contract_id AND t.reference = f.reference
    LEFT JOIN account_position p ON p.account_id = f.account_id
    ORDER BY f.place
    """


class _Row(NamedTuple):
    """What became of a tender that was asked for: written just now, known before, or neither."""

    place: int
    account_id: int | None
    is_blocked: bool
    new_id: int | None
    id: int | None
    contract_id: int | None
    reference: str | None
    known_account_id: int | None
    account_number: str | None
    amount_tiyin: int | None
    status: str | None
    provider_ms: int | None
    created_ms: int | None
    performed_ms: int | None
    cancelled_ms: int | None
    cancel_reason: int | None
    received_on: date | None
    owed_tiyin: int

    def known(self) -> TenderRecord | None:
        """Return the tender that was known before."""
        if self.id is None:
            return None
        held = self._asdict() | {"account_id": self.known_account_id}
        return TenderRecord(**{name: held[name] for name in TenderRecord._fields})


def accept(session: Session, asked: Sequence[TenderRequest], *, now_ms: int, today: date) -> list[TenderResult]:
    """Keep tenders, each once, in one statement; return what became of each, in order.

    The same tender twice is kept once; the second of the two is told as known. Nothing of the ledger is locked.
    """
    given = {
        "contract": [each.contract_id for each in asked], "reference": [each.reference for each in asked],
        "number": [each.account_number for each in asked], "amount": [each.amount_tiyin for each in asked],
        "provider_ms": [each.provider_ms for each in asked], "performed": [each.is_performed for each in asked],
        "control": [each.control_id for each in asked], "at_counter": [each.at_counter for each in asked],
        "now_ms": now_ms, "today": today,
    }  # fmt: skip
    rows = fetch_all(session, _TAKE, _Row, **given)
    seen: set[int] = set()
    result = []
    for one, row in zip(asked, rows, strict=True):
        is_new = row.new_id is not None and row.new_id not in seen
        seen.add(row.new_id or 0)
        just_paid = one.amount_tiyin if is_new and one.is_performed else 0
        tender = _tender(session, one, row, now_ms=now_ms, today=today)
        result.append(TenderResult(tender, is_new, row.account_id, row.is_blocked, row.owed_tiyin - just_paid))
    return result


def _tender(session: Session, asked: TenderRequest, row: _Row, *, now_ms: int, today: date) -> TenderRecord | None:
    """Return a tender as it was written just now, as it was known, or as another call wrote it in this moment."""
    if row.new_id is None:
        return row.known() or queries.tender(session, asked.contract_id, asked.reference)
    made = TenderRecord(
        id=row.new_id,
        contract_id=asked.contract_id,
        reference=asked.reference,
        account_id=row.account_id,
        account_number=asked.account_number,
        amount_tiyin=asked.amount_tiyin,
        status=TenderStatus.CREATED,
        provider_ms=asked.provider_ms,
        created_ms=now_ms,
        performed_ms=0,
        cancelled_ms=0,
        cancel_reason=None,
        received_on=None,
    )
    return made._replace(status=TenderStatus.PERFORMED, performed_ms=now_ms, received_on=today) if asked.is_performed else made


def perform(session: Session, tender: TenderRecord, *, control_id: int, now_ms: int, today: date) -> TenderRecord:
    """Turn a created, locked tender into money received; it is posted to the ledger afterwards."""
    assert payments.next_status(TenderStatus(tender.status), TenderEvent.PERFORM)
    session.execute(
        text(
            "UPDATE tender SET status = 'PERFORMED', performed_ms = :now_ms, payment_control_id = :control_id, received_on = :today, "
            "waiting = true WHERE id = :id"
        ),
        {"id": tender.id, "now_ms": now_ms, "control_id": control_id, "today": today},
    )
    return tender._replace(status=TenderStatus.PERFORMED, performed_ms=now_ms, received_on=today)


class Cancellation(NamedTuple):
    """Why and when a tender is reversed, and what its return is counted by."""

    event: TenderEvent
    reason: int | None
    now_ms: int
    today: date
    #: the control that money given back counts in; None: the tender's own kind of day is opened
    control_id: int | None = None
    #: days after which a performed tender is not cancelled any more
    most_days: int | None = None


def cancel(session: Session, tender: TenderRecord, undoing: Cancellation) -> TenderRecord:
    """Cancel a locked tender; that of a performed one is posted to the ledger afterwards.

    :raises TooLateToCancel: if it is older than may be
    """
    status = payments.next_status(TenderStatus(tender.status), undoing.event)
    assert status is not None
    is_undone, control_id = status == TenderStatus.REVERSED, undoing.control_id
    if is_undone:
        assert tender.received_on is not None
        if undoing.most_days is not None and (undoing.today - tender.received_on).days > undoing.most_days:
            raise TooLateToCancel
        control_id = control_id or day_control(session, tender.contract_id, undoing.today)
        if tender.account_id is None:
            release_from_suspense(session, tender.id, on=undoing.today, reason="given back")
    # What the ledger did not hear of yet is known as undone before it does: then it never hears of either.
    session.execute(
        text(
            "UPDATE tender SET status = :status, cancelled_ms = :now_ms, cancel_reason = :reason, "
            "waiting = :undone AND NOT waiting AND account_id IS NOT NULL, reversal_control_id = :control_id WHERE id = :id"
        ),
        {
            "id": tender.id, "status": status, "now_ms": undoing.now_ms, "reason": undoing.reason, "undone": is_undone,
            "control_id": control_id if is_undone else None,
        },
    )  # fmt: skip
    return tender._replace(status=status, cancelled_ms=undoing.now_ms, cancel_reason=undoing.reason)


def reassign(session: Session, tender_id: int, account_id: int | None) -> None:
    """Give a locked tender another account, which is posted to the ledger afterwards, or none."""
    session.execute(
        text(
            "UPDATE tender t SET account_id = CAST(:account_id AS bigint), waiting = CAST(:account_id AS bigint) IS NOT NULL, "
            "division_id = coalesce((SELECT division_id FROM account WHERE id = :account_id), t.division_id) WHERE t.id = :id"
        ),
        {"id": tender_id, "account_id": account_id},
    )


def day_control(session: Session, contract_id: int, day: date) -> int:
    """Return the control of a provider's day, opened by its first tender."""
    given = {"contract_id": contract_id, "day": day}
    session.execute(
        text(
            "INSERT INTO payment_control (division_id, kind, payment_contract_id, business_day) "
            "SELECT id, 'GATEWAY_DAY', :contract_id, :day FROM division WHERE parent_id IS NULL "
            "ON CONFLICT (payment_contract_id, business_day) WHERE kind = 'GATEWAY_DAY' DO NOTHING"
        ),
        given,
    )
    found = "SELECT id FROM payment_control WHERE kind = 'GATEWAY_DAY' AND payment_contract_id = :contract_id AND business_day = :day"
    return fetch_one(session, found, int, **given)


class CallRecord(NamedTuple):
    """A provider's call and our answer; secrets were taken out of both."""

    channel: Channel
    method: str
    reference: str | None
    address: str
    request: str
    reply: str


def log_calls(session: Session, calls: Sequence[CallRecord]) -> None:
    """Keep calls for people who look into a dispute."""
    if not calls:
        return
    statement = text(
        "INSERT INTO gateway_call (channel, method, reference, address, request, reply) "
        "SELECT * FROM unnest(CAST(:channel AS text[]), CAST(:method AS text[]), CAST(:reference AS text[]), CAST(:address AS text[]), "
        "CAST(:request AS text[]), CAST(:reply AS text[]))"
    )
    session.execute(statement, {
        "channel": [each.channel for each in calls], "method": [_cut(each.method, 64) for each in calls],
        "reference": [None if each.reference is None else _cut(each.reference, 64) for each in calls],
        "address": [_cut(each.address, 64) for each in calls], "request": [_cut(each.request, 4000) for each in calls],
        "reply": [_cut(each.reply, 4000) for each in calls],
    })  # fmt: skip


def count_calls(session: Session, counts: Mapping[tuple[Channel, UnkeptCall], int], *, day: date) -> None:
    """Count calls that are not kept: those that showed no key, and wrong keys without end."""
    for (channel, reason), count in sorted(counts.items()):
        session.execute(
            text(
                "INSERT INTO unkept_call (day, channel, reason, count) VALUES (:day, :channel, :reason, :count) "
                "ON CONFLICT (day, channel, reason) DO UPDATE SET count = unkept_call.count + excluded.count"
            ),
            {"day": day, "channel": channel, "reason": reason, "count": count},
        )


def _cut(words: str, longest: int) -> str:
    return words[:longest].replace("\0", "").encode(errors="replace").decode()


def keep_fiscal_receipt(session: Session, contract_id: int, reference: str, kind: str, receipt: dict[str, Any]) -> bool:
    """Keep the fiscal receipt of a payment or of its return, the first one for good; tell whether there is such a tender."""
    statement = (
        "UPDATE tender SET fiscal = jsonb_build_object(CAST(:kind AS text), CAST(:receipt AS jsonb)) || fiscal "
        "WHERE payment_contract_id = :contract_id AND reference = :reference RETURNING id"
    )
    given = {"contract_id": contract_id, "reference": reference, "kind": kind, "receipt": json.dumps(receipt)}
    return fetch_optional(session, statement, int, **given) is not None


#: A shorter key could be guessed.
SHORTEST_KEY = 8


class KeyRefused(Exception):
    """A key is too short, or another contract's."""


def change_key(session: Session, contract_id: int, key: str) -> None:
    """Let a provider sign in with another key from now on; only its digest is kept.

    :raises KeyRefused: if it cannot be a key
    """
    if len(key.strip()) < SHORTEST_KEY:
        raise KeyRefused
    digest = hashlib.sha256(key.encode()).hexdigest()
    try:
        with session.begin_nested():
            session.execute(text("UPDATE payment_contract SET key_sha256 = :digest WHERE id = :id"), {"id": contract_id, "digest": digest})
    except IntegrityError:
        raise KeyRefused from None
