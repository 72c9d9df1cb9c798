"""Advisory locks have one space of keys, and rows that are made once a key are made by one helper."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.queries import locks
from app.queries.locks import Lock, key_of

APP = Path(locks.__file__).parents[1]
HOME = Path(locks.__file__)


def test_nothing_but_the_module_of_locks_takes_an_advisory_lock():
    sources = (path for path in APP.rglob("*.py") if path != HOME and "schema" not in path.relative_to(APP).parts[:1])

    assert [str(path) for path in sources if re.search("_advisory_", path.read_text(encoding="utf-8"))] == []


def test_functions_of_the_database_lock_by_keys_of_the_space(session: Session):
    sources = session.scalars(text("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%advisory%'"))

    keys = {key for source in sources for key in re.findall(r"pg_advisory\w+\((.*)\);", source)}

    assert keys == {key_of(each) for each in (Lock.REFERENCE_RELEASE, Lock.PAYMENT_REFERENCES, Lock.READING_REFERENCES)}


def test_each_lock_is_taken_somewhere():
    sources = [path.read_text(encoding="utf-8") for kind in ("*.py", "*.sql") for path in APP.rglob(kind) if path != HOME]

    unused = {lock for lock in Lock if not any(f"Lock.{lock}" in source or f"{lock}:" in source for source in sources)}

    assert unused == set()


@pytest.mark.parametrize("about", ["", "1", str(2**62 + 1), "a:b", "№ 1"])
def test_a_lock_is_held_against_others_until_it_is_released(engine: Engine, about: str):
    with engine.connect() as first, engine.connect() as second:
        held = text(f"SELECT {locks.is_held(Lock.JOB, 'CAST(:about AS text)')}")

        assert locks.try_to_acquire_for_connection(first, Lock.JOB, about)
        assert not locks.try_to_acquire_for_connection(second, Lock.JOB, about)
        assert locks.try_to_acquire_for_connection(second, Lock.JOB, about, "another")
        assert second.scalar(held, {"about": about})
        locks.release(first, Lock.JOB, about)
        assert not second.scalar(held, {"about": about})
        assert locks.try_to_acquire_for_connection(second, Lock.JOB, about)


def test_locks_of_two_kinds_about_the_same_do_not_meet(engine: Engine):
    with engine.connect() as first, engine.connect() as second:
        locks.acquire(first, Lock.JOB, 7)

        assert locks.try_to_acquire_for_connection(second, Lock.TAX_INVOICES, 7)
        assert not locks.try_to_acquire_for_connection(second, Lock.JOB, 7)


def test_whoever_takes_a_lock_alone_waits_for_those_who_share_it(engine: Engine):
    with Session(engine) as first, Session(engine) as second, engine.connect() as alone:
        locks.acquire_shared(first, Lock.ACCOUNTING_PERIOD, [2**62 + 1])
        locks.acquire_shared(second, Lock.ACCOUNTING_PERIOD, [2**62 + 1, 2])

        assert not locks.try_to_acquire_for_connection(alone, Lock.ACCOUNTING_PERIOD, 2**62 + 1)
        first.rollback()
        assert not locks.try_to_acquire_for_connection(alone, Lock.ACCOUNTING_PERIOD, 2**62 + 1)
        second.rollback()
        assert locks.try_to_acquire_for_connection(alone, Lock.ACCOUNTING_PERIOD, 2**62 + 1)
