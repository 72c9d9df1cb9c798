"""A remark of the office about an account; no bill, entry or paper depends on it."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.add_column("account", sa.Column("remark", sa.String(300), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("account", "remark")
