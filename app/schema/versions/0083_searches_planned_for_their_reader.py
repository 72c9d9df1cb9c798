"""The functions searches look up by are planned for the divisions of who asks, not for whose turn the connection had before.

PostgreSQL keeps the plan of a function for as long as a connection lives. One made for a district took five times as long in the republic.
"""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

phase = "EXPAND"

_LOOKS = (
    "consumers_named(tsquery)",
    "consumers_phoned(text)",
    "streets_named(tsquery)",
    "meters_numbered(text)",
    "accounts_numbered(text)",
)


def upgrade() -> None:
    """Go forward."""
    for function in _LOOKS:
        op.execute(f"ALTER FUNCTION {function} SET plan_cache_mode = force_custom_plan")


def downgrade() -> None:
    """Go back."""
    for function in _LOOKS:
        op.execute(f"ALTER FUNCTION {function} RESET plan_cache_mode")
