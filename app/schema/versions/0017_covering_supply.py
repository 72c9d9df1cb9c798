"""Let bill runs read the supplies of accounts from an index alone."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COLUMNS = "(account_id, valid_from)"


def upgrade() -> None:
    """Go forward."""
    op.execute("DROP INDEX supply_account_id_idx")
    op.execute(f"CREATE INDEX supply_account_id_idx ON supply {_COLUMNS} INCLUDE (valid_to, service_point_id, tariff_group_id)")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX supply_account_id_idx")
    op.execute(f"CREATE INDEX supply_account_id_idx ON supply {_COLUMNS}")
