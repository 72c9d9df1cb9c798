"""Every table is written at a known place; a new one without a class fails here."""

from collections import Counter

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration.nodes import BELONGS_TO, FACTS, LOCAL, OPERATIONAL, REFERENCE, STATES, VERSIONED
from tests.catalogue import checked_references


def tables(session: Session) -> set[str]:
    return set(session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))


def test_every_table_is_reference_operational_or_local_and_only_one_of_them(session: Session) -> None:
    classed = Counter([*REFERENCE, *OPERATIONAL, *LOCAL])

    assert tables(session) - set(classed) == set(), "class these in app/domain/administration/nodes.py"
    assert set(classed) - tables(session) == set()
    assert {table for table, times in classed.items() if times > 1} == set()
    assert all(reason.isalpha() for reason in LOCAL.values())


def test_every_operational_table_has_a_division_or_belongs_to_a_row_that_has_one(session: Session) -> None:
    with_division = set(session.scalars(text("SELECT table_name FROM information_schema.columns WHERE column_name = 'division_id'")))

    assert set(OPERATIONAL) - with_division == set(BELONGS_TO)
    assert {owner for owner, _ in BELONGS_TO.values()} <= with_division


def test_every_change_of_reference_information_makes_a_version(session: Session) -> None:
    deferred = "tgfoid = 'release_reference()'::regprocedure AND tgdeferrable AND tginitdeferred"
    statement = f"SELECT tgrelid::regclass::text FROM pg_trigger WHERE {deferred}"

    assert set(session.scalars(text(statement))) == set(VERSIONED)


def test_facts_are_those_the_database_refuses_to_change(session: Session) -> None:
    facts = set(session.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_is\\_fact'")))

    assert set(FACTS) <= facts
    assert not facts & set(STATES)


def test_nothing_that_travels_refers_to_what_stays(session: Session) -> None:
    wrong = {(table, parent) for table, parent in references(session) if table not in LOCAL and parent in LOCAL}

    assert wrong == set()


def test_reference_information_refers_to_reference_information_only(session: Session) -> None:
    wrong = {(table, parent) for table, parent in references(session) if table in REFERENCE and parent not in REFERENCE}

    assert wrong == set()


def references(session: Session) -> set[tuple[str, str]]:
    """Return which table refers to which, by foreign keys and set-wise."""
    rows = session.execute(text("SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"))
    return {(row[0], row[1]) for row in rows} | {(table, parent) for table, _, parent in checked_references(session)}
