"""A shadow run may tell the effect of a draft; a tariff has any number of steps."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.alter_column("shadow_run", "blocks", type_=sa.Text)
    op.add_column(
        "shadow_run",
        sa.Column("change_id", sa.BigInteger, sa.ForeignKey("reference_change.id", name="shadow_run_change_id_fkey"), nullable=True),
    )
    op.create_index("shadow_run_change_id_idx", "shadow_run", ["change_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("shadow_run_change_id_idx", "shadow_run")
    op.drop_column("shadow_run", "change_id")
    op.alter_column("shadow_run", "blocks", type_=sa.String(1000))
