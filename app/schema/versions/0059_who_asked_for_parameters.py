"""A value of an operating parameter names who asked for it and who approved it."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.add_column("operating_parameter", sa.Column("asked_by", sa.String(64), nullable=True))
    op.add_column("operating_parameter", sa.Column("approved_by", sa.String(64), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("operating_parameter", "approved_by")
    op.drop_column("operating_parameter", "asked_by")
