"""References of readings are checked set-wise; a reading replaces one other, and only those that do stand in that index."""

from collections.abc import Callable

from alembic import op

revision = "0120"
down_revision = "0113"
branch_labels = None
depends_on = None

phase = "EXPAND"

#: Column → the table it refers to.
_REFERENCES = {
    "division_id": "division", "account_id": "account", "meter_installation_id": "meter_installation", "register_id": "register",
    "replaces_id": "reading", "reading_import_id": "reading_import",
}  # fmt: skip
_FEW = ("division_id", "reading_import_id")
#: Tables that nothing else of the kind refers to.
_NEW_PARENTS = ("meter_installation", "register", "reading_import")
_AWAITED = ("account", "meter_installation", "register")


def _looked_for(column: str, parent: str) -> str:
    source = "few" if column in _FEW else "added"
    named = f"(SELECT DISTINCT {column} FROM {source} WHERE {column} IS NOT NULL)" if column in {*_FEW, "replaces_id"} else source
    return f"""
        SELECT '{column}' AS name, '{parent}' AS parent, n.{column} AS id FROM {named} n
        LEFT JOIN {parent} p ON p.id = n.{column} WHERE p.id IS NULL"""


_CHECK = f"""
    CREATE FUNCTION check_references_of_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp
    SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
    DECLARE
        lost record;
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('READING_REFERENCES:' || '', 0));
        PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
        PERFORM 1 FROM reading_import p WHERE p.id IN (SELECT DISTINCT n.reading_import_id FROM added n) ORDER BY p.id FOR KEY SHARE;
        WITH few AS MATERIALIZED (SELECT DISTINCT {", ".join(_FEW)} FROM added)
        SELECT * INTO lost FROM ({" UNION ALL ".join(_looked_for(*each) for each in _REFERENCES.items())}
        ) m LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'insert on table "reading" violates set-wise reference "reading_%_fkey"', lost.name
            USING ERRCODE = 'foreign_key_violation', TABLE = 'reading', COLUMN = lost.name, CONSTRAINT = 'reading_' || lost.name || '_fkey',
                  DETAIL = format('Key (%s)=(%s) is not present in table "%s".', lost.name, lost.id, lost.parent);
        END IF;
        RETURN NULL;
    END $$
"""
_WAIT = """
    CREATE FUNCTION wait_for_readings() RETURNS trigger LANGUAGE plpgsql SET lock_timeout TO '2s' AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('READING_REFERENCES:' || '', 0));
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute("CREATE UNIQUE INDEX reading_replaces_id_idx ON reading (replaces_id) WHERE replaces_id IS NOT NULL")
    dropped = ", ".join(f"DROP CONSTRAINT reading_{column}_fkey" for column in _REFERENCES)
    op.execute(f"ALTER TABLE reading {dropped}, DROP CONSTRAINT reading_replaces_id_key")
    op.execute(_CHECK)
    op.execute(_WAIT)
    op.execute("REVOKE ALL ON FUNCTION check_references_of_reading(), wait_for_readings() FROM PUBLIC")
    told = ", ".join(f"'{column}', '{parent}'" for column, parent in _REFERENCES.items())
    op.execute(
        "CREATE TRIGGER reading_references AFTER INSERT ON reading REFERENCING NEW TABLE AS added "
        f"FOR EACH STATEMENT EXECUTE FUNCTION check_references_of_reading({told})"
    )
    for table in _AWAITED:
        _on_loss(f"{table}_awaited_by_readings", table, "wait_for_readings()")
    for table in _NEW_PARENTS:
        column = next(column for column, parent in _REFERENCES.items() if parent == table)
        _on_loss(f"{table}_referenced", table, f"keep_referenced('{table}', 'reading', '{column}')")
    for table in ("account", "division", "reading"):
        column = next(column for column, parent in _REFERENCES.items() if parent == table)
        _keep(table, lambda given, column=column: f"{given}, 'reading', '{column}'")


def downgrade() -> None:
    """Go back."""
    for table in ("account", "division", "reading"):
        column = next(column for column, parent in _REFERENCES.items() if parent == table)
        _keep(table, lambda given, column=column: given.replace(f", 'reading', '{column}'", ""))
    for table in _NEW_PARENTS:
        op.execute(f"DROP TRIGGER {table}_referenced ON {table}")
    for table in _AWAITED:
        op.execute(f"DROP TRIGGER {table}_awaited_by_readings ON {table}")
    op.execute("DROP TRIGGER reading_references ON reading")
    op.execute("DROP FUNCTION check_references_of_reading(), wait_for_readings()")
    keys = (
        f"ADD CONSTRAINT reading_{column}_fkey FOREIGN KEY ({column}) REFERENCES {parent} (id)" for column, parent in _REFERENCES.items()
    )
    op.execute(f"ALTER TABLE reading ADD CONSTRAINT reading_replaces_id_key UNIQUE (replaces_id), {', '.join(keys)}")
    op.execute("DROP INDEX reading_replaces_id_idx")


def _on_loss(name: str, table: str, call: str) -> None:
    op.execute(f"CREATE TRIGGER {name} AFTER DELETE OR UPDATE OF id ON {table} FOR EACH ROW EXECUTE FUNCTION {call}")


def _keep(table: str, change: Callable[[str], str]) -> None:
    """Make the trigger again that keeps rows which others refer to, with other arguments."""
    named = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND tgrelid = CAST(%s AS regclass)"
    told = str(op.get_bind().exec_driver_sql(named, (f"{table}_referenced", table)).scalar_one())
    given = told.rpartition("keep_referenced(")[2].rstrip(")")
    op.execute(f"DROP TRIGGER {table}_referenced ON {table}")
    _on_loss(f"{table}_referenced", table, f"keep_referenced({change(given)})")
