"""What people did alone below limits is kept, so that the sums of a day count together."""

from importlib import import_module

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")

_STATEMENTS = (
    f"""
    CREATE TABLE limit_use (
        {_charges._head("limit_use", account=False)}
        code varchar(64) NOT NULL,
        account_id bigint CONSTRAINT limit_use_account_id_fkey REFERENCES account (id),
        used_on date NOT NULL,
        amount_tiyin bigint NOT NULL CONSTRAINT limit_use_amount_positive CHECK (amount_tiyin > 0),
        {_charges._RECORDED}
    )
    """,  # noqa: SLF001
    "CREATE INDEX limit_use_person_idx ON limit_use (created_by, used_on, code)",
    "CREATE INDEX limit_use_division_id_idx ON limit_use (division_id, id)",
    "CREATE INDEX limit_use_account_id_idx ON limit_use (account_id)",
    "GRANT SELECT ON limit_use TO pcb_web, pcb_worker, pcb_report",
    "GRANT INSERT ON limit_use TO pcb_web, pcb_worker",
    "GRANT USAGE ON SEQUENCE limit_use_id_seq TO pcb_web, pcb_worker",
    "CREATE TRIGGER limit_use_is_fact BEFORE UPDATE OR DELETE ON limit_use FOR EACH ROW EXECUTE FUNCTION refuse_change('limit_use')",
    "CREATE TRIGGER limit_use_stays BEFORE TRUNCATE ON limit_use FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('limit_use')",
    "CREATE TRIGGER limit_use_audit AFTER INSERT OR UPDATE OR DELETE ON limit_use FOR EACH ROW EXECUTE FUNCTION write_audit('limit_use')",
)


def upgrade() -> None:
    """Go forward."""
    for statement in _STATEMENTS:
        op.execute(statement)
    _charges._guard("limit_use")  # noqa: SLF001


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TABLE limit_use")
