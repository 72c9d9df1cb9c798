"""Codes of the portal belong to the browser that asked, and are counted by day."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute("ALTER TABLE portal_code ALTER COLUMN account_id DROP NOT NULL")
    op.execute(
        "ALTER TABLE portal_code ADD COLUMN asked_sha256 VARCHAR(64) NOT NULL DEFAULT '', "
        "ADD COLUMN address_sha256 VARCHAR(64) NOT NULL DEFAULT '', ADD COLUMN is_known BOOLEAN NOT NULL DEFAULT false"
    )
    op.execute("CREATE INDEX portal_code_asked_sha256_idx ON portal_code (asked_sha256)")
    op.execute("CREATE INDEX portal_code_created_at_idx ON portal_code (created_at)")


def downgrade() -> None:
    """Go back."""
    op.execute("DELETE FROM portal_code WHERE account_id IS NULL")
    op.execute("DROP INDEX portal_code_asked_sha256_idx, portal_code_created_at_idx")
    op.execute("ALTER TABLE portal_code DROP COLUMN asked_sha256, DROP COLUMN address_sha256, DROP COLUMN is_known")
    op.execute("ALTER TABLE portal_code ALTER COLUMN account_id SET NOT NULL")
