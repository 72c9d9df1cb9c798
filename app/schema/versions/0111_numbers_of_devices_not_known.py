"""Devices that are not known, and what devices did by themselves, are found by the number they sent."""

from alembic import op

revision = "0111"
down_revision = "0103"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("parked_device", "device_event")


def upgrade() -> None:
    """Go forward."""
    for table in _TABLES:
        op.create_index(f"{table}_serial_number_idx", table, ["serial_number"])


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.drop_index(f"{table}_serial_number_idx", table)
