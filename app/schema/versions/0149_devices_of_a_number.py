"""A serial number stands once in the country: who enters it again is told which device has it, wherever that is."""

from alembic import op

revision = "0149"
down_revision = "0136"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.execute("""
    CREATE FUNCTION devices_of_number(number text) RETURNS TABLE (name text, division text) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
        SELECT concat_ws(' ', k.name, d.serial_number), v.name
        FROM device d JOIN device_model k ON k.id = d.model_id JOIN division v ON v.id = d.division_id
        WHERE device_serial(d.serial_number) = device_serial(number) ORDER BY d.id LIMIT 5
    $$
    """)
    op.execute("REVOKE ALL ON FUNCTION devices_of_number(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION devices_of_number(text) TO pcb_web, pcb_worker")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP FUNCTION devices_of_number(text)")
