"""Accounts found and shown."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.metering import RegisterCode
from app.queries.holdings import ALWAYS, Holding
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_optional

#: Digits of a number the office gives: branch code and personal number.
_NUMBER_LENGTH = 12


class Card(NamedTuple):
    """The head of an account's page."""

    id: int
    division_id: int
    division: str
    number: str
    status: str
    opened_on: date
    closed_on: date | None
    consumer_id: int
    consumer_kind: str
    consumer_name: str
    phone: str | None
    language: str
    identifier: str | None  #: JSHSHIR or STIR
    address: str
    tariff_group: str | None
    resource: str | None
    unit: str
    capacity_milli: int | None
    debt_tiyin: int
    advance_tiyin: int
    billed_to: date | None
    actual_to: date | None
    #: since when its place has been off, and why; None: it is on
    off_since: datetime | None
    off_reason: str | None
    off_source: str | None
    #: the order about its place that waits
    order_id: int | None
    order_kind: str | None
    order_status: str | None


#: Connected capacity of account ``a`` at place ``sp``: the last that was agreed, else the one of the place.
CAPACITY = """
    coalesce((SELECT value_milli FROM supply_term t WHERE t.account_id = a.id AND t.kind = 'CAPACITY' AND t.valid_to IS NULL),
             sp.capacity_milli)
"""

#: Since which day the place of an installation (``i``) is off; NULL: it is on.
OFF_SINCE = """(
    SELECT CAST(o.begins_at AT TIME ZONE 'Asia/Tashkent' AS date) FROM point_state o
    WHERE o.service_point_id = i.service_point_id AND o.supply_state = 'OFF' AND o.ends_at IS NULL AND o.withdrawn_act_id IS NULL)
"""

_CARD = f"""
    SELECT a.id, a.division_id, {shown("d")} AS division, a.number, a.status, a.opened_on, a.closed_on, c.id AS consumer_id,
           c.kind AS consumer_kind, c.name AS consumer_name, c.phone, c.language,
           coalesce(c.pinfl, c.stir) AS identifier,
           coalesce(concat_ws(', ', m.name, st.name, sp.house || coalesce('-' || sp.flat, '')), '') AS address,
           {shown("g")} AS tariff_group, {shown("r")} AS resource, coalesce(r.unit, 'kWh') AS unit, {CAPACITY} AS capacity_milli,
           coalesce(p.debt_tiyin, 0) AS debt_tiyin, coalesce(p.advance_tiyin, 0) AS advance_tiyin,
           p.billed_to, p.actual_to, off.begins_at AS off_since, off.off_reason, off.state_source AS off_source,
           o.id AS order_id, o.kind AS order_kind, o.status AS order_status
    FROM account a
    JOIN division d ON d.id = a.division_id
    JOIN consumer c ON c.id = a.consumer_id
    LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
    LEFT JOIN service_point sp ON sp.id = s.service_point_id
    LEFT JOIN street st ON st.id = sp.street_id
    LEFT JOIN mahalla m ON m.id = st.mahalla_id
    LEFT JOIN tariff_group g ON g.id = s.tariff_group_id
    LEFT JOIN resource r ON r.id = sp.resource_id
    LEFT JOIN account_position p ON p.account_id = a.id
    LEFT JOIN point_state off ON off.service_point_id = sp.id AND off.ends_at IS NULL AND off.withdrawn_act_id IS NULL
        AND off.supply_state = 'OFF'
    LEFT JOIN supply_order o ON o.service_point_id = sp.id AND o.status IN ('DRAFT', 'ISSUED')
"""


def card(session: Session, account_id: int) -> Card | None:
    """Return an account, or None if it is not there (or not the reader's)."""
    return fetch_optional(session, f"{_CARD} WHERE a.id = :id", Card, id=account_id)


def card_by_number(session: Session, number: str) -> Card | None:
    """Return an account by its number."""
    return fetch_optional(session, f"{_CARD} WHERE a.number = :number", Card, number=number)


def ids_of_numbers(session: Session, numbers: Collection[str]) -> list[int]:
    """Return the accounts that have one of some numbers."""
    return fetch_all(session, "SELECT id FROM account WHERE number = ANY (:numbers) ORDER BY id", int, numbers=sorted(numbers))


_UNITS = """
    SELECT DISTINCT ON (s.account_id) s.account_id, r.unit
    FROM supply s JOIN service_point sp ON sp.id = s.service_point_id JOIN resource r ON r.id = sp.resource_id
    WHERE s.account_id = ANY (:accounts) ORDER BY s.account_id, s.valid_from DESC
"""


class AccountUnit(NamedTuple):
    """In which unit an account's energy is counted."""

    account_id: int
    unit: str


def units_of(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """Return in which unit the energy of each account is counted."""
    return {row.account_id: row.unit for row in fetch_all(session, _UNITS, AccountUnit, accounts=sorted(account_ids))}


class TimelineRow(NamedTuple):
    """Something that happened to an account."""

    happened_on: date
    #: BILL, CANCELLATION, PAYMENT, REVERSAL, NOTE, NOTE_REVERSAL, CHARGE, READING, INSTALLATION, INSPECTION, NOTICE, DOCUMENT,
    #: ACT, COUNTER_ACT, STATEMENT_ANSWER, APPLICATION
    kind: str
    document_id: int
    amount_tiyin: int | None
    quantity_milli: int | None
    detail: str
    #: it was taken back, replaced or reversed by a further row
    undone: bool


_TIMELINE = f"""
    SELECT * FROM (
        SELECT b.issued_on AS happened_on, CASE WHEN b.cancels_id IS NULL THEN 'BILL' ELSE 'CANCELLATION' END AS kind,
               b.id AS document_id, b.amount_tiyin, b.quantity_milli, to_char(b.billing_month, 'YYYY-MM') AS detail,
               c.id IS NOT NULL AS undone
        FROM bill b LEFT JOIN bill c ON c.cancels_id = b.id AND c.billing_month = b.billing_month WHERE b.account_id = :id
        UNION ALL
        SELECT p.received_on, CASE WHEN p.reverses_id IS NULL THEN 'PAYMENT' ELSE 'REVERSAL' END, p.id,
               CASE WHEN p.reverses_id IS NULL THEN -p.amount_tiyin ELSE p.amount_tiyin END, NULL, p.channel, r.id IS NOT NULL
        FROM payment p LEFT JOIN payment r ON r.reverses_id = p.id WHERE p.account_id = :id
        UNION ALL
        SELECT n.posted_on, CASE WHEN n.reverses_id IS NULL THEN 'NOTE' ELSE 'NOTE_REVERSAL' END, n.id,
               CASE WHEN n.reverses_id IS NULL THEN -n.amount_tiyin ELSE n.amount_tiyin END, NULL, n.basis, r.id IS NOT NULL
        FROM adjustment n LEFT JOIN adjustment r ON r.reverses_id = n.id WHERE n.account_id = :id
        UNION ALL
        SELECT (k.created_at AT TIME ZONE 'Asia/Tashkent')::date, 'CHARGE', k.id, k.amount_tiyin, NULLIF(k.quantity_milli, 0), k.component,
               r.id IS NOT NULL
        FROM billable_charge k LEFT JOIN billable_charge r ON r.reverses_id = k.id WHERE k.account_id = :id
        UNION ALL
        SELECT r.read_on, 'READING', r.id, NULL, r.dial_milli, r.kind || ' ' || g.code, n.id IS NOT NULL
        FROM reading r JOIN register g ON g.id = r.register_id LEFT JOIN reading n ON n.replaces_id = r.id WHERE r.account_id = :id
        UNION ALL
        SELECT DISTINCT i.valid_from, 'INSTALLATION', i.id, NULL::bigint, NULL::bigint, m.serial_number, false
        FROM supply s JOIN meter_installation i ON i.service_point_id = s.service_point_id
            AND daterange(i.valid_from, i.valid_to) && daterange(s.valid_from, s.valid_to)
        JOIN device m ON m.id = i.meter_id WHERE s.account_id = :id
        UNION ALL
        SELECT drawn_on, 'INSPECTION', id, amount_tiyin, quantity_milli, number, status = 'REFUSED'
        FROM inspection_record WHERE account_id = :id
        UNION ALL
        SELECT (created_at AT TIME ZONE 'Asia/Tashkent')::date, 'NOTICE', id, NULL, NULL, status, false FROM notice WHERE account_id = :id
        UNION ALL
        SELECT (created_at AT TIME ZONE 'Asia/Tashkent')::date, 'DOCUMENT', id, NULL, NULL, title, false
        FROM account_document WHERE account_id = :id
        UNION ALL
        SELECT answered_on, 'STATEMENT_ANSWER', account_statement_id, NULL, NULL, agreement || ' ' || objection, false
        FROM statement_answer WHERE account_id = :id
        UNION ALL
        SELECT q.filed_on, 'APPLICATION', q.id, NULL, NULL, {shown("k")}, q.status = 'WITHDRAWN'
        FROM application q JOIN application_kind k ON k.id = q.application_kind_id WHERE q.account_id = :id
        UNION ALL
        SELECT effective_on, CASE WHEN reverses_id IS NULL THEN 'ACT' ELSE 'COUNTER_ACT' END, id, NULL, NULL, kind, status = 'REVERSED'
        FROM act
        WHERE status IN ('DONE', 'REVERSED')
          AND (account_id = :id
               OR account_id IS NULL AND consumer_id = (SELECT a.consumer_id FROM account a WHERE a.id = :id)
               OR kind = 'CHANGE_OWNER' AND account_id = (SELECT a.continues_id FROM account a WHERE a.id = :id))
    ) t ORDER BY happened_on DESC, document_id DESC LIMIT :limit
"""


def timeline(session: Session, account_id: int, *, limit: int = 60) -> list[TimelineRow]:
    """Return what happened to an account, newest first; amounts with the sign of what they change of what is owed."""
    return fetch_all(session, _TIMELINE, TimelineRow, id=account_id, limit=limit)


class AccountInstallation(NamedTuple):
    """A meter's service at a place an account was supplied at."""

    id: int
    valid_from: date
    valid_to: date
    meter_id: int
    serial_number: str
    model: str
    verified_to: date | None
    registers: list[str] | None
    ct_primary: int
    ct_secondary: int
    vt_primary: int
    vt_secondary: int


def account_installations(session: Session, account_id: int, held: Holding = ALWAYS) -> list[AccountInstallation]:
    """Return the meters that served an account, newest first.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    """
    statement = """
        SELECT DISTINCT i.id, i.valid_from, i.valid_to, m.id AS meter_id, m.serial_number, mm.name AS model, m.verified_to,
               (SELECT array_agg(concat_ws(' ', g.digits, g.decimals, g.code) ORDER BY array_position(CAST(:codes AS text[]), g.code::text))
                FROM register g WHERE g.meter_id = m.id) AS registers,
               i.ct_primary, i.ct_secondary, i.vt_primary, i.vt_secondary
        FROM supply s
        JOIN meter_installation i ON i.service_point_id = s.service_point_id
            AND daterange(i.valid_from, i.valid_to) && daterange(s.valid_from, s.valid_to)
        JOIN device m ON m.id = i.meter_id JOIN device_model mm ON mm.id = m.model_id
        WHERE s.account_id = :id AND coalesce(i.valid_to > :held_since, true) ORDER BY i.valid_from DESC, i.id DESC
        """
    codes = [code.value for code in RegisterCode]
    return fetch_all(session, statement, AccountInstallation, id=account_id, held_since=held.since, codes=codes)


def next_number(session: Session, branch: str) -> str | None:
    """Return the number after the highest of a branch; None: the branch has no code, or no number is left behind it."""
    statement = "SELECT max(number) FROM account WHERE number BETWEEN :first AND :last AND length(number) = :length"
    places = _NUMBER_LENGTH - len(branch)
    first, last = branch + "0" * places, branch + "9" * places
    newest = fetch_optional(session, statement, str, first=first, last=last, length=_NUMBER_LENGTH) if branch else None
    following = f"{int(newest or first) + 1:0{_NUMBER_LENGTH}}"
    return following if branch and following.startswith(branch) else None
