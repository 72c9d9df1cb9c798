"""Audit of every business table, reasons, readings of personal data, and the seals that make tampering visible."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Besides the catalogues, people move these by hand: each change keeps the old and the new row. The columns named are
#: the machine's own progress, so a change of nothing else is none.
ROW_BY_ROW = {
    "ab_api_key": (),
    "ab_group": (),
    "ab_group_role": (),
    "ab_permission": (),
    "ab_permission_view": (),
    "ab_permission_view_role": (),
    "ab_register_user": (),
    "ab_role": (),
    "ab_user": ("last_login", "login_count", "fail_login_count", "changed_on", "changed_by_fk"),
    "ab_user_group": (),
    "ab_user_role": (),
    "ab_view_menu": (),
    "bill_run": ("preview",),
    "job_run": ("checkpoint", "done", "total", "seen_at"),
    "portal_code": (),
    "reading_import": (),
    "tender": (),
    "totp_device": ("last_step",),
    "user_session": ("seen_at", "wrong_codes"),
}

#: Written in masses; the rows carry who and when themselves, so a statement leaves one audit row: from where, why, how many.
BY_STATEMENT = (
    "allocation bill bill_exception bill_line consumption ledger_entry notice payment reading reading_import_row stored_file"
).split()

#: What a person may be shown as having read.
READABLE = "account bill consumer job_run notice payment reading_import stored_file tender".split()

_SECRETS = """
CREATE FUNCTION audit_secrets() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS
$$ SELECT '{password,secret,totp_secret,otp_secret,recovery_codes,recovery_code,token,token_hash,session_id,password_hash,
            key_hash,lookup_hash,registration_hash,key_sha256,code_sha256,content,text}'::text[] $$
"""

_MASKED = """
CREATE FUNCTION audit_masked(given jsonb, earlier jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT given || coalesce(jsonb_object_agg(
        name, CASE WHEN earlier IS NULL OR earlier -> name = given -> name THEN '"***"'::jsonb ELSE '"*** changed"'::jsonb END
    ), '{}')
    FROM unnest(audit_secrets()) AS secret(name)
    WHERE given ? name AND given -> name <> 'null'::jsonb
$$
"""

_WRITE_AUDIT = """
CREATE OR REPLACE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    any_row jsonb;
BEGIN
    IF TG_NARGS > 0 THEN
        before_row := before_row - TG_ARGV;
        after_row := after_row - TG_ARGV;
    END IF;
    IF before_row IS NOT DISTINCT FROM after_row THEN
        RETURN NULL;
    END IF;
    any_row := coalesce(after_row, before_row);
    IF any_row ?| audit_secrets() THEN
        after_row := audit_masked(after_row, before_row);
        before_row := audit_masked(before_row, NULL);
    END IF;
    WITH made AS (
        INSERT INTO audit_entry (division_id, actor, address, reason, table_name, row_id, operation, before, after)
        VALUES (
            CASE WHEN TG_TABLE_NAME <> 'division_access' THEN (any_row ->> 'division_id')::bigint END,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            nullif(current_setting('app.address', true), ''),
            nullif(current_setting('app.reason', true), ''),
            TG_TABLE_NAME, (any_row ->> 'id')::bigint, TG_OP, before_row, after_row
        ) RETURNING id
    )
    INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made;
    RETURN NULL;
END $$
"""

_WRITE_STATEMENT = """
CREATE FUNCTION write_statement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    how_many bigint;
    first_id bigint;
    the_division bigint;
BEGIN
    IF TG_NARGS = 0 THEN
        SELECT count(*), min(id), CASE WHEN min(division_id) = max(division_id) THEN min(division_id) END
        INTO how_many, first_id, the_division FROM moved;
    ELSE
        SELECT count(*), CASE WHEN min(division_id) = max(division_id) THEN min(division_id) END INTO how_many, the_division FROM moved;
    END IF;
    IF how_many = 0 THEN
        RETURN NULL;
    END IF;
    WITH made AS (
        INSERT INTO audit_entry (division_id, actor, address, reason, table_name, row_id, operation, after)
        VALUES (
            the_division,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            nullif(current_setting('app.address', true), ''),
            nullif(current_setting('app.reason', true), ''),
            TG_TABLE_NAME, CASE WHEN how_many = 1 THEN first_id END, TG_OP, jsonb_build_object('rows', how_many)
        ) RETURNING id
    )
    INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made;
    RETURN NULL;
END $$
"""

_WRITE_READING = f"""
CREATE FUNCTION write_reading(page text, query jsonb, tables text[], ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    shown record;
BEGIN
    FOR shown IN SELECT name, array_agg(DISTINCT row_id) AS row_ids FROM unnest(tables, ids) AS each_(name, row_id) GROUP BY name LOOP
        IF shown.name <> ALL ('{{{",".join(READABLE)}}}'::text[]) THEN
            RAISE EXCEPTION 'readings of % are not recorded', shown.name;
        END IF;
        EXECUTE format(
            'WITH made AS (
                INSERT INTO audit_entry (division_id, actor, address, table_name, row_id, operation, after)
                SELECT r.division_id, $1, $2, %L, r.id, ''READ'', $3 FROM %I r WHERE r.id = ANY ($4) ORDER BY r.id RETURNING id
            ) INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made', shown.name, shown.name)
        USING coalesce(nullif(current_setting('app.actor', true), ''), 'system'), nullif(current_setting('app.address', true), ''),
              jsonb_build_object('page', page, 'query', query), shown.row_ids;
    END LOOP;
END $$
"""

_TABLES = """
ALTER TABLE audit_entry ADD COLUMN reason VARCHAR(300), ALTER COLUMN row_id DROP NOT NULL;
DROP INDEX audit_entry_row_idx;
CREATE INDEX audit_entry_row_idx ON audit_entry (table_name, row_id, happened_at, id);
CREATE INDEX audit_entry_actor_idx ON audit_entry (actor, happened_at, id);
CREATE INDEX audit_entry_happened_at_idx ON audit_entry (happened_at, id);
CREATE TABLE audit_pending (
    audit_entry_id BIGINT NOT NULL,
    CONSTRAINT audit_pending_pkey PRIMARY KEY (audit_entry_id)
);
CREATE TABLE audit_seal (
    seq BIGINT NOT NULL,
    audit_entry_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT audit_seal_pkey PRIMARY KEY (seq),
    CONSTRAINT audit_seal_audit_entry_id_key UNIQUE (audit_entry_id),
    CONSTRAINT audit_seal_hash CHECK (length(hash) = 32)
);
CREATE TABLE audit_check (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    sealed BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    head VARCHAR(64),
    problem VARCHAR(24),
    problem_seq BIGINT,
    problem_entry_id BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by VARCHAR(64) DEFAULT coalesce(nullif(current_setting('app.actor', true), ''), 'system') NOT NULL,
    CONSTRAINT audit_check_pkey PRIMARY KEY (id)
);
GRANT SELECT ON audit_pending, audit_seal, audit_check TO pcb_web, pcb_worker;
GRANT INSERT ON audit_seal, audit_check TO pcb_worker;
GRANT DELETE ON audit_pending TO pcb_worker;
INSERT INTO audit_pending SELECT id FROM audit_entry;
"""


def upgrade() -> None:
    """Go forward."""
    for statement in filter(str.strip, _TABLES.split(";\n")):
        op.execute(statement)
    for function in (_SECRETS, _MASKED, _WRITE_AUDIT, _WRITE_STATEMENT, _WRITE_READING):
        op.execute(function)
    for table in ("audit_seal", "audit_check"):
        op.execute(f"CREATE TRIGGER {table}_is_fact BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    for table, progress in ROW_BY_ROW.items():
        _audit_rows(table, progress)
    for table in BY_STATEMENT:
        _audit_statements(table)
    # A trigger fires without this privilege; with it, a temporary table named like ours could forge audit rows.
    op.execute("REVOKE EXECUTE ON FUNCTION write_audit(), write_statement(), refuse_change() FROM PUBLIC")
    op.execute("REVOKE EXECUTE ON FUNCTION write_reading(text, jsonb, text[], bigint[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION write_reading(text, jsonb, text[], bigint[]) TO pcb_web, pcb_worker")


def downgrade() -> None:
    """Go back; what was audited stays, without its reasons and seals."""
    for table in ROW_BY_ROW:
        op.execute(f"DROP TRIGGER {table}_audit ON {table}")
    for table in BY_STATEMENT:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_audit_{event} ON {table}")
    for function in ("write_reading(text, jsonb, text[], bigint[])", "write_statement()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TABLE audit_check, audit_seal")
    op.execute(_WRITE_AUDIT_BEFORE)
    op.execute("DROP TABLE audit_pending")
    op.execute("DROP FUNCTION audit_masked(jsonb, jsonb)")
    op.execute("DROP FUNCTION audit_secrets()")
    op.execute("DROP INDEX audit_entry_row_idx, audit_entry_actor_idx, audit_entry_happened_at_idx")
    op.execute("CREATE INDEX audit_entry_row_idx ON audit_entry (table_name, row_id)")
    op.execute("ALTER TABLE audit_entry DROP COLUMN reason")


def _audit_rows(table: str, progress: tuple[str, ...]) -> None:
    given = ", ".join(f"'{column}'" for column in progress)
    op.execute(
        f"CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION write_audit({given})"
    )


def _audit_statements(table: str) -> None:
    key = "'bill_id'" if table == "bill_line" else ""
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER {table}_audit_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING {rows} TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION write_statement({key})"
        )


_WRITE_AUDIT_BEFORE = """
CREATE OR REPLACE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    any_row jsonb := coalesce(after_row, before_row);
BEGIN
    IF before_row IS DISTINCT FROM after_row THEN
        INSERT INTO audit_entry (division_id, actor, address, table_name, row_id, operation, before, after)
        VALUES (
            CASE WHEN TG_TABLE_NAME <> 'division_access' THEN (any_row ->> 'division_id')::bigint END,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            nullif(current_setting('app.address', true), ''),
            TG_TABLE_NAME, (any_row ->> 'id')::bigint, TG_OP, before_row, after_row
        );
    END IF;
    RETURN NULL;
END $$
"""
