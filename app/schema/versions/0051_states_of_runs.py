"""Let shadow runs have the states that all runs have."""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_BEFORE = "'PREVIEWING', 'PREVIEWED', 'CANCELLED', 'FAILED'"


def upgrade() -> None:
    """Go forward."""
    _allow(f"{_BEFORE}, 'POSTING', 'POSTED'")


def downgrade() -> None:
    """Go back; no shadow run is ever posted."""
    _allow(_BEFORE)


def _allow(states: str) -> None:
    op.execute(f"ALTER TABLE shadow_run DROP CONSTRAINT shadow_run_status, ADD CONSTRAINT shadow_run_status CHECK (status IN ({states}))")
