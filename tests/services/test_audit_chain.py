"""The chain of seals names the first row somebody tampered with: a superuser, triggers off, at random places.

``make audit-proof`` runs it over 100,000 rows at 200 places for each kind of tampering.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.domain.audit import ChainProblem, DatedHead, Fault
from app.jobs import audit as jobs
from app.queries.administration import audit as queries
from app.services.administration import audit as service
from tests.conftest import fresh_database

ROWS = int(os.environ.get("AUDIT_PROOF_ROWS", "3000"))
PLACES = int(os.environ.get("AUDIT_PROOF_PLACES", "6"))
SEED = int(os.environ.get("AUDIT_PROOF_SEED", "20261103"))


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
        while (done := service.seal(session, most=10_000)) and done.entries:
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


def judge(connection: Connection, heads: list[DatedHead] | None = None) -> Fault | None:
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
        expected = Fault(*tamper(books, chance, seq))
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

    assert judge(books) == Fault(ChainProblem.CHANGED, 20, entry)


def test_cut_tail_is_found_by_a_head_kept_outside_and_by_nothing_else(books: Connection) -> None:
    chance = random.Random(SEED)
    head = queries.chain(Session(books))
    kept = [DatedHead(date(2026, 11, 3), head.seq, str(head.head))]
    for _try in range(PLACES):
        seq = chance.randrange(2, head.seq)
        do(books, "DELETE FROM audit_entry WHERE id IN (SELECT audit_entry_id FROM audit_seal WHERE seq >= :seq)", seq=seq)
        do(books, "DELETE FROM audit_seal WHERE seq >= :seq", seq=seq)

        assert judge(books) is None
        assert judge(books, kept) == Fault(ChainProblem.CUT, seq, None)
        books.rollback()


def test_chain_computed_anew_is_found_by_a_head_kept_outside(books: Connection) -> None:
    head = queries.chain(Session(books))
    entry = sealed(books, head.seq)
    do(books, "UPDATE audit_entry SET actor = 'eve' WHERE id = :id", id=sealed(books, head.seq - 5))
    do(books, "INSERT INTO audit_pending SELECT audit_entry_id FROM audit_seal WHERE seq >= :seq", seq=head.seq - 5)
    do(books, "DELETE FROM audit_seal WHERE seq >= :seq", seq=head.seq - 5)
    service.seal(Session(books))

    assert judge(books) is None
    fault = judge(books, [DatedHead(date(2026, 11, 3), head.seq, str(head.head))])
    assert fault == Fault(ChainProblem.SEAL_ALTERED, head.seq, entry)


def test_lost_seal_is_named_by_its_place(books: Connection) -> None:
    do(books, "DELETE FROM audit_seal WHERE seq = 77")

    assert judge(books) == Fault(ChainProblem.SEAL_DELETED, 77, None)


def test_entry_that_vanished_before_it_was_sealed_is_named(books: Connection) -> None:
    seq = length(books)
    do(books, "INSERT INTO audit_pending VALUES (8000000)")
    service.seal(Session(books))

    assert judge(books) == Fault(ChainProblem.DELETED, seq + 1, 8_000_000)


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


@pytest.mark.parametrize(("line", "why"), [("2026-11-03 7", "unpack"), ("yesterday 7 ab", "isoformat")])
def test_line_that_is_no_head_is_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "heads.log"
    path.write_text(f"{line}\n")

    with pytest.raises(ValueError, match=why):
        jobs.heads(path)


def test_one_head_a_day_is_appended(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "heads.log"
    days = [DatedHead(date(2026, 11, day), seq, "ab" * 32) for day, seq in ((3, 10), (3, 11), (4, 12), (2, 13))]
    with app.app_context():
        before, app.config["AUDIT_HEADS"] = app.config["AUDIT_HEADS"], str(path)
        for head in days:
            jobs.keep_head(head)
        app.config["AUDIT_HEADS"] = before

    assert jobs.heads(path) == [days[0], days[2]]
