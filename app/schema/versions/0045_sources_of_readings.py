"""Systems that send readings and their batches; several registers in a row of a file; withdrawn old prices; contracts that end."""

from importlib import import_module

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001
_OF_A_SOURCE = "(meter_data_source_id IS NULL) = (idempotency_key IS NULL) AND (meter_data_source_id IS NULL OR reply IS NOT NULL)"
_TABLE = f"""
    CREATE TABLE meter_data_source (
        {_HEAD("meter_data_source", account=False)}
        name varchar(200) NOT NULL,
        source varchar(24) NOT NULL CONSTRAINT meter_data_source_source
            CHECK (source IN ('CONTROLLER', 'OFFICE', 'FILE', 'PORTAL', 'TELEMETRY')),
        login varchar(64) NOT NULL CONSTRAINT meter_data_source_login_key UNIQUE,
        key_sha256 varchar(64) DEFAULT '' NOT NULL,
        networks varchar(1000) DEFAULT '' NOT NULL,
        is_active boolean DEFAULT true NOT NULL,
        {_RECORDED},
        CONSTRAINT meter_data_source_kind CHECK (source IN ('TELEMETRY', 'CONTROLLER')),
        CONSTRAINT meter_data_source_key CHECK (NOT is_active OR key_sha256 <> '')
    )
"""
_WITHDRAWAL = f"""
    CREATE TABLE prepaid_withdrawal (
        {_HEAD("prepaid_withdrawal")}
        prepaid_volume_id bigint NOT NULL CONSTRAINT prepaid_withdrawal_prepaid_volume_id_fkey REFERENCES prepaid_volume (id),
        valid_to date NOT NULL,
        basis varchar(300) NOT NULL,
        {_RECORDED}
    )
"""
_BATCH = (
    "ADD COLUMN meter_data_source_id bigint CONSTRAINT reading_import_meter_data_source_id_fkey REFERENCES meter_data_source (id)",
    "ADD COLUMN idempotency_key varchar(64)",
    "ADD COLUMN reply text",
    "ADD CONSTRAINT reading_import_meter_data_source_id_idempotency_key_key UNIQUE (meter_data_source_id, idempotency_key)",
    f"ADD CONSTRAINT reading_import_of_a_source CHECK ({_OF_A_SOURCE})",
)
_ROW = {"account_id": "account", "meter_installation_id": "meter_installation", "register_id": "register"}


def upgrade() -> None:
    """Go forward."""
    op.execute(_TABLE)
    op.execute("CREATE INDEX meter_data_source_division_id_idx ON meter_data_source (division_id)")
    _charges._guard("meter_data_source")  # noqa: SLF001
    op.execute("GRANT SELECT, INSERT, UPDATE ON meter_data_source TO pcb_web, pcb_worker")
    op.execute("GRANT USAGE ON SEQUENCE meter_data_source_id_seq TO pcb_web, pcb_worker")
    _charges._audit("meter_data_source")  # noqa: SLF001
    op.execute(
        "CREATE CONSTRAINT TRIGGER meter_data_source_release AFTER INSERT OR UPDATE OR DELETE ON meter_data_source "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION release_reference()"
    )
    op.execute("ALTER TABLE reading_import " + ", ".join(_BATCH))
    _add_withdrawals()
    op.execute("CREATE INDEX contract_ending_idx ON contract (valid_to) WHERE status = 'SIGNED' AND valid_to IS NOT NULL")
    columns = [
        f"ADD COLUMN {column} bigint CONSTRAINT reading_import_row_{column}_fkey REFERENCES {table} (id)" for column, table in _ROW.items()
    ]
    op.execute("ALTER TABLE reading_import_row " + ", ".join([*columns, "ADD COLUMN day date"]))
    op.execute("ALTER TABLE reading_import_row DROP CONSTRAINT reading_import_row_reading_import_id_row_no_key")
    op.execute("CREATE INDEX reading_import_row_reading_import_id_row_no_idx ON reading_import_row (reading_import_id, row_no)")


def _add_withdrawals() -> None:
    op.execute(_WITHDRAWAL)
    for column in ("prepaid_volume_id", "account_id", "division_id"):
        op.execute(f"CREATE INDEX prepaid_withdrawal_{column}_idx ON prepaid_withdrawal ({column})")
    _charges._guard("prepaid_withdrawal")  # noqa: SLF001
    op.execute("GRANT SELECT, INSERT ON prepaid_withdrawal TO pcb_web, pcb_worker")
    op.execute("GRANT USAGE ON SEQUENCE prepaid_withdrawal_id_seq TO pcb_web, pcb_worker")
    for event, each in (("is_fact BEFORE UPDATE OR DELETE", "ROW"), ("stays BEFORE TRUNCATE", "STATEMENT")):
        op.execute(f"CREATE TRIGGER prepaid_withdrawal_{event} ON prepaid_withdrawal FOR EACH {each} EXECUTE FUNCTION refuse_change()")
    _charges._audit_statements("prepaid_withdrawal")  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no file has a row with several registers."""
    op.execute("DROP INDEX contract_ending_idx, reading_import_row_reading_import_id_row_no_idx")
    op.execute(
        "ALTER TABLE reading_import_row ADD CONSTRAINT reading_import_row_reading_import_id_row_no_key UNIQUE (reading_import_id, row_no)"
    )
    op.execute("ALTER TABLE reading_import_row " + ", ".join(f"DROP COLUMN {column}" for column in (*_ROW, "day")))
    op.execute("ALTER TABLE reading_import DROP COLUMN meter_data_source_id CASCADE, DROP COLUMN idempotency_key, DROP COLUMN reply")
    op.execute("DROP TABLE meter_data_source, prepaid_withdrawal")
