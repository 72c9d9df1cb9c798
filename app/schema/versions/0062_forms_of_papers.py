"""The form a paper was printed in first."""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward; what was printed until now was printed in the first form."""
    op.execute("ALTER TABLE paper_print ADD COLUMN form smallint NOT NULL DEFAULT 1")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE paper_print DROP COLUMN form")
