"""The chain of seals names the first row somebody tampered with: a superuser, triggers off, at random places.

``make audit-proof`` runs it over 100,000 rows at 200 places for each kind of tampering.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.domain.administration.audit import AuditFault, ChainProblem, KeptHead
from app.gateways import audit_heads
from app.queries.administration import audit as queries
from app.services.administration import audit as service
from app.services.administration.approvals import name_both
from tests.databases import fresh_database

ROWS = int(os.environ.get("AUDIT_PROOF_ROWS", "3000"))
PLACES = int(os.environ.get("AUDIT_PROOF_PLACES", "6"))
SEED = int(os.environ.get("AUDIT_PROOF_SEED", "20261103"))
#: When heads of the tests are kept.
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def chain_url(servers: tuple[str, str]) -> str:
    """A database with a sealed trail of many entries: added, changed, deleted rows, reasons, words in two scripts."""
    url = fresh_database(servers[0], "pc_billing_chain")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.actor', 'anna', false), set_config('app.reason', 'Сабаб ʻ', false)")
        connection.execute(
            "INSERT INTO mahalla (division_id, name) SELECT (SELECT id FROM division WHERE code = '1726'), 'Маҳалла ' || i "
            "FROM generate_series(1, %s) i",
            (ROWS,),
        )
        connection.execute("UPDATE mahalla SET name = name || '!' WHERE id % 7 = 0")
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    with Session(engine) as session:
        while (done := service.seal(session, limit=10_000)) and done.entries:
            session.commit()
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def chain_engine(chain_url: str) -> Iterator[Engine]:
    made = create_engine(config.database_url(chain_url), poolclass=NullPool)
    yield made
    made.dispose()


@pytest.fixture
def books(chain_engine: Engine) -> Iterator[Connection]:
    """A superuser's connection with triggers off; what he does is taken back after the test."""
    with chain_engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.commit()
        yield connection
        connection.rollback()


def judge(connection: Connection, heads: list[KeptHead] | None = None) -> AuditFault | None:
    return queries.verify(Session(connection), heads or []).fault


def sealed(connection: Connection, seq: int) -> int:
    return int(connection.scalar(text("SELECT audit_entry_id FROM audit_seal WHERE seq = :seq"), {"seq": seq}) or 0)


def length(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT max(seq) FROM audit_seal")) or 0)


def do(connection: Connection, statement: str, **given: object) -> None:
    connection.execute(text(statement), given)


Tampering = Callable[[Connection, random.Random, int], tuple[ChainProblem, int | None, int]]


def change(connection: Connection, chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    entry = sealed(connection, seq)
    what = chance.choice(
        [
            "actor = 'eve'", "reason = NULL", "reason = 'other'", "happened_at = happened_at - interval '1 microsecond'", "address = '::1'",
            "row_id = coalesce(row_id, 0) + 1", "operation = 'READ'", "table_name = 'bank'", "division_id = 1",
            "after = jsonb_set(coalesce(after, '{}'), '{name}', '\"x\"')",
        ]
    )  # fmt: skip
    do(connection, f"UPDATE audit_entry SET {what} WHERE id = :id", id=entry)
    return ChainProblem.CHANGED, seq, entry


def delete(connection: Connection, _chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    entry = sealed(connection, seq)
    do(connection, "DELETE FROM audit_entry WHERE id = :id", id=entry)
    return ChainProblem.DELETED, seq, entry


def insert(connection: Connection, _chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    do(
        connection,
        "INSERT INTO audit_entry (id, happened_at, actor, table_name, row_id, operation) "
        "SELECT 9000000, happened_at, actor, table_name, row_id, 'UPDATE' FROM audit_entry WHERE id = :id",
        id=sealed(connection, seq),
    )
    return ChainProblem.INSERTED, None, 9_000_000


def swap_rows(connection: Connection, chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    """Exchange the contents of two entries."""
    first, second = sorted((seq, _other(connection, chance, seq)))
    ids = {"a": sealed(connection, first), "b": sealed(connection, second)}
    for step in ("SET id = -1 WHERE id = :a", "SET id = :a WHERE id = :b", "SET id = :b WHERE id = -1"):
        do(connection, f"UPDATE audit_entry {step}", **{name: value for name, value in ids.items() if f":{name}" in step})
    return ChainProblem.REORDERED, first, ids["a"]


def swap_seals(connection: Connection, chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    """Exchange the places of two links."""
    first, second = sorted((seq, _other(connection, chance, seq)))
    entry = sealed(connection, second)
    for step, given in (("-5", {"seq": first}), (str(first), {"seq": second}), (str(second), {"seq": -5})):
        do(connection, f"UPDATE audit_seal SET seq = {step} WHERE seq = :seq", **given)
    return ChainProblem.REORDERED, first, entry


def alter_seal(connection: Connection, _chance: random.Random, seq: int) -> tuple[ChainProblem, int | None, int]:
    do(connection, "UPDATE audit_seal SET hash = sha256(hash) WHERE seq = :seq", seq=seq)
    return ChainProblem.SEAL_ALTERED, seq, sealed(connection, seq)


def _other(connection: Connection, chance: random.Random, seq: int) -> int:
    """Return another place, not far away, in the chain."""
    low, high = max(1, seq - 500), min(length(connection) - 1, seq + 500)
    return chance.choice([place for place in range(low, high + 1) if place != seq])


@pytest.mark.parametrize("tamper", [change, delete, insert, swap_rows, swap_seals, alter_seal])
def test_first_bad_row_is_named(books: Connection, tamper: Tampering) -> None:
    chance, wrong = random.Random(SEED), []
    for _try in range(PLACES):
        seq = chance.randrange(1, length(books) - 1)
        expected = AuditFault(*tamper(books, chance, seq))
        found = judge(books)
        if found != expected:
            wrong.append((seq, found, expected))
        books.rollback()

    assert length(books) >= ROWS
    assert wrong == [], f"seed {SEED}"


def test_untouched_chain_holds(books: Connection) -> None:
    verdict = queries.verify(Session(books), [])

    assert (verdict.fault, verdict.sealed, verdict.pending) == (None, length(books), 0)


def test_of_two_faults_the_first_is_named(books: Connection) -> None:
    entry = sealed(books, 20)
    do(books, "UPDATE audit_entry SET actor = 'eve' WHERE id IN (:a, :b)", a=entry, b=sealed(books, 700))

    assert judge(books) == AuditFault(ChainProblem.CHANGED, 20, entry)


def test_cut_tail_is_found_by_a_head_kept_outside_and_by_nothing_else(books: Connection) -> None:
    chance = random.Random(SEED)
    head = queries.chain(Session(books))
    kept = [KeptHead(NOON, head.seq, str(head.head))]
    for _try in range(PLACES):
        seq = chance.randrange(2, head.seq)
        do(books, "DELETE FROM audit_entry WHERE id IN (SELECT audit_entry_id FROM audit_seal WHERE seq >= :seq)", seq=seq)
        do(books, "DELETE FROM audit_seal WHERE seq >= :seq", seq=seq)

        assert judge(books) is None
        assert judge(books, kept) == AuditFault(ChainProblem.CUT, seq, None)
        books.rollback()


def test_chain_computed_anew_is_found_by_a_head_kept_outside(books: Connection) -> None:
    head = queries.chain(Session(books))
    do(books, "UPDATE audit_entry SET actor = 'eve' WHERE id = :id", id=sealed(books, head.seq - 5))
    do(books, "INSERT INTO audit_pending SELECT audit_entry_id FROM audit_seal WHERE seq >= :seq", seq=head.seq - 5)
    do(books, "DELETE FROM audit_seal WHERE seq >= :seq", seq=head.seq - 5)
    service.seal(Session(books))

    assert judge(books) is None
    fault = judge(books, [KeptHead(NOON, head.seq, str(head.head))])
    assert fault == AuditFault(ChainProblem.SEAL_ALTERED, head.seq, sealed(books, head.seq))


def test_lost_seal_is_named_by_its_place(books: Connection) -> None:
    do(books, "DELETE FROM audit_seal WHERE seq = 77")

    assert judge(books) == AuditFault(ChainProblem.SEAL_DELETED, 77, None)


def test_entry_that_vanished_before_it_was_sealed_is_named(books: Connection) -> None:
    seq = length(books)
    do(books, "INSERT INTO audit_pending VALUES (8000000)")
    service.seal(Session(books))

    assert judge(books) == AuditFault(ChainProblem.DELETED, seq + 1, 8_000_000)


def test_sealing_waits_for_nobody_and_nobody_for_it(chain_engine: Engine) -> None:
    with chain_engine.connect() as open_, chain_engine.connect() as other:
        open_.execute(text("INSERT INTO bank (mfo, name) VALUES ('00001', 'early')"))
        other.execute(text("INSERT INTO bank (mfo, name) VALUES ('00002', 'late')"))
        other.commit()

        with Session(chain_engine) as session:
            first = service.seal(session)
            session.commit()
            open_.commit()
            second = service.seal(session)
            session.commit()
            verdict = queries.verify(session, [])

    assert first is not None and second is not None  # noqa: PT018 - types only
    assert (first.entries, second.entries, verdict.fault) == (1, 1, None)


def test_only_one_seals_at_a_time(chain_engine: Engine) -> None:
    with Session(chain_engine) as one, Session(chain_engine) as other:
        assert service.seal(one) is not None
        assert service.seal(other) is None


@pytest.mark.parametrize(("line", "why"), [("2026-11-03 7", "unpack"), ("yesterday 7 ab", "isoformat"), ("2026-11-03 7 ab cd ef", "ef")])
def test_line_that_is_no_head_is_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "heads.log"
    path.write_text(f"{line}\n")

    with pytest.raises(ValueError, match=why):
        audit_heads.heads(path)


def kept_at(tmp_path: Path, *heads: KeptHead) -> tuple[Path, str]:
    """Keep heads one after another; return the file, and the key that checks it."""
    key = audit_heads.private_key(tmp_path / "key")
    for head in heads:
        audit_heads.keep(tmp_path / "kept" / "heads.log", key, head)
    return tmp_path / "kept" / "heads.log", audit_heads.public_key(key)


def test_head_is_signed_and_appended_each_minute_while_entries_are_sealed(tmp_path: Path) -> None:
    seconds = [(0, 10), (30, 11), (60, 12), (200, 12), (300, 13)]
    path, public = kept_at(tmp_path, *(KeptHead(NOON + timedelta(seconds=second), seq, "ab" * 32) for second, seq in seconds))

    kept = audit_heads.heads(path)

    assert [(head.at, head.seq) for head in kept] == [
        (NOON + timedelta(seconds=second), seq) for second, seq in [(0, 10), (60, 12), (300, 13)]
    ]
    assert audit_heads.forged(kept, public) is None
    assert (path.stat().st_mode & 0o777, (tmp_path / "key").stat().st_mode & 0o777) == (0o600, 0o600)


@pytest.mark.parametrize("change", ["seq", "hash", "at", "signature", "unsigned", "key"])
def test_head_that_was_not_signed_by_our_key_is_named(tmp_path: Path, change: str) -> None:
    path, public = kept_at(tmp_path, KeptHead(NOON, 10, "ab" * 32), KeptHead(NOON + timedelta(minutes=2), 12, "cd" * 32))
    first, second = audit_heads.heads(path)
    changed = {
        "seq": second._replace(seq=13),
        "hash": second._replace(hash="ef" * 32),
        "at": second._replace(at=NOON),
        "signature": second._replace(signature="00" * 64),
        "unsigned": second._replace(signature=None),
        "key": second,
    }[change]
    if change == "key":
        (tmp_path / "other").mkdir()
        public = kept_at(tmp_path / "other", first)[1]

    found = audit_heads.forged([first, changed], public)

    assert found == (first if change == "key" else changed)


def test_heads_of_a_day_kept_before_signing_count_up_to_the_first_signed_one(tmp_path: Path) -> None:
    path = tmp_path / "heads.log"
    path.write_text(f"2026-11-02 9 {'ab' * 32}\n")
    key = audit_heads.private_key(tmp_path / "key")
    audit_heads.keep(path, key, KeptHead(NOON, 10, "cd" * 32))
    kept = audit_heads.heads(path)

    assert [head.seq for head in kept] == [9, 10]
    assert audit_heads.forged(kept, audit_heads.public_key(key)) is None


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    audit_heads.private_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)

    with pytest.raises(audit_heads.KeyIsOpen, match="key"):
        audit_heads.private_key(tmp_path / "key")


NARROWED = (
    "CREATE OR REPLACE TRIGGER tariff_audit AFTER INSERT OR UPDATE OR DELETE ON tariff FOR EACH ROW "
    "WHEN (pg_trigger_depth() < 0) EXECUTE FUNCTION write_audit('tariff')"
)
EMPTIED = "CREATE OR REPLACE FUNCTION write_statement() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["ALTER TABLE mahalla DISABLE TRIGGER mahalla_audit"], ["mahalla"]),
        (["DROP TRIGGER bill_audit_delete ON bill"], ["bill"]),
        (["ALTER TABLE ONLY audit_entry DISABLE TRIGGER audit_entry_is_fact"], ["audit_entry"]),
        (
            ["ALTER TABLE ab_user DISABLE TRIGGER ALL", "ALTER TABLE tender ENABLE REPLICA TRIGGER tender_audit_insert"],
            ["ab_user", "tender"],
        ),
        ([NARROWED], ["tariff"]),
        ([EMPTIED], ["bill", "payment"]),
    ],
)
def test_owner_who_takes_a_trigger_away_is_told_of(books: Connection, statements: list[str], named: list[str]) -> None:
    assert queries.silent_tables(Session(books)) == []

    books.execute(text("SET LOCAL session_replication_role = origin"))
    for statement in statements:
        books.execute(text(statement))

    assert set(named) <= set(queries.silent_tables(Session(books)))
    assert len(named) > 1 or queries.silent_tables(Session(books)) == named
    fault = judge(books)
    assert fault is not None
    assert fault.problem == ChainProblem.TRIGGER_OFF
    assert all(table in fault.detail for table in named)


def test_entry_names_who_asked_and_who_approved_and_is_sealed_with_them(chain_engine: Engine) -> None:
    with chain_engine.connect() as connection, Session(connection) as session:
        name_both(session, "anna", "boris")
        session.execute(text("UPDATE mahalla SET name = 'Two persons' WHERE id = (SELECT min(id) FROM mahalla)"))
        entry = session.execute(text("SELECT id, asked_by, approved_by FROM audit_entry ORDER BY id DESC LIMIT 1")).one()
        service.seal(session)
        before = queries.verify(session, []).fault
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE audit_entry SET approved_by = 'eve' WHERE id = :id"), {"id": entry[0]})
        after = queries.verify(session, []).fault
        session.rollback()

    assert tuple(entry)[1:] == ("anna", "boris")
    assert before is None
    assert after is not None
    assert (after.problem, after.entry_id) == (ChainProblem.CHANGED, entry[0])
