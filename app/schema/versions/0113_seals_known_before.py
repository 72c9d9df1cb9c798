"""Seals that earlier sealing documents name are taken over by the register, each on the device that bears it."""

from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None

phase = "MIGRATE"

_STANDING = """
    SELECT DISTINCT ON (device_serial(x.number)) m.id, m.division_id, m.device_id, m.moved_on, m.equipment_document_id, x.number,
           device_serial(x.number) AS number_key
    FROM movement m CROSS JOIN LATERAL jsonb_array_elements_text(m.details -> 'seals') x (number)
    WHERE m.event = 'SEAL' AND m.reverses_id IS NULL AND NOT EXISTS (SELECT FROM movement u WHERE u.reverses_id = m.id)
      AND device_serial(x.number) <> '' AND length(x.number) <= 32
    ORDER BY device_serial(x.number), m.id DESC
"""


def upgrade() -> None:
    """Go forward; nothing is audited that nobody did."""
    op.execute("SET LOCAL statement_timeout = 0")
    for table in ("seal", "seal_movement"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(f"""
        WITH known AS ({_STANDING}), taken AS (
            INSERT INTO seal (division_id, seal_kind_id, number, number_key, step_no, moved_on, state, device_id, sealed_part)
            SELECT division_id, 1, number, number_key, 1, moved_on, 'APPLIED', device_id, 'TERMINAL_COVER' FROM known
            RETURNING id, number_key
        )
        INSERT INTO seal_movement (division_id, seal_id, step_no, event, moved_on, to_state, to_device_id, to_part, equipment_document_id)
        SELECT k.division_id, t.id, 1, 'TAKE_OVER', k.moved_on, 'APPLIED', k.device_id, 'TERMINAL_COVER', k.equipment_document_id
        FROM taken t JOIN known k USING (number_key)
    """)
    for table in ("seal", "seal_movement"):
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def downgrade() -> None:
    """Go back."""
    for table in ("seal_movement", "seal"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        op.execute(f"DELETE FROM {table}")
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
