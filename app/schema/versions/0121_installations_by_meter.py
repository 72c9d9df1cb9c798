"""Installations are found by their meter in a tree of keys: the one of periods takes four times as long."""

from alembic import op

revision = "0121"
down_revision = "0143"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.execute("CREATE INDEX meter_installation_meter_id_idx ON meter_installation (meter_id)")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX meter_installation_meter_id_idx")
