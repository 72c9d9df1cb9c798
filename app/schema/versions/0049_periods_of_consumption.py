"""Let bill runs find in an index which of an account's actual periods they need: most of its rows are never looked at."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_NAME = "consumption_account_id_period_to_idx"


def upgrade() -> None:
    """Go forward."""
    op.execute(f"DROP INDEX {_NAME}")
    op.execute(f"CREATE INDEX {_NAME} ON consumption (account_id, period_to, period_from)")


def downgrade() -> None:
    """Go back."""
    op.execute(f"DROP INDEX {_NAME}")
    op.execute(f"CREATE INDEX {_NAME} ON consumption (account_id, period_to)")
