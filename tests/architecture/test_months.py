"""Tables that are kept by month: each partition has the guards of its table, attached or not; found from the catalogue."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queries.administration import audit, months
from app.services.administration import months as service
from app.services.administration.audit import seal

OLD, TODAY = date(2020, 3, 1), date(2020, 5, 14)
#: Guards of a partition: forced row-level security, who may use it, and its triggers with what they are told.
_GUARDS = """
    SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_guarded,
           (SELECT count(*) FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner) AS grants,
           (SELECT array_agg(format('%s %s %s %s', t.tgname, t.tgtype, t.tgenabled, encode(t.tgargs, 'escape')) ORDER BY t.tgname)
            FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgconstraint = 0) AS triggers
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('monthly', 'archive') AND starts_with(c.relname, :table)
"""


def guards(session: Session, table: str) -> dict[str, tuple[bool, int, list[str]]]:
    return {row.name: (row.is_guarded, row.grants, row.triggers) for row in session.execute(text(_GUARDS), {"table": table})}


def triggers(session: Session, table: str) -> list[str]:
    rows = text("SELECT format('%s %s %s %s', tgname, tgtype, tgenabled, encode(tgargs, 'escape')) FROM pg_trigger "
                "WHERE tgrelid = CAST(:table AS regclass) AND tgconstraint = 0 ORDER BY tgname")  # fmt: skip
    return list(session.scalars(rows, {"table": table}))


def write(session: Session, moment: datetime | None) -> int:
    """Write an entry of the trail as if at a moment, past its guards, and let it wait for its seal."""
    session.execute(text("RESET ROLE"))
    statement = (
        "INSERT INTO audit_entry (happened_at, actor, table_name, row_id, operation) VALUES (:moment, 'a', 'bank', 1, 'READ') RETURNING id"
    )
    made = session.scalar(text(statement), {"moment": moment})
    session.execute(text("INSERT INTO audit_pending VALUES (:id)"), {"id": made})
    assert made is not None
    return int(made)


def partition_of(session: Session, entry_id: int) -> str:
    found = session.scalar(text("SELECT tableoid::regclass::text FROM audit_entry WHERE id = :id"), {"id": entry_id})
    return str(found)


def detach(session: Session, before: date = date(2020, 5, 1)) -> list[str]:
    session.execute(text("SET LOCAL ROLE pcb_owner"))
    detached = service.detach(session, "audit_entry", before=before, today=TODAY)
    session.execute(text("RESET ROLE"))
    return detached


def test_tables_that_are_partitioned_are_those_the_scheduler_makes_months_of(session: Session) -> None:
    found = session.scalars(text("SELECT partrelid::regclass::text FROM pg_partitioned_table ORDER BY 1"))

    assert tuple(found) == months.PARTITIONED


@pytest.mark.parametrize("table", months.PARTITIONED)
def test_every_partition_has_its_triggers_forced_row_level_security_and_no_grants(session: Session, table: str) -> None:
    service.make_ahead(session, today=OLD)
    session.execute(text("SET LOCAL ROLE pcb_owner"))
    service.detach(session, table, before=date(2020, 4, 1), today=TODAY)
    session.execute(text("RESET ROLE"))

    found = guards(session, table)

    assert {f"archive.{table}_2020_03", f"monthly.{table}_2020_04", f"monthly.{table}_default"} < set(found)
    expected = triggers(session, table)
    assert len(expected) == 2
    assert {name: each for name, each in found.items() if each != (True, 0, expected)} == {}


def test_functions_of_triggers_are_told_their_table_and_never_ask_for_it(session: Session) -> None:
    asking = session.scalars(
        text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%TG_TABLE_NAME%'")
    )
    told_otherwise = session.scalars(
        text(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = 'public'::regnamespace "
            "JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace "
            "WHERE p.prosrc LIKE '%TG\\_ARGV[0]%' AND split_part(encode(t.tgargs, 'escape'), '\\000', 1) <> c.relname"
        )
    )

    assert (list(asking), list(told_otherwise)) == ([], [])


def test_months_ahead_are_made_once(session: Session) -> None:
    made = service.make_ahead(session, today=OLD)

    assert made == [f"{table}_2020_{month:02}" for table in months.PARTITIONED for month in (3, 4, 5, 6)]
    assert service.make_ahead(session, today=OLD) == []


def test_database_has_its_month_from_the_beginning(session: Session) -> None:
    entry = write(session, session.scalar(text("SELECT now()")))

    assert partition_of(session, entry) != "monthly.audit_entry_default"


def test_row_of_a_month_that_was_not_made_waits_in_the_default_partition_for_its_month(session: Session) -> None:
    early, late = write(session, datetime(2020, 2, 29, 18, 59, tzinfo=UTC)), write(session, datetime(2020, 2, 29, 19, tzinfo=UTC))
    before = partition_of(session, early), partition_of(session, late)

    session.execute(text("SET LOCAL ROLE pcb_worker"))
    service.make_ahead(session, today=OLD)
    session.execute(text("RESET ROLE"))

    assert before == ("monthly.audit_entry_default", "monthly.audit_entry_default")
    # A month begins at midnight of Tashkent.
    assert (partition_of(session, early), partition_of(session, late)) == ("monthly.audit_entry_default", "monthly.audit_entry_2020_03")


@pytest.mark.parametrize("role", ["pcb_web", "pcb_worker", "pcb_report"])
def test_partition_is_reached_by_its_table_only(session: Session, role: str) -> None:
    service.make_ahead(session, today=OLD)
    session.execute(text(f"SET LOCAL ROLE {role}"))

    with pytest.raises(Exception, match="permission denied for schema monthly"), session.begin_nested():
        session.execute(text("SELECT count(*) FROM monthly.audit_entry_2020_03"))


@pytest.mark.parametrize("statement", ["UPDATE {0} SET actor = 'eve'", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize("is_detached", [False, True])
def test_months_are_not_changed_even_by_a_superuser(session: Session, statement: str, *, is_detached: bool) -> None:
    service.make_ahead(session, today=OLD)
    write(session, datetime(2020, 3, 10, tzinfo=UTC))
    while seal(session):
        if not session.scalar(text("SELECT count(*) FROM audit_pending")):
            break
    if is_detached:
        detach(session)

    with pytest.raises(Exception, match=r"facts are never changed: [A-Z]+ on audit_entry"), session.begin_nested():
        session.execute(text(statement.format("archive.audit_entry_2020_03" if is_detached else "monthly.audit_entry_2020_03")))


def test_chain_holds_across_months_and_after_one_is_detached(session: Session) -> None:
    service.make_ahead(session, today=OLD)
    entry = write(session, datetime(2020, 3, 10, tzinfo=UTC))
    write(session, datetime(2020, 5, 10, tzinfo=UTC))
    seal(session)

    assert detach(session) == ["audit_entry_2020_03", "audit_entry_2020_04"]

    session.execute(text("SET LOCAL ROLE pcb_worker"))
    verdict = audit.verify(session, [])
    assert (verdict.fault, audit.entry(session, entry)) == (None, None)
    assert verdict.sealed > 1


def test_detached_entry_that_is_changed_is_named(session: Session) -> None:
    service.make_ahead(session, today=OLD)
    entry = write(session, datetime(2020, 3, 10, tzinfo=UTC))
    seal(session)
    detach(session)

    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE archive.audit_entry_2020_03 SET actor = 'eve' WHERE id = :id"), {"id": entry})

    fault = audit.verify(session, []).fault
    assert fault is not None
    assert (fault.problem, fault.entry_id) == ("CHANGED", entry)


def test_month_with_entries_that_wait_for_their_seal_stays(session: Session) -> None:
    service.make_ahead(session, today=OLD)
    write(session, datetime(2020, 3, 10, tzinfo=UTC))

    with pytest.raises(Exception, match="wait for their seal"), session.begin_nested():
        detach(session)

    session.execute(text("RESET ROLE"))
    assert "audit_entry_2020_03" in [each.name for each in months.attached(session, "audit_entry")]


def test_month_that_is_not_over_is_not_detached(session: Session) -> None:
    with pytest.raises(service.MonthNotEnded):
        detach(session, before=date(2020, 6, 1))


def test_only_the_owner_detaches(session: Session) -> None:
    service.make_ahead(session, today=OLD)

    with pytest.raises(Exception, match="permission denied for function detach_month"), session.begin_nested():
        service.detach(session, "audit_entry", before=date(2020, 4, 1), today=TODAY)


@pytest.mark.parametrize("name", ["monthly.audit_entry_2020_03", "archive.audit_entry_2020_03"])
def test_partition_without_its_guards_is_reported_by_the_check_of_the_trail(session: Session, name: str) -> None:
    service.make_ahead(session, today=OLD)
    if name.startswith("archive"):
        detach(session)
    session.execute(text("RESET ROLE"))
    before = audit.silent_tables(session)

    session.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER audit_entry_is_fact"))

    assert (before, audit.silent_tables(session)) == ([], [name])
