"""A device whose only movement was undone is nowhere and in no state."""

from alembic import op

revision = "0087"
down_revision = "0092"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    _check("coalesce(state = 'INSTALLED', false) = coalesce(place_kind = 'SERVICE_POINT', false)")


def downgrade() -> None:
    """Go back."""
    _check("(state = 'INSTALLED') IS NOT DISTINCT FROM (place_kind = 'SERVICE_POINT')")


def _check(rule: str) -> None:
    op.execute("ALTER TABLE device DROP CONSTRAINT device_is_installed_at_a_point")
    op.execute(f"ALTER TABLE device ADD CONSTRAINT device_is_installed_at_a_point CHECK ({rule}) NOT VALID")
    op.execute("ALTER TABLE device VALIDATE CONSTRAINT device_is_installed_at_a_point")
