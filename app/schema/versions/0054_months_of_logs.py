"""The audit trail and the log of calls by month: partitions made ahead, detached when they are old, never changed.

Partitions stand in the schema ``monthly``, detached ones in ``archive``; nobody but the owner may look into either, so rows are
reached through their table only, under its policies. A row of a month that was not made goes into the default partition.
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

#: Partitioned table → its indexes: name → columns.
_TABLES = {
    "audit_entry": {
        "audit_entry_row_idx": "table_name, row_id, happened_at, id",
        "audit_entry_actor_idx": "actor, happened_at, id",
        "audit_entry_happened_at_idx": "happened_at, id",
    },
    "gateway_call": {"gateway_call_happened_at_idx": "happened_at", "gateway_call_reference_idx": "reference"},
}
_GRANTS = {"audit_entry": "SELECT", "gateway_call": "SELECT, INSERT"}
_INSIDE = "((division_id IS NULL) OR (division_id = ANY ((SELECT app_divisions())::bigint[])))"
_POLICIES = (
    "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY every_division ON audit_entry TO pcb_owner, pcb_worker USING (true) WITH CHECK (true)",
    f"CREATE POLICY division_scope ON audit_entry USING ({_INSIDE}) WITH CHECK ({_INSIDE})",
    "ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_division_id_fkey FOREIGN KEY (division_id) REFERENCES division (id)",
)

_AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s'"
_FUNCTIONS = {
    # Triggers of a table's rows are cloned to a partition when it is attached; those of statements are not.
    "copy_triggers(parent text, child text, of_rows boolean)": """
CREATE FUNCTION copy_triggers(parent text, child text, of_rows boolean) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
        WHERE t.tgrelid = parent::regclass AND NOT t.tgisinternal AND (t.tgtype & 1 = 1) = of_rows ORDER BY t.tgname
    LOOP
        EXECUTE replace(definition, format(' ON public.%I ', parent), format(' ON %s ', child));
    END LOOP;
END $$
""",
    "make_partition(parent text, child text)": """
CREATE FUNCTION make_partition(parent text, child text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE monthly.%I (LIKE %I INCLUDING ALL EXCLUDING IDENTITY)', child, parent);
    EXECUTE format('ALTER TABLE monthly.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
    PERFORM copy_triggers(parent, format('monthly.%I', child), false);
END $$
""",
    "make_month(parent text, month date)": f"""
CREATE FUNCTION make_month(parent text, month date) RETURNS boolean LANGUAGE plpgsql {_AS_OWNER} AS $$
DECLARE
    child text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
    others text := parent || '_default';
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'Asia/Tashkent';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'Asia/Tashkent';
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = format('public.%I', parent)::regclass) THEN
        RAISE EXCEPTION '% has no months', parent USING ERRCODE = 'wrong_object_type';
    END IF;
    IF to_regclass('monthly.' || child) IS NOT NULL OR to_regclass('archive.' || child) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    IF to_regclass('monthly.' || child) IS NOT NULL THEN  -- by who held the lock
        RETURN false;
    END IF;
    PERFORM make_partition(parent, child);
    -- Late rows move with their guards off: nobody else sees them meanwhile, and none is changed.
    EXECUTE format('ALTER TABLE monthly.%I NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER', others);
    EXECUTE format('ALTER TABLE monthly.%I NO FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('WITH late AS (DELETE FROM monthly.%I WHERE happened_at >= $1 AND happened_at < $2 RETURNING *) '
                   'INSERT INTO monthly.%I SELECT * FROM late', others, child) USING since, until;
    EXECUTE format('ALTER TABLE monthly.%I FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER', others);
    EXECUTE format('ALTER TABLE monthly.%I FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION monthly.%I FOR VALUES FROM (%L) TO (%L)', parent, child, since, until);
    RETURN true;
END $$
""",
    # What is detached is read by who verifies it, with what is not, and by nobody else.
    "show_archive(parent text)": """
CREATE FUNCTION show_archive(parent text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    branches text;
BEGIN
    SELECT string_agg(format('SELECT %s FROM %s', s.columns, s.source), ' UNION ALL ' ORDER BY s.place, s.source) INTO branches
    FROM (
        SELECT c.oid::regclass::text AS source, c.oid <> parent::regclass AS place, string_agg(
            CASE WHEN m.attname IS NULL THEN format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname)
                 ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = parent::regclass AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attribute m ON m.attrelid = c.oid AND m.attname = a.attname AND NOT m.attisdropped
        WHERE c.oid = parent::regclass
           OR c.relkind = 'r' AND c.relnamespace = 'archive'::regnamespace AND c.relname ~ ('^' || parent || '_[0-9]{4}_[0-9]{2}$')
        GROUP BY c.oid
    ) s;
    EXECUTE format('CREATE OR REPLACE VIEW archive.%I AS %s', parent, branches);
END $$
""",
    "detach_month(parent text, month date)": """
CREATE FUNCTION detach_month(parent text, month date) RETURNS boolean LANGUAGE plpgsql SET search_path = public, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
    child text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
    waits boolean;
BEGIN
    IF to_regclass(format('monthly.%I', child)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION monthly.%I', parent, child);
    PERFORM copy_triggers(parent, format('monthly.%I', child), true);
    EXECUTE format('ALTER TABLE monthly.%I SET SCHEMA archive', child);
    EXECUTE format('REVOKE ALL ON archive.%I FROM PUBLIC, pcb_web, pcb_worker, pcb_report', child);
    EXECUTE format('CREATE POLICY kept ON archive.%I FOR SELECT TO pcb_owner USING (true)', child);
    IF parent = 'audit_entry' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM audit_pending p JOIN archive.%I e ON e.id = p.audit_entry_id)', child) INTO waits;
        IF waits THEN
            RAISE EXCEPTION 'entries of % wait for their seal', child USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    END IF;
    PERFORM show_archive(parent);
    RETURN true;
END $$
""",
}


def upgrade() -> None:
    """Go forward; the rows there are go into the partitions of their months."""
    op.execute("SET LOCAL statement_timeout = 0")
    for schema in ("monthly", "archive"):
        op.execute(f"CREATE SCHEMA {schema}")
    for signature, function in _FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION make_month(text, date) TO pcb_worker")
    op.execute("GRANT USAGE ON SCHEMA archive TO pcb_worker")
    for table in _TABLES:
        _make_again(table, partitioned=True)
        op.execute(f"SELECT show_archive('{table}')")
        op.execute(f"GRANT SELECT ON archive.{table} TO pcb_worker")


def downgrade() -> None:
    """Go back; what was detached must have been attached before."""
    for table in _TABLES:
        op.execute(f"DROP VIEW archive.{table}")
        _make_again(table, partitioned=False)
    for signature in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    for schema in ("monthly", "archive"):
        op.execute(f"DROP SCHEMA {schema}")


def _make_again(table: str, *, partitioned: bool) -> None:
    """Make a table again, by month or as one, with its rows, keys, guards and grants."""
    connection = op.get_bind()
    keys = connection.exec_driver_sql(
        f"SELECT min_value, max_value, start_value, last_value FROM pg_sequences WHERE sequencename = '{table}_id_seq'"
    ).one()
    op.execute(f"ALTER TABLE {table} SET SCHEMA archive")
    by_month = " PARTITION BY RANGE (happened_at)" if partitioned else ""
    op.execute(f"CREATE TABLE {table} (LIKE archive.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS){by_month}")
    op.execute(
        f"ALTER TABLE {table} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY "
        f"(MINVALUE {keys.min_value} MAXVALUE {keys.max_value} START {keys.start_value})"
    )
    if keys.last_value is not None:
        op.execute(f"SELECT setval('{table}_id_seq', {keys.last_value})")
    _guard(table, "id, happened_at" if partitioned else "id")
    if partitioned:
        _make_months(table)
    op.execute(f"INSERT INTO {table} SELECT * FROM archive.{table}")
    op.execute(f"DROP TABLE archive.{table}")
    for name, columns in _TABLES[table].items():
        op.execute(f"CREATE INDEX {name} ON {table} ({columns})")


def _guard(table: str, key: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})")
    for event, each in (("is_fact BEFORE UPDATE OR DELETE", "ROW"), ("stays BEFORE TRUNCATE", "STATEMENT")):
        op.execute(f"CREATE TRIGGER {table}_{event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change('{table}')")
    for statement in _POLICIES if table == "audit_entry" else ():
        op.execute(statement)
    op.execute(f"GRANT {_GRANTS[table]} ON {table} TO pcb_web, pcb_worker")
    op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO pcb_web, pcb_worker")


def _make_months(table: str) -> None:
    """Make the default partition, and those of the months with rows and of the one it is."""
    op.execute(f"SELECT make_partition('{table}', '{table}_default')")
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION monthly.{table}_default DEFAULT")
    op.execute(
        f"""
        SELECT make_month('{table}', m.month::date) FROM generate_series(
            date_trunc('month', coalesce((SELECT min(happened_at) FROM archive.{table}), now()) AT TIME ZONE 'Asia/Tashkent'),
            date_trunc('month', now() AT TIME ZONE 'Asia/Tashkent'), interval '1 month') AS m (month)
        """
    )
