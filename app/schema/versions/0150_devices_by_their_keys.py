"""Devices are found by their numbers where a reader sees some divisions only: there the index of numbers was not used.

A condition with a function that may leak is looked at after the policies of the table, row by row. The functions tell keys of devices alone;
whoever asks joins them to the table, and sees what the policies let him.
"""

from alembic import op

revision = "0150"
down_revision = "0156"
branch_labels = None
depends_on = None

phase = "EXPAND"

#: Function with its parameter → what it returns and how.
_FUNCTIONS = {
    "device_ids(number text)": (
        "SETOF bigint",
        "SELECT id FROM device WHERE device_serial(serial_number) = device_serial(number)",
    ),
    "devices_known(keys text[])": (
        "TABLE (place bigint, id bigint)",
        """SELECT k.place, d.id FROM unnest(keys) WITH ORDINALITY k (key, place)
        CROSS JOIN LATERAL (SELECT x.id FROM device x WHERE device_serial(x.serial_number) = k.key AND NOT x.is_double OFFSET 0) d""",
    ),
}


def upgrade() -> None:
    """Go forward."""
    for name, (returned, body) in _FUNCTIONS.items():
        op.execute(f"""
        CREATE FUNCTION {name} RETURNS {returned} LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$ {body} $$
        """)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO pcb_web, pcb_worker")


def downgrade() -> None:
    """Go back."""
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
