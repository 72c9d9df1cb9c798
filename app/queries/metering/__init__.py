"""Registers in use, their readings, and files of readings."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.metering import RegisterCode
from app.queries.accounts import CAPACITY, OFF_SINCE
from app.queries.billing import live, made_with
from app.queries.holdings import ALWAYS, Holding
from app.queries.records import fetch_all, fetch_optional


class Series(NamedTuple):
    """A register during one meter installation, with its latest reading and what is needed to judge the next one."""

    account_id: int
    division_id: int
    account_number: str
    meter_number: str
    meter_installation_id: int
    register_id: int
    register: str  #: a ``RegisterCode``
    valid_from: date
    valid_to: date | None
    capacity_milli: int  #: first dial the display cannot show
    decimals: int
    multiplier_numerator: int
    multiplier_denominator: int
    quantum_milli: int
    capacity_milli_per_hour: int
    last_read_on: date | None
    last_dial_milli: int | None
    history_milli: int  #: energy of the latest actual periods
    history_days: int
    actual_to: date | None  #: the day up to which bills that stand are made of readings
    last_row: int  #: row of the file that the latest reading stands in; 0 if it is recorded
    last_reading_id: int | None
    last_source: str | None  #: a ``ReadingSource``
    last_kind: str | None  #: a ``ReadingKind``
    before_milli: int | None  #: dial of the reading before the latest
    off_since: date | None  #: since when the supply is off


_SERIES = f"""
    SELECT a.id AS account_id, a.division_id, a.number AS account_number, m.serial_number AS meter_number,
           i.id AS meter_installation_id, g.id AS register_id, g.code AS register,
           greatest(i.valid_from, s.valid_from) AS valid_from, least(i.valid_to, s.valid_to) AS valid_to,
           (1000 * 10 ^ g.digits)::bigint AS capacity_milli, g.decimals, i.ct_primary::bigint * i.vt_primary AS multiplier_numerator,
           i.ct_secondary::bigint * i.vt_secondary AS multiplier_denominator, r.quantum_milli,
           {CAPACITY} AS capacity_milli_per_hour, last.read_on AS last_read_on, last.dial_milli AS last_dial_milli,
           coalesce(h.quantity_milli, 0)::bigint AS history_milli, coalesce(h.days, 0)::bigint AS history_days, p.actual_to, 0 AS last_row,
           last.id AS last_reading_id, last.source AS last_source, last.kind AS last_kind, last.before_milli,
           {OFF_SINCE} AS off_since
    FROM account a
    JOIN supply s ON s.account_id = a.id
    JOIN service_point sp ON sp.id = s.service_point_id
    JOIN resource r ON r.id = sp.resource_id
    JOIN meter_installation i ON i.service_point_id = sp.id
        AND daterange(i.valid_from, i.valid_to) && daterange(s.valid_from, s.valid_to)
    JOIN device m ON m.id = i.meter_id
    JOIN register g ON g.meter_id = m.id AND g.code = ANY(:codes)
    LEFT JOIN account_position p ON p.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT x.id, x.read_on, x.dial_milli, x.source, x.kind, lead(x.dial_milli) OVER (ORDER BY x.read_on DESC, x.id DESC) AS before_milli
        FROM reading x
        WHERE x.meter_installation_id = i.id AND x.register_id = g.id AND x.account_id = a.id
          AND x.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = x.id)
        ORDER BY x.read_on DESC, x.id DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT sum(quantity_milli) AS quantity_milli, sum(period_to - period_from) AS days FROM (
            SELECT sum(quantity_milli) AS quantity_milli, period_from, period_to FROM consumption c
            WHERE c.account_id = a.id AND c.quality = 'ACTUAL' AND g.code IN ('TOTAL', c.zone)
            GROUP BY period_from, period_to ORDER BY period_to DESC LIMIT 3
        ) c
    ) h ON true
"""
_CODES = [code.value for code in RegisterCode]
_BY_PLACE = "i.valid_from, i.id, s.valid_from, array_position(CAST(:codes AS text[]), g.code::text)"


def series_by_number(session: Session, numbers: list[str]) -> list[Series]:
    """Return the registers of accounts by account number, the newest installation of each last, registers in the order of their codes."""
    statement = f"{_SERIES} WHERE a.number = ANY(:numbers) ORDER BY a.number, {_BY_PLACE}"
    return fetch_all(session, statement, Series, numbers=numbers, codes=_CODES)


def series_of_account(session: Session, account_id: int) -> list[Series]:
    """Return the registers of an account, the newest installation last, its registers in the order of the codes."""
    statement = f"{_SERIES} WHERE a.id = :account_id ORDER BY {_BY_PLACE}"
    return fetch_all(session, statement, Series, account_id=account_id, codes=_CODES)


def is_open(session: Session, reading_id: int) -> bool:
    """Return whether a reading is the newest of its register, not replaced, and no bill that stands was made with it."""
    statement = f"""
        SELECT 1 FROM reading r WHERE r.id = :id
          AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id)
          AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.meter_installation_id = r.meter_installation_id
                          AND n.register_id = r.register_id AND n.read_on > r.read_on AND n.kind <> 'WITHDRAWAL'
                          AND NOT EXISTS (SELECT 1 FROM reading w WHERE w.replaces_id = n.id AND w.kind = 'WITHDRAWAL'))
          AND NOT EXISTS (SELECT 1 FROM consumption c JOIN bill b ON b.id = c.bill_id AND b.billing_month = c.billing_month AND {live("b")}
                          WHERE c.account_id = r.account_id AND (c.earlier_reading_id = r.id OR c.later_reading_id = r.id))
          AND NOT EXISTS (SELECT 1 FROM bill b WHERE {made_with("r")} AND {live("b")})
        """
    return fetch_optional(session, statement, int, id=reading_id) is not None


def is_replaced(session: Session, reading_id: int) -> bool:
    """Return whether a further reading replaced one."""
    return fetch_optional(session, "SELECT 1 FROM reading WHERE replaces_id = :id", int, id=reading_id) is not None


class DialOnDay(NamedTuple):
    """What a register showed on a day."""

    read_on: date
    dial_milli: int


def reading_after(session: Session, reading_id: int) -> DialOnDay | None:
    """Return the day and dial of the reading after one, of the same register."""
    statement = """
        SELECT b.read_on, b.dial_milli FROM reading r
        JOIN reading b ON b.meter_installation_id = r.meter_installation_id AND b.register_id = r.register_id
            AND b.account_id = r.account_id AND b.read_on > r.read_on AND b.kind <> 'WITHDRAWAL'
        WHERE r.id = :id AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = b.id)
        ORDER BY b.read_on, b.id DESC LIMIT 1
        """
    return fetch_optional(session, statement, DialOnDay, id=reading_id)


def reading_before(session: Session, reading_id: int) -> DialOnDay | None:
    """Return the day and dial of the reading before one, of the same register."""
    statement = """
        SELECT b.read_on, b.dial_milli FROM reading r
        JOIN reading b ON b.meter_installation_id = r.meter_installation_id AND b.register_id = r.register_id
            AND b.account_id = r.account_id AND b.read_on < r.read_on AND b.kind <> 'WITHDRAWAL'
        WHERE r.id = :id AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = b.id)
        ORDER BY b.read_on DESC, b.id DESC LIMIT 1
        """
    return fetch_optional(session, statement, DialOnDay, id=reading_id)


class AccountReading(NamedTuple):
    """A reading of an account's meter as its list shows it."""

    id: int
    read_on: date
    dial_milli: int
    kind: str
    source: str
    created_by: str
    serial_number: str
    register: str
    replaced: bool
    newest: bool


def account_readings(
    session: Session, account_id: int, *, held: Holding = ALWAYS, limit: int = 60, before: int | None = None
) -> list[AccountReading]:
    """Return an account's readings, newest first; a replaced one is marked.

    :param held: only what is of the time of its present consumer; the whole life of the account if not said
    :param before: only those that come after the reading of this id; None: from the newest on
    """
    statement = """
        SELECT r.id, r.read_on, r.dial_milli, r.kind, r.source, r.created_by, m.serial_number, g.code AS register,
               EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id) AS replaced,
               NOT EXISTS (SELECT 1 FROM reading n WHERE n.meter_installation_id = r.meter_installation_id AND n.register_id = r.register_id
                           AND n.account_id = r.account_id AND (n.read_on, n.id) > (r.read_on, r.id)) AS newest
        FROM reading r JOIN meter_installation i ON i.id = r.meter_installation_id JOIN device m ON m.id = i.meter_id
        JOIN register g ON g.id = r.register_id
        WHERE r.account_id = :account_id AND r.read_on >= :held_since AND (
            CAST(:before AS bigint) IS NULL OR (r.read_on, -array_position(CAST(:codes AS text[]), g.code::text), r.id) < (
                SELECT o.read_on, -array_position(CAST(:codes AS text[]), h.code::text), o.id
                FROM reading o JOIN register h ON h.id = o.register_id WHERE o.id = :before AND o.account_id = :account_id))
        ORDER BY r.read_on DESC, array_position(CAST(:codes AS text[]), g.code::text), r.id DESC LIMIT :limit
        """
    given = {"account_id": account_id, "held_since": held.since, "limit": limit, "before": before, "codes": _CODES}
    return fetch_all(session, statement, AccountReading, **given)


class SourceRecord(NamedTuple):
    """A system that may send readings."""

    id: int
    division_id: int
    name: str
    login: str
    key_sha256: str
    networks: str
    source: str


def sources(session: Session) -> list[SourceRecord]:
    """Return the systems that may send readings, of all divisions the caller sees."""
    statement = "SELECT id, division_id, name, login, key_sha256, networks, source FROM meter_data_source WHERE is_active ORDER BY id"
    return fetch_all(session, statement, SourceRecord)


class BatchRecord(NamedTuple):
    """A batch of readings: its id, the SHA-256 of the request, the reply, and what its rows are."""

    id: int
    sha256: str
    reply: str
    content: str


def batch_of(session: Session, source_id: int, key: str) -> BatchRecord | None:
    """Return the batch a source sent under an idempotency key."""
    statement = (
        "SELECT i.id, f.sha256, coalesce(i.reply, '') AS reply, i.content FROM reading_import i "
        "JOIN stored_file f ON f.id = i.stored_file_id "
        "WHERE i.meter_data_source_id = :source_id AND i.idempotency_key = :key"
    )
    return fetch_optional(session, statement, BatchRecord, source_id=source_id, key=key)


class ImportRow(NamedTuple):
    """A row of a file of readings and what became of it."""

    row_no: int
    account_number: str
    meter_number: str
    read_on: str
    dial: str
    status: str
    problem: str | None
    column: str | None
    doubt: str | None
    quantity_milli: int | None
    register: str
    about: Mapping[str, Any] | None
    id: int


def import_rows(
    session: Session, import_id: int, *, only: tuple[str, ...] = (), after: int = 0, limit: int = 1_000_000, doubtful: bool = True
) -> list[ImportRow]:
    """Return readings of a file in the order of its rows; those of the last row all, for a row may have several.

    :param only: these states; empty: all
    :param doubtful: also those with a doubt
    """
    statement = (
        'SELECT row_no, account_number, meter_number, read_on, dial, status, problem, "column", doubt, quantity_milli, register, about, id '
        "FROM reading_import_row WHERE reading_import_id = :id AND row_no > :after "
        "AND (CAST(:only AS text[]) = '{}' OR status = ANY(:only)) AND (:doubtful OR doubt IS NULL) "
        "ORDER BY row_no FETCH FIRST :limit ROWS WITH TIES"
    )
    given = {"id": import_id, "only": list(only), "after": after, "limit": limit, "doubtful": doubtful}
    return sorted(fetch_all(session, statement, ImportRow, **given), key=lambda row: (row.row_no, row.id))


class _WordCount(NamedTuple):
    word: str
    times: int


def import_summary(session: Session, import_id: int) -> dict[str, int]:
    """Return how many rows of a file have which problem or doubt."""
    statement = """
        SELECT coalesce(problem, doubt, '') AS word, count(*) AS times FROM reading_import_row
        WHERE reading_import_id = :id AND coalesce(problem, doubt) IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
        """
    return dict(fetch_all(session, statement, _WordCount, id=import_id))
