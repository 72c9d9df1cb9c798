"""Places that a meter serves, and supplies that go on, found by their place: the rest of the two are supplies without a meter."""

from alembic import op

revision = "0091"
down_revision = "0096"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("meter_installation", "supply")


def upgrade() -> None:
    """Go forward; of large tables while nobody works, because writers wait."""
    op.execute("SET LOCAL statement_timeout = 0")
    for table in _TABLES:
        op.execute(f"CREATE INDEX {table}_present_idx ON {table} (service_point_id) WHERE valid_to IS NULL")


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"DROP INDEX {table}_present_idx")
