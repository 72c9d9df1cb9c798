"""Who may do what to which row: grants, row-level security, append-only facts, the audit trail, report views."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: People edit these; every change leaves an audit row.
CATALOGUES = (
    "account account_benefit bank benefit consumer contract division division_access meter meter_installation meter_model "
    "operating_parameter payment_contract register resource service_point street mahalla supply tariff tariff_block "
    "tariff_group tariff_version vat_rate"
).split()

#: What happened; never changed, never deleted, not even by the owner.
FACTS = ("allocation bill bill_line consumption gateway_call job_event ledger_entry payment reading stored_file audit_entry").split()

#: Where things stand; changed by services in the transaction of what moves them.
STATES = (
    "account_balance account_position bill_exception bill_run debt division_turnover job_run notice portal_code "
    "reading_import reading_import_row tender"
).split()

#: Tables under row-level security: those with a division.
GUARDED = (
    "account account_balance account_benefit account_position allocation bill bill_exception bill_line bill_run consumer "
    "consumption contract debt division_turnover job_run ledger_entry mahalla meter meter_installation notice payment "
    "portal_code reading reading_import reading_import_row service_point stored_file street supply tender"
).split()

_DIVISIONS = """
CREATE FUNCTION app_divisions() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.divisions', true), '')::bigint[] $$
"""

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'facts are never changed: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""

_AUDIT = """
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

_REPORT_VIEWS = """
CREATE SCHEMA report;
GRANT USAGE ON SCHEMA report TO pcb_web, pcb_worker, pcb_report;
CREATE VIEW report.bill WITH (security_invoker = true) AS
    SELECT b.id, b.division_id, b.account_id, a.number AS account_number, b.billing_month, b.period_from, b.period_to,
           b.quality, b.quantity_milli / 1000.0 AS quantity, b.amount_tiyin / 100.0 AS amount_som,
           b.vat_tiyin / 100.0 AS vat_som, b.issued_on, b.due_on
    FROM bill b JOIN account a ON a.id = b.account_id;
CREATE VIEW report.payment WITH (security_invoker = true) AS
    SELECT p.id, p.division_id, p.account_id, a.number AS account_number, p.channel, p.reference, p.received_on,
           p.amount_tiyin / 100.0 AS amount_som, p.reverses_id
    FROM payment p JOIN account a ON a.id = p.account_id;
CREATE VIEW report.account_balance WITH (security_invoker = true) AS
    SELECT account_id, division_id, billing_month, opening_tiyin / 100.0 AS opening_som, charged_tiyin / 100.0 AS charged_som,
           paid_tiyin / 100.0 AS paid_som, adjusted_tiyin / 100.0 AS adjusted_som, closing_tiyin / 100.0 AS closing_som
    FROM account_balance;
GRANT SELECT ON ALL TABLES IN SCHEMA report TO pcb_web, pcb_worker, pcb_report;
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_DIVISIONS)
    op.execute(_REFUSE)
    op.execute(_AUDIT)
    _grant()
    for table in GUARDED:
        _guard(table)
    for table in FACTS:
        op.execute(f"CREATE TRIGGER {table}_is_fact BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    for table in CATALOGUES:
        op.execute(f"CREATE TRIGGER {table}_audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION write_audit()")
    _guard("audit_entry", "division_id IS NULL OR ")
    _guard_by("register", "meter", "meter_id")
    _guard_by("job_event", "job_run", "job_run_id")
    for statement in filter(str.strip, _REPORT_VIEWS.split(";")):
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP SCHEMA report CASCADE")
    for table in CATALOGUES:
        op.execute(f"DROP TRIGGER {table}_audit ON {table}")
    for table in FACTS:
        op.execute(f"DROP TRIGGER {table}_is_fact ON {table}")
        op.execute(f"DROP TRIGGER {table}_stays ON {table}")
    for table in (*GUARDED, "audit_entry", "register", "job_event"):
        op.execute(f"DROP POLICY division_scope ON {table}")
        op.execute(f"DROP POLICY every_division ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for function in ("write_audit", "refuse_change", "app_divisions"):
        op.execute(f"DROP FUNCTION {function}()")


def _grant() -> None:
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO pcb_web, pcb_worker, pcb_report")
    op.execute("REVOKE SELECT ON ab_user, portal_code, payment_contract, audit_entry, gateway_call FROM pcb_report")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pcb_web, pcb_worker")
    for table in (*CATALOGUES, *STATES):
        op.execute(f"GRANT INSERT, UPDATE, DELETE ON {table} TO pcb_web, pcb_worker")
    for table in FACTS:
        if table != "audit_entry":
            op.execute(f"GRANT INSERT ON {table} TO pcb_web, pcb_worker")
    op.execute(
        """DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'ab_') LOOP
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %I TO pcb_web, pcb_worker', name);
        END LOOP; END $$"""
    )


def _guard_by(table: str, owner: str, key: str) -> None:
    """Let a row be seen by whoever sees the row it belongs to."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY every_division ON {table} TO pcb_owner, pcb_worker USING (true) WITH CHECK (true)")
    seen = f"EXISTS (SELECT 1 FROM {owner} o WHERE o.id = {table}.{key})"
    op.execute(f"CREATE POLICY division_scope ON {table} USING ({seen}) WITH CHECK ({seen})")


def _guard(table: str, shared: str = "") -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY every_division ON {table} TO pcb_owner, pcb_worker USING (true) WITH CHECK (true)")
    # The sub-select makes the list of divisions a constant of the statement, so an index on division_id serves it.
    inside = f"{shared}division_id = ANY ((SELECT app_divisions())::bigint[])"
    op.execute(f"CREATE POLICY division_scope ON {table} USING ({inside}) WITH CHECK ({inside})")
