"""Rows of a payment file matched with accounts and with what other files brought, part by part, set-wise.

A part is laid out in temporary tables as if no other file had its payments, and copied as it is. Where the table of tenders knows one of
its keys, the part is laid out anew, and what may be the same payment is held.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments.files import LEFT_OUT
from app.gateways.payment_files import COPY_COLUMNS
from app.queries import payments as queries
from app.queries.records import fetch_one
from app.services import bulk

#: Chunks of about a megabyte that are taken at once.
CHUNKS_OF_PART = 16


class MatchResult(NamedTuple):
    """What became of the rows of a part: how many there are, and their sums."""

    accepted: int = 0
    accepted_tiyin: int = 0
    suspense: int = 0
    suspense_tiyin: int = 0
    held: int = 0
    held_tiyin: int = 0
    rejected: int = 0
    rejected_tiyin: int = 0
    left_out: int = 0
    left_out_tiyin: int = 0
    #: of what is left out, what the bank kept
    charges_tiyin: int = 0

    def plus(self, other: "MatchResult") -> "MatchResult":
        """Return both together."""
        return MatchResult(*map(sum, zip(self, other, strict=True)))


class _Part(NamedTuple):
    """Some rows of a payment file, matched as if none of them were known."""

    chunks: list[bytes]
    tenders: bytes
    holds: bytes
    problems: bytes
    taken: MatchResult


_STAGING = f"""
    CREATE TEMPORARY TABLE payment_file_staging ({", ".join(f"{name} {kind}" for name, kind in COPY_COLUMNS.items())}) ON COMMIT DROP
"""
_GOOD = "s.problem IS NULL AND s.amount_tiyin > 0"
_KEY = "regexp_replace(s.reference, '-[0-9]+$', '')"
#: Why a row is held; all but the first are looked for only where there can be one.
_REASONS = {
    "dated": "s.paid_on > CAST(:today AS date)",
    "once": "s.reference NOT LIKE '%-1'",
    "held": f"""{_KEY} IN (SELECT h.repeat_key FROM held_row h
                           WHERE h.payment_contract_id = :contract AND h.payment_control_id <> :control)""",
    "known": f"""EXISTS (SELECT FROM tender t WHERE t.payment_contract_id = :contract AND t.payment_control_id <> :control
                         AND t.reference = {_KEY} || '-1')""",
    # Files were loaded before keys were made: by account, amount and day.
    "old": """EXISTS (SELECT FROM tender t JOIN account c ON c.id = t.account_id
                      WHERE c.number = s.account_number AND t.payment_contract_id = :contract AND t.row_no IS NULL
                        AND t.amount_tiyin = s.amount_tiyin AND t.received_on = coalesce(s.paid_on, t.received_on))""",
}  # fmt: skip
_HELD = (
    "division_id, payment_contract_id, payment_control_id, row_no, repeat_key, reason, account_number, amount_tiyin, paid_on, payer, "
    "phone, purpose"
)
_HOLD = f"""
    INSERT INTO payment_file_hold
    SELECT :division, :contract, :control, s.row, {_KEY},
           CASE WHEN {_REASONS["dated"]} THEN 'FUTURE' WHEN {{once}} THEN 'SAME_FILE' ELSE 'OTHER_FILE' END,
           s.account_number, s.amount_tiyin, s.paid_on, left(s.payer, 200), left(s.phone, 32), left(s.purpose, 500)
    FROM payment_file_staging s WHERE {_GOOD} AND ({{which}}) ORDER BY s.row
"""
_HOLDS = text(f"CREATE TEMPORARY TABLE payment_file_hold ON COMMIT DROP AS SELECT {_HELD} FROM held_row WITH NO DATA")
_TENDER = (
    "division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms, created_ms, performed_ms, "
    "payment_control_id, received_on, waiting, payer, phone, purpose, row_no"
)
_MATCHES = text(f"CREATE TEMPORARY TABLE payment_file_match ON COMMIT DROP AS SELECT {_TENDER} FROM tender WITH NO DATA")
#: Rows that are not held as tenders, each with its account if there is one that money may be taken for.
_MATCH = text(
    f"""
    INSERT INTO payment_file_match
    SELECT coalesce(a.division_id, :division), :contract, s.reference, a.id, s.account_number, s.amount_tiyin, 'PERFORMED',
           0, :now_ms, :now_ms, :control, coalesce(s.paid_on, CAST(:today AS date)), a.id IS NOT NULL,
           left(s.payer, 200), left(s.phone, 32), left(s.purpose, 500), s.row
    FROM payment_file_staging s
    LEFT JOIN (SELECT c.id, c.number, c.division_id FROM account c WHERE NOT {queries.BLOCKED} AND NOT {queries.ELSEWHERE}) a
        ON a.number = s.account_number
    WHERE {_GOOD} AND s.row NOT IN (SELECT row_no FROM payment_file_hold)
    ORDER BY s.row
    """
)
_LEFT_OUT = ", ".join(f"'{problem}'" for problem in sorted(LEFT_OUT))
_COUNTS = f"""
    SELECT m.*, h.*, o.*
    FROM (SELECT count(account_id) AS accepted,
                 coalesce(sum(amount_tiyin) FILTER (WHERE account_id IS NOT NULL), 0)::bigint AS accepted_tiyin,
                 count(*) - count(account_id) AS suspense,
                 coalesce(sum(amount_tiyin) FILTER (WHERE account_id IS NULL), 0)::bigint AS suspense_tiyin FROM payment_file_match) m,
         (SELECT count(*) AS held, coalesce(sum(amount_tiyin), 0)::bigint AS held_tiyin FROM payment_file_hold) h,
         (SELECT count(*) FILTER (WHERE NOT is_left) AS rejected,
                 coalesce(sum(amount_tiyin) FILTER (WHERE NOT is_left), 0)::bigint AS rejected_tiyin,
                 count(*) FILTER (WHERE is_left) AS left_out,
                 coalesce(sum(amount_tiyin) FILTER (WHERE is_left), 0)::bigint AS left_out_tiyin,
                 coalesce(-sum(amount_tiyin) FILTER (WHERE problem = 'BANK_CHARGE'), 0)::bigint AS charges_tiyin
          FROM (SELECT s.*, coalesce(s.problem, '') IN ({_LEFT_OUT}) AS is_left FROM payment_file_staging s
                WHERE ({_GOOD}) IS NOT TRUE) s) o
    """
_PROBLEM = "division_id, payment_control_id, row_no, reference, account_number, amount_tiyin, problem, column_name, value"
_PROBLEMS = f"""
    SELECT {{division}}, {{control}}, s.row, s.reference, s.account_number, s.amount_tiyin, coalesce(s.problem, 'TAKEN_BACK'),
           left(s.problem_column, 64), s.problem_value
    FROM payment_file_staging s WHERE ({_GOOD}) IS NOT TRUE ORDER BY s.row
"""


#: What may be the same payment as a row: rows held before, and payments of files that were loaded before keys were made.
_MAY_REPEAT = """
    SELECT EXISTS (SELECT FROM held_row WHERE payment_contract_id = :contract) AS held,
           EXISTS (SELECT FROM payment_control c
                   WHERE c.payment_contract_id = :contract AND c.kind = 'PAYMENT_FILE' AND c.id <> :control AND c.accepted + c.suspense > 0
                     AND (SELECT t.row_no FROM tender t WHERE t.payment_control_id = c.id ORDER BY t.id LIMIT 1) IS NULL) AS old
    """


class _MayRepeat(NamedTuple):
    held: bool
    old: bool


def reasons(session: Session, *, contract: int, control: int, is_once: bool) -> list[str]:
    """Return why rows of a payment file can be held at all.

    :param is_once: the contract says that there is one payment of a key in a file
    """
    found = fetch_one(session, _MAY_REPEAT, _MayRepeat, contract=contract, control=control)
    wanted = {"dated": True, "once": is_once, **found._asdict()}
    return [name for name, is_wanted in wanted.items() if is_wanted]


def load_rows(session: Session, chunks: Iterator[bytes], given: dict[str, Any], *, beside: Session | None) -> MatchResult:
    """Write the rows of a payment file, and return what became of them.

    :param beside: another session, in which the next rows are matched while some are written; it writes nothing
    """
    parts = _matched(beside or session, chunks, given)
    total = MatchResult()
    for part in _ahead(parts) if beside else parts:
        total = total.plus(_write(session, part, given))
    return total


def _ahead(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Return each part while the next one is made."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, parts, None)
        while part := coming.result():
            coming = maker.submit(next, parts, None)
            yield part


def _matched(session: Session, chunks: Iterator[bytes], given: dict[str, Any]) -> Iterator[_Part]:
    while part := list(islice(chunks, CHUNKS_OF_PART)):
        taken = _match(session, part, given, is_known=False)
        tenders = b"".join(_copied(session, "COPY payment_file_match TO STDOUT (FORMAT BINARY)"))
        holds = b"".join(_copied(session, "COPY payment_file_hold TO STDOUT")) if taken.held else b""
        problems = b"".join(_copied(session, f"COPY ({_problems(given)}) TO STDOUT"))
        yield _Part(part, tenders, holds, problems, taken)


def _match(session: Session, part: Sequence[bytes], given: dict[str, Any], *, is_known: bool) -> MatchResult:
    """Lay a part out in temporary tables, and return what becomes of its rows.

    :param is_known: look for each of its keys among the tenders of other files
    """
    # A part is sorted in memory, and its statistics are rough.
    session.execute(text("SELECT set_config('work_mem', '128MB', true), set_config('default_statistics_target', '10', true)"))
    session.execute(text("DROP TABLE IF EXISTS pg_temp.payment_file_staging, pg_temp.payment_file_hold, pg_temp.payment_file_match"))
    session.execute(text(_STAGING))
    _copy(session, f"COPY payment_file_staging ({', '.join(COPY_COLUMNS)}) FROM STDIN", part)
    # A row without an account is money all the same.
    session.execute(text("UPDATE payment_file_staging SET account_number = '' WHERE account_number IS NULL AND problem IS NULL"))
    session.execute(text("ANALYZE payment_file_staging"))
    session.execute(_HOLDS)
    wanted = [*given["reasons"], *(["known"] if is_known else [])]
    which = " OR ".join(f"({_REASONS[name]})" for name in wanted)
    session.execute(text(_HOLD.format(which=which, once=_REASONS["once"] if "once" in wanted else "false")), given)
    session.execute(_MATCHES)
    session.execute(_MATCH, given)
    return fetch_one(session, _COUNTS, MatchResult)


def _problems(given: dict[str, Any]) -> str:
    return _PROBLEMS.format(division=int(given["division"]), control=int(given["control"]))


def _write(session: Session, part: _Part, given: dict[str, Any]) -> MatchResult:
    """Write a part; if any key was known before, or the role may not copy, match it anew and look for each."""
    if bulk.may_copy(session):
        try:
            with session.begin_nested():
                _copy(session, f"COPY tender ({_TENDER}) FROM STDIN (FORMAT BINARY)", [part.tenders])
        except UniqueViolation:
            pass
        else:
            _copy(session, f"COPY held_row ({_HELD}) FROM STDIN", [part.holds])
            _copy(session, f"COPY payment_file_problem ({_PROBLEM}) FROM STDIN", [part.problems])
            return part.taken
    taken = _match(session, part.chunks, given, is_known=True)
    session.execute(text(f"INSERT INTO tender ({_TENDER}) SELECT * FROM payment_file_match"))
    session.execute(text(f"INSERT INTO held_row ({_HELD}) SELECT * FROM payment_file_hold"))
    session.execute(text(f"INSERT INTO payment_file_problem ({_PROBLEM}) {_problems(given)}"))
    return taken


def _copied(session: Session, statement: str) -> Iterator[bytes]:
    """Return what COPY gives, a row at a time in the text format."""
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(statement) as stream:
        yield from map(bytes, stream)


def _copy(session: Session, statement: str, content: Sequence[bytes]) -> None:
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(statement) as stream:
        for chunk in content:
            stream.write(chunk)
