"""Bills print the codes for paying of the contracts that held when they were made: earlier versions of contracts, without keys."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_KEEP = """
CREATE OR REPLACE FUNCTION keep_row_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before_row jsonb := to_jsonb(OLD);
    the_division bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND before_row IS NOT DISTINCT FROM to_jsonb(NEW) THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[0] = 'operational' THEN
        the_division := (before_row ->> 'division_id')::bigint;
        IF TG_TABLE_NAME = 'register' THEN
            SELECT division_id INTO the_division FROM meter WHERE id = OLD.meter_id;
        END IF;
    END IF;
    {masked}
    INSERT INTO row_version (division_id, table_name, row_id, contents) VALUES (the_division, TG_TABLE_NAME, OLD.id, before_row);
    RETURN NULL;
END $$
"""

_FROM_THE_TRAIL = """
    INSERT INTO row_version (table_name, row_id, superseded_at, contents)
    SELECT table_name, row_id, happened_at, before FROM audit_entry
    WHERE table_name = 'payment_contract' AND operation = 'UPDATE' AND before IS NOT NULL ORDER BY happened_at, id
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_KEEP.format(masked="before_row := audit_masked(before_row, NULL);"))
    op.execute(
        "CREATE TRIGGER payment_contract_version AFTER UPDATE OR DELETE ON payment_contract "
        "FOR EACH ROW EXECUTE FUNCTION keep_row_version('reference')"
    )
    op.execute("ALTER TABLE payment_contract ENABLE ALWAYS TRIGGER payment_contract_version")
    op.execute(_FROM_THE_TRAIL)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TRIGGER payment_contract_version ON payment_contract")
    op.execute(_KEEP.format(masked=""))
