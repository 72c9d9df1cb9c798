"""Devices that are installed get the movement that says so: taken over at their place, on the day they were installed."""

from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

phase = "MIGRATE"


def upgrade() -> None:
    """Go forward; nothing is audited that nobody did."""
    op.execute("SET LOCAL statement_timeout = 0")
    for table in ("movement", "device"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(
        """
        INSERT INTO movement (division_id, device_id, step_no, event, moved_on, to_state, from_kind, to_kind, to_point_id)
        SELECT DISTINCT ON (i.meter_id) i.division_id, i.meter_id, 1, 'TAKE_OVER', i.valid_from, 'INSTALLED', 'NOWHERE', 'SERVICE_POINT',
               i.service_point_id
        FROM meter_installation i WHERE i.valid_to IS NULL ORDER BY i.meter_id, i.valid_from DESC
        """
    )
    op.execute(
        """
        UPDATE device d SET step_no = 1, moved_on = m.moved_on, state = m.to_state, place_kind = m.to_kind, service_point_id = m.to_point_id
        FROM movement m WHERE m.device_id = d.id
        """
    )
    for table in ("movement", "device"):
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE movement DISABLE TRIGGER USER")
    op.execute("DELETE FROM movement")
    op.execute("ALTER TABLE movement ENABLE TRIGGER USER")
    op.execute("ALTER TABLE device DISABLE TRIGGER USER")
    op.execute("UPDATE device SET step_no = 0, moved_on = NULL, state = NULL, place_kind = NULL, service_point_id = NULL WHERE step_no > 0")
    op.execute("ALTER TABLE device ENABLE TRIGGER USER")
