"""Points where nothing was used for several months are inspected, once until somebody looked."""

from alembic import op

revision = "0119"
down_revision = "0118"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    _allow("'BROKEN_SEAL', 'TAMPER_EVENT', 'NO_USE'")
    op.execute("CREATE UNIQUE INDEX inspection_no_use_key ON inspection (device_id) WHERE cause = 'NO_USE' AND status = 'OPEN'")


def downgrade() -> None:
    """Go back; only while none was opened."""
    op.execute("DROP INDEX inspection_no_use_key")
    _allow("'BROKEN_SEAL', 'TAMPER_EVENT'")


def _allow(causes: str) -> None:
    op.execute("ALTER TABLE inspection DROP CONSTRAINT inspection_cause")
    op.execute(f"ALTER TABLE inspection ADD CONSTRAINT inspection_cause CHECK (cause IN ({causes})) NOT VALID")
    op.execute("ALTER TABLE inspection VALIDATE CONSTRAINT inspection_cause")
