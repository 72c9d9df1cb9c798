"""A device that served goes to another division; those where it served before go on reading it, so that their papers stay as they are."""

from alembic import op

revision = "0118"
down_revision = "0117"
branch_labels = None
depends_on = None

phase = "EXPAND"

_DIVISIONS = "(SELECT app_divisions())::bigint[]"
_HAND_OVER = """
    CREATE OR REPLACE FUNCTION hand_over_device(the_device bigint, receiver bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
        UPDATE device SET division_id = receiver{kept}
        WHERE id = the_device AND place_kind = 'TRANSIT' AND division_id IN (SELECT unnest(app_divisions()))
    $$
"""
_KEEP = """
    CREATE OR REPLACE FUNCTION keep_billed_meter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM meter_installation i CROSS JOIN LATERAL billed_readings(i.id, NULL) r
            WHERE i.meter_id = OLD.id
              AND ((OLD.model_id, OLD.serial_number) IS DISTINCT FROM (NEW.model_id, NEW.serial_number)
                   OR {moved}
                   OR (NEW.verified_to < coalesce(OLD.verified_to, 'infinity') AND NEW.verified_to < r.read_on))
        ) THEN
            RAISE EXCEPTION 'bills were made with meter %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_is_billed';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute("ALTER TABLE device ADD COLUMN former_division_ids bigint[] DEFAULT '{}' NOT NULL")
    op.execute("CREATE INDEX device_former_division_ids_idx ON device USING gin (former_division_ids)")
    op.execute(f"CREATE POLICY former_division_scope ON device FOR SELECT USING (former_division_ids && {_DIVISIONS})")
    op.execute(_HAND_OVER.format(kept=", former_division_ids = array_append(array_remove(former_division_ids, division_id), division_id)"))
    op.execute(_KEEP.format(moved="(OLD.division_id <> NEW.division_id AND NOT OLD.division_id = ANY (NEW.former_division_ids))"))


def downgrade() -> None:
    """Go back; only while no device that served went to another division."""
    op.execute(_KEEP.format(moved="OLD.division_id <> NEW.division_id"))
    op.execute(_HAND_OVER.format(kept=""))
    op.execute("DROP POLICY former_division_scope ON device")
    op.execute("DROP INDEX device_former_division_ids_idx")
    op.execute("ALTER TABLE device DROP COLUMN former_division_ids")
